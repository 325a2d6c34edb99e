use crate::model::host_finding::Severity::{Error, Warning};
use crate::systemd::health::testing::{Recorded, asked, asked_of_system, not_yet};

fn not_found() -> Recorded {
    let unknown = Recorded::healthy()
        .section("unit.0.enabled", 1, "Failed to get unit file state: No such file or directory")
        .show("LoadState", "not-found")
        .show("ActiveState", "inactive")
        .show("UnitFileState", "")
        .show("FragmentPath", "")
        .show("WantedBy", "");
    unknown.unseen("file.units").unseen("file.home").unseen("cwd").unseen("title")
}

const CANNOT: &str = "it cannot be started, and does not start at boot";

#[test]
fn lf_14_not_installed() {
    let finding = not_found().raises(
        &asked(),
        "LF-14",
        Error,
        &format!("`app_sidekiq_production.service` is not installed: {CANNOT}"),
        "windlass STAGE sidekiq:install",
    );
    assert_eq!(finding.details, ["it belongs into /home/deploy/.config/systemd/user"]);
    not_found().raises_nothing(&not_yet());
}

#[test]
fn lf_14_somewhere_else() {
    not_found().seen("file.system", 0, "1795730000 1 2").raises(
        &asked(),
        "LF-14",
        Error,
        &format!(
            "the manager of `deploy` does not know `app_sidekiq_production.service`: its file is in /etc/systemd/system, \
             which belongs to the machine: {CANNOT}"
        ),
        "windlass STAGE sidekiq:install && sudo rm /etc/systemd/system/app_sidekiq_production.service",
    );
    let unread = not_found().seen("file.units", 0, "1795730000 4038471504 75");
    unread.clone().section("units", 0, "/opt/units").raises(
        &asked(),
        "LF-14",
        Error,
        &format!(
            "the manager of `deploy` does not look in /opt/units, where `app_sidekiq_production.service` is: {CANNOT}"
        ),
        "take `service_unit_path` out of the recipe, and install it again",
    );
    unread.raises(
        &asked(),
        "LF-14",
        Error,
        &format!("the manager of `deploy` has not read `app_sidekiq_production.service`, which is there: {CANNOT}"),
        "systemctl --user daemon-reload",
    );
    let mine = not_found().section("user", 0, "sidekiq").section("as_user", 0, "").section("unit.0.mine", 0, "yes");
    assert_eq!(
        mine.found(&asked())[0].problem,
        "the manager of `sidekiq` does not know `app_sidekiq_production.service`: its file is in \
         ~deploy/.config/systemd/user, which belongs to another user"
    );
    let at_home = not_found().seen("file.home", 0, "1795730000 1 2");
    assert_eq!(
        at_home.found(&asked_of_system())[0].problem,
        "the manager of the machine does not know `app_sidekiq_production.service`: its file is in \
         ~sidekiq/.config/systemd/user, which belongs to that user"
    );
}

#[test]
fn lf_15_stale() {
    Recorded::healthy().show("NeedDaemonReload", "yes").raises(
        &asked(),
        "LF-15",
        Error,
        "the file of `app_sidekiq_production.service` has changed since systemd read it: systemd goes on with the old one",
        "systemctl --user daemon-reload && systemctl --user restart app_sidekiq_production.service",
    );
    // 00:11:40, and the process is from 00:10:00.
    Recorded::healthy().seen("file.units", 0, "1795738300 4038471504 75").raises(
        &asked(),
        "LF-15",
        Error,
        "`app_sidekiq_production.service` was started before its file was last changed: what has changed counts from the \
         next start on",
        "systemctl --user restart app_sidekiq_production.service",
    );
    Recorded::healthy().seen("file.units", 0, "1795730000 1 2").raises(
        &asked(),
        "LF-15",
        Warning,
        "the file of `app_sidekiq_production.service` is not what the recipe says now: either the recipe was changed and not \
         installed, or somebody changed the file on the host",
        "windlass STAGE sidekiq:install",
    );
    Recorded::healthy().seen("file.units", 0, "").raises_nothing(&asked());
}
