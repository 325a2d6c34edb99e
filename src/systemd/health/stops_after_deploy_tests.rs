use crate::model::host_finding::Severity::{Error, Warning};
use crate::systemd::health::asked::Asked;
use crate::systemd::health::testing::{Recorded, UNIT, asked, asked_of_system};
use crate::systemd::manager::Manager;
use crate::systemd::mode::Mode;

#[test]
fn lf_06_installed_twice() {
    let twice = Recorded::healthy().seen("file.system", 0, "1795730000 1 2");
    twice.raises(
        &asked(),
        "LF-6",
        Error,
        "`app_sidekiq_production.service` is installed twice, for the machine and for a user: two copies run side by side, \
         and a deploy restarts only one of them",
        "sudo systemctl disable --now app_sidekiq_production.service; \
         sudo rm /etc/systemd/system/app_sidekiq_production.service; sudo systemctl daemon-reload",
    );
    let twice = Recorded::healthy_system().section("unit.0.mine", 0, "yes");
    assert_eq!(
        twice.found(&asked_of_system())[0].repair,
        format!("systemctl --user disable --now {UNIT}; rm ~/.config/systemd/user/{UNIT}")
    );
    Recorded::healthy_system().raises_nothing(&asked_of_system());
}

#[test]
fn lf_06_left_behind_by_a_change_of_the_user() {
    let of_sidekiq = Asked { manager: Manager::of_user(Some("sidekiq".into())).unwrap(), ..asked() };
    let moved = Recorded::healthy().section("user", 0, "sidekiq");
    moved.clone().section("unit.0.mine", 0, "yes").raises(
        &of_sidekiq,
        "LF-6",
        Error,
        "`app_sidekiq_production.service` is installed twice, for `sidekiq` and for `deploy`: two copies run side by side, \
         and a deploy restarts only one of them",
        "as `deploy`: systemctl --user disable --now app_sidekiq_production.service; \
         rm ~/.config/systemd/user/app_sidekiq_production.service",
    );
    moved.raises_nothing(&of_sidekiq);
    Recorded::healthy().section("unit.0.mine", 0, "yes").raises_nothing(&asked());
}

#[test]
fn lf_06_services_of_two_managers() {
    let with = |mode: Mode| Asked { others: vec![("puma".into(), mode)], ..asked() };
    Recorded::healthy().raises(
        &with(Mode::System),
        "LF-6",
        Warning,
        "`sidekiq` would be run by the manager of a user, `puma` by that of the machine: only half of them survive where \
         lingering is off, and two sets of rights have to be kept",
        "in the recipe: `set(\"service_unit_user\", \"user\")`, for all of them",
    );
    Recorded::healthy().raises_nothing(&with(Mode::User));
}

#[test]
fn lf_07_left_quiet() {
    Recorded::healthy().seen("title", 0, "sidekiq 6.4.1 app [0 of 5 busy] stopping ").raises(
        &asked(),
        "LF-7",
        Error,
        "`app_sidekiq_production.service` runs, but was told to be quiet: it takes no more jobs, and nothing but a restart \
         changes that",
        "systemctl --user restart app_sidekiq_production.service",
    );
    Recorded::healthy().seen("title", 0, "my stopping ").raises_nothing(&asked());
}

#[test]
fn lf_08_runs_old_code() {
    Recorded::healthy().seen("cwd", 0, "/var/www/app/releases/20261126090000").raises(
        &asked(),
        "LF-8",
        Error,
        "`app_sidekiq_production.service` still runs release 20261126090000; current is 20261127001000: what was deployed is \
         not in use, and `start` does not replace what runs",
        "systemctl --user restart app_sidekiq_production.service",
    );
    let found =
        Recorded::healthy().seen("cwd", 0, "/var/www/app/releases/20261101000000/app (deleted)").found(&asked());
    assert!(found[0].problem.contains("release 20261101000000, which is deleted; current"), "{found:?}");
    for fine in ["/", "/var/www/app/releases/20261127001000/lib", "/var/www/app", "/var/www/application/shared"] {
        Recorded::healthy().seen("cwd", 0, fine).raises_nothing(&asked());
    }
}

