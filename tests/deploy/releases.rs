//! How many releases stay.

use std::fs;

use crate::support::fleet::Fleet;

/// Makes folders as earlier deploys would have left them.
fn earlier(fleet: &Fleet, host: &str, names: &[&str]) {
    for name in names {
        fs::create_dir_all(fleet.path(host, "releases").join(name)).unwrap();
    }
}

#[test]
fn the_newest_stay_as_many_as_keep_releases_says() {
    let Some(fleet) = Fleet::start(2, "set(\"keep_releases\", 2);") else { return };
    let first = fleet.deploy();
    let second = fleet.deploy();
    assert_eq!(fleet.releases("web1"), [first, second.clone()]);
    let third = fleet.deploy();
    let fourth = fleet.deploy();
    for host in ["web1", "web2"] {
        assert_eq!(fleet.releases(host), [third.clone(), fourth.clone()]);
        assert_eq!(fleet.current(host), fourth);
        assert_eq!(fleet.read(host, "revisions.log").lines().count(), 4);
    }
    assert!(second < third);
}

#[test]
fn foreign_folders_stay_and_do_not_count() {
    let Some(fleet) = Fleet::start(1, "set(\"keep_releases\", 2);") else { return };
    let old = ["20200101000000", "20210101000000", "20220101000000"];
    let foreign = ["-rf", "2019", "old site", "zzz", "new\nline", "20200101000000.bak"];
    earlier(&fleet, "web1", &old);
    earlier(&fleet, "web1", &foreign);
    fs::write(fleet.path("web1", "releases/20190101000000"), "a file, not a release").unwrap();
    let ran = fleet.json(&["deploy"]).ok();
    let current = fleet.current("web1");
    let mut expected: Vec<&str> = foreign.to_vec();
    expected.extend(["20220101000000", "20190101000000", &current]);
    expected.sort_unstable();
    assert_eq!(fleet.releases("web1"), expected);
    let warnings = ran.messages("warn");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for name in ["-rf", "2019", "old site", "zzz", "20200101000000.bak"] {
        assert!(warnings[0].contains(name), "{warnings:?}");
    }
}

#[test]
fn more_than_a_hundred_old_releases_go_in_one_deploy() {
    let Some(fleet) = Fleet::start(1, "set(\"keep_releases\", 1);") else { return };
    let names: Vec<String> = (0..230).map(|n| format!("20200101{n:06}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    earlier(&fleet, "web1", &names);
    let current = fleet.deploy();
    assert_eq!(fleet.releases("web1"), [current]);
}

#[test]
fn releases_of_failed_deploys_do_not_push_the_current_one_out() {
    let Some(fleet) = Fleet::start(1, "set(\"keep_releases\", 2);") else { return };
    let current = fleet.deploy();
    earlier(&fleet, "web1", &["29990101000001", "29990101000002", "29990101000003"]);
    fleet.run(&["deploy:cleanup"]).ok();
    assert_eq!(fleet.releases("web1"), [current.as_str(), "29990101000002", "29990101000003"]);
    assert_eq!(fleet.current("web1"), current);
}

#[test]
fn the_current_release_is_known_through_a_relative_link() {
    let Some(fleet) = Fleet::start(1, "set(\"keep_releases\", 1);") else { return };
    let current = fleet.deploy();
    earlier(&fleet, "web1", &["29990101000001"]);
    fs::remove_file(fleet.path("web1", "current")).unwrap();
    std::os::unix::fs::symlink(format!("./releases/{current}/"), fleet.path("web1", "current")).unwrap();
    fleet.run(&["deploy:cleanup"]).ok();
    assert_eq!(fleet.releases("web1"), [current.as_str(), "29990101000001"]);
}

#[test]
fn other_names_of_the_folders_are_obeyed() {
    let recipe = r#"
        set("current_directory", "live");
        set("releases_directory", "versions");
        set("shared_directory", "common");
        append("linked_dirs", "log");
        set("keep_releases", 1);
    "#;
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    fleet.run(&["deploy"]).ok();
    fleet.run(&["deploy"]).ok();
    let names: Vec<String> = fleet.tree("web1").iter().filter(|line| !line.contains('"')).cloned().collect();
    assert_eq!(
        names,
        [
            "common/ 755",
            "common/log/ 755",
            "live -> [to]/versions/r2",
            "repo/ 755",
            "versions/ 755",
            "versions/r2/ 755",
            "versions/r2/log -> [to]/common/log",
        ]
    );
}

#[test]
fn a_leftover_link_of_an_aborted_run_is_not_published() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let first = fleet.deploy();
    // What an aborted run of Capistrano leaves: its next run would publish the old release.
    std::os::unix::fs::symlink(
        fleet.path("web1", &format!("releases/{first}")),
        fleet.path("web1", "releases/current"),
    )
    .unwrap();
    let second = fleet.deploy();
    assert_ne!(first, second);
    assert!(!fleet.path("web1", &format!("releases/{first}/{second}")).exists());
}

/// Who has little room on the disk cleans up first: what is current stays, and the deploy goes on.
#[test]
fn cleaning_up_before_the_switch_is_no_failure() {
    for hook in ["before(\"deploy:updating\", \"deploy:cleanup\");", "after(\"deploy:updated\", \"deploy:cleanup\");"] {
        let Some(fleet) = Fleet::start(1, &format!("set(\"keep_releases\", 1);\n{hook}")) else { return };
        for _ in 0..3 {
            let release = fleet.deploy();
            assert_eq!(fleet.current("web1"), release, "{hook}");
        }
        let left = fs::read_dir(fleet.path("web1", "releases")).unwrap().count();
        assert!(left <= 3, "{hook}: {left} releases");
    }
}
