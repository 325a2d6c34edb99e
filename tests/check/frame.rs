//! What `check` reads, that it runs nothing, and how it ends.

use crate::support::scene::{Scene, THREE_HOSTS};

/// The first lines of all findings, in order.
#[track_caller]
pub fn found(scene: &Scene) -> Vec<String> {
    found_in(scene, &["check"])
}

/// As [`found`], for a call.
#[track_caller]
pub fn found_in(scene: &Scene, args: &[&str]) -> Vec<String> {
    let ran = scene.run(args.iter().copied());
    assert_eq!(ran.stderr, "", "{}", ran.stdout);
    let out = ran.out();
    let heads = ["error[", "warning[", "note["];
    out.lines().filter(|line| heads.iter().any(|head| line.starts_with(head))).map(str::to_owned).collect()
}

#[test]
fn nothing_is_run_asked_or_written() {
    let mark = r#"run_locally(|| execute("touch", "ran"));"#;
    let scene = Scene::with(&format!(
        "{mark}\nset(\"lazy\", || {{ {mark} 1 }});\nask(\"word\");\ninfo(`${{fetch(\"word\", \"\")}}`);\n\
         on(roles(\"all\"), |host| execute(\"touch\", \"{{}}/ran\"));\ntask(\"t\", || {{ {mark} }});\n\
         set(\"x\", fetch(\"lazy\"));\ntask(\"u\", || info(`${{fetch(\"x\")}}`));\n"
    ));
    let before = scene.everything();
    let ran = scene.run(["check"]).ok();
    assert_eq!(scene.everything(), before);
    assert!(!scene.path("log").exists(), "{}", ran.stdout);
}

#[test]
fn a_server_that_nobody_could_reach_is_not_reached() {
    let scene = Scene::with("").stage("production", "server(\"nobody@203.0.113.1\", #{ roles: [\"app\"] });");
    let scene = scene.program("ssh", "touch \"$HOME/ssh-ran\"");
    scene.run(["check"]).ok();
    assert!(!scene.top().join("home/ssh-ran").exists());
}

#[test]
fn everything_in_every_file_is_told_at_once() {
    let scene = Scene::with(
        "task(\"a\", || {\n    let n = 0;\n    on(roles(\"app\"), |host| { n += 1; });\n    execute(\"ls\");\n});\n\
         before(\"a\", \"b\");\nafter(\"a\", \"c\");\n",
    )
    .file("config/deploy/tasks/more.rhai", "task(\"m\", || exeucte(\"ls\"));\n")
    .stage("staging", &format!("{THREE_HOSTS}\ntask(\"s\", || capture(\"ls\"));\n"));
    assert_eq!(
        found(&scene),
        [
            "error[lost-assignment]: `n` is changed inside `on`, and the change would be lost",
            "error[command-outside-on]: `execute` needs a host, but this is outside `on`",
            "error[unknown-task]: no task `b` to run before `a`",
            "error[unknown-task]: no task `c` to run after `a`",
            "error[command-outside-on]: `capture` needs a host, but this is outside `on`",
            "error[unknown-function]: there is no function `exeucte`",
        ]
    );
    assert_eq!(scene.run(["check"]).code, 2);
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let scene = Scene::with("task(\"a\", || execute(\"ls\"));\n")
        .file("config/deploy/tasks/a.rhai", "set(\"x\"\n")
        .file("config/deploy/tasks/b.rhai", [0x2f, 0x2f, 0xff])
        .file("config/deploy/tasks/c.rhai", "task(\"c\", || run(\"ls\"));\n");
    let found = found(&scene);
    let heads: Vec<&str> = found.iter().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(
        heads,
        ["error[load]", "error[command-outside-on]", "error[syntax]", "error[command-outside-on]"],
        "{found:?}"
    );
}

#[test]
fn what_a_file_raises_is_told_with_the_way_to_it() {
    let scene = Scene::with("fn port(text) {\n    text + 1 - 1\n}\nset(\"port\", port(\"a\"));\n");
    let out = scene.run(["check"]).fails(2).out();
    assert!(out.contains("error[load]: "), "{out}");
    assert!(out.contains("--> config/deploy.rhai:2:"), "{out}");
    assert!(out.contains("reached through function `port` at config/deploy.rhai:4:13"), "{out}");
}

#[test]
fn what_hangs_on_a_command_or_an_answer_is_no_mistake() {
    let of_command = "let text = run_locally(|| capture(\"git\", \"rev-list\", \"--count\", \"HEAD\"));\n\
                      if text == \"\" { throw \"no commits\"; }\n";
    let of_answer = "ask(\"count\");\nlet count = parse_int(fetch(\"count\"));\n";
    for recipe in [of_command, of_answer] {
        let scene = Scene::with(recipe);
        let ran = scene.run(["check"]).ok();
        assert!(ran.stdout.starts_with("note[not-judged]: "), "{}", ran.stdout);
        assert!(ran.stdout.contains("`check` runs no command and asks nothing"), "{}", ran.stdout);
    }
    let ran = Scene::with("if env(\"X\") == () { exit(); }\n").run(["check"]).ok();
    assert!(ran.stdout.contains("note[not-judged]: reading ends here with `exit`"), "{}", ran.stdout);
}