#[test]
fn lf_08_runs_what_another_deploy_has_put_there() {
    Recorded::healthy().seen("cwd", 0, "/var/www/app_staging/releases/1/lib").raises(
        &asked(),
        "LF-8",
        Error,
        "`app_sidekiq_production.service` runs /var/www/app_staging/releases/1, which belongs to another deploy: what was \
         deployed here is not in use: two deploys call their units alike",
        "give each a name of its own: `set(\"sidekiq_service_unit_name\", …)`",
    );
}

fn failed(status: &str, restarts: &str) -> Recorded {
    Recorded::healthy()
        .show("ActiveState", "failed")
        .show("SubState", "failed")
        .show("Result", "exit-code")
        .show("ExecMainStatus", status)
        .show("NRestarts", restarts)
        .show("MainPID", "0")
        .unseen("cwd")
        .unseen("title")
}

const AGAIN: &str = "systemctl --user reset-failed app_sidekiq_production.service && \
                     systemctl --user restart app_sidekiq_production.service";

#[test]
fn lf_09_has_failed() {
    let finding = failed("203", "5").section("unit.0.journal", 0, "one\ntwo").raises(
        &asked(),
        "LF-9",
        Error,
        "`app_sidekiq_production.service` has failed after 5 restarts: its program is not there, or may not be run \
         (203/EXEC): it stays down until somebody starts it, or the next boot",
        AGAIN,
    );
    assert_eq!(finding.details, ["one", "two"]);
    let log = failed("1", "0").section("unit.0.journal", 0, "").section("unit.0.machine_journal", 0, "three");
    assert_eq!(log.found(&asked())[0].details, ["three"]);
}

#[test]
fn lf_09_starts_over_and_over() {
    let again = Recorded::healthy().show("NRestarts", "7").show("ExecMainStatus", "1").show("Result", "exit-code");
    again.clone().show("SubState", "auto-restart").show("ActiveState", "activating").raises(
        &asked(),
        "LF-9",
        Error,
        "`app_sidekiq_production.service` starts over and over, 7 times by now: it ended with status 1: it does no work in \
         between, and systemd may give up",
        "journalctl --user -n 50 -u app_sidekiq_production.service",
    );
    let first = again.clone().show("SubState", "auto-restart").show("ActiveState", "activating").show("NRestarts", "0");
    assert_eq!(
        first.found(&asked())[0].problem,
        "`app_sidekiq_production.service` failed, and is to be started once more: it ended with status 1"
    );
    let moment = again.clone().show("ExecMainStartTimestamp", "Fri 2026-11-27 00:14:50 UTC");
    assert_eq!(moment.found(&asked())[0].id, "LF-9", "active, for ten seconds");
    again.raises_nothing(&asked());
}

#[test]
fn lf_09_was_stopped() {
    let stopped = Recorded::healthy().show("ActiveState", "inactive").show("SubState", "dead").show("MainPID", "0");
    let stopped = stopped.unseen("cwd").unseen("title");
    stopped.raises(
        &asked(),
        "LF-9",
        Error,
        "`app_sidekiq_production.service` does not run: it was stopped, or ended by itself: nobody does its work until \
         somebody starts it, or the next boot",
        "systemctl --user start app_sidekiq_production.service",
    );
    stopped.clone().show("TriggeredBy", "app_sidekiq_production.timer").raises_nothing(&asked());
    stopped.show("Type", "oneshot").raises_nothing(&asked());
}

#[test]
fn lf_09_a_file_systemd_refuses() {
    let error =
        "org.freedesktop.systemd1.BadUnitSetting \"Unit app_sidekiq_production.service has a bad unit file setting.\"";
    let refused =
        Recorded::healthy().show("LoadState", "bad-setting").show("LoadError", error).show("ActiveState", "inactive");
    refused.raises(
        &asked(),
        "LF-9",
        Error,
        "systemd refuses the file of `app_sidekiq_production.service`: Unit app_sidekiq_production.service has a bad unit \
         file setting: it cannot be started at all",
        "systemd-analyze --user verify /home/deploy/.config/systemd/user/app_sidekiq_production.service",
    );
}
