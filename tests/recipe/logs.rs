//! The log file.

use crate::support::clean::clean;
use crate::support::scene::Scene;

#[test]
fn the_log_has_everything() {
    let scene =
        Scene::with("task(\"t\", || {\n  on(roles(\"db\"), |host| { test(\"echo quiet\"); });\n  warn(\"look\");\n});");
    scene.run(["production", "t", "-q"]).ok();
    let log = clean(&scene.read("log/windlass.log"), &scene.top().display().to_string());
    // Where the time went is a matter of how fast this machine is.
    let spent = ["DEBUG t ", "DEBUG the whole run ", "DEBUG where the time went "];
    assert!(spent.iter().all(|line| log.contains(line)), "{log}");
    let log: String =
        log.split_inclusive('\n').filter(|line| !spent.iter().any(|spent| line.contains(spent))).collect();
    let expected = "\
[time]  INFO ---------------------------------------------------------------------------
[time]  INFO START [time] windlass production t
[time]  INFO ---------------------------------------------------------------------------
[time]  INFO windlass 0.1.0, stage production
[time]  INFO task t begins (config/deploy.rhai:1:1)
[time] DEBUG [0] running echo quiet on db1 (task t, config/deploy.rhai:2:28)
[time] DEBUG [0] command: echo quiet
[time] DEBUG [0] db1 stdout: quiet
[time] DEBUG [0] db1 finished in 0.000s: exit status 0
[time] DEBUG db1: 1 command in 1 round trip, 0.000s
[time]  WARN look
[time]  INFO task t finished in 0.000s
[time]  INFO END exit code 0 after 0.0s
";
    assert_eq!(log, expected);
}

#[test]
fn runs_follow_each_other_each_under_its_header() {
    let scene = Scene::task("info(\"hello\");");
    scene.run(["production", "t", "A=1"]).ok();
    scene.run(["production", "nope"]).fails(2);
    scene.run(["production", "t"]).ok();
    // A dry run changes nothing, the log neither.
    scene.run(["production", "t", "-n"]).ok();
    let log = scene.read("log/windlass.log");
    let headers: Vec<&str> = log.lines().filter_map(|line| line.split(" windlass production ").nth(1)).collect();
    assert_eq!(headers, ["t", "t"]);
    assert_eq!(log.matches("END exit code 0").count(), 2);
}

#[test]
fn a_full_log_is_put_aside_at_twenty_mebibytes() {
    let scene = Scene::task("info(\"hello\");").file("log/windlass.log", vec![b'x'; 20 * 1024 * 1024]);
    scene.run(["production", "t"]).ok();
    assert_eq!(std::fs::metadata(scene.path("log/windlass.log.1")).unwrap().len(), 20 * 1024 * 1024);
    let log = scene.read("log/windlass.log");
    assert!(log.len() < 10_000 && log.contains("hello"), "{}", log.len());
}

#[test]
fn without_a_log_the_run_goes_on_and_says_so() {
    let scene = Scene::task("info(\"hello\");").file("log/windlass.log/in-the-way", "");
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["hello"]);
    assert!(ran.messages("warn")[0].ends_with("the run goes on without a log"), "{:?}", ran.messages("warn"));
}

#[test]
fn a_failure_is_in_the_log_with_its_way() {
    let scene = Scene::task("on(roles(\"db\"), |host| execute(\"exit 3\"));");
    scene.run(["production", "t"]).fails(1);
    let log = scene.read("log/windlass.log");
    for part in ["ERROR error: `exit 3` ended with status 3", "config/deploy.rhai:2:24", "host: db1", "END exit code 1"]
    {
        assert!(log.contains(part), "{part} in\n{log}");
    }
}