#[test]
fn variables_of_the_line_are_those_of_a_run() {
    let scene = Scene::with("if env(\"TOKEN\") == () { throw \"TOKEN is not set\"; }\n");
    assert_eq!(found(&scene), ["error[load]: TOKEN is not set"]);
    assert!(found_in(&scene, &["check", "TOKEN=x"]).is_empty());
    assert!(found_in(&scene, &["check", "TOKEN=x", "production"]).is_empty());
}

#[test]
fn a_stage_is_judged_alone_and_its_name_is_told_where_it_matters() {
    let scene = Scene::with("task(\"a\", || execute(\"ls\"));\n")
        .stage("staging", &format!("{THREE_HOSTS}\nbefore(\"a\", \"typo\");\n"));
    let out = scene.run(["check"]).fails(2).out();
    assert_eq!(out.matches("error[").count(), 2, "{out}");
    assert_eq!(out.matches("= stage: staging").count(), 1, "{out}");
    assert!(out.contains("\n2 errors in 3 files, ") && out.ends_with(" tasks, 2 stages\n"), "{out}");
    assert_eq!(found_in(&scene, &["check", "production"]).len(), 1);
    assert_eq!(found_in(&scene, &["check", "staging"]).len(), 2);
    let ran = scene.run(["check", "stagign"]).fails(2);
    assert_eq!(ran.error(), "there is no stage `stagign`");
    assert!(ran.stderr.contains("did you mean `staging`?"), "{}", ran.stderr);
    assert!(scene.run(["check", "staging", "deploy"]).fails(2).error().starts_with("`check` judges all tasks"));
}

#[test]
fn stages_nobody_can_use_are_told() {
    let scene = Scene::with("").stage("docs", THREE_HOSTS).stage("-x", THREE_HOSTS).stage("empty", "");
    assert_eq!(
        found(&scene),
        [
            "error[unreachable-stage]: `-x` cannot be named as a stage on the command line: it would be read as an option",
            "error[unreachable-stage]: a stage cannot be called `docs`, because that is a command",
            "error[unreachable-stage]: the stage `empty` declares no server, so none of its tasks reaches one",
        ]
    );
    let alone = Scene::new().file("config/deploy.rhai", "set(\"application\", \"shop\");\n");
    assert_eq!(found(&alone), ["warning[no-stage]: the project has no stage, so no task can be run"]);
}

#[test]
fn servers_that_a_command_names_are_not_missed() {
    let stage = "for host in run_locally(|| capture(\"list-hosts\")).split(\"\\n\") {\n    if host != \"\" { server(host); }\n}\n";
    assert!(found(&Scene::with("").stage("cloud", stage)).is_empty());
}

#[test]
fn a_file_that_is_required_or_imported_is_looked_through() {
    let scene = Scene::with("require(\"./lib/more\");\nimport \"lib/other\" as other;\ntask(\"t\", || other::f());\n")
        .file("config/lib/more.rhai", "task(\"m\", || execute(\"ls\"));\n")
        .file("lib/other.rhai", "fn f() { frobnicate() }\n");
    assert_eq!(
        found(&scene),
        [
            "error[command-outside-on]: `execute` needs a host, but this is outside `on`",
            "error[unknown-function]: there is no function `frobnicate`"
        ]
    );
}

#[test]
fn a_secret_in_a_recipe_is_not_shown() {
    let scene = Scene::with(
        "set(\"token\", secret(\"hunter2hunter2\")); frobnicate();\ntask(\"t\", || info(fetch(\"token\")));\n",
    );
    for args in [&["check"][..], &["check", "--json"]] {
        let ran = scene.run(args.iter().copied()).fails(2);
        assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);
    }
}

#[test]
fn quiet_says_nothing_where_there_is_nothing() {
    assert_eq!(Scene::with("").run(["check", "-q"]).ok().stdout, "");
    assert!(Scene::with("frobnicate();").run(["-q", "check"]).fails(2).stdout.contains("unknown-function"));
}

#[test]
fn the_users_own_recipe_is_read_too() {
    let scene = Scene::with("").home_file(".config/windlass/windlass.rhai", "task(\"mine\", || execute(\"ls\"));\n");
    assert_eq!(found(&scene), ["error[command-outside-on]: `execute` needs a host, but this is outside `on`"]);
}

#[test]
fn a_stage_without_servers_whose_tasks_need_none_is_fine() {
    let local = "task(\"build\", || run_locally(|| execute(\"make\")));\n";
    let scene = |recipe: &str| Scene::new().file("config/deploy.rhai", recipe).stage("ci", "");
    assert!(found(&scene(local)).is_empty());
    let through = "fn everywhere() { on(roles(\"app\"), |host| info(\"x\")); }\ntask(\"t\", || everywhere());\n";
    assert_eq!(
        found(&scene(&format!("{local}{through}"))),
        ["warning[no-server]: the stage `ci` declares no server, so only tasks such as `build` can run in it"]
    );
    assert_eq!(
        found(&scene(through)),
        ["error[unreachable-stage]: the stage `ci` declares no server, so none of its tasks reaches one"]
    );
}
