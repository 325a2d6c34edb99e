//! `linger:check` and `linger:prove`: what keeps services from staying up, found before it does.

use crate::services::project::Project;
use crate::support::host::{Host, WITH_PAM, WITHOUT_PAM};
use crate::support::lab::Lab;

/// A project whose worker is deployed for this user.
fn deployed<'a>(lab: &'a Lab, user: &str, port: u16) -> Project<'a> {
    lab.host().add_user(user);
    let recipe = format!(
        "require(\"service\");\nset(\"deploy_to\", \"/home/{user}/app\");\nset(\"service_unit_user\", \"user\");\n\
         service(\"worker\", #{{ command: \"/usr/local/bin/fake-sidekiq\", type: \"notify\", quiet_signal: \"TSTP\", settle: 1 }});\n"
    );
    let project = Project::new(lab, user, &lab.host().declared(user, port), &recipe);
    project.windlass("production deploy").ok();
    project
}

/// What `linger:check` finds, as `LF-n` in order.
fn found(project: &Project<'_>) -> (Vec<String>, String) {
    let said = project.windlass("production linger:check");
    let ids =
        said.text.lines().filter_map(|line| line.split(": ").find(|word| word.starts_with("LF-")).map(str::to_owned));
    let ids: Vec<String> = ids.collect();
    let has_errors = said.text.contains(" ERROR ");
    assert_eq!(said.code, Some(i32::from(has_errors)), "the exit code is for monitoring: {}", said.text);
    (ids, said.text)
}

#[track_caller]
fn finds(project: &Project<'_>, id: &str, repair: &str) {
    let (ids, text) = found(project);
    assert!(ids.iter().any(|found| found == id), "{id} is not found: {text}");
    assert!(text.contains(repair), "{text}");
}

#[track_caller]
fn finds_nothing(project: &Project<'_>) {
    let (ids, text) = found(project);
    assert!(ids.is_empty(), "{text}");
}

fn user_systemctl(host: &Host, user: &str, words: &str) {
    host.sh_as(user, &format!("systemctl --user {words}"));
}

#[test]
fn lingering_that_was_turned_off_later_is_found_and_prove_shows_what_comes_of_it() {
    let Some(lab) = Lab::shared("checks: lingering off") else { return };
    let (host, user) = (lab.host(), "unlit");
    let project = deployed(lab, user, WITH_PAM);
    finds_nothing(&project);
    let said = project.windlass("production linger:prove").ok();
    assert!(said.contains("2 processes have outlived the last login"), "the worker and its manager: {said}");
    host.sh(&format!("loginctl disable-linger {user}"));
    // It dies with the manager, and the next login brings both back: whoever looks finds it healthy.
    finds(&project, "LF-1", "loginctl enable-linger unlit");
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
    let project = deployed(lab, user, WITHOUT_PAM);
    finds_nothing(&project);

    user_systemctl(host, user, "kill -s TSTP --kill-who=main meddled_worker_production");
    finds(&project, "LF-7", "restart meddled_worker_production.service");
    project.windlass("production worker:restart").ok();

    user_systemctl(host, user, "disable meddled_worker_production");
    finds(&project, "LF-11", "enable meddled_worker_production.service");
    project.windlass("production worker:enable").ok();

    let unit = "/home/meddled/.config/systemd/user/meddled_worker_production.service";
    host.sh(&format!("sed -i 's/RestartSec=5/RestartSec=6/' {unit}"));
    finds(&project, "LF-15", "daemon-reload");
    project.windlass("production worker:install worker:restart").ok();
    finds_nothing(&project);

    host.sh(&format!("cp {unit} /etc/systemd/system/"));
    finds(&project, "LF-6", "/etc/systemd/system/meddled_worker_production.service");
    host.sh("rm /etc/systemd/system/meddled_worker_production.service");

    // Another release is current, and nobody has restarted the worker.
    host.sh_as(user, "mkdir app/releases/20990101000000 && ln -sfn ~/app/releases/20990101000000 app/current");
    finds(&project, "LF-8", "restart meddled_worker_production.service");
}

#[test]
fn what_keeps_a_worker_from_starting_again_is_found() {
    let Some(lab) = Lab::shared("checks: starting") else { return };
    let (host, user) = (lab.host(), "hampered");
    let project = deployed(lab, user, WITHOUT_PAM);
    let unit = "/home/hampered/.config/systemd/user/hampered_worker_production.service";
    finds_nothing(&project);

    // It cannot write its log, and nobody notices before it is started again.
    host.sh(
        "chown root: /home/hampered/app/shared/log/worker.log && chmod 600 /home/hampered/app/shared/log/worker.log",
    );
    finds(&project, "LF-21", "/home/hampered/app/shared/log/worker.log");
    host.sh("chown hampered: /home/hampered/app/shared/log/worker.log");

    // It was stopped by hand.
    user_systemctl(host, user, "stop hampered_worker_production");
    finds(&project, "LF-9", "hampered_worker_production.service");
    project.windlass("production worker:start").ok();

    // It is wanted by a target that managers of users do not have.
    host.sh(&format!("sed -i 's/default.target/multi-user.target/' {unit}"));
    user_systemctl(host, user, "daemon-reload");
    user_systemctl(host, user, "reenable hampered_worker_production");
    finds(&project, "LF-12", "default.target");
    project.windlass("production worker:install worker:restart").ok();
    finds_nothing(&project);

    // Its file is gone.
    host.sh(&format!("rm {unit}"));
    user_systemctl(host, user, "daemon-reload");
    finds(&project, "LF-14", "worker:install");
    project.windlass("production worker:install worker:restart").ok();
    finds_nothing(&project);
}
