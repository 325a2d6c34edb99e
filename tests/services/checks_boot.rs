//! `linger:check` and units that are not to be had as they are written: LF-16, LF-17, and LF-24 of a user.

use crate::services::findings::{deployed, finds, finds_nothing, follow, recipe, unit};
use crate::services::project::Project;
use crate::support::host::{Host, WITHOUT_PAM};
use crate::support::lab::Lab;

#[test]
fn what_a_manager_of_a_user_makes_of_a_unit_is_found() {
    let Some(lab) = Lab::shared("checks: units of a user") else { return };
    let (host, user) = (lab.host(), "hopeful");
    let project = deployed(lab, host, user, WITHOUT_PAM);
    waits_in_vain(&project, host, user);
    names_a_user(&project, host, user);
    lives_in_a_home_that_comes_late(&project, host, user);
}

fn waits_in_vain(project: &Project<'_>, host: &Host, user: &str) {
    let with = |lines: &str, tasks: &str| {
        project.recipe(&recipe(user, &format!("set(\"worker_unit_lines\", [{lines}]);\n")));
        project.windlass(&format!("production worker:install {tasks}")).ok();
    };
    // To wait in vain is no harm to who tries on.
    with("\"After=redis-server.service\"", "worker:restart");
    finds_nothing(project);
    with("\"After=redis-server.service\", \"StartLimitIntervalSec=10\", \"StartLimitBurst=5\"", "worker:restart");
    let endless = "write `StartLimitIntervalSec=0` into `[Unit]` of its template, so that it tries on";
    let found = finds(project, &[("LF-17", endless)]);
    assert_eq!(found[0].level, "warn");

    with("\"Requires=redis-server.service\"", "");
    let without = "take `Requires=` out of its template: units of a user cannot wait for units of the machine";
    let restart = format!("systemctl --user restart {}", unit(user));
    finds(project, &[("LF-15", &restart), ("LF-17", without)]);
    let refused = host.as_user(user, &["systemctl", "--user", "restart", &unit(user)]);
    assert!(!refused.status.success(), "it is not started at all");
    with("", "");
    follow(host, user, &restart);
    finds_nothing(project);
}

fn names_a_user(project: &Project<'_>, host: &Host, user: &str) {
    let drop_in = format!(".config/systemd/user/{}.d", unit(user));
    let write = format!(
        "mkdir -p {drop_in} && printf '[Service]\\nUser=ops\\n' >{drop_in}/a.conf && systemctl --user daemon-reload"
    );
    host.sh_as(user, &write);
    let leave_out = ("LF-24", "take `User=` and `Group=` out of its template, and install it again");
    let found = finds(project, &[leave_out]);
    assert!(found[0].sentence.contains("has `User=ops`"), "{found:#?}");
    host.as_user(user, &["systemctl", "--user", "restart", &unit(user)]);
    let shown = host.sh_as(user, &format!("systemctl --user show {} -p ExecMainStatus --value", unit(user)));
    assert_eq!(shown, "216", "it does not start");
    finds(project, &[leave_out]);
    host.sh_as(user, &format!("rm -r {drop_in} && systemctl --user daemon-reload"));
    follow(host, user, &format!("systemctl --user reset-failed {0}; systemctl --user restart {0}", unit(user)));
    finds_nothing(project);
}

fn lives_in_a_home_that_comes_late(project: &Project<'_>, host: &Host, user: &str) {
    // The same files, on a file system that is made anew at each boot.
    let move_home = format!(
        "systemctl stop user@$(id -u {user}) && cp -a /home/{user} /srv/ && mount -t tmpfs tmpfs /home/{user} && \
         cp -a /srv/{user}/. /home/{user}/ && systemctl start user@$(id -u {user})"
    );
    host.sh(&move_home);
    let found = finds(project, &[("LF-16", "set(\"service_unit_user\", \"system\")")]);
    assert!(found[0].sentence.starts_with("the home of `hopeful` is on tmpfs"), "{found:#?}");
    assert_eq!(found[0].level, "warn");
}
