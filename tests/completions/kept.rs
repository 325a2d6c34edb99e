//! What is kept of a project, and how it comes to be known.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::completions::project::{known_project, offered, project, words};
use crate::support::scene::Scene;

/// The file in which the words of the project are kept.
fn kept(scene: &Scene) -> Option<PathBuf> {
    let folder = scene.top().join("home/.cache/windlass/words");
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "json"))
}

/// Waits for what another process does.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(30), "{what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_first_tab_knows_the_stages_and_lets_the_rest_be_found() {
    let scene = project();
    assert_eq!(words(&scene, "p"), ["production"]);
    until("nothing is ever kept", || kept(&scene).is_some());
    assert_eq!(words(&scene, "production cache:w"), ["cache:warm"]);
    assert!(!scene.path("ran").exists(), "recipes are read without running a command");
    assert!(!scene.path("log").exists(), "and nothing is logged");
}

#[test]
fn a_changed_recipe_is_answered_from_before_and_read_behind() {
    let scene = known_project();
    let scene = scene.file("config/deploy/tasks/more.rhai", "desc(\"New.\"); task(\"cache:new\", || {});");
    assert!(!words(&scene, "production cache:").contains(&"cache:new".to_owned()), "no recipe is read for an answer");
    until("the new task is never known", || words(&scene, "production cache:").contains(&"cache:new".to_owned()));
    fs::remove_file(scene.path("config/deploy/tasks/more.rhai")).unwrap();
    until("the task never goes", || !words(&scene, "production cache:").contains(&"cache:new".to_owned()));
}

#[test]
fn recipes_that_are_broken_leave_what_was_known() {
    let scene = known_project().file("config/deploy.rhai", "task(\"half");
    scene.run(["complete", "--renew"]).ok();
    assert_eq!(words(&scene, "production cache:w"), ["cache:warm"]);
    assert_eq!(words(&scene, "production -z web1"), ["web1.example.com"]);
}

#[test]
fn a_run_keeps_what_it_has_found() {
    let scene = Scene::with("desc(\"Say hello.\"); task(\"hello\", || {});");
    scene.run(["production", "hello", "--dry-run"]).ok();
    scene.run(["production", "hello", "--plan"]).ok();
    scene.run(["-T"]).ok();
    assert_eq!(kept(&scene), None, "a dry run and a plan change nothing");
    scene.run(["production", "hello"]).ok();
    let file = kept(&scene).expect("a run keeps what its recipes say");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700), "names of hosts are the user's own");
    assert_eq!(offered(&scene, "production he"), [("hello".to_owned(), "Say hello.".to_owned())]);
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    scene.run(["production", "hello"]).ok();
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before, "nothing new is not written again");
}

#[test]
fn releases_are_those_the_last_run_has_seen() {
    let scene = Scene::with(
        "task(\"look\", || on(release_roles(\"all\"), |host| { expired_releases(list_releases().releases, (), 2); }));",
    );
    for release in ["20260101000000", "20260102000000", "20260103000000"] {
        fs::create_dir_all(scene.host("web1", "releases").join(release)).unwrap();
    }
    scene.run(["production", "look"]).ok();
    let line = "production deploy:rollback ROLLBACK_RELEASE=";
    let expected = ["ROLLBACK_RELEASE=20260103000000", "ROLLBACK_RELEASE=20260102000000"];
    assert_eq!(words(&scene, line), expected, "the oldest one is about to go");
}

#[test]
fn a_secret_is_not_kept() {
    let scene =
        Scene::with("desc(`Log in with ${secret(\"hunter22\")}.`); task(\"login\", || {}); task(\"t\", || {});");
    scene.run(["production", "t"]).ok();
    let text = fs::read_to_string(kept(&scene).unwrap()).unwrap();
    assert!(text.contains("\"t\"") && !text.contains("hunter22"), "{text}");
}

#[test]
fn what_cannot_be_read_is_nothing() {
    let scene = known_project();
    fs::write(kept(&scene).unwrap(), "{ not json").unwrap();
    assert_eq!(words(&scene, "p"), ["production"]);
    until("it is never made again", || words(&scene, "production cache:w") == ["cache:warm"]);
}
