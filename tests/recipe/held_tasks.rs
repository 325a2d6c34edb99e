//! `batch` around tasks: when a task is told as over, and as what.

use serde_json::Value;

use crate::support::ran::Ran;
use crate::support::scene::Scene;

/// Tasks that others are made of, and the task `t`: `fail` fails on web2; `upload` and `look` send what waits.
fn ran(body: &str, more: &[&str]) -> (Scene, Ran) {
    let scene = Scene::with(&format!(
        r#"
task("make", || on(roles("web"), |host| execute("mkdir", "-p", deploy_to("made"))));
task("fail", || on(roles("web"), |host| execute(if host.name == "web2" {{ "false" }} else {{ "true" }})));
task("outer", || invoke("fail"));
task("upload", || on(roles("web"), |host| {{ execute("mkdir", "-p", deploy_to()); write_file(deploy_to("up"), "text"); }}));
task("release", || on(roles("web"), |host| {{ release_lock(); execute("mkdir", "-p", deploy_to("released")); }}));
task("look", || on(roles("web"), |host| capture("hostname")));
task("t", || {{
    {body}
}});
"#
    ));
    let ran = scene.run(["--format", "json", "production", "t"].iter().chain(more));
    (scene, ran)
}

/// The tasks in the order they were over: the name, `ok`, `stopped_by`.
fn over(ran: &Ran) -> Vec<(String, bool, Value)> {
    let told = ran.all("task_finished").into_iter();
    told.map(|event| {
        (event["task"].as_str().unwrap().to_owned(), event["ok"].as_bool().unwrap(), event["stopped_by"].clone())
    })
    .collect()
}

fn done(task: &str) -> (String, bool, Value) {
    (task.to_owned(), true, Value::Null)
}

fn failed(task: &str) -> (String, bool, Value) {
    (task.to_owned(), false, Value::Null)
}

fn stopped(task: &str, by: &str) -> (String, bool, Value) {
    (task.to_owned(), false, by.into())
}

/// What happened, in order: an event with its task; commands are told by their end.
fn story(ran: &Ran, task: &str) -> Vec<String> {
    let (mut story, mut ids) = (Vec::new(), Vec::new());
    for event in ran.events() {
        if event["task"] == task {
            ids.extend((event["event"] == "command_started").then(|| event["id"].clone()));
            story.push(event["event"].as_str().unwrap().to_owned());
        } else if event["event"] == "command_finished" && ids.contains(&event["id"]) {
            story.push("command_finished".to_owned());
        }
    }
    story.dedup();
    story
}

#[test]
fn a_task_is_over_when_its_commands_are() {
    let (_, ran) = ran("batch(|| { invoke(\"make\"); on(\"db1\", |host| capture(\"true\")); });", &["-z", "web1,db1"]);
    let expected = ["task_started", "task_waiting", "command_started", "command_finished", "task_finished"];
    assert_eq!(story(&ran, "make"), expected);
    assert_eq!(over(&ran), [done("make"), done("t")]);
    assert_eq!(story(&ran, "t"), ["task_started", "command_started", "command_finished", "task_finished"]);
}

#[test]
fn a_task_whose_command_fails_later_has_failed_and_those_behind_are_stopped() {
    let (_, ran) = ran("batch(|| { invoke(\"fail\"); invoke(\"make\"); });", &[]);
    assert_eq!(story(&ran, "fail").last().unwrap(), "task_finished");
    let mut told = over(&ran);
    told[..2].sort_by_key(|(task, ..)| task.clone());
    assert_eq!(told, [failed("fail"), stopped("make", "fail"), failed("t")]);
    assert_eq!(ran.fails(1).all("task_waiting").len(), 2);
}

#[test]
fn a_task_is_over_when_what_it_invokes_is() {
    let (_, good) = ran("batch(|| { invoke(\"outer\"); });", &["-z", "web1"]);
    assert_eq!(over(&good.ok()), [done("fail"), done("outer"), done("t")]);
    let (_, bad) = ran("batch(|| { invoke(\"outer\"); });", &[]);
    assert_eq!(over(&bad.fails(1)), [failed("fail"), failed("outer"), failed("t")]);
    let (_, caught) = ran("try { batch(|| invoke(\"outer\")) } catch {}", &[]);
    assert_eq!(over(&caught.ok()), [failed("fail"), failed("outer"), done("t")]);
}

#[test]
fn a_host_that_is_set_aside_makes_no_task_fail() {
    for (body, tasks) in [
        ("batch(|| { invoke(\"fail\"); invoke(\"make\"); });", vec!["fail", "make", "t"]),
        ("batch(|| { invoke(\"fail\"); invoke(\"look\"); invoke(\"make\"); });", vec!["fail", "look", "make", "t"]),
    ] {
        let (_, ran) = ran(body, &["--max-fail", "1"]);
        let mut told = over(&ran);
        told.sort_by_key(|(task, ..)| task.clone());
        assert_eq!(told, tasks.into_iter().map(done).collect::<Vec<_>>(), "{body}");
        let aside = ran.fails(1).all("host_set_aside");
        assert_eq!((&aside[0]["host"], &aside[0]["task"]), (&"web2".into(), &"fail".into()), "{body}");
    }
}

#[test]
fn a_task_that_comes_behind_a_failure_has_not_failed_itself_and_may_run_afterwards() {
    for (task, file) in [("upload", "up"), ("release", "released")] {
        let body =
            format!("try {{ batch(|| {{ invoke(\"fail\"); invoke(\"{task}\"); }}) }} catch {{}} invoke(\"{task}\");");
        let (scene, ran) = ran(&body, &[]);
        let told = over(&ran.ok());
        assert!(told.contains(&stopped(task, "fail")) && told.contains(&failed("fail")), "{told:?}");
        assert_eq!(told[told.len() - 2..], [done(task), done("t")], "{told:?}");
        assert!(["web1", "web2"].iter().all(|host| scene.host(host, file).exists()), "{task}");
    }
}

#[test]
fn a_task_that_catches_the_failure_of_another_and_ends_is_done() {
    let body = "batch(|| { invoke(\"fail\"); try { invoke(\"look\") } catch {} });";
    let (_, ran) = ran(body, &[]);
    assert_eq!(over(&ran.fails(1)), [stopped("look", "fail"), failed("fail"), failed("t")]);
}

#[test]
fn the_log_tells_them_apart() {
    let (scene, ran) = ran("batch(|| { invoke(\"fail\"); invoke(\"make\"); });", &[]);
    ran.fails(1);
    let log = scene.read("log/windlass.log");
    let has = |start: &str, end: &str| log.lines().any(|line| line.contains(start) && line.ends_with(end));
    assert!(has("task fail waits: ", " its commands later"), "{log}");
    assert!(has("task fail failed after ", "s"), "{log}");
    assert!(has("task make was stopped after ", " by the failure of task fail"), "{log}");
}

#[test]
fn a_task_that_has_failed_later_is_not_taken_for_one_that_has_run() {
    let body = "try { batch(|| invoke(\"outer\")) } catch {} invoke(\"fail\");";
    let (_, ran) = ran(body, &[]);
    let failure = ran.fails(1).failure();
    assert_eq!(failure["message"], "`false` ended with status 1");
    assert_eq!(failure["trace"], serde_json::json!(["task `t`", "task `outer`", "task `fail`"]), "{failure}");
}
