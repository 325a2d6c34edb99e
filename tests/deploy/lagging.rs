//! Hosts that were left behind catch up: `deploy --lagging`.

use std::fs;

use crate::deploy::policy::{HOSTS, five, uniform};
use crate::support::fleet::Fleet;

#[test]
fn a_leftover_of_the_release_gives_way_and_what_is_current_never_does() {
    let Some((fleet, first)) = five("") else { return };
    fleet.run(&["--max-fail", "2", "deploy", "FAIL=web2,web3"]).fails(5);
    let second = fleet.current("web1");
    let leftover = fleet.path("web3", &format!("releases/{second}/half_built"));
    fs::write(&leftover, "").unwrap();
    fs::remove_file(fleet.path("web2", "current")).unwrap();
    let ran = fleet.json(&["deploy", "--lagging"]).ok();
    assert!(ran.messages("warn").is_empty(), "{:?}", ran.messages("warn"));
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
    assert_eq!(uniform(&fleet), second);
    assert!(!leftover.exists());
    for host in ["web2", "web3"] {
        assert_eq!(fleet.releases(host), [first.clone(), second.clone()]);
    }
}

#[test]
fn a_release_nobody_knows_the_commit_of_is_not_guessed() {
    let Some((fleet, _)) = five("") else { return };
    fleet.run(&["--max-fail", "1", "deploy", "FAIL=web3"]).fails(5);
    for host in ["web1", "web2", "web4", "web5"] {
        fs::remove_file(fleet.path(host, "current/REVISION")).unwrap();
    }
    let before = fleet.tree("web3");
    let second = fleet.current("web1");
    let ran = fleet.json(&["deploy", "--lagging"]).fails(1);
    assert_eq!(ran.failure()["message"], format!("it is not known which commit release {second} is"));
    assert_eq!(ran.failure()["notes"].as_array().unwrap().len(), 4);
    fs::write(fleet.path("web1", "current/REVISION"), "another\n").unwrap();
    let ran = fleet.json(&["deploy", "--lagging"]).fails(1);
    assert_eq!(ran.failure()["message"], format!("the hosts do not agree which commit release {second} is"));
    assert_eq!(fleet.tree("web3"), before);
}

#[test]
fn a_mixed_fleet_is_told_how_to_come_together() {
    let Some((fleet, first)) = five("") else { return };
    fleet.deploy();
    fleet.run(&["--max-fail", "1", "deploy", "FAIL=web3"]).fails(5);
    let ran = fleet.json(&["deploy:rollback"]).fails(1);
    assert_eq!(ran.failure()["message"], "the hosts would go back to different releases");
    assert!(ran.failure()["help"][0].as_str().unwrap().contains("`deploy --lagging`"), "{}", ran.failure());
    fleet.run(&["deploy", "--lagging"]).ok();
    let third = uniform(&fleet);
    fleet.run(&["deploy:rollback"]).ok();
    let second = uniform(&fleet);
    assert!(first < second && second < third);
}

