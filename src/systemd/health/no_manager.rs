//! Managers of users that do not run although they should: `LF-5`, `LF-18`, `LF-19` and `LF-28`.
//!
//! The file that asks for lingering is a wish. Whether it was granted shows in `user@UID.service`.

use crate::model::host_finding::{Finding, Severity};
use crate::model::sections::Answer;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;
use crate::systemd::version::Version;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[
    ("LF-5", lingers_in_name_only),
    ("LF-18", manager_never_started),
    ("LF-19", no_managers),
    ("LF-28", manager_stopped),
];

fn lingers_in_name_only(seen: &Seen<'_>) -> Vec<Finding> {
    if !seen.lingers() {
        return Vec::new();
    }
    let (user, unit, manager) = (seen.user(), seen.manager_unit(), &seen.facts.user_manager);
    let finding = |why: String, repair: String| {
        vec![
            Finding::new("LF-5", Severity::Error, format!("`{user}` lingers in name only: {why}"))
                .user(user)
                .then("no service of that user can run without a login, and none starts at boot")
                .repair(repair),
        ]
    };
    if manager.is("LoadState", "masked") {
        let repair =
            format!("systemctl unmask user@.service {unit} && {}", seen.as_root(&format!("systemctl start {unit}")));
        return finding(format!("{unit} is masked"), seen.as_root(&repair));
    }
    if !manager.is("ActiveState", "failed") {
        return Vec::new();
    }
    // Whether it was up before or not: to start it again would end the same way.
    if manager.is("ExecMainStatus", "224") {
        let why = format!("PAM let {unit} open no session; an account that has expired does that");
        return finding(why, seen.as_root(&format!("chage -l {user}")));
    }
    if seen.facts.manager_since().is_some() {
        return Vec::new();
    }
    let result = manager.get("Result").unwrap_or("unknown");
    finding(format!("{unit} did not start ({result})"), seen.as_root(&format!("journalctl -n 50 -u {unit}")))
}

fn manager_never_started(seen: &Seen<'_>) -> Vec<Finding> {
    if !seen.lingers() || seen.facts.user_manager.is("LoadState", "masked") || seen.facts.manager_since().is_some() {
        return Vec::new();
    }
    let Some(state) =
        seen.facts.user_manager.get("ActiveState").filter(|state| !["active", "reloading", "failed"].contains(state))
    else {
        return Vec::new();
    };
    let is_forgotten = seen.facts.version.is_some_and(Version::forgets_lingering_at_boot);
    // Whom logind knows had a manager once: that is LF-28.
    let is_known = seen.facts.login.as_ref().is_some_and(Answer::is_ok);
    if is_known && !is_forgotten && state == "inactive" {
        return Vec::new();
    }
    let (user, unit) = (seen.user(), seen.manager_unit());
    // Of a manager that was stopped systemd and logind may remember nothing: then it looks as if it had never run.
    let (why, then) = if is_forgotten {
        (
            "candidates of systemd 256 forget it at boot, systemd #33005",
            "none of that user's services runs, and none starts at the next boot either",
        )
    } else if state == "inactive" {
        ("it was stopped, or nobody started it since lingering was asked for", "none of that user's services runs")
    } else {
        ("it is not there yet", "none of that user's services runs until it is")
    };
    vec![
        Finding::new("LF-18", Severity::Error, format!("`{user}` lingers, but {unit} is {state}: {why}"))
            .user(user)
            .then(then)
            .repair(format!(
                "{} && {}",
                seen.as_root(&format!("loginctl enable-linger {user}")),
                seen.as_root(&format!("systemctl start {unit}"))
            )),
    ]
}

fn manager_stopped(seen: &Seen<'_>) -> Vec<Finding> {
    let manager = &seen.facts.user_manager;
    if !seen.lingers() || manager.is("LoadState", "masked") {
        return Vec::new();
    }
    let was_up = seen.facts.manager_since().is_some();
    let is_known = seen.facts.login.as_ref().is_some_and(Answer::is_ok);
    let is_forgotten = seen.facts.version.is_some_and(Version::forgets_lingering_at_boot);
    let state = match manager.get("ActiveState") {
        Some("failed") if was_up => "has died",
        Some("inactive") if was_up || is_known && !is_forgotten => "was stopped",
        _ => return Vec::new(),
    };
    let (user, unit) = (seen.user(), seen.manager_unit());
    vec![
        Finding::new("LF-28", Severity::Error, format!("`{user}` lingers, but {unit} {state}"))
            .user(user)
            .then("all services of that user are down, and not even a login starts it again (systemd #4162)")
            .repair(seen.as_root(&format!("systemctl start {unit}"))),
    ]
}

fn no_managers(seen: &Seen<'_>) -> Vec<Finding> {
    let facts = seen.facts;
    let finding = |problem: String, repair: &str| {
        let what = if seen.is_user_mode() { "services of users" } else { "services" };
        vec![Finding::new("LF-19", Severity::Error, problem).then(format!("{what} cannot be run on it")).repair(repair)]
    };
    let elsewhere = "deploy to a host that systemd runs, or start the service by other means";
    if !facts.is_booted {
        let first = facts.pid1.as_deref().map(|pid1| format!(": its process 1 is `{pid1}`")).unwrap_or_default();
        return finding(format!("systemd does not run the host{first}"), elsewhere);
    }
    if !seen.is_user_mode() {
        return Vec::new();
    }
    let system = "set(\"service_unit_user\", \"system\")";
    match facts.version {
        Some(version) if !version.has_user_managers() => {
            finding(format!("systemd {version} has no managers for users: they came with 206"), system)
        }
        // As in Red Hat's 7, where the number alone promises them.
        Some(version) if facts.user_manager.is("LoadState", "not-found") => {
            finding(format!("systemd {version} of the host has its managers for users switched off"), system)
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "no_manager_tests.rs"]
mod tests;
