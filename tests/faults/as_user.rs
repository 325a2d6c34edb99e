//! Commands of another user, through the real `sudo`.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::faults::app::App;
use crate::faults::remote::Fleet;
use crate::faults::running::{Running, gone, marked};
use crate::support::scene::Scene;
use crate::support::skip::skip;

/// Whether `nobody` can be become; said loudly where not.
fn may_become_nobody(test: &str) -> bool {
    let status = Command::new("sudo").args(["-n", "-u", "nobody", "true"]).output();
    if rustix::process::geteuid().is_root() && status.is_ok_and(|output| output.status.success()) {
        return true;
    }
    skip(test, "it needs root and sudo");
    false
}

/// A folder everybody may enter, with one inside that only root may.
fn folders() -> tempfile::TempDir {
    let open = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o777)).tempdir().unwrap();
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o777)).unwrap();
    fs::create_dir(open.path().join("root_only")).unwrap();
    fs::set_permissions(open.path().join("root_only"), fs::Permissions::from_mode(0o700)).unwrap();
    open
}

/// 5.A 16: in Capistrano `cd` happens before `sudo`, as the user who logs in.
#[test]
fn the_directory_is_entered_as_that_user() {
    if !may_become_nobody("the_directory_is_entered_as_that_user") {
        return;
    }
    let open = folders();
    let dir = open.path().join("root_only").display().to_string();
    let scene = Scene::task(&format!(
        "on(roles(\"db\"), |host| as_user(\"nobody\", || within({dir:?}, || execute(\"true\"))));"
    ));
    let ran = scene.run(["production", "t"]).fails(1);
    assert!(
        ran.stderr.contains(&format!("the directory `{dir}` of `within` is not there, or may not be entered")),
        "{}",
        ran.stderr
    );
}

/// 5.A 14, 17; 5.B 42, 43, 60: everything that surrounds a command holds for that user, files included, and the outer
/// user comes back.
#[test]
fn surroundings_and_files_are_that_users() {
    if !may_become_nobody("surroundings_and_files_are_that_users") {
        return;
    }
    let open = folders();
    let dir = open.path().display();
    let scene = Scene::task(&format!(
        "on(roles(\"db\"), |host| {{ as_user(\"nobody\", || within(\"{dir}\", || with(#{{ a_b: \"it's $x\" }}, || umask(\"027\", || {{\n\
             info(capture(\"whoami; pwd; echo \\\"$A_B\\\"; umask\"));\n\
             execute(\"touch\", \"touched\"); write_file(\"written\", \"x\", #{{ diff: false }}); upload(\"config/deploy.rhai\", \"uploaded\");\n\
             as_user(\"root\", || info(capture(\"whoami\"))); info(capture(\"whoami\"));\n\
         }})))); info(capture(\"whoami\")); }});"
    ));
    let said = scene.said(["production", "t"]);
    assert_eq!(said, [format!("nobody\n{dir}\nit's $x\n0027"), "root".into(), "nobody".into(), "root".into()]);
    let nobody = open.path().join("touched").metadata().unwrap();
    assert_ne!(nobody.uid(), 0);
    assert_eq!(nobody.mode() & 0o777, 0o640);
    for name in ["written", "uploaded"] {
        assert_eq!(open.path().join(name).metadata().unwrap().uid(), nobody.uid(), "{name}");
    }
}

/// The user who logs in may not signal that user's processes: the watchdog has to be inside sudo.
#[test]
fn ctrl_c_ends_commands_of_another_user() {
    if !may_become_nobody("ctrl_c_ends_commands_of_another_user") {
        return;
    }
    let body = "after(\"deploy:started\", \"hang\");\n\
         task(\"hang\", || on(roles(\"app\"), |host| as_user(\"nobody\", || within(\"/\", || with(#{ MARK: fetch(\"mark\") }, ||\n\
             execute(\"trap '' TERM; sleep 1000 & sleep 1000\"))))));";
    let fleets = [None, Fleet::start(2)];
    for fleet in &fleets {
        let app = fleet.as_ref().map_or_else(|| App::new(body), |fleet| fleet.app(body));
        let mark = app.scene.top().display().to_string();
        let recipe = format!("{}set(\"mark\", {mark:?});\n", app.scene.read("config/deploy.rhai"));
        let App { scene, repository } = app;
        let app = App { scene: scene.file("config/deploy.rhai", recipe), repository };
        let mut run = Running::start(&app.scene, &["production", "deploy"]);
        run.until("the commands run", || marked(&mark).len() >= 4);
        run.signal(Signal::INT);
        run.end(Duration::from_secs(10)).fails(130);
        gone(Duration::from_secs(3), || marked(&mark));
    }
}
