use crate::model::host_finding::Severity::{Error, Warning};
use crate::systemd::health::testing::{Recorded, asked};

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
