//! Who comes second is told who is first, and can wait.

use std::fs;

use crate::lock::released::{Begun, DEPLOY_WAITS, begin, finish, let_on, wait_for};
use crate::support::fleet::Fleet;

fn held(fleet: &Fleet) -> Begun {
    let running = begin(fleet, &["deploy", "SLOW=1"]);
    wait_for(&fleet.path("web1", "waiting"));
    fleet.next_second();
    running
}

#[test]
fn the_second_deploy_is_told_who_has_the_lock() {
    let Some(fleet) = Fleet::start(2, DEPLOY_WAITS) else { return };
    let fleet = fleet.env("GITHUB_SERVER_URL", "https://github.example.com").env("GITHUB_REPOSITORY", "acme/shop");
    let fleet = fleet.env("GITHUB_RUN_ID", "77");
    let running = held(&fleet);
    let second = fleet.json(&["deploy"]).fails(4);
    let error = second.failure();
    assert_eq!(error["kind"], "locked");
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    assert_eq!(error["message"], format!("another deploy holds the lock: tester@{machine}").as_str());
    assert_eq!(error["host"], fleet.label("web1").as_str());
    let notes = error["notes"].to_string();
    for known in [
        "`deploy` of `main`",
        "since 20",
        "its lease ends in ",
        &format!("process {}", pid_of(&fleet)),
        "CI job https://github.example.com/acme/shop/actions/runs/77",
    ] {
        assert!(notes.contains(known), "{known} in {notes}");
    }
    let help = error["help"].to_string();
    for remedy in
        ["windlass production deploy --wait", "windlass production lock:status", "windlass production lock:break"]
    {
        assert!(help.contains(remedy), "{remedy} in {help}");
    }
    fleet.run(&["deploy:rollback"]).fails(4);
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert_eq!(status.len(), 2);
    assert!(status.iter().all(|line| line.contains(": held by tester@")), "{status:?}");
    // What is lost is told, not taken: the first one goes on undisturbed.
    let_on(&fleet);
    finish(running, 0);
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
}

/// The process of windlass, as the lock file says.
fn pid_of(fleet: &Fleet) -> String {
    let folder = fleet.path("web1", ".windlass");
    let last = crate::support::tree::names_in(&folder).pop().unwrap();
    let text = fs::read_to_string(folder.join(last)).unwrap();
    text.lines().find_map(|line| line.strip_prefix("pid=")).unwrap().to_owned()
}

#[test]
fn who_waits_goes_on_when_the_first_is_done() {
    let Some(fleet) = Fleet::start(2, DEPLOY_WAITS) else { return };
    let running = held(&fleet);
    let told = fleet.json(&["deploy", "--wait=6"]).fails(4);
    let waiting: Vec<String> = told
        .messages("info")
        .into_iter()
        .filter(|text| text.starts_with("waiting for the deploy lock of web1"))
        .collect();
    assert!(waiting[0].contains(": tester@") && waiting[0].contains("`deploy` of `main`"), "{waiting:?}");
    assert!(told.failure()["notes"].to_string().contains("waited for "), "{}", told.failure());
    fleet.next_second();
    let second = begin(&fleet, &["deploy", "--wait"]);
    let_on(&fleet);
    finish(running, 0);
    finish(second, 0);
    assert_eq!(fleet.releases("web1").len(), 2);
}

#[test]
fn without_the_lock_two_deploys_run_beside_each_other_and_say_so() {
    let Some(fleet) = Fleet::start(1, &format!("{DEPLOY_WAITS}\nset(\"lock\", env(\"LOCK\", \"yes\") == \"yes\");"))
    else {
        return;
    };
    let running = held(&fleet);
    let second = fleet.json(&["deploy", "LOCK=no"]).ok();
    assert!(second.messages("info").contains(&"no lock is taken: the setting `lock` is false".to_owned()));
    assert!(second.lines(&fleet.label("web1")).iter().all(|line| !line.contains("lock.$n")));
    let_on(&fleet);
    finish(running, 0);
}

#[test]
fn a_dry_run_takes_no_lock_and_needs_none() {
    let Some(fleet) = Fleet::start(1, DEPLOY_WAITS) else { return };
    let running = held(&fleet);
    let dry = fleet.json(&["deploy", "--dry-run"]).ok();
    assert!(dry.lines(&fleet.label("web1")).iter().all(|line| !line.contains("lock.$n")));
    let_on(&fleet);
    finish(running, 0);
}

#[test]
fn a_freeze_refuses_deploys_with_its_reason_until_it_ends() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    assert_eq!(fleet.run(&["lock:freeze"]).fails(2).error(), "task `lock:freeze` needs the argument `reason`");
    fleet.run(&["lock:freeze[sale day]"]).ok();
    let error = fleet.json(&["deploy", "--wait"]).fails(4).failure();
    assert_eq!(error["message"], "deploys are frozen: sale day");
    assert!(error["notes"][0].as_str().unwrap().starts_with("by tester@"), "{error}");
    assert_eq!(error["help"][0], "when the reason has gone: `windlass production lock:unfreeze`");
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status[1].contains(": frozen by tester@") && status[1].contains("sale day"), "{status:?}");
    fleet.run(&["lock:unfreeze"]).ok();
    fleet.deploy();
}
