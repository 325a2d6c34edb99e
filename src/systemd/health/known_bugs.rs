//! Mistakes of systemd itself that are known by its release: `LF-26` and `LF-27`.

use crate::model::host_finding::{Finding, Severity};
use crate::systemd::health::facts::Linger;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;
use crate::systemd::version::Version;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[("LF-26", killed_at_logout), ("LF-27", manager_left_behind)];

fn killed_at_logout(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(version) = seen.facts.version.filter(|version| version.may_kill_lingering() && seen.lingers()) else {
        return Vec::new();
    };
    let (user, unit) = (seen.user(), seen.manager_unit());
    let was_killed = seen.facts.manager_log.contains("code=killed, status=9/KILL");
    let was_replaced = match (seen.asked.manager_since.as_deref(), seen.facts.manager_since()) {
        (Some(before), Some(now)) => before != now,
        _ => false,
    };
    let (severity, problem) = if was_killed || was_replaced {
        let how = if was_killed { "was killed since boot" } else { "is not the one that ran before" };
        (
            Severity::Error,
            format!("`{user}` lingers, and {unit} {how}: systemd {version} does that at a logout (systemd #43361)"),
        )
    } else {
        (
            Severity::Note,
            format!("systemd {version} may kill {unit} at a logout although `{user}` lingers (systemd #43361)"),
        )
    };
    vec![
        Finding::new("LF-26", severity, problem)
            .user(user)
            .then("all services of that user stop with it, at a moment nobody foresees")
            .repair("upgrade systemd to 256.3 or later, or `set(\"service_unit_user\", \"system\")`"),
    ]
}

fn manager_left_behind(seen: &Seen<'_>) -> Vec<Finding> {
    let has_mistake = seen.facts.version.is_some_and(Version::keeps_manager_behind);
    let is_left = seen.is_user_mode()
        && seen.facts.linger == Linger::Off
        && seen.manager_is("active")
        && seen.other_sessions().is_empty()
        && seen.facts.session.as_ref().is_none_or(|_| seen.facts.user != seen.facts.me);
    if !has_mistake || !is_left {
        return Vec::new();
    }
    let (user, unit) = (seen.user(), seen.manager_unit());
    vec![
        Finding::new(
            "LF-27",
            Severity::Warning,
            format!("`{user}` does not linger any more, but {unit} still runs (systemd #33488)"),
        )
        .user(user)
        .then("its services run on until the next boot, and then no more")
        .repair(seen.as_root(&format!("loginctl terminate-user {user}"))),
    ]
}

#[cfg(test)]
#[path = "known_bugs_tests.rs"]
mod tests;
