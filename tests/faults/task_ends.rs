//! A Ctrl-C in a task that has something to do at its end.

use std::time::Duration;

use rustix::process::Signal;

use crate::faults::running::Running;
use crate::support::scene::Scene;

/// Hangs in the steps of `t`, and leaves a file at its end.
const HANG: &str = r#"
task("t", #{
    on_failure: |e| { info(`kind ${e.kind}`); on(roles("db"), |host| { execute("sleep", "0.3"); execute("touch", deploy_to("failed")); }); },
    always: || on(roles("db"), |host| execute("touch", deploy_to("over"))),
}, || on(roles("db"), |host| { execute("mkdir", "-p", deploy_to()); execute("touch", deploy_to("began")); execute("sleep", "1000"); }));
task("next", || info("next"));
"#;

#[test]
fn what_a_task_does_at_its_end_is_done_after_ctrl_c() {
    let scene = Scene::with(HANG);
    let mut run = Running::start(&scene, &["--format", "json", "production", "t", "next"]);
    run.until("the steps run", || scene.host("db1", "began").exists());
    run.signal(Signal::INT);
    let ran = run.end(Duration::from_secs(20)).fails(130);
    assert_eq!(ran.messages("info"), ["kind cancelled"]);
    assert!(scene.host("db1", "failed").exists() && scene.host("db1", "over").exists());
}

#[test]
fn it_has_no_more_time_than_there_is_after_a_failure() {
    let scene = Scene::with(&HANG.replace("\"0.3\"", "\"1000\"")).env("WINDLASS_AFTER_FAILURE", "1");
    let mut run = Running::start(&scene, &["--format", "json", "production", "t"]);
    run.until("the steps run", || scene.host("db1", "began").exists());
    run.signal(Signal::INT);
    let ran = run.end(Duration::from_secs(30)).fails(130);
    assert!(!scene.host("db1", "failed").exists());
    let told = ran.messages("error");
    assert!(told.iter().any(|text| text.starts_with("the end of task `t` took longer than 1 s")), "{told:?}");
}

/// It goes on to its end, as in any other case.
#[test]
fn ctrl_c_in_what_is_always_done_does_not_stop_it() {
    let recipe = r#"
task("t", #{ always: || on(roles("db"), |host| {
    execute("touch", deploy_to("began")); execute("sleep", "1"); execute("touch", deploy_to("over"));
}) }, || on(roles("db"), |host| execute("mkdir", "-p", deploy_to())));
task("next", || info("next"));
"#;
    let scene = Scene::with(recipe);
    let mut run = Running::start(&scene, &["--format", "json", "production", "t", "next"]);
    run.until("the end runs", || scene.host("db1", "began").exists());
    run.signal(Signal::INT);
    let ran = run.end(Duration::from_secs(20)).fails(130);
    assert!(scene.host("db1", "over").exists());
    assert_eq!(ran.messages("info"), [""; 0], "nothing new begins");
}
