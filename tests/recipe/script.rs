//! `script FILE` and `-e`: with a stage and without a project.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::scene::Scene;

const RECIPE: &str = "set(\"branch\", \"main\");\ntask(\"greet\", || info(\"hello\"));\nfn twice(x) { x * 2 }\n";

/// A script that needs no project.
const LOOK: &str = "#!/usr/bin/env -S windlass script\n\
                    server(\"box\", #{ transport: \"local\", roles: [\"web\"] });\n\
                    info(`${args.len()}: ${args}`);\n\
                    on(\"web\", |host| execute(\"echo\", \"on\", host.name, env(\"WORD\", \"none\")));\n";

#[test]
fn a_script_has_the_stage_its_tasks_and_its_functions() {
    let script = "invoke(\"greet\");\ninfo(`${fetch(\"branch\")} ${twice(args[0].parse_int())}`);\n\
                  on(roles(\"db\"), |host| execute(\"echo\", args[1]));\n";
    let scene = Scene::with(RECIPE).file("bin/x.rhai", script);
    let ran = scene.run(["production", "script", "bin/x.rhai", "21", "--format", "json", "--", "-a b"]).ok();
    assert_eq!(ran.messages("info"), ["hello", "main 42"]);
    assert_eq!(ran.lines("db1"), ["echo '-a b'"]);
    assert_eq!(ran.all("run_started")[0]["command"], "production script bin/x.rhai 21 -- -a b");
}

#[test]
fn a_script_is_looked_for_from_where_one_is() {
    let scene = Scene::with(RECIPE).file("bin/x.rhai", "info(\"found\");").below("bin");
    assert_eq!(scene.said(["production", "script", "x.rhai"]), ["found"]);
    let ran = scene.run(["production", "script", "bin/x.rhai"]).fails(2);
    assert_eq!(ran.error(), "there is no file `bin/x.rhai`");
    assert_eq!(scene.run(["production", "script", "."]).fails(2).error(), "`.` is a folder, and `script` needs a file");
    assert_eq!(scene.run(["production", "script"]).fails(2).error(), "`script` needs a file");
}

#[test]
fn a_script_needs_no_project() {
    let scene = Scene::new().file("look.rhai", LOOK);
    let ran = scene.run(["script", "look.rhai", "a b", "WORD=set", "c", "--format", "json"]).ok();
    assert_eq!(ran.messages("info"), ["2: [\"a b\", \"c\"]"]);
    assert_eq!(ran.lines("box"), ["echo on box set"]);
    assert!(!scene.path("log").exists(), "without a project there is no log");
}

#[test]
fn without_a_project_hosts_come_from_the_command_line() {
    let scene = Scene::new();
    let code = "info(`${roles(\"all\")}`); for host in roles(\"all\") { info(`${host.user} ${host.port}`); }";
    let said = scene.said(["-e", code, "--hosts", "deploy@a:2222,b", "-z", "c"]);
    assert_eq!(said, ["[deploy@a:2222, b, c]", "deploy 2222", " 22", " 22"]);
    let ran = scene.run(["-e", "1", "--hosts", "web*"]).fails(2);
    assert_eq!(ran.error(), "`web*` is a pattern, and without a stage there are no hosts to choose from");
    let ran = scene.run(["-e", "on(roles(\"all\"), || execute(\"true\"))"]).fails(2);
    assert!(ran.err().contains("`--hosts web1,web2`"), "{}", ran.err());
}

#[test]
fn in_a_project_a_script_without_a_stage_does_not_see_it() {
    let scene = Scene::with("throw \"this is not read\";\n").file("look.rhai", LOOK);
    assert_eq!(scene.said(["script", "look.rhai"]), ["0: []"]);
}

#[test]
fn a_script_can_be_run_by_its_name() {
    let scene = Scene::new().file("look.rhai", LOOK);
    fs::set_permissions(scene.path("look.rhai"), fs::Permissions::from_mode(0o755)).unwrap();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_windlass")).parent().unwrap().display().to_string();
    let mut command = Command::new(scene.path("look.rhai"));
    command.args(["one", "two", "--format", "plain"]).current_dir(scene.path("")).env_clear();
    command.envs(scene.environment());
    command.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap()));
    let output = command.output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("2: [\"one\", \"two\"]") && out.contains("box: on box none"), "{out}");
}

