//! Lingering that is off, and who notices when: `LF-1`, `LF-2`, `LF-4`, `LF-10` and `LF-13`.

use crate::model::host_finding::{Finding, Severity};
use crate::model::name_list::plain;
use crate::systemd::health::facts::Linger;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;
use crate::systemd::health::unit_facts::UnitFacts;
use crate::systemd::mode::Mode;
use crate::systemd::refusal::{self, Refusal};
use crate::systemd::version::Version;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[
    ("LF-1", linger_is_off),
    ("LF-2", linger_of_somebody_else),
    ("LF-4", linger_would_be_refused),
    ("LF-10", kept_alive_for_now),
    ("LF-13", enabled_without_linger),
];

/// The units that lingering is about, and what happens to them.
fn at_stake(seen: &Seen<'_>) -> String {
    let up = seen.names(|_, unit| unit.is_up());
    if up.is_empty() { format!("the services of `{}`", seen.user()) } else { up }
}

/// Whether no unit runs that could stop.
fn nothing_runs(seen: &Seen<'_>) -> bool {
    !seen.facts.units.is_empty() && !seen.facts.units.iter().any(UnitFacts::is_up)
}

/// Whether units wait for the boot that will not start them: `LF-13` says so then.
fn waits_for_boot(seen: &Seen<'_>) -> bool {
    nothing_runs(seen) && seen.facts.units.iter().any(|unit| unit.enablement() == Some("enabled"))
}

/// The command that switches lingering on: without root where that is enough.
fn enable_linger(seen: &Seen<'_>) -> String {
    let user = seen.user();
    if seen.facts.user == seen.facts.me && predicted_refusal(seen).is_none() {
        return format!("loginctl enable-linger {user}");
    }
    seen.as_root(&format!("loginctl enable-linger {user}"))
}

fn linger_is_off(seen: &Seen<'_>) -> Vec<Finding> {
    let user = seen.user();
    if seen.lacks_linger() {
        let Some(severity) = seen.asked.missing_linger else { return Vec::new() };
        if waits_for_boot(seen) {
            return Vec::new();
        }
        let consequence = format!(
            "when the last login of `{user}` ends, systemd stops {} {}, and starts nothing at boot, however healthy it \
             looks now",
            at_stake(seen),
            seen.stop_delay()
        );
        return vec![
            Finding::new("LF-1", severity, format!("lingering is off for `{user}`"))
                .user(user)
                .then(consequence)
                .repair(enable_linger(seen)),
        ];
    }
    // Somebody asked for it where it does nothing.
    let (Mode::System, Some(other)) = (seen.asked.manager.mode, &seen.asked.lingering_user) else { return Vec::new() };
    if seen.facts.linger_other != Some(Linger::Off) {
        return Vec::new();
    }
    vec![
        Finding::new("LF-1", Severity::Note, format!("lingering is off for `{other}`"))
            .user(other)
            .then("that does no harm: services of the machine need no lingering")
            .repair("take `lingering_user` out of the recipe, or `set(\"service_unit_user\", \"user\")`"),
    ]
}

fn linger_of_somebody_else(seen: &Seen<'_>) -> Vec<Finding> {
    let user = seen.user();
    let Some(other) = seen.asked.lingering_user.as_deref().filter(|other| *other != user) else { return Vec::new() };
    if !seen.lacks_linger() || seen.facts.linger_other != Some(Linger::On) {
        return Vec::new();
    }
    let severity = seen.asked.missing_linger.unwrap_or(Severity::Error);
    let problem = format!("`{other}` lingers, but the services belong to `{user}`, who does not");
    vec![
        Finding::new("LF-2", severity, problem)
            .user(user)
            .then(format!(
                "lingering keeps only one's own services: when the last login of `{user}` ends, systemd stops {} {}",
                at_stake(seen),
                seen.stop_delay()
            ))
            .repair(enable_linger(seen)),
    ]
}

