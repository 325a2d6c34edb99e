//! `linger:check` where one lingers and the manager is not there all the same: LF-5, LF-18, LF-22, LF-26, LF-27 and LF-28.

use std::fs;

use crate::services::findings::{
    deployed, finds, finds_nothing, is_repaired, recipe, recipe_in, unit, wait_for_worker,
};
use crate::services::project::Project;
use crate::support::host::{Host, WITHOUT_PAM};
use crate::support::lab::Lab;

/// The unit that is the manager of a user.
fn manager(host: &Host, user: &str) -> String {
    format!("user@{}.service", host.sh(&format!("id -u {user}")))
}

/// Kills it, as systemd 255 does.
fn kill(host: &Host, manager: &str) {
    host.sh(&format!("systemctl kill --signal=KILL --kill-who=main {manager}"));
    host.until(&format!("systemctl is-active {manager}"), "failed");
}

#[test]
fn a_manager_that_is_down_is_found_and_started() {
    let Some(lab) = Lab::shared("checks: a manager that is down") else { return };
    let (host, user) = (lab.host(), "bereft");
    let project = deployed(lab, host, user, WITHOUT_PAM);
    let manager = manager(host, user);
    let start = format!("sudo systemctl start {manager}");
    host.sh(&format!("systemctl mask {manager} && systemctl stop {manager}"));
    let unmask = format!("sudo systemctl unmask user@.service {manager} && {start}");
    is_repaired(&project, host, user, "LF-5", &unmask);

    // Stopped, and 252 remembers nothing of it: as if lingering had been asked for by a file, and nobody had looked.
    host.sh(&format!("systemctl stop {manager}"));
    is_repaired(&project, host, user, "LF-18", &format!("sudo loginctl enable-linger {user} && {start}"));

    kill(host, &manager);
    is_repaired(&project, host, user, "LF-28", &start);

    // It runs, and what leads to it is gone.
    let folder = format!("/run/user/$(id -u {user})");
    host.sh(&format!("rm {folder}/bus {folder}/systemd/private"));
    is_repaired(&project, host, user, "LF-22", &format!("sudo systemctl restart {manager}"));

    // Its folder is somebody else's.
    host.sh(&format!("chown ops: {folder}"));
    let found = finds(&project, &[("LF-22", "log in as `bereft` itself, not by `su bereft`: `ssh bereft@HOST`")]);
    assert!(found[0].sentence.contains("does not belong to `bereft`"), "{found:#?}");
    host.sh(&format!("chown {user}: {folder}"));
    finds_nothing(&project);
}

#[test]
fn an_account_that_has_expired_is_found_where_its_worker_would_run() {
    let Some(lab) = Lab::shared("checks: an expired account") else { return };
    let (host, user) = (lab.host(), "lapsed");
    host.add_user(user);
    let folder = format!("/srv/{user}");
    host.sh(&format!("install -d -o ops -g ops {folder} {folder}/shared && install -d -o {user} {folder}/shared/log"));
    let recipe = recipe_in(&folder, &format!("set(\"service_user\", \"{user}\");\n"));
    let project = Project::new(lab, user, &host.declared("ops", WITHOUT_PAM), &recipe);
    project.windlass("production deploy").ok();
    finds_nothing(&project);
    let manager = manager(host, user);
    host.sh(&format!("chage --expiredate 1 {user}; systemctl restart {manager} || true"));
    finds(&project, &[("LF-5", &format!("sudo chage -l {user}"))]);
    host.sh(&format!("chage --expiredate -1 {user} && systemctl start {manager}"));
    finds_nothing(&project);
}

/// The mistakes of releases that no Debian has. Only the number is made up, by a `systemctl` before the host's own: what
/// happened to the manager did happen.
#[test]
fn what_systemd_255_and_256_do_to_a_manager_is_found_by_a_number_that_is_made_up() {
    let Some(lab) = Lab::shared("checks: 255 and 256") else { return };
    let (host, user) = (lab.host(), "unlucky");
    let project = deployed(lab, host, user, WITHOUT_PAM);
    let manager = manager(host, user);
    let says = |version: &str| {
        let path = format!("/usr/local/bin/systemctl-{}", version.replace(' ', "-"));
        let script = format!(
            "#!/bin/sh\n[ \"$1\" != --version ] || {{ echo 'systemd {version}'; exit; }}\nexec systemctl \"$@\"\n"
        );
        fs::write(host.path(&path), script).unwrap();
        host.sh(&format!("chmod 755 {path}"));
        project.recipe(&recipe(user, &format!("set(\"systemctl_bin\", \"{path}\");\n")));
    };
    let upgrade = "upgrade systemd to 256.3 or later, or `set(\"service_unit_user\", \"system\")`";
    // Who may read the journal of the machine learns what happened.
    host.sh(&format!("usermod -aG systemd-journal {user}"));
    says("256.3");
    finds_nothing(&project);
    says("255");
    let found = finds(&project, &[("LF-26", upgrade)]);
    assert_eq!(found[0].level, "warn", "it may happen, and has not yet: {found:#?}");
    kill(host, &manager);
    host.sh(&format!("systemctl start {manager}"));
    let found = finds(&project, &[("LF-26", upgrade)]);
    assert_eq!(found[0].level, "error", "{found:#?}");
    assert!(found[0].sentence.contains("was killed since boot"), "{found:#?}");
    // The same host, by its own number: a manager was killed, and that is over.
    project.recipe(&recipe(user, ""));
    finds_nothing(&project);

    // Nobody lingers any more, and the manager runs all the same: of one that is started by hand when logind has let go
    // of the user, logind knows nothing.
    host.sh(&format!("loginctl disable-linger {user}"));
    host.until(&format!("loginctl show-user {user} 2>&1 | grep -c 'not logged in or lingering'"), "1");
    host.sh(&format!("systemctl start {manager}"));
    wait_for_worker(host, user, &unit(user));
    finds(&project, &[("LF-1", "loginctl enable-linger unlucky")]);
    says("256.2");
    let terminate = "sudo loginctl terminate-user unlucky";
    finds(&project, &[("LF-1", "loginctl enable-linger unlucky"), ("LF-27", terminate)]);
}
