//! Managers and units that start at boot before what they need is there: `LF-16` and `LF-17`.

use crate::model::host_finding::{Finding, Severity};
use crate::model::name_list::quoted;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[("LF-16", files_that_come_late), ("LF-17", waits_for_what_is_not_there)];

/// File systems that come from elsewhere, or are opened at a login.
fn comes_late(kind: &str) -> bool {
    let late =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "autofs", "ecryptfs", "9p", "afs", "ceph", "lustre", "tmpfs", "ramfs"];
    late.contains(&kind) || kind == "fuse" || kind.starts_with("fuse.")
}

fn files_that_come_late(seen: &Seen<'_>) -> Vec<Finding> {
    if !seen.is_user_mode() {
        return Vec::new();
    }
    let user = seen.user();
    let mut found = Vec::new();
    if let Some(kind) = seen.facts.home_type.as_deref().filter(|kind| comes_late(kind)) {
        found.push(
            Finding::new("LF-16", Severity::Warning, format!("the home of `{user}` is on {kind}"))
                .user(user)
                .then("its units may not be there yet when its manager starts at boot")
                .repair("set(\"service_unit_user\", \"system\")"),
        );
    }
    // An overlay may be kept or not: that cannot be told from below it.
    if let Some(kind @ ("tmpfs" | "ramfs")) = seen.facts.linger_type.as_deref() {
        found.push(
            Finding::new(
                "LF-16",
                Severity::Warning,
                format!("who lingers is kept in /var/lib/systemd, which is on {kind}"),
            )
            .user(user)
            .then("at boot nobody lingers any more")
            .repair(format!("put an empty file /var/lib/systemd/linger/{user} into the image of the host")),
        );
    }
    found
}

fn waits_for_what_is_not_there(seen: &Seen<'_>) -> Vec<Finding> {
    if !seen.is_user_mode() {
        return Vec::new();
    }
    let units = seen.units().filter_map(|(examined, unit)| {
        let unknown = |name: &str| -> Vec<&str> {
            let wanted = unit.show.get(name).unwrap_or_default().split_whitespace();
            wanted.filter(|wanted| seen.facts.unknown_dependencies.iter().any(|unknown| unknown == wanted)).collect()
        };
        let name = examined.unit.as_str();
        let required = unknown("Requires");
        if !required.is_empty() {
            return Some(
                Finding::new(
                    "LF-17",
                    Severity::Error,
                    format!("`{name}` requires {}, which the manager of a user does not have", quoted(required)),
                )
                .unit(&examined.unit)
                .then("it is not started at all")
                .repair("take `Requires=` out of its template: units of a user cannot wait for units of the machine"),
            );
        }
        let after = unknown("After");
        let limit = unit.show.get("StartLimitIntervalUSec").or_else(|| unit.show.get("StartLimitInterval"));
        let gives_up = limit.is_some_and(|limit| limit != "0") && !unit.show.is("StartLimitBurst", "0");
        (!after.is_empty() && gives_up).then(|| {
            Finding::new(
                "LF-17",
                Severity::Warning,
                format!("`{name}` is to start after {}, which the manager of a user does not have", quoted(after)),
            )
            .unit(&examined.unit)
            .then("at boot it may start too early, fail a few times, and then give up for good")
            .repair("write `StartLimitIntervalSec=0` into `[Unit]` of its template, so that it tries on")
        })
    });
    units.collect()
}

#[cfg(test)]
#[path = "too_early_at_boot_tests.rs"]
mod tests;
