//! What lines of a console do.

use crate::console::piped::{console, with};
use crate::support::scene::Scene;

const RECIPE: &str = r#"
set("branch", "main");
fn twice(x) { x * 2 }
task("greet", || info("hello"));
task("fails", || on(roles("db"), |host| execute("exit 3")));
"#;

fn said(lines: &str) -> Vec<String> {
    console(&Scene::with(RECIPE), lines).ok().messages("info")
}

#[test]
fn a_command_runs_on_every_host() {
    let ran = console(&Scene::with(RECIPE), "echo $((1 + 1)) | cat\n").ok();
    for host in ["web1", "web2", "db1"] {
        assert_eq!(ran.lines(host), ["echo $((1 + 1)) | cat"]);
    }
    let printed: Vec<_> = ran.all("command_output").iter().map(|line| line["line"].clone()).collect();
    assert_eq!(printed, ["2", "2", "2"]);
}

#[test]
fn code_is_evaluated_and_its_value_shown() {
    let lines = "fetch(\"branch\")\n1 + 1\nset(\"x\", 5)\n[roles(\"db\"), ()]\non(\"db1\", || capture(\"echo a\"))\non(\"db1\", || execute(\"true\"))\n#{}\n";
    assert_eq!(said(lines), ["=> \"main\"", "=> 2", "=> [[db1], ()]", "=> #{ db1: \"a\" }", "=> #{}"]);
}

#[test]
fn settings_variables_and_functions_stay() {
    let lines = "let x = 20;\nset(\"branch\", \"topic\");\nfn more(n) { n + 1 }\nmore(twice(x))\nfetch(\"branch\")\nx += 1;\nx\n\
                 fn more(n) { n + 100 }\nmore(x)\nlet f = |n| n * x;\nf.call(2)\non(\"db1\", |host| info(`${host} ${x}`))\n";
    assert_eq!(said(lines), ["=> 41", "=> \"topic\"", "=> 21", "=> 121", "=> 42", "db1 21"]);
}

#[test]
fn a_line_goes_on_until_its_brackets_are_closed() {
    let lines = "on(\"db1\", |host| {\n    // a ) in a comment\n    info(\"in (\");\n\n    `of\n${host}`\n})\necho a \\\n  b\n[1,\n2]";
    let ran = console(&Scene::with(RECIPE), lines).ok();
    assert_eq!(ran.messages("info"), ["in (", "=> #{ db1: \"of\\ndb1\" }", "=> [1, 2]"]);
    assert_eq!(ran.lines("db1"), ["echo a \\\n  b"]);
}

#[test]
fn every_line_is_a_run_of_its_own() {
    let ran = console(&Scene::with(RECIPE), "invoke(\"greet\")\ninvoke(\"greet\")\n").ok();
    assert_eq!(ran.messages("info"), ["hello", "=> true", "hello", "=> true"]);
    assert_eq!(ran.messages("warn"), [""; 0]);
    let ends: Vec<_> = ran.all("run_finished").iter().map(|line| line["exit_code"].clone()).collect();
    assert_eq!(ends, [0, 0]);
    let begins: Vec<_> = ran.all("run_started").iter().map(|line| line["command"].clone()).collect();
    assert_eq!(begins, ["production console invoke(\"greet\")"; 2]);
}

#[test]
fn an_error_ends_the_line_and_not_the_console() {
    let scene = Scene::with(RECIPE);
    let lines = "invoke(\"fails\")\nfetsch(\"x\")\ninvoke(\"fails\")\nlet y = ;\ninfo(\"still here\")\n";
    let ran = console(&scene, lines).fails(2);
    assert_eq!(ran.messages("info"), ["still here"]);
    assert_eq!(ran.all("failed").len(), 4);
    let ran = with(&scene, &["production", "console", "--format", "plain"], lines).fails(2);
    let err = ran.err();
    assert!(err.contains("`exit 3` ended with status 3"), "{err}");
    assert!(err.contains("--> (line 2):1:1"), "{err}");
    assert!(err.contains("1 | fetsch(\"x\")\n") && err.contains("did you mean `fetch`?"), "{err}");
    assert!(err.contains("a command that looks like code is written with `!` in front"), "{err}");
}

#[test]
fn with_lines_from_a_pipe_the_exit_code_is_that_of_the_last_failure() {
    let scene = Scene::with(RECIPE);
    console(&scene, "1\n!true\n").ok();
    console(&scene, "invoke(\"fails\")\n1\n").fails(1);
    console(&scene, "exit(7)\ninfo(\"no\")").fails(7);
    let ran = console(&scene, "invoke(\"fails\")\nexit\ninfo(\"no\")").fails(1);
    assert_eq!(ran.messages("info"), [""; 0]);
    console(&scene, "exit(0)\ninvoke(\"fails\")").ok();
    console(&scene, "").ok();
}