#[test]
fn the_users_own_recipe_counts_without_a_project_too() {
    let scene = Scene::new().home_file(".config/windlass/windlass.rhai", "set(\"mine\", 5);\n");
    assert_eq!(scene.said(["-e", "info(fetch(\"mine\"))"]), ["5"]);
}

#[test]
fn code_runs_with_the_stage() {
    let scene = Scene::with(RECIPE);
    let ran = scene.run(["production", "-e", "on(\"web\", || execute(\"uptime\"))", "--format", "json"]).ok();
    assert_eq!((ran.lines("web1"), ran.lines("db1")), (vec!["uptime".to_owned()], vec![]));
    assert_eq!(scene.said(["production", "-e", "invoke(\"greet\"); info(args[0])", "--", "x"]), ["hello", "x"]);
    let ran = scene.run(["production", "-e", "on(\"all\", || execute(\"uptime\"))", "--json"]).ok();
    assert_eq!((ran.lines("web1").len(), ran.lines("db1").len()), (1, 1), "every server");
    let ran = scene.run(["production", "-z", "web2", "-e", "on(roles(\"all\"), || execute(\"id\"))", "--json"]).ok();
    assert_eq!((ran.lines("web1").len(), ran.lines("web2").len()), (0, 1));
}

#[test]
fn a_name_is_that_of_a_host_before_that_of_a_role() {
    let stage = "server(\"db\", #{ transport: \"local\", roles: [\"x\"] });\nserver(\"other\", #{ transport: \"local\", roles: [\"db\"] });\n";
    let ran = Scene::with("")
        .stage("production", stage)
        .run(["production", "-e", "on(\"db\", || execute(\"id\"))", "--json"])
        .ok();
    assert_eq!((ran.lines("db").len(), ran.lines("other").len()), (1, 0));
}

#[test]
fn exit_codes_are_those_of_every_run() {
    let scene = Scene::with(RECIPE);
    for (code, exit) in [
        ("1", 0),
        ("on(\"db1\", || execute(\"exit 9\"))", 1),
        ("nosuch()", 2),
        ("let x = ", 2),
        ("exit(7)", 7),
        ("throw \"no\"", 1),
    ] {
        scene.run(["production", "-e", code]).fails(exit);
    }
    let ran = scene.run(["production", "-e", "fetsch(1)"]).fails(2);
    assert!(ran.err().contains("--> -e:1:1") && ran.err().contains("did you mean `fetch`?"), "{}", ran.err());
}

#[test]
fn what_a_script_may_not_do_is_told() {
    let scene = Scene::with(RECIPE);
    let ran = scene.run(["production", "-e", "task(\"x\", || 1)"]).fails(2);
    assert!(ran.error().contains("cannot be declared while tasks run"), "{}", ran.error());
    let ran = scene.run(["production", "-e", "let n = 0; on(roles(\"all\"), |host| n += 1);"]).fails(2);
    assert_eq!(ran.error(), "`n` is changed inside `on`, and the change would be lost");
    assert_eq!(
        scene.run(["production", "greet", "-e", "1"]).fails(2).error(),
        "`-e` runs its code in place of tasks, and `greet` is one more word"
    );
    assert_eq!(
        scene.run(["production", "-e", "1", "--plan"]).fails(2).error(),
        "`--plan` shows tasks, and none is run here"
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    let scene = Scene::with(RECIPE);
    let before = scene.everything();
    let lines = scene.lines("db1", ["production", "-e", "on(roles(\"all\"), || execute(\"touch\", \"/made\"))"]);
    assert_eq!(lines, ["touch /made"]);
    assert_eq!(scene.everything(), before);
}

#[test]
fn a_secret_in_the_code_does_not_reach_the_log() {
    let scene = Scene::with(RECIPE);
    let code = "set(\"key\", secret(\"hunter2\")); on(\"db1\", || execute(\"echo\", fetch(\"key\")))";
    let ran = scene.run(["production", "-e", code, "-v"]).ok();
    assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);
    assert!(!scene.read("log/windlass.log").contains("hunter2"));
}
