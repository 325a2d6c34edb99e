use crate::systemd::health::asked::{Asked, Examined};
use crate::systemd::health::finding::Severity::{Error, Warning};
use crate::systemd::health::testing::{Recorded, asked, asked_of_system, examined};

fn not_yet() -> Asked {
    Asked { units: vec![Examined { is_meant_to_run: false, ..examined() }], ..asked() }
}

#[test]
fn lf_11_not_enabled() {
    let disabled = Recorded::healthy().section("unit.0.enabled", 1, "disabled");
    disabled.raises(
        &asked(),
        "LF-11",
        Error,
        "`app_sidekiq_production.service` is not enabled (disabled): it does not start at boot",
        "systemctl --user enable app_sidekiq_production.service",
    );
    disabled.raises_nothing(&not_yet());
    disabled.show("TriggeredBy", "app_sidekiq_production.socket").raises_nothing(&asked());
}

#[test]
fn lf_11_each_state_has_its_remedy() {
    let found = |state: &str| Recorded::healthy().section("unit.0.enabled", 1, state).found(&asked()).remove(0);
    assert_eq!(found("static").problem, "`app_sidekiq_production.service` has no `[Install]` section");
    assert_eq!(
        found("masked").repair,
        "systemctl --user unmask app_sidekiq_production.service && \
         systemctl --user enable --now app_sidekiq_production.service"
    );
    assert_eq!(
        found("enabled-runtime").problem,
        "`app_sidekiq_production.service` is enabled until the next boot only"
    );
    let by_the_manager = Recorded::healthy().without("unit.0.enabled").show("UnitFileState", "disabled");
    assert_eq!(by_the_manager.found(&asked())[0].id, "LF-11");
}

#[test]
fn lf_12_wanted_by_nothing_a_user_has() {
    let wanted = |by: &str| Recorded::healthy().show("WantedBy", by);
    let then = "it never starts at boot, because managers of users have no multi-user.target";
    let repair = "write `WantedBy=default.target` into its template, then systemctl --user reenable app_sidekiq_production.service";
    wanted("").raises(
        &asked(),
        "LF-12",
        Error,
        &format!("`app_sidekiq_production.service` is enabled, but wanted by nothing its manager knows: {then}"),
        repair,
    );
    wanted("multi-user.target").raises(
        &asked(),
        "LF-12",
        Error,
        &format!("`app_sidekiq_production.service` is enabled, but wanted by `multi-user.target`: {then}"),
        repair,
    );
    wanted("multi-user.target default.target").raises_nothing(&asked());
    wanted("").show("RequiredBy", "default.target").raises_nothing(&asked());
    Recorded::healthy_system().raises_nothing(&asked_of_system());
}

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

#[test]
fn lf_16_a_home_that_comes_late() {
    for kind in ["nfs4", "autofs", "ecryptfs", "fuse.sshfs"] {
        Recorded::healthy().section("home_type", 0, kind).raises(
            &asked(),
            "LF-16",
            Warning,
            &format!(
                "the home of `deploy` is on {kind}: its units may not be there yet when its manager starts at boot"
            ),
            "set(\"service_unit_user\", \"system\")",
        );
    }
    for kind in ["xfs", "btrfs", "overlay", "zfs"] {
        Recorded::healthy().section("home_type", 0, kind).raises_nothing(&asked());
    }
}

#[test]
fn lf_16_lingering_that_is_forgotten() {
    let repair = "put an empty file /var/lib/systemd/linger/deploy into the image of the host";
    Recorded::healthy().section("linger_type", 0, "tmpfs").raises(
        &asked(),
        "LF-16",
        Warning,
        "who lingers is kept in /var/lib/systemd, which is on tmpfs: at boot nobody lingers any more",
        repair,
    );
    Recorded::healthy().section("linger_type", 0, "overlay").raises_nothing(&asked());
}

#[test]
fn lf_17_waits_for_what_a_user_does_not_have() {
    let after = Recorded::healthy().show("After", "basic.target app.slice redis.service network.target").section(
        "dependencies",
        0,
        "Id=basic.target\nLoadState=loaded\n\nId=redis.service\nLoadState=not-found",
    );
    after.clone().show("StartLimitIntervalUSec", "10s").show("StartLimitBurst", "5").raises(
        &asked(),
        "LF-17",
        Warning,
        "`app_sidekiq_production.service` is to start after `redis.service`, which the manager of a user does not have: at \
         boot it may start too early, fail a few times, and then give up for good",
        "write `StartLimitIntervalSec=0` into `[Unit]` of its template, so that it tries on",
    );
    after.raises_nothing(&asked());
    after.show("Requires", "basic.target redis.service").raises(
        &asked(),
        "LF-17",
        Error,
        "`app_sidekiq_production.service` requires `redis.service`, which the manager of a user does not have: it is not \
         started at all",
        "take `Requires=` out of its template: units of a user cannot wait for units of the machine",
    );
}
