//! What can be typed, exit codes, `--format json`, `--dry-run`, `exec`.

use std::collections::BTreeSet;

use crate::support::repository::Repository;
use crate::support::scene::Scene;

#[test]
fn exit_codes_tell_what_happened() {
    let code = |body: &str, code: u8| Scene::task(body).run(["production", "t"]).fails(code);
    code("info(1);", 0);
    code("throw 1;", 1);
    code("on(roles(\"db\"), |host| execute(\"false\"));", 1);
    code("on(roles(\"all\"), |host| execute(\"false\"));", 1);
    code("fetch(1);", 2);
    code("on(roles(\"nobody\"), |host| 1);", 2);
    code("exit(9);", 9);
    Scene::task("").run(["production", "nope"]).fails(2);
    Scene::task("").run(["nope", "t"]).fails(2);
    Scene::task("").run(["--nope"]).fails(2);
    Scene::new().run(["production", "t"]).fails(2);
}

#[test]
fn a_mixed_fleet_has_its_own_code_and_is_told() {
    let body = r#"
        on(roles("app"), |host| { current_release(); });
        on(roles("app"), |host| {
            if host.name == "web2" { execute("false"); }
            record_switch("20260101000000");
        });
    "#;
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).fails(5);
    let fleet = &ran.all("fleet")[0];
    assert_eq!(fleet["mixed"], true);
    let hosts: Vec<(String, String)> = fleet["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|host| (host["host"].to_string(), host["switched"].to_string()))
        .collect();
    assert_eq!(hosts, [("\"web1\"", "true"), ("\"web2\"", "false")].map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn json_is_one_object_a_line_with_time_and_name() {
    let ran = Scene::task("info(\"a\\nb\"); on(roles(\"db\"), |host| execute(\"echo hello; echo err >&2; exit 3\"));")
        .run(["--format", "json", "production", "t"])
        .fails(1);
    let names: Vec<String> = ran.events().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names[..2], ["run_started", "task_started"]);
    assert_eq!(names.last().map(String::as_str), Some("run_finished"));
    let all: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    for name in ["message", "command_started", "command_output", "command_finished", "task_finished", "failed"] {
        assert!(all.contains(name), "{name} in {all:?}");
    }
    for line in ran.events() {
        assert!(line["time"].is_string() && line["elapsed"].is_number(), "{line}");
    }
    assert_eq!(ran.all("run_finished")[0]["exit_code"], 1);
    assert_eq!(ran.stderr, "");
}

#[test]
fn formats_are_named() {
    let scene = Scene::task("on(roles(\"db\"), |host| execute(\"true\"));");
    assert_eq!(scene.run(["--format", "dots", "production", "t"]).ok().stdout.lines().next(), Some("."));
    let plain = scene.run(["production", "t"]).ok().out();
    assert_eq!(plain, "00:00 t 01 $ true\n00:00 t 01 db1 ✔ 0.000s\nt finished in 0.0s on 1 host\n");
    assert_eq!(scene.run(["production", "t", "-q"]).ok().out(), "t finished in 0.0s on 1 host\n");
    assert!(!scene.run(["--format", "pretty", "production", "t"]).ok().stdout.contains('\u{1b}'));
    assert!(scene.run(["--format", "pretty", "--color", "always", "production", "t"]).ok().stdout.contains('\u{1b}'));
    scene.run(["--format", "xml", "production", "t"]).fails(2);
}

#[test]
fn verbose_shows_the_commands_that_only_look() {
    let scene = Scene::task("on(roles(\"db\"), |host| { test(\"true\"); });");
    assert!(!scene.run(["production", "t"]).ok().stdout.contains("$ true"));
    assert!(scene.run(["production", "t", "-v"]).ok().stdout.contains("$ true"));
}

#[test]
fn trace_tells_every_task_as_it_is_invoked() {
    let scene = Scene::with("task(\"a\"); task(\"t\", #{ needs: [\"a\"] });");
    assert_eq!(scene.said(["production", "t", "-t"]), ["invoke t", "invoke a"]);
}

#[test]
fn a_dry_run_changes_nothing_anywhere() {
    let repository_scene = Scene::new();
    let repository = Repository::new(&repository_scene.path("repository"));
    repository.commit("a.txt", "a");
    let recipe = format!(
        r#"
        set("application", "app");
        set("repo_url", "{}");
        set("branch", "main");
        append("linked_dirs", "log");
        append("linked_files", "config/x.yml");
        task("more", || {{
            run_locally(|| execute("touch", "made-locally"));
            run_locally(|| execute("touch made-by-line"));
            on(roles("all"), |host| {{
                execute("touch", deploy_to("made"));
                write_file(deploy_to("file"), "text");
                upload("config/deploy.rhai", deploy_to("uploaded"));
                download("/etc/hostname", "downloaded");
                test("touch", deploy_to("tested"));
                capture("touch", deploy_to("captured"));
                run("touch", deploy_to("ran"));
            }});
        }});
        after("deploy:published", "more");
        "#,
        repository.url()
    );
    let scene = Scene::with(&recipe);
    let (before, there) = (scene.everything(), repository_scene.everything());
    for task in ["deploy", "more", "deploy:rollback"] {
        scene.run(["production", task, "--dry-run"]).ok();
    }
    scene.run(["production", "exec", "-n", "--", "touch", "made"]).ok();
    assert_eq!(scene.everything(), before);
    assert_eq!(repository_scene.everything(), there);
}

#[test]
fn a_dry_run_marks_every_command_and_gives_stand_ins() {
    let body = r#"
        on(roles("db"), |host| {
            execute("rm", "-rf", "/");
            info(capture("date", #{ dry_run: "some day" }));
            info(test("false")); info(test("true", #{ dry_run: false }));
            info(run("x", #{ dry_run: #{ ok: true } }).ok);
            info(file_exists("/etc/passwd"));
        });
    "#;
    let ran = Scene::task(body).run(["--format", "json", "production", "t", "-n"]).ok();
    assert_eq!(ran.messages("info"), ["some day", "true", "false", "true", "false"]);
    assert!(ran.all("command_started").iter().all(|line| line["dry_run"] == true));
    assert_eq!(ran.all("run_started")[0]["dry_run"], true);
}

#[test]
fn a_dry_run_of_mistakes_still_tells_them() {
    let ran =
        Scene::task("on(roles(\"db\"), |host| { umask(\"9\", || execute(\"ls\")); });").run(["production", "t", "-n"]);
    assert_eq!(ran.fails(2).error(), "`9` is not a umask");
}

#[test]
fn exec_runs_a_command_on_every_host() {
    let scene = Scene::task("");
    let ran = scene.run(["--format", "json", "production", "exec", "--", "echo", "a b", "$HOME"]).ok();
    assert_eq!(ran.lines("web1"), ["echo 'a b' '$HOME'"]);
    let mut printed: Vec<String> = ran.all("command_output").iter().map(|line| line["line"].to_string()).collect();
    printed.dedup();
    assert_eq!(printed, ["\"a b $HOME\""]);
    assert_eq!(ran.all("command_output").len(), 3);
    let ran = scene.run(["--format", "json", "production", "-z", "db1", "exec", "--", "echo a | tr a b"]).ok();
    assert_eq!(ran.all("command_output")[0]["line"], "b");
}

#[test]
fn exec_fails_as_its_command_does() {
    let scene = Scene::task("");
    scene.run(["production", "exec", "--", "false"]).fails(1);
    assert_eq!(scene.run(["production", "exec"]).fails(2).error(), "`exec` needs a command");
    assert_eq!(scene.run(["production", "exec", "ls"]).fails(2).error(), "`exec` takes its command after `--`");
    assert_eq!(scene.run(["production", "t", "--", "ls"]).fails(2).error(), "only `exec` takes a command after `--`");
}

#[test]
fn tasks_are_checked_before_the_first_one_runs() {
    let scene = Scene::task("info(\"ran\");");
    assert_eq!(scene.run(["production", "t", "nope"]).fails(2).stdout, "");
    assert_eq!(scene.run(["production", "t", "t[1]"]).fails(2).stdout, "");
    assert_eq!(scene.run(["production", "t", "t[1"]).fails(2).stdout, "");
}

#[test]
fn version_and_help_go_to_standard_output() {
    let version = Scene::new().run(["--version"]).ok();
    assert_eq!(version.stdout, format!("windlass {}\n", env!("CARGO_PKG_VERSION")));
    let help = Scene::new().run(["--help"]).ok();
    for code in ["0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "130 "] {
        assert!(help.stdout.contains(&format!("\n  {code}")), "{code} in {}", help.stdout);
    }
}
