use crate::model::host_finding::Severity::Error;
use crate::systemd::health::testing::{Recorded, asked, asked_of_system};

const NEVER: &str = "no service of that user can run without a login, and none starts at boot";
const NOT_KNOWN: &str = "Failed to get user: User ID 1000 is not logged in or lingering";

#[test]
fn lf_05_lingers_in_name_only() {
    let failed = "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\nActiveEnterTimestamp=\nExecMainStatus=224";
    let down = || {
        Recorded::healthy().section("login", 1, NOT_KNOWN).section(
            "manager",
            1,
            "Failed to connect to bus: No such file or directory",
        )
    };
    down().section("user_manager", 0, failed).raises(
        &asked(),
        "LF-5",
        Error,
        &format!(
            "`deploy` lingers in name only: PAM let user@1000.service open no session; an account that has expired does that: \
             {NEVER}"
        ),
        "sudo chage -l deploy",
    );
    // It had run before; `systemctl start`, as for one that has died, would not help.
    let once = failed.replace("Timestamp=", "Timestamp=Fri 2026-11-27 00:13:06 UTC");
    assert_eq!(down().section("user_manager", 0, &once).found(&asked())[0].repair, "sudo chage -l deploy");
    down().section("user_manager", 0, "LoadState=masked\nActiveState=inactive").raises(
        &asked(),
        "LF-5",
        Error,
        &format!("`deploy` lingers in name only: user@1000.service is masked: {NEVER}"),
        "sudo systemctl unmask user@.service user@1000.service && sudo systemctl start user@1000.service",
    );
    down().section("user_manager", 0, &failed.replace("224", "1")).raises(
        &asked(),
        "LF-5",
        Error,
        &format!("`deploy` lingers in name only: user@1000.service did not start (exit-code): {NEVER}"),
        "sudo journalctl -n 50 -u user@1000.service",
    );
}

const IDLE: &str =
    "LoadState=loaded\nActiveState=inactive\nSubState=dead\nResult=success\nExecMainStatus=0\nActiveEnterTimestamp=";

#[test]
fn lf_18_the_manager_never_started() {
    let repair = "sudo loginctl enable-linger deploy && sudo systemctl start user@1000.service";
    let idle = Recorded::healthy().section("user_manager", 0, IDLE).section(
        "manager",
        1,
        "Failed to connect to bus: No such file or directory",
    );
    idle.clone().section("login", 1, NOT_KNOWN).raises(
        &asked(),
        "LF-18",
        Error,
        "`deploy` lingers, but user@1000.service is inactive: it was stopped, or nobody started it since lingering was asked \
         for: none of that user's services runs",
        repair,
    );
    let candidate = idle.clone().section("version", 0, "systemd 256 (256~rc3-1)");
    let found = candidate.found(&asked());
    assert_eq!(found[0].id, "LF-18");
    assert_eq!(
        found[0].problem,
        "`deploy` lingers, but user@1000.service is inactive: candidates of systemd 256 forget it at boot, systemd #33005"
    );
    let starting = idle.section("user_manager", 0, &IDLE.replace("inactive", "activating"));
    assert_eq!(
        starting.found(&asked())[0].problem,
        "`deploy` lingers, but user@1000.service is activating: it is not there yet"
    );
}

#[test]
fn lf_19_systemd_does_not_run_the_host() {
    let without = Recorded::no_linger().section("booted", 0, "no").section("pid1", 0, "docker-init").section(
        "manager",
        1,
        "System has not been booted with systemd as init system (PID 1). Can't operate.",
    );
    without.raises(
        &asked(),
        "LF-19",
        Error,
        "systemd does not run the host: its process 1 is `docker-init`: services of users cannot be run on it",
        "deploy to a host that systemd runs, or start the service by other means",
    );
    let system = Recorded::healthy_system().section("booted", 0, "no").section("pid1", 0, "");
    assert_eq!(
        system.found(&asked_of_system())[0].to_string(),
        "systemd does not run the host: services cannot be run on it"
    );
}

#[test]
fn lf_19_managers_of_users_are_switched_off() {
    let repair = "set(\"service_unit_user\", \"system\")";
    Recorded::no_linger()
        .section("version", 0, "systemd 219")
        .section("user_manager", 0, "LoadState=not-found\nActiveState=inactive")
        .section("manager", 1, "Failed to get D-Bus connection: No such file or directory")
        .raises(
            &asked(),
            "LF-19",
            Error,
            "systemd 219 of the host has its managers for users switched off: services of users cannot be run on it",
            repair,
        );
    Recorded::no_linger().section("version", 0, "systemd 204").raises(
        &asked(),
        "LF-19",
        Error,
        "systemd 204 has no managers for users: they came with 206: services of users cannot be run on it",
        repair,
    );
    Recorded::healthy().section("version", 0, "systemd 219").raises_nothing(&asked());
}

#[test]
fn lf_28_the_manager_was_stopped() {
    let then = "all services of that user are down, and not even a login starts it again (systemd #4162)";
    let start = "sudo systemctl start user@1000.service";
    let down = |manager: &str| {
        Recorded::healthy().section("user_manager", 0, manager).section(
            "manager",
            1,
            "Failed to connect to bus: No such file or directory",
        )
    };
    let died =
        "LoadState=loaded\nActiveState=failed\nExecMainStatus=9\nActiveEnterTimestamp=Thu 2026-11-26 20:00:00 UTC";
    down(died).raises(
        &asked(),
        "LF-28",
        Error,
        &format!("`deploy` lingers, but user@1000.service has died: {then}"),
        start,
    );
    // systemd forgets the times of a unit that was stopped; logind does not forget the user.
    down("LoadState=loaded\nActiveState=inactive\nActiveEnterTimestamp=").raises(
        &asked(),
        "LF-28",
        Error,
        &format!("`deploy` lingers, but user@1000.service was stopped: {then}"),
        start,
    );
    Recorded::healthy().raises_nothing(&asked());
}
