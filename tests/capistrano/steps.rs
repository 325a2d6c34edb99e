//! Chapter 3.2: what the tasks do on a host.

use std::fs;
use std::os::unix::fs::symlink;

use crate::capistrano::rows::{differs, has};
use crate::capistrano::site::Site;

/// 3.2.1
#[test]
fn check_makes_the_folders() {
    let site = Site::new("");
    site.run(&["deploy:check:directories"]).ok();
    assert!(site.path("shared").is_dir() && site.path("releases").is_dir());
}

/// 3.2.2
#[test]
fn check_makes_the_folders_of_what_is_linked() {
    let site = Site::new("set(\"linked_dirs\", [\"tmp/pids\"]); set(\"linked_files\", [\"config/a.yml\"]);");
    site.run(&["deploy:check:linked_dirs", "deploy:check:make_linked_dirs"]).ok();
    assert!(site.path("shared/tmp/pids").is_dir() && site.path("shared/config").is_dir());
}

/// 3.2.3
#[test]
fn all_linked_files_that_are_missing_are_told() {
    differs("`linked_files`: the first missing one is reported");
    let site = Site::new("set(\"linked_files\", [\"a.yml\", \"b.yml\"]);");
    let ran = site.scene.run(["production", "deploy"]).fails(1);
    has(&ran.err(), "shared/a.yml is missing");
    has(&ran.err(), "shared/b.yml is missing");
}

/// 3.2.4
#[test]
fn the_revision_that_was_live_is_known() {
    let look = "after(\"deploy:started\", \"look\", || info(`<${fetch(\"previous_revision\")} ${fetch(\"previous_revision_time\")}>`));";
    let site = Site::new(look);
    has(&site.run(&["deploy"]).ok().messages("info").join(""), "< >");
    let expected = format!("<{} {}>", site.read("current/REVISION").trim(), site.read("current/REVISION_TIME").trim());
    has(&site.run(&["deploy"]).ok().messages("info").join(""), &expected);
}

/// 3.2.5
#[test]
fn the_revision_stands_in_the_release() {
    let site = Site::new("");
    let commit = site.repository.commit("b", "b");
    site.deploy();
    assert_eq!(site.read("current/REVISION"), format!("{commit}\n"));
    assert_eq!(site.read("current/REVISION_TIME"), format!("{}\n", site.repository.time(&commit)));
}

/// 3.2.6
#[test]
fn a_linked_file_takes_the_place_of_one_in_the_repository() {
    differs("a folder where a linked file goes: the link is made inside it");
    let site = Site::new("set(\"linked_files\", [\"config/a.yml\"]);");
    site.repository.commit("config/a.yml", "committed\n");
    site.write("shared/config/a.yml", "shared\n");
    site.deploy();
    assert_eq!(site.read("current/config/a.yml"), "shared\n");
    site.repository.git(&["rm", "-q", "config/a.yml"]);
    site.repository.commit("config/a.yml/inside", "");
    has(&site.scene.run(["production", "deploy"]).fails(1).err(), "only a file into `linked_files`");
}

/// 3.2.7
#[test]
fn a_linked_folder_takes_the_place_of_one_in_the_repository() {
    differs("linked folders inside each other break, by their order");
    let site = Site::new("set(\"linked_dirs\", [\"tmp/pids\", \"tmp\"]);");
    site.repository.commit("tmp/committed", "");
    site.deploy();
    assert!(site.path("current/tmp/pids").is_dir() && !site.path("current/tmp/committed").exists());
    assert_eq!(fs::read_link(site.path("current/tmp")).unwrap(), site.path("shared/tmp"));
}

/// 3.2.8
#[test]
fn the_switch_is_one_step_whatever_was_left_over() {
    differs("a left-over `releases/current` publishes the old release");
    let site = Site::new("");
    let first = site.deploy();
    symlink(site.path("releases").join(&first), site.path("releases/current")).unwrap();
    assert!(site.deploy() > first);
}

