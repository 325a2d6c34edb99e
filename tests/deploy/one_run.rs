//! Deploys and rollbacks in one and the same run: each does its whole work.

use std::fs;

use crate::support::fleet::Fleet;

/// Notes the release after every switch.
const NOTED: &str = r#"
    after("deploy:published", "note", || on(roles("app"), |host| {
        execute("echo", fetch("release_timestamp"), raw(">>"), deploy_to("noted"));
    }));
"#;

/// With `BAD=1` a deploy fails behind its switch, or with `BAD=before` ahead of it; a failed deploy is rolled back.
const ROLLED_BACK: &str = r#"
    fn look() { on(roles("app"), |host| execute("false")) }
    task("early", || if env("BAD") == "before" { look(); });
    task("smoke", || if env("BAD") == "1" && !any("rollback_timestamp") { look(); });
    before("deploy:publishing", "early");
    after("deploy:published", "smoke");
    after("deploy:failed", "deploy:rollback");
    after("deploy:failed", "tell", || {
        let found = lock_status(on(roles("app"), |host| deploy_to()));
        for host in found.keys() { info(`in the hook: ${found[host].held}`); }
    });
"#;

fn all_free(fleet: &Fleet) {
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
}

#[test]
fn a_rollback_takes_back_the_deploy_before_it() {
    let Some(fleet) = Fleet::start(2, NOTED) else { return };
    let first = fleet.deploy();
    let ran = fleet.json(&["deploy", "deploy:rollback"]).ok();
    assert!(ran.messages("warn").is_empty(), "{:?}", ran.messages("warn"));
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
        assert_eq!(fleet.releases(host), std::slice::from_ref(&first));
        assert_eq!(fleet.read(host, "noted").lines().count(), 3, "the hooks run each time");
    }
    all_free(&fleet);
}

#[test]
fn a_deploy_goes_on_after_a_rollback_and_has_a_name_of_its_own() {
    let Some(fleet) = Fleet::start(1, NOTED) else { return };
    let first = fleet.deploy();
    fleet.run(&["deploy", "deploy:rollback", "deploy"]).ok();
    let noted: Vec<String> = fleet.read("web1", "noted").lines().map(str::to_owned).collect();
    assert_eq!((noted.len(), &noted[0], &noted[2]), (4, &first, &first));
    assert!(noted[1] < noted[3], "{noted:?}");
    assert_eq!(fleet.current("web1"), noted[3]);
    assert_eq!(fleet.releases("web1"), [first.clone(), noted[3].clone()]);
    let log = fleet.read("web1", "revisions.log");
    let log: Vec<&str> = log.lines().collect();
    assert_eq!(log[2], format!("tester rolled back to release {first}"));
    assert!(log[3].starts_with("Branch main ") && log[3].contains(&noted[3]), "{log:?}");
    all_free(&fleet);
}

#[test]
fn invoked_again_a_deploy_makes_another_release() {
    let Some(fleet) = Fleet::start(1, "task(\"ship\", || { invoke(\"deploy\"); invoke_again(\"deploy\"); });") else {
        return;
    };
    fleet.run(&["ship"]).ok();
    let releases = fleet.releases("web1");
    assert_eq!((releases.len(), fleet.current("web1")), (2, releases[1].clone()));
}

/// A step that was run by hand before must not be missing in the deploy.
#[test]
fn a_deploy_takes_all_of_its_steps_whatever_ran_before() {
    let Some(fleet) = Fleet::start(1, NOTED) else { return };
    let ran = fleet.json(&["deploy:check", "deploy:updating", "deploy:publishing", "deploy"]).ok();
    let releases = fleet.releases("web1");
    assert_eq!((releases.len(), fleet.current("web1")), (2, releases[1].clone()), "{:?}", ran.messages("warn"));
    assert_eq!(fleet.read("web1", "noted").trim_end(), releases[1]);
    all_free(&fleet);
}

