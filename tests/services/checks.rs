//! `linger:check` and `linger:prove`: what keeps services from staying up, found before it does.

use crate::services::findings::{deployed, finds, finds_nothing, is_repaired, unit};
use crate::support::host::{Host, WITH_PAM, WITHOUT_PAM};
use crate::support::lab::Lab;

fn user_systemctl(host: &Host, user: &str, words: &str) {
    host.sh_as(user, &format!("systemctl --user {words}"));
}

#[test]
fn lingering_that_was_turned_off_later_is_found_and_prove_shows_what_comes_of_it() {
    let Some(lab) = Lab::shared("checks: lingering off") else { return };
    let (host, user) = (lab.host(), "unlit");
    let project = deployed(lab, host, user, WITH_PAM);
    finds_nothing(&project);
    let said = project.windlass("production linger:prove").ok();
    assert!(said.contains("2 processes have outlived the last login"), "the worker and its manager: {said}");
    host.sh(&format!("loginctl disable-linger {user}"));
    // It dies with the manager, and the next login brings both back: whoever looks finds it healthy.
    finds(&project, &[("LF-1", "loginctl enable-linger unlit")]);
    let said = project.windlass("production doctor --json").failed();
    assert!(said.contains(r#""id":"LF-1","severity":"error""#), "{said}");
    let said = project.windlass("production linger:prove").failed();
    assert!(said.contains("not everything has outlived the last login"), "{said}");
    assert!(said.contains("manager of unlit: was process"), "{said}");
    host.sh(&format!("loginctl enable-linger {user}"));
    project.windlass("production worker:restart").ok();
    finds_nothing(&project);
}

#[test]
fn what_was_done_to_a_worker_by_hand_is_found() {
    let Some(lab) = Lab::shared("checks: by hand") else { return };
    let (host, user) = (lab.host(), "meddled");
    let project = deployed(lab, host, user, WITHOUT_PAM);
    let name = unit(user);
    let restart = format!("systemctl --user restart {name}");
    finds_nothing(&project);

    user_systemctl(host, user, &format!("kill -s TSTP --kill-who=main {name}"));
    // It is quiet as soon as its title says so.
    host.until(&format!("ps -u {user} -o args= | grep -c 'busy\\] stopping$'"), "1");
    is_repaired(&project, host, user, "LF-7", &restart);

    user_systemctl(host, user, &format!("disable {name}"));
    is_repaired(&project, host, user, "LF-11", &format!("systemctl --user enable {name}"));

    let file = format!("/home/meddled/.config/systemd/user/{name}");
    host.sh(&format!("sed -i 's/RestartSec=5/RestartSec=6/' {file}"));
    let reload = format!("systemctl --user daemon-reload && {restart}");
    finds(&project, &[("LF-15", &reload), ("LF-15", "windlass STAGE worker:install")]);
    project.windlass("production worker:install worker:restart").ok();
    finds_nothing(&project);

    host.sh(&format!("cp {file} /etc/systemd/system/"));
    let remove = format!(
        "sudo systemctl disable --now {name}; sudo rm /etc/systemd/system/{name}; sudo systemctl daemon-reload"
    );
    is_repaired(&project, host, user, "LF-6", &remove);

    // Another release is current, and nobody has restarted the worker.
    host.sh_as(user, "mkdir app/releases/20990101000000 && ln -sfn ~/app/releases/20990101000000 app/current");
    is_repaired(&project, host, user, "LF-8", &restart);
}

#[test]
fn what_keeps_a_worker_from_starting_again_is_found() {
    let Some(lab) = Lab::shared("checks: starting") else { return };
    let (host, user) = (lab.host(), "hampered");
    let project = deployed(lab, host, user, WITHOUT_PAM);
    let name = unit(user);
    let file = format!("/home/hampered/.config/systemd/user/{name}");
    finds_nothing(&project);

    // It cannot write its log, and nobody notices before it is started again.
    let log = "/home/hampered/app/shared/log/worker.log";
    host.sh(&format!("chown root: {log} && chmod 600 {log}"));
    is_repaired(&project, host, user, "LF-21", &format!("sudo chown hampered {log}"));

    // It was stopped by hand.
    user_systemctl(host, user, &format!("stop {name}"));
    is_repaired(&project, host, user, "LF-9", &format!("systemctl --user start {name}"));

    // It is wanted by a target that managers of users do not have. Times are compared in whole seconds.
    host.sh(&format!("sleep 1.1; sed -i 's/default.target/multi-user.target/' {file}"));
    user_systemctl(host, user, "daemon-reload");
    user_systemctl(host, user, &format!("reenable {name}"));
    let write = format!("write `WantedBy=default.target` into its template, then systemctl --user reenable {name}");
    let restart = format!("systemctl --user restart {name}");
    let install = "windlass STAGE worker:install";
    finds(&project, &[("LF-12", &write), ("LF-15", &restart), ("LF-15", install)]);
    project.windlass("production worker:install worker:restart").ok();
    finds_nothing(&project);

    // Its file is gone.
    host.sh(&format!("rm {file}"));
    user_systemctl(host, user, "daemon-reload");
    finds(&project, &[("LF-14", install)]);
    project.windlass("production worker:install worker:restart").ok();
    finds_nothing(&project);
}
