//! Units that do not start at boot: `LF-11` and `LF-12`.

use crate::model::host_finding::{Finding, Severity};
use crate::model::name_list::quoted;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[("LF-11", not_enabled), ("LF-12", wanted_by_nothing)];

/// States of a unit's file with which it is started, or need not be.
const FINE: &[&str] = &["enabled", "indirect", "alias", "generated", "transient"];

/// Targets no user's manager ever reaches without a screen.
const NEVER_REACHED: &[&str] = &["multi-user.target", "graphical.target", "graphical-session.target"];

fn not_enabled(seen: &Seen<'_>) -> Vec<Finding> {
    let units = seen.units().filter(|(examined, unit)| {
        // What a socket or a timer starts needs no enabling of its own.
        examined.is_meant_to_run
            && (unit.is_loaded() || unit.show.is("LoadState", "masked"))
            && unit.show.get("TriggeredBy").is_none()
    });
    units
        .filter_map(|(examined, unit)| {
            let state = unit.enablement().filter(|state| !FINE.contains(state))?;
            let name = examined.unit.as_str();
            let (problem, consequence, repair) = match state {
                "static" => (
                    format!("`{name}` has no `[Install]` section"),
                    "it cannot be enabled, and does not start at boot",
                    "add `[Install]` with `WantedBy=default.target` to its template, and install it again".to_owned(),
                ),
                "masked" | "masked-runtime" => (
                    format!("`{name}` is masked"),
                    "it can neither be started nor start at boot",
                    seen.typed_all(&[&["unmask", name], &["enable", "--now", name]]),
                ),
                "enabled-runtime" => (
                    format!("`{name}` is enabled until the next boot only"),
                    "it does not start at boot",
                    seen.typed(&["enable", name]),
                ),
                state => (
                    format!("`{name}` is not enabled ({state})"),
                    "it does not start at boot",
                    seen.typed(&["enable", name]),
                ),
            };
            Some(Finding::new("LF-11", Severity::Error, problem).unit(&examined.unit).then(consequence).repair(repair))
        })
        .collect()
}

fn wanted_by_nothing(seen: &Seen<'_>) -> Vec<Finding> {
    let target = if seen.is_user_mode() { "default.target" } else { "multi-user.target" };
    let units = seen.units().filter(|(examined, unit)| {
        examined.is_meant_to_run && unit.is_loaded() && unit.enablement() == Some("enabled")
    });
    units
        .filter_map(|(examined, unit)| {
            let by = |name: &str| unit.show.get(name).unwrap_or_default().split_whitespace();
            let wanted: Vec<&str> = by("WantedBy").chain(by("RequiredBy")).collect();
            let is_reached = |target: &&str| !seen.is_user_mode() || !NEVER_REACHED.contains(target);
            if wanted.iter().any(is_reached) {
                return None;
            }
            let name = examined.unit.as_str();
            let what = if wanted.is_empty() { "nothing its manager knows".to_owned() } else { quoted(wanted) };
            Some(
                Finding::new("LF-12", Severity::Error, format!("`{name}` is enabled, but wanted by {what}"))
                    .unit(&examined.unit)
                    .then(if seen.is_user_mode() {
                        "it never starts at boot, because managers of users have no multi-user.target"
                    } else {
                        "it never starts at boot"
                    })
                    .repair(format!(
                        "write `WantedBy={target}` into its template, then {}",
                        seen.typed(&["reenable", name])
                    )),
            )
        })
        .collect()
}

#[cfg(test)]
#[path = "not_at_boot_tests.rs"]
mod tests;
