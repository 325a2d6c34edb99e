//! Chapter 1.8: exit codes, and what is said at the end.

use std::time::Duration;

use rustix::process::Signal;

use crate::capistrano::rows::{differs, failed, has, refused};
use crate::faults::running::Running;
use crate::support::scene::Scene;

/// A deploy whose second phase does this, with a hook of `deploy:failed`.
fn deploy_with(step: &str) -> Scene {
    Scene::with(&format!(
        "require(\"deploy\"); set(\"lock\", false); clear_task(\"deploy:starting\"); clear_task(\"deploy:updating\");\n\
         before(\"deploy:started\", \"step\", || {step});\n\
         after(\"deploy:failed\", \"tell\", || info(\"told\"));\n"
    ))
}

/// 1.8.1
#[test]
fn success_is_zero() {
    Scene::task("").run(["production", "t"]).ok();
    Scene::task("").run(["-T"]).ok();
    Scene::task("").run(["--help"]).ok();
}

/// 1.8.2
#[test]
fn no_host_is_an_error() {
    differs("no host matches: nothing happens, exit 0");
    has(&refused("on(roles(\"wbe\"), |host| execute(\"true\"));"), "no server has the role `wbe`");
    let scene = Scene::task("on(roles(\"web\"), |host| info(\"x\"));");
    for filter in [["-z", "nobody"], ["-r", "nobody"]] {
        scene.run([filter, ["production", "t"]].concat()).fails(2);
    }
}

/// 1.8.3
#[test]
fn exit_codes_tell_what_happened() {
    differs("exit code 1 for everything");
    Scene::task("throw 1;").run(["production", "t"]).fails(1);
    Scene::task("fetch(1);").run(["production", "t"]).fails(2);
    Scene::task("").run(["production", "nope"]).fails(2);
}

/// 1.8.4
#[test]
fn exit_in_a_deploy_still_runs_the_hooks_of_failed() {
    differs("`exit 3` in a task ends everything, without `deploy:failed`");
    Scene::task("exit(3);").run(["production", "t"]).fails(3);
    let ran = deploy_with("exit(3)").run(["--format", "json", "production", "deploy"]).fails(3);
    assert_eq!(ran.messages("info"), ["told"]);
}

/// 1.8.5
#[test]
fn a_signal_ends_the_run_with_a_code_of_its_own() {
    differs("Ctrl-C ends with 1");
    let scene = deploy_with("{ run_locally(|| execute(\"touch\", \"begun\")); sleep(60); }");
    let mut run = Running::start(&scene, &["--format", "json", "production", "deploy"]);
    run.until("the task has begun", || scene.path("begun").exists());
    run.signal(Signal::INT);
    assert_eq!(run.end(Duration::from_secs(30)).fails(130).messages("info"), ["told"]);
}

/// 1.8.6
#[test]
fn an_error_says_where_on_which_host_and_by_which_tasks() {
    differs("`cap aborted!`, exceptions inside exceptions, `Tasks: TOP => a => b`");
    let error = failed("on(roles(\"db\"), |host| execute(\"sh\", \"-c\", \"exit 7\"));");
    for part in ["config/deploy.rhai:2:", "host: db1", "command: sh -c 'exit 7'", "trace: task `t`", "status 7"] {
        has(&error, part);
    }
}

/// 1.8.7
#[test]
fn a_failed_deploy_runs_its_hooks_and_says_so() {
    let ran = deploy_with("throw \"bad\"").run(["--format", "json", "production", "deploy"]).fails(1);
    assert_eq!(ran.messages("info"), ["told"]);
    has(&ran.messages("error")[0], "the deploy has failed: bad");
}

/// 1.8.8
#[test]
fn everything_is_in_a_log() {
    differs("`log/capistrano.log`");
    let scene = Scene::task("debug(\"quiet word\");");
    scene.run(["production", "t"]).ok();
    has(&scene.read("log/windlass.log"), "quiet word");
}

/// 1.8.9
#[test]
fn the_hooks_of_failed_are_for_rollbacks_too() {
    differs("`deploy:failed` runs for `deploy` only");
    let recipe = "set(\"lock\", false); before(\"deploy:starting\", \"bad\", || throw \"bad\");
        after(\"deploy:failed\", \"tell\", || info(\"told\"));";
    let ran = Scene::with(recipe).run(["--format", "json", "production", "deploy:rollback"]).fails(1);
    assert_eq!(ran.messages("info"), ["told"]);
}