#[test]
fn the_name_of_a_task_is_no_command_by_accident() {
    let ran = console(&Scene::with(RECIPE), "greet\n").fails(2);
    assert_eq!(ran.failure()["message"], "`greet` is a task, and would be run as a command on every host");
    assert!(ran.all("command_started").is_empty());
    let ran = console(&Scene::with(RECIPE), "!greet\n").fails(1);
    assert_eq!(ran.lines("db1"), ["greet"]);
}

#[test]
fn the_failure_hooks_of_a_deploy_run_and_the_next_line_too() {
    let recipe = "task(\"deploy:starting\", || { set(\"deploying\", true); throw \"stop\"; });\n\
                  after(\"deploy:failed\", \"tell\", || info(\"cleaned\"));";
    let ran = console(&Scene::with(recipe), "invoke(\"deploy:starting\")\nthrow \"else\"\nfetch(\"deploying\", 1)\n")
        .fails(1);
    assert_eq!(ran.messages("info"), ["cleaned", "=> 1"], "what fails in a later line is no failed deploy");
}

#[test]
fn a_line_does_not_answer_for_the_one_before() {
    let ran = console(&Scene::with(""), "roles(\"nosuch\")\non([], |host| 1)\n").fails(2);
    assert!(!ran.failure().to_string().contains("nosuch"), "{}", ran.failure());
    let recipe = "filter_hosts(|host| host.name == fetch(\"mine\", \"web1\"));";
    let said = console(
        &Scene::with(recipe),
        "on(\"web\", |host| info(host.name));\nset(\"mine\", \"web2\");\non(\"web\", |host| info(host.name));\n",
    )
    .ok();
    assert_eq!(said.messages("info"), ["web1", "web2"]);
}

#[test]
fn every_line_has_a_time_of_its_own() {
    let ran = console(&Scene::with(""), "now()\nsleep(2)\nnow() == now()\nnow()\n").ok();
    let said = ran.messages("info");
    assert!(said[0] < said[2] && said[1] == "=> true", "a release is called after the line that made it: {said:?}");
}

#[test]
fn a_dry_run_runs_nothing_and_leaves_nothing() {
    let scene = Scene::with(RECIPE);
    let before = scene.everything();
    let ran =
        with(&scene, &["production", "console", "-n", "--format", "json"], "touch /made\nfetch(\"branch\")\n").ok();
    assert_eq!(ran.lines("db1"), ["touch /made"]);
    assert_eq!(ran.messages("info"), ["=> \"main\""]);
    assert_eq!(scene.everything(), before);
}

#[test]
fn what_is_said_of_a_secret_stays_out_of_output_and_log() {
    let scene = Scene::with(RECIPE);
    let lines = "let pw = secret(\"hunter2\");\npw\non(\"db1\", || capture(\"echo\", pw))\necho hunter2\n[pw]\n";
    let ran = with(&scene, &["production", "console", "--format", "plain", "-v"], lines).ok();
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "{}", ran.stdout);
    assert!(ran.stdout.contains("=> \"[secret]\"") && ran.stdout.contains("=> [\"[secret]\"]"), "{}", ran.stdout);
    let log = scene.read("log/windlass.log");
    assert!(!log.contains("hunter2"), "{log}");
    assert!(log.contains("production console (not shown: it may hold a secret)"), "{log}");
}

#[test]
fn a_console_takes_no_words_and_shows_no_plan() {
    let scene = Scene::with(RECIPE);
    let ran = scene.run(["production", "console", "uptime"]).fails(2);
    assert_eq!(ran.error(), "`console` takes no words, and there is `uptime`");
    let ran = scene.run(["production", "console", "--plan"]).fails(2);
    assert_eq!(ran.error(), "`--plan` shows tasks, and none is run here");
}

#[test]
fn without_a_project_it_has_the_hosts_that_are_named() {
    let scene = Scene::new();
    let lines = "roles(\"all\")\nserver(\"box\", #{ transport: \"local\", roles: [\"web\"] })\non(\"web\", || capture(\"echo in\"))\n";
    let ran = with(&scene, &["console", "--hosts", "deploy@a,b:2222", "--format", "json"], lines).ok();
    assert_eq!(ran.messages("info"), ["=> [deploy@a, b:2222]", "=> #{ box: \"in\" }"]);
}