/// A rollback fails on one host: neither our own help nor `--lagging` brings the release back that everybody wants to
/// leave.
#[test]
fn a_rollback_that_failed_midway_is_finished_and_not_undone() {
    let stuck = "before(\"deploy:symlink:release\", \"stop\");
        task(\"stop\", || on(roles(\"app\"), |host| if host.name == env(\"STOP\") { execute(\"false\") }));
        after(\"deploy:published\", \"seen\");
        task(\"seen\", || on(roles(\"app\"), |host| execute(\"touch\", deploy_to(\"seen\"))));";
    let Some(fleet) = Fleet::start(2, stuck) else { return };
    let first = fleet.deploy();
    let bad = fleet.deploy();
    fleet.run(&["--max-fail", "1", "deploy:rollback", "STOP=web2"]).fails(5);
    assert_eq!((fleet.current("web1"), fleet.current("web2")), (first.clone(), bad.clone()));

    let named = format!("`deploy:rollback ROLLBACK_RELEASE={first}`");
    let ran = fleet.json(&["deploy:rollback"]).fails(1);
    assert_eq!(ran.failure()["message"], "the hosts would go back to different releases");
    assert!(ran.failure()["help"][1].as_str().unwrap().contains(&named), "{}", ran.failure());
    let before = [fleet.tree("web1"), fleet.tree("web2")];
    let ran = fleet.json(&["deploy", "--lagging"]).fails(1);
    let message = format!("release `{bad}` was rolled back on some of the hosts, and is nothing to bring them to");
    assert_eq!(ran.failure()["message"], message);
    assert!(ran.failure()["help"][0].as_str().unwrap().contains(&named), "{}", ran.failure());
    assert_eq!([fleet.tree("web1"), fleet.tree("web2")], before);

    fs::remove_file(fleet.path("web1", "seen")).unwrap();
    fleet.run(&["deploy:rollback", &format!("ROLLBACK_RELEASE={first}")]).ok();
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
        assert!(fleet.path(host, "seen").exists(), "the hooks run on {host}");
        assert!(fleet.path(host, "current/app.sh").exists());
    }
}

/// The link of a rollback may even be gone from the releases: the archive tells.
#[test]
fn a_release_that_was_rolled_back_on_one_host_is_not_brought_back_there() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let first = fleet.deploy();
    let bad = fleet.deploy();
    fleet.run(&["deploy:rollback", "-z", "web1"]).ok();
    let ran = fleet.json(&["deploy", "--lagging"]).fails(1);
    assert_eq!(ran.failure()["notes"][0], format!("{} was rolled back to {first}", fleet.label("web1")));
    assert_eq!((fleet.current("web1"), fleet.current("web2")), (first, bad));
}

#[test]
fn who_lags_behind_is_known_only_after_a_look_at_all_hosts() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    for filter in [["-z", "web1"], ["-r", "app"]] {
        let ran = fleet.run(&[&["deploy", "--lagging"], &filter[..]].concat()).fails(2);
        assert_eq!(ran.error(), "`--lagging` looks at all hosts of the stage, and a filter leaves some of them out");
    }
    fleet.run(&["deploy", "--lagging", "HOSTS=web1"]).fails(2);
}

#[test]
fn a_host_that_was_not_looked_at_is_named() {
    let Some(fleet) = Fleet::start(3, "") else { return };
    let release = fleet.deploy();
    fs::remove_file(fleet.path("web3", "current")).unwrap();
    fs::create_dir(fleet.path("web3", "current")).unwrap();
    let ran = fleet.json(&["--max-fail", "1", "deploy", "--lagging"]).fails(1);
    let told = format!("every host that was looked at has release {release}; looked at: 2");
    assert_eq!(ran.messages("info"), [told]);
    let label = fleet.label("web3");
    assert!(ran.messages("warn").iter().any(|text| text.starts_with("not looked at") && text.contains(&label)));
}

#[test]
fn lagging_goes_with_deploy_alone() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let ran = fleet.run(&["deploy:check", "--lagging"]).fails(2);
    assert_eq!(ran.error(), "`--lagging` goes with the task `deploy` alone");
    let ran = fleet.json(&["deploy", "--lagging"]).fails(1);
    assert_eq!(ran.failure()["message"], "no host has a release yet, so none lags behind");
    let ran = fleet.run(&["--max-fail", "many", "deploy"]).fails(2);
    assert!(ran.error().starts_with("`--max-fail` is `many`, but has to be"), "{}", ran.error());
    let ran = fleet.run(&["--max-fail", "120%", "deploy"]).fails(2);
    assert!(ran.stderr.contains("help: for example `--max-fail 2`, or `--max-fail 20%`"), "{}", ran.stderr);
}

#[test]
fn a_dry_run_shows_the_commands_and_touches_nothing() {
    let Some((fleet, _)) = five("") else { return };
    fleet.run(&["--max-fail", "1", "deploy", "FAIL=web3"]).fails(5);
    let before = HOSTS.map(|host| fleet.tree(host));
    let ran = fleet.json(&["--dry-run", "deploy", "--lagging"]).ok();
    assert_eq!(HOSTS.map(|host| fleet.tree(host)), before);
    let lines = ran.lines(&fleet.label("web3"));
    assert!(lines.iter().any(|line| line.contains("git archive")), "{lines:?}");
}

#[test]
fn the_plan_leads_through_the_deploy() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let plan = fleet.run(&["deploy", "--lagging", "--plan"]).ok().stdout;
    assert!(plan.contains("deploy:lagging") && plan.contains("deploy:symlink:release"), "{plan}");
}
