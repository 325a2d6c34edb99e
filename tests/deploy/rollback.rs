//! Going back.

use std::fs;

use crate::support::fleet::Fleet;
use crate::support::tree::tree;

#[test]
fn a_rollback_publishes_the_release_before_and_packs_the_one_left() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let first = fleet.deploy();
    fleet.repository.commit("lib/new.txt", "new\n");
    let second = fleet.deploy();
    fleet.run(&["deploy:rollback"]).ok();
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
        assert_eq!(fleet.releases(host), std::slice::from_ref(&first));
        assert_eq!(
            fleet.read(host, "revisions.log").lines().nth(2),
            Some(format!("tester rolled back to release {first}").as_str())
        );
        let archive = fleet.path(host, &format!("rolled-back-release-{second}.tar.gz"));
        assert!(archive.is_file());
        let tree = fleet.tree(host);
        let line = tree.iter().find(|line| line.starts_with("rolled-back")).unwrap();
        assert_eq!(
            line.split_once(" 644 ").unwrap(),
            (
                "rolled-back-release-r2.tar.gz",
                "[\"[to]/releases/r2/\", \"[to]/releases/r2/REVISION\", \"[to]/releases/r2/REVISION_TIME\", \
                 \"[to]/releases/r2/app.sh\", \"[to]/releases/r2/lib/\", \"[to]/releases/r2/lib/new.txt\"]"
            ),
            "without a slash at the beginning"
        );
    }
}

#[test]
fn two_rollbacks_go_back_two_releases_and_the_third_is_refused() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let releases = [fleet.deploy(), fleet.deploy(), fleet.deploy()];
    fleet.run(&["deploy:rollback"]).ok();
    assert_eq!(fleet.current("web1"), releases[1]);
    fleet.run(&["deploy:rollback"]).ok();
    assert_eq!(fleet.current("web1"), releases[0]);
    assert_eq!(fleet.releases("web1"), releases[..1]);
    for release in &releases[1..] {
        assert!(fleet.path("web1", &format!("rolled-back-release-{release}.tar.gz")).is_file());
    }
    let before = tree(&fleet.path("web1", ""));
    let ran = fleet.json(&["deploy:rollback"]).fails(1);
    assert_eq!(ran.failure()["message"], "there is no older release to roll back to");
    assert_eq!(tree(&fleet.path("web1", "")), before, "nothing was changed");
}

#[test]
fn a_deploy_after_a_rollback() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let first = fleet.deploy();
    fleet.deploy();
    fleet.run(&["deploy:rollback"]).ok();
    let third = fleet.deploy();
    assert_eq!(fleet.releases("web1"), [first.clone(), third]);
    fleet.run(&["deploy:rollback"]).ok();
    assert_eq!(fleet.current("web1"), first);
}

#[test]
fn a_release_can_be_named() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let releases = [fleet.deploy(), fleet.deploy(), fleet.deploy()];
    fleet.run(&["deploy:rollback", &format!("ROLLBACK_RELEASE={}", releases[0])]).ok();
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), releases[0]);
        assert_eq!(fleet.releases(host), releases[..2], "only the release that was left is packed");
        assert!(fleet.path(host, &format!("rolled-back-release-{}.tar.gz", releases[2])).is_file());
    }
}

#[test]
fn a_release_that_is_not_there_is_refused_and_nothing_changes() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    fleet.deploy();
    let current = fleet.deploy();
    let before = fleet.tree("web1");
    let ran = fleet.json(&["deploy:rollback", "ROLLBACK_RELEASE=20200101000000"]).fails(1);
    let failure = ran.failure().to_string();
    assert!(failure.contains("there is no release `20200101000000` to roll back to"), "{failure}");
    assert_eq!(fleet.tree("web1"), before);
    let ran = fleet.json(&["deploy:rollback", &format!("ROLLBACK_RELEASE={current}")]).fails(1);
    assert!(ran.failure().to_string().contains(&format!("release `{current}` is the current one already")));
    assert_eq!(fleet.tree("web1"), before);
}

#[test]
fn nothing_was_ever_deployed() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let ran = fleet.json(&["deploy:rollback"]).fails(1);
    assert_eq!(ran.failure()["message"], "it is not known which release is current, so there is none before it");
    assert!(!fleet.path("web1", "current").is_symlink());
}

#[test]
fn hosts_with_different_releases_are_not_rolled_back_to_different_ones() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let first = fleet.deploy();
    fleet.run(&["deploy", "-z", "web2"]).ok();
    let third = fleet.deploy();
    let middle = fleet.releases("web2")[1].clone();
    let before = [fleet.tree("web1"), fleet.tree("web2")];
    let ran = fleet.json(&["deploy:rollback"]).fails(1);
    let failure = ran.failure();
    assert_eq!(failure["message"], "the hosts would go back to different releases");
    let notes = [format!("{}: {first}", fleet.label("web1")), format!("{}: {middle}", fleet.label("web2"))];
    assert_eq!(failure["notes"], serde_json::json!(notes));
    assert_eq!([fleet.tree("web1"), fleet.tree("web2")], before);
    fleet.run(&["deploy:rollback", &format!("ROLLBACK_RELEASE={first}")]).ok();
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), first);
        assert!(!fleet.path(host, &format!("releases/{third}")).exists());
    }
}

/// Capistrano goes by the time of change, which any touch of an old release shifts.
#[test]
fn a_touched_old_release_is_no_target() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let releases = [fleet.deploy(), fleet.deploy(), fleet.deploy()];
    fs::write(fleet.path("web1", &format!("releases/{}/touched", releases[0])), "").unwrap();
    fleet.run(&["deploy:rollback"]).ok();
    assert_eq!(fleet.current("web1"), releases[1]);
    assert_eq!(fleet.releases("web1"), releases[..2]);
}

/// In Capistrano the release of a failed deploy makes `current` itself the one to go back to.
#[test]
fn the_release_of_a_failed_deploy_is_passed_over() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let first = fleet.deploy();
    let second = fleet.deploy();
    let third = "29990101000000";
    fs::create_dir(fleet.path("web1", &format!("releases/{third}"))).unwrap();
    fleet.run(&["deploy:rollback"]).ok();
    assert_eq!(fleet.current("web1"), first);
    assert_eq!(fleet.releases("web1"), [first.as_str(), third]);
    assert!(fleet.path("web1", &format!("rolled-back-release-{second}.tar.gz")).is_file());
}

#[test]
fn the_release_to_go_back_to_was_removed_on_one_host() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let first = fleet.deploy();
    let second = fleet.deploy();
    fs::remove_dir_all(fleet.path("web2", &format!("releases/{first}"))).unwrap();
    let ran = fleet.json(&["deploy:rollback"]).fails(1);
    let failure = ran.failure().to_string();
    assert!(failure.contains("there is no older release to roll back to"), "{failure}");
    assert!(failure.contains(&fleet.label("web2")), "{failure}");
    for host in ["web1", "web2"] {
        assert_eq!(fleet.current(host), second);
    }
}