/// What was live is known, so that the release of a failed deploy is not taken for it.
#[test]
fn a_rollback_goes_to_what_was_live_before_this_run() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let first = fleet.deploy();
    let leftover = format!("{}", first.parse::<u64>().unwrap() + 1);
    fs::create_dir(fleet.path("web1", &format!("releases/{leftover}"))).unwrap();
    fleet.run(&["deploy", "deploy:rollback"]).ok();
    assert_eq!(fleet.current("web1"), first);
}

#[test]
fn a_failed_deploy_is_rolled_back_by_its_failure_hook() {
    let Some(fleet) = Fleet::start(2, ROLLED_BACK) else { return };
    let first = fleet.deploy();
    let ran = fleet.json(&["deploy", "BAD=1"]).fails(1);
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
    }
    let hosts = ran.all("fleet").pop().unwrap()["hosts"].clone();
    for host in hosts.as_array().unwrap() {
        assert_eq!((&host["before"], &host["now"]), (&first.clone().into(), &first.clone().into()));
    }
    assert!(ran.messages("warn").is_empty(), "{:?}", ran.messages("warn"));
    let said = ran.messages("info");
    let held = said.iter().filter(|text| *text == "in the hook: true").count();
    assert_eq!(held, 2, "the hooks behind the rollback run, and have the lock: {said:?}");
    all_free(&fleet);
}

/// A release that was begun and never was live is nothing to go back to.
#[test]
fn a_first_deploy_that_failed_has_nothing_to_go_back_to() {
    let Some(fleet) = Fleet::start(1, ROLLED_BACK) else { return };
    fs::create_dir_all(fleet.path("web1", "releases/20200101000000")).unwrap();
    let ran = fleet.json(&["deploy", "BAD=1"]).fails(1);
    let told = "there was no release before the deploy of this run, so there is none to go back to";
    assert!(ran.messages("error").iter().any(|text| text.contains(told)), "{:?}", ran.messages("error"));
    assert_eq!(fleet.current("web1"), fleet.releases("web1")[1]);
}

#[test]
fn a_deploy_that_failed_before_its_switch_leaves_nothing_to_roll_back() {
    let Some(fleet) = Fleet::start(2, ROLLED_BACK) else { return };
    fleet.deploy();
    let second = fleet.deploy();
    let ran = fleet.json(&["deploy", "BAD=before"]).fails(1);
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), second, "the release before the live one is not put in its place");
    }
    let said = ran.messages("info");
    assert!(said.contains(&"this run has switched no host, so there is nothing to roll back".to_owned()), "{said:?}");
    assert!(said.contains(&"in the hook: true".to_owned()), "{said:?}");
}

#[test]
fn a_deploy_that_switched_some_hosts_only_is_rolled_back_on_those() {
    let stuck = "task(\"stop\", || on(roles(\"app\"), |host| {
            if host.name == \"web2\" && env(\"STOP\") != () && !any(\"rollback_timestamp\") {
                execute(\"rm\", \"-rf\", release_path());
            }
        }));
        before(\"deploy:symlink:release\", \"stop\");";
    let Some(fleet) = Fleet::start(2, &format!("{ROLLED_BACK}\n{stuck}")) else { return };
    fleet.deploy();
    let second = fleet.deploy();
    let ran = fleet.json(&["deploy", "STOP=1"]).fails(1);
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), second);
    }
    assert_eq!(ran.all("fleet").pop().unwrap()["mixed"], false);
}

#[test]
fn the_plan_shows_the_steps_of_both() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let plan = fleet.run(&["deploy", "deploy:rollback", "--plan"]).ok().stdout;
    assert_eq!(plan.matches("deploy:symlink:release").count(), 2, "{plan}");
    let again = plan.lines().filter(|line| line.contains("deploy:publishing") && line.contains("skipped")).count();
    assert_eq!(again, 0, "{plan}");
}
