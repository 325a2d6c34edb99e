//! A connection that breaks while a command runs: an error of its own, and nothing is left running.

use std::time::Duration;

use crate::faults::running::{Running, gone, marked};
use crate::support::fleet::Fleet;

fn hanging(body: &str) -> Option<(Fleet, String)> {
    let fleet = Fleet::start(1, "")?;
    let mark = fleet.scene.top().display().to_string();
    fleet.add_to_recipe(&format!(
        "task(\"t\", || on(roles(\"app\"), |host| with(#{{ MARK: {mark:?} }}, || {{ {body} }})));\n"
    ));
    Some((fleet, mark))
}

#[test]
fn a_lost_host_is_an_error_of_its_own() {
    let Some((fleet, mark)) = hanging("execute(\"sleep\", \"1000\");") else { return };
    let mut run = Running::start(&fleet.scene, &["--format", "json", "production", "t"]);
    run.until("the command runs", || !marked(&mark).is_empty());
    fleet.sshd("web1").kill_sessions();
    let ran = run.end(Duration::from_secs(30)).fails(3);
    let error = ran.failure();
    let label = fleet.label("web1");
    assert_eq!((&error["kind"], &error["host"]), (&"lost".into(), &label.as_str().into()));
    assert_eq!(error["message"], format!("the connection to `{label}` broke while the command ran"));
    assert_eq!(error["command"]["line"], format!("export MARK={mark} && sleep 1000"));
    gone(Duration::from_secs(10), || marked(&mark));
}

#[test]
fn a_recipe_can_catch_it() {
    let body = "try { execute(\"sleep\", \"1000\"); } catch (e) { info(`${e.kind} ${type_of(e.status)}`); }\n\
                info(capture(\"echo\", \"again\"));";
    let Some((fleet, mark)) = hanging(body) else { return };
    let mut run = Running::start(&fleet.scene, &["--format", "json", "production", "t"]);
    run.until("the command runs", || !marked(&mark).is_empty());
    fleet.sshd("web1").kill_sessions();
    let ran = run.end(Duration::from_secs(30)).ok();
    assert_eq!(ran.messages("info"), ["lost ()", "again"]);
}
