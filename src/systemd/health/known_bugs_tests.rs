use crate::model::host_finding::Severity::{Error, Note, Warning};
use crate::systemd::health::asked::Asked;
use crate::systemd::health::testing::{Recorded, asked};

const NOBLE: &str = "systemd 255 (255.4-1ubuntu8.4)";
const KILLED: &str = "user@1000.service: Main process exited, code=killed, status=9/KILL";
const THEN: &str = "all services of that user stop with it, at a moment nobody foresees";
const UPGRADE: &str = "upgrade systemd to 256.3 or later, or `set(\"service_unit_user\", \"system\")`";

#[test]
fn lf_26_the_manager_may_be_killed_at_logout() {
    let noble = Recorded::healthy().section("version", 0, NOBLE);
    noble.raises(
        &asked(),
        "LF-26",
        Note,
        &format!(
            "systemd 255.4 may kill user@1000.service at a logout although `deploy` lingers (systemd #43361): {THEN}"
        ),
        UPGRADE,
    );
    noble.clone().section("manager_log", 0, KILLED).raises(
        &asked(),
        "LF-26",
        Error,
        &format!(
            "`deploy` lingers, and user@1000.service was killed since boot: systemd 255.4 does that at a logout (systemd \
             #43361): {THEN}"
        ),
        UPGRADE,
    );
    let looked = Asked { manager_since: Some("Thu 2026-11-26 19:00:00 UTC".into()), ..asked() };
    assert!(noble.found(&looked)[0].problem.contains("is not the one that ran before"));
    let looked = Asked { manager_since: noble.facts(&asked()).manager_since().map(str::to_owned), ..asked() };
    assert_eq!(noble.found(&looked)[0].severity, Note);
    for mended in ["systemd 256 (256.3-1)", "systemd 254 (254.26-1)", "systemd 257 (257.9-1~deb13u1)"] {
        Recorded::healthy().section("version", 0, mended).section("manager_log", 0, KILLED).raises_nothing(&asked());
    }
}

#[test]
fn lf_27_the_manager_stays_behind() {
    let left = Recorded::no_linger()
        .section("session", 0, "")
        .section("sessions", 0, "")
        .section("login", 0, "Sessions=\nState=closing\nLinger=no")
        .section("version", 0, "systemd 256 (256.2-1)");
    let asked_nothing = Asked { missing_linger: None, ..asked() };
    left.raises(
        &asked_nothing,
        "LF-27",
        Warning,
        "`deploy` does not linger any more, but user@1000.service still runs (systemd #33488): its services run on until the \
         next boot, and then no more",
        "sudo loginctl terminate-user deploy",
    );
    left.clone().section("version", 0, "systemd 256 (256.3-1)").raises_nothing(&asked_nothing);
    let logged_in = left.section("session", 0, "3").section("sessions", 0, "Id=3\nClass=user\nState=active");
    logged_in.raises_nothing(&asked_nothing);
}
