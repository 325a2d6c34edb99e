use crate::model::host_finding::Severity::Error;
use crate::systemd::health::asked::{Asked, Examined};
use crate::systemd::health::testing::{Recorded, UNIT, asked, asked_of_system, examined};
use crate::systemd::manager::Manager;

const READS: &str = "`app_sidekiq_production.service` cannot read what it needs, and does not start";

fn of_sidekiq() -> Asked {
    Asked { manager: Manager::of_user(Some("sidekiq".into())).unwrap(), ..asked() }
}

fn as_sidekiq() -> Recorded {
    Recorded::healthy().section("user", 0, "sidekiq").section("uid", 0, "1001").section("as_user", 0, "")
}

#[test]
fn lf_20_a_folder_is_closed() {
    let barred = "barred 3 drwxr-x--- deploy:deploy";
    let finding = as_sidekiq().seen("read.0", 0, barred).seen("write.0", 0, barred).raises(
        &of_sidekiq(),
        "LF-20",
        Error,
        &format!("`sidekiq` cannot enter `/var/www/app` (drwxr-x--- deploy:deploy): {READS}"),
        "sudo chmod o+x /var/www/app",
    );
    assert_eq!((finding.user.as_deref(), finding.unit.unwrap().as_str()), (Some("sidekiq"), UNIT));
    as_sidekiq().raises_nothing(&of_sidekiq());
}

#[test]
fn lf_20_a_file_is_closed_or_missing() {
    let path = "/var/www/app/shared/config/sidekiq.yml";
    as_sidekiq().seen("read.0", 0, "no -rw------- deploy:deploy").raises(
        &of_sidekiq(),
        "LF-20",
        Error,
        &format!("`sidekiq` cannot read `{path}` (-rw------- deploy:deploy): {READS}"),
        &format!("sudo chgrp \"$(id -gn sidekiq)\" {path} && sudo chmod g+r {path}"),
    );
    let absent = as_sidekiq().seen("read.0", 0, "absent");
    absent.raises(
        &of_sidekiq(),
        "LF-20",
        Error,
        &format!("`{path}` is not there: {READS}"),
        &format!("put `{path}` there, for example as one of the `linked_files`"),
    );
    let not_yet = Asked { units: vec![Examined { is_meant_to_run: false, ..examined() }], ..of_sidekiq() };
    absent.raises_nothing(&not_yet);
    as_sidekiq().seen("read.0", 0, "missing 4").raises_nothing(&not_yet);
    let missing = as_sidekiq().seen("read.0", 0, "missing 4").found(&of_sidekiq());
    assert_eq!(missing[0].problem, "the folder `/var/www/app/shared` is not there");
    let astray = as_sidekiq().seen("read.0", 0, "astray 4").found(&of_sidekiq());
    assert_eq!(astray[0].problem, "`/var/www/app/shared` leads to where `sidekiq` cannot go, or to nothing");
}

#[test]
fn lf_20_before_the_first_deploy_it_is_deployed_and_nothing_else() {
    let current = examined().current.unwrap();
    let asked = Asked { units: vec![Examined { reads: vec![current.clone()], ..examined() }], ..of_sidekiq() };
    for answer in ["absent", "missing 2"] {
        as_sidekiq().seen("read.0", 0, answer).raises(
            &asked,
            "LF-20",
            Error,
            &format!("`{current}` is not there: {READS}"),
            "windlass STAGE deploy",
        );
    }
}

#[test]
fn lf_20_explains_why_it_failed() {
    let failed = as_sidekiq().show("ActiveState", "failed").show("Result", "resources").unseen("cwd").unseen("title");
    assert_eq!(failed.found(&of_sidekiq())[0].id, "LF-9");
    let ids: Vec<_> =
        failed.seen("read.0", 0, "absent").found(&of_sidekiq()).iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["LF-20"]);
}

#[test]
fn lf_21_the_log_cannot_be_written() {
    let path = "/var/www/app/shared/log/sidekiq.log";
    let then = "`app_sidekiq_production.service` cannot write its log, and does not start (209/STDOUT)";
    as_sidekiq().seen("write.0", 0, "no -rw-r--r-- root:root").raises(
        &of_sidekiq(),
        "LF-21",
        Error,
        &format!("`sidekiq` cannot write `{path}` (-rw-r--r-- root:root): {then}"),
        &format!("sudo chown sidekiq {path}"),
    );
    as_sidekiq().seen("write.0", 0, "uncreatable 5 drwxr-xr-x deploy:deploy").raises(
        &of_sidekiq(),
        "LF-21",
        Error,
        &format!("`sidekiq` cannot create files in `/var/www/app/shared/log` (drwxr-xr-x deploy:deploy): {then}"),
        "sudo chgrp \"$(id -gn sidekiq)\" /var/www/app/shared/log && sudo chmod g+w /var/www/app/shared/log",
    );
    as_sidekiq().seen("write.0", 0, "missing 5").raises(
        &of_sidekiq(),
        "LF-21",
        Error,
        &format!("the folder `/var/www/app/shared/log` is not there: {then}"),
        "sudo install -d -o sidekiq -g \"$(id -gn sidekiq)\" /var/www/app/shared/log",
    );
}