/// 3.2.9
#[test]
fn the_newest_releases_stay_with_foreign_folders_and_the_live_one() {
    differs("`deploy:cleanup` protects `current` by comparing texts");
    let site = Site::new("set(\"keep_releases\", 2);");
    let first = site.deploy();
    let others: Vec<String> = (0..2).map(|_| site.deploy()).collect();
    assert_eq!(site.releases(), others);
    fs::create_dir(site.path("releases/notes")).unwrap();
    fs::create_dir(site.path("releases").join(&first)).unwrap();
    fs::remove_file(site.path("current")).unwrap();
    symlink(format!("releases/{first}"), site.path("current")).unwrap();
    site.run(&["deploy:cleanup"]).ok();
    assert_eq!(site.releases(), [vec![first], others, vec!["notes".to_owned()]].concat());
}

/// 3.2.10
#[test]
fn cleanup_says_what_stays() {
    differs("`Keeping 5 of 6 deployed releases on web1`, `Skipping cleanup of invalid releases on web1; …`");
    let site = Site::new("set(\"keep_releases\", 1);");
    site.deploy();
    has(&site.run(&["deploy"]).ok().messages("info").join("\n"), "keeping 1 of 2 releases on web1");
}

/// 3.2.11
#[test]
fn keep_releases_is_a_number() {
    let ran = Site::new("set(\"keep_releases\", \"5\");").scene.run(["production", "deploy"]).fails(2);
    has(&ran.err(), "`keep_releases` is `5`, but it has to be a whole number of at least 1");
}

/// 3.2.12
#[test]
fn the_log_has_a_line_of_which_nothing_is_evaluated() {
    differs("`$(…)` in a branch or in the name of the user is evaluated on the server");
    let site = Site::new("set(\"local_user\", \"me $(id) `id`\");");
    let name = site.deploy();
    let commit = site.read("current/REVISION");
    let line = format!("Branch main (at {}) deployed as release {name} by me $(id) `id`\n", commit.trim());
    assert_eq!(site.read("revisions.log"), line);
}

/// 3.2.13
#[test]
fn a_rollback_goes_to_the_release_before_the_live_one() {
    differs("rollback by time of change, whatever `current` is");
    let site = Site::new("");
    let names: Vec<String> = (0..3).map(|_| site.deploy()).collect();
    fs::remove_file(site.path("current")).unwrap();
    symlink(format!("releases/{}", names[1]), site.path("current")).unwrap();
    site.run(&["deploy:rollback"]).ok();
    assert_eq!(site.current(), names[0]);
    site.run(&["deploy:rollback", "ROLLBACK_RELEASE=20010101000000"]).fails(1);
}

/// 3.2.14
#[test]
fn a_rollback_stands_in_the_log() {
    let site = Site::new("");
    let first = site.deploy();
    site.deploy();
    site.run(&["deploy:rollback"]).ok();
    assert!(site.read("revisions.log").ends_with(&format!("tester rolled back to release {first}\n")));
}

/// 3.2.15
#[test]
fn a_release_that_was_left_is_packed() {
    let site = Site::new("");
    site.deploy();
    let second = site.deploy();
    site.run(&["deploy:rollback"]).ok();
    assert!(site.path(&format!("rolled-back-release-{second}.tar.gz")).is_file());
    assert!(!site.releases().contains(&second));
}

/// 3.2.16
#[test]
fn printed_settings_hold_no_environment_and_no_secret() {
    differs("`deploy:print_config_variables` prints the whole environment");
    let site = Site::new("set(\"pw\", secret(\"hunter2\"));");
    let scene = site.scene.env("LOCAL_THING", "shown-nowhere");
    let out = scene.run(["production", "deploy:print_config_variables"]).ok().out();
    has(&out, "keep_releases = 5");
    assert!(!out.contains("shown-nowhere") && !out.contains("hunter2"), "{out}");
}

/// 3.2.17
#[test]
fn a_failed_deploy_leaves_its_folder_and_no_lock() {
    differs("two deploys at once");
    let site = Site::new("after(\"deploy:updated\", \"bad\", || throw \"bad\");");
    site.run(&["deploy"]).fails(1);
    assert_eq!((site.releases().len(), site.path("current").exists()), (1, false));
    has(&site.scene.run(["production", "lock:status"]).ok().out(), "web1");
    site.run(&["lock:freeze[stop]"]).ok();
    assert_eq!(site.run(&["deploy"]).code, 4);
}