/// What `enable-linger` would say, by what polkit and sudo say; none where it would do it, or nothing is known.
fn predicted_refusal(seen: &Seen<'_>) -> Option<Refusal> {
    let facts = seen.facts;
    // Who may do it by sudo is refused nothing, and where sudo was not asked there was no need to.
    let sudo = facts.sudo_linger.as_ref().filter(|answer| !answer.is_ok())?;
    if facts.user != facts.me {
        return Some(Refusal::read(&sudo.text));
    }
    if !facts.version.is_none_or(Version::lets_users_linger) {
        return Some(Refusal::InteractiveAuth);
    }
    let pkcheck = facts.pkcheck.as_ref()?;
    match Refusal::read(&pkcheck.text) {
        Refusal::PolkitMasked => Some(Refusal::PolkitMasked),
        _ if facts.has_polkit == Some(false) => Some(Refusal::AccessDenied),
        // Statuses of pkcheck: not authorized, and authorized only with a password.
        _ if pkcheck.status == 1 => Some(Refusal::AccessDenied),
        _ if pkcheck.status == 2 => Some(Refusal::InteractiveAuth),
        _ => None,
    }
}

fn linger_would_be_refused(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(refusal) = seen.asked.refusal.clone().or_else(|| predicted_refusal(seen)) else { return Vec::new() };
    if !seen.lacks_linger() {
        return Vec::new();
    }
    let (me, user) = (seen.facts.me.as_str(), seen.user());
    let severity = seen.asked.missing_linger.unwrap_or(Severity::Error);
    let problem =
        format!("lingering is off for `{user}`, and windlass may not switch it on: {}", refusal.cause(me, user));
    vec![
        Finding::new("LF-4", severity, problem)
            .user(user)
            .then(format!(
                "when the last login of `{user}` ends, systemd stops {} {}, and starts nothing at boot",
                at_stake(seen),
                seen.stop_delay()
            ))
            .repair(seen.as_root(&format!("loginctl enable-linger {user}")))
            .details(vec![format!("for sudoers: {}", refusal::sudoers_line(me, user))]),
    ]
}

fn kept_alive_for_now(seen: &Seen<'_>) -> Vec<Finding> {
    if !seen.lacks_linger() || waits_for_boot(seen) {
        return Vec::new();
    }
    let user = seen.user();
    let sessions: Vec<&str> = seen.other_sessions().iter().map(|session| session.id.as_str()).collect();
    let consequence = if seen.facts.stop_delay.as_deref() == Some("infinity") {
        format!(
            "logind stops nothing at logout (UserStopDelaySec=infinity), which hides it; at boot {} will not start",
            at_stake(seen)
        )
    } else if sessions.is_empty() {
        return Vec::new();
    } else {
        let sessions =
            if let [one] = sessions[..] { format!("session {one}") } else { format!("sessions {}", plain(&sessions)) };
        format!(
            "{sessions} hides it for now; after the last logout systemd stops {} {}",
            at_stake(seen),
            seen.stop_delay()
        )
    };
    let severity = seen.asked.missing_linger.unwrap_or(Severity::Error);
    vec![
        Finding::new(
            "LF-10",
            severity,
            format!("lingering is off for `{user}`, whose services are kept alive by chance"),
        )
        .user(user)
        .then(consequence)
        .repair(enable_linger(seen)),
    ]
}

fn enabled_without_linger(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(severity) = seen.asked.missing_linger.filter(|_| seen.lacks_linger() && waits_for_boot(seen)) else {
        return Vec::new();
    };
    let user = seen.user();
    let names = seen.names(|_, unit| unit.enablement() == Some("enabled"));
    vec![
        Finding::new("LF-13", severity, format!("{names} waits for a login, because `{user}` does not linger"))
            .user(user)
            .then(format!("at boot nothing starts; it starts when `{user}` logs in, and stops after the last logout"))
            .repair(enable_linger(seen)),
    ]
}

#[cfg(test)]
#[path = "linger_off_tests.rs"]
mod tests;