#[test]
fn lf_22_the_manager_is_out_of_reach() {
    let then = "its services can be neither looked at nor started";
    let silent = |words: &str| Recorded::healthy().section("manager", 1, words);
    silent("Failed to connect to bus: Permission denied").raises(
        &asked(),
        "LF-22",
        Error,
        &format!("the bus that was asked does not belong to `deploy`: {then}"),
        "log in as `deploy` itself, not by `su deploy`: `ssh deploy@HOST`",
    );
    let lost = "Failed to connect to user scope bus via local transport: No such file or directory";
    silent(lost).raises(
        &asked(),
        "LF-22",
        Error,
        &format!("the user manager of `deploy` runs, but /run/user/1000 does not lead to it: {then}"),
        "sudo systemctl restart user@1000.service",
    );
    silent("Failed to connect to bus: No medium found").raises(
        &asked(),
        "LF-22",
        Error,
        &format!("XDG_RUNTIME_DIR is not set for `deploy`: no PAM session was opened for this login: {then}"),
        "set `UsePAM yes` in /etc/ssh/sshd_config, and have pam_systemd in the PAM stack of sshd",
    );
    let ids: Vec<_> = Recorded::no_linger().section("manager", 1, lost).found(&asked()).iter().map(|f| f.id).collect();
    assert_eq!(ids, ["LF-1"], "who does not linger has no manager");
}

#[test]
fn lf_23_may_not_be_the_user() {
    let asked = of_sidekiq();
    let mut recorded = as_sidekiq().section("as_user", 1, "sudo: a password is required");
    for key in ["manager", "unit.0.enabled"] {
        recorded = recorded.without(key);
    }
    let recorded = recorded.section("show", 1, "");
    let recorded = ["file.units", "file.home", "current", "cwd", "title", "read.0", "write.0"]
        .iter()
        .fold(recorded, |recorded, key| recorded.unseen(key));
    let then = "the services of `sidekiq` can be neither installed nor started by a deploy";
    recorded.raises(
        &asked,
        "LF-23",
        Error,
        &format!("`deploy` may not act for `sidekiq`: sudo wants a password: {then}"),
        "deploy ALL=(sidekiq) NOPASSWD: ALL",
    );
    recorded.section("as_user", 1, "Sorry, user deploy is not allowed to execute 'true' as sidekiq on web1.").raises(
        &asked,
        "LF-23",
        Error,
        &format!("`deploy` may not act for `sidekiq`: {then}"),
        "deploy ALL=(sidekiq) NOPASSWD: ALL",
    );
}

#[test]
fn lf_24_the_wrong_user_in_the_unit() {
    let failed =
        Recorded::healthy().show("ActiveState", "failed").show("ExecMainStatus", "216").unseen("cwd").unseen("title");
    failed.show("User", "deploy").raises(
        &asked(),
        "LF-24",
        Error,
        "`app_sidekiq_production.service` is a unit of a user, and has `User=deploy`: systemd does not start it (216/GROUP)",
        "take `User=` and `Group=` out of its template, and install it again",
    );
    Recorded::healthy_system().show("User", "").raises(
        &asked_of_system(),
        "LF-24",
        Error,
        "`app_sidekiq_production.service` is a unit of the machine, and has no `User=`: it runs as root",
        "say who runs it, for example `set(\"service_user\", \"deploy\")`, and install it again",
    );
    Recorded::healthy_system().show("User", "root").raises_nothing(&asked_of_system());
}

#[test]
fn lf_25_sudo_refuses() {
    let then = "services of the machine can be neither installed nor restarted by a deploy";
    let locked = Recorded::healthy_system().section("sudo", 1, "sudo: a password is required").section(
        "unit.0.sudo",
        1,
        "sudo: a password is required",
    );
    locked.raises(
        &asked_of_system(),
        "LF-25",
        Error,
        &format!("sudo wants a password of `deploy`: {then}"),
        "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl daemon-reload, \
         /usr/bin/systemctl enable app_sidekiq_production.service, \
         /usr/bin/systemctl start app_sidekiq_production.service, \
         /usr/bin/systemctl stop app_sidekiq_production.service, \
         /usr/bin/systemctl restart app_sidekiq_production.service",
    );
    let asked = Asked { root_commands: vec!["/usr/bin/systemctl".into()], ..asked_of_system() };
    assert_eq!(locked.found(&asked)[0].repair, "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl");
    locked.clone().section("unit.0.sudo", 0, "/usr/bin/systemctl restart").raises_nothing(&asked_of_system());
    let none =
        locked.section("sudo", 127, "sh: 1: sudo: not found").section("unit.0.sudo", 127, "sh: 1: sudo: not found");
    assert_eq!(none.found(&asked)[0].problem, "the host has no sudo");
}
