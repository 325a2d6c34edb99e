//! Units that do not start at boot, or not as they are on disk: `LF-11`, `LF-12` and `LF-14` to `LF-17`.

use crate::model::name_list::quoted;
use crate::systemd::health::asked::Examined;
use crate::systemd::health::finding::{Finding, Severity};
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[
    ("LF-11", not_enabled),
    ("LF-12", wanted_by_nothing),
    ("LF-14", not_where_the_manager_looks),
    ("LF-15", stale),
    ("LF-16", files_that_come_late),
    ("LF-17", waits_for_what_is_not_there),
];

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

/// What installs a unit anew.
fn install(examined: &Examined) -> String {
    format!("windlass STAGE {}:install", examined.service)
}

fn not_where_the_manager_looks(seen: &Seen<'_>) -> Vec<Finding> {
    let whose = if seen.is_user_mode() {
        format!("the manager of `{}`", seen.user())
    } else {
        "the manager of the machine".to_owned()
    };
    let units =
        seen.units().filter(|(examined, unit)| examined.is_meant_to_run && unit.show.is("LoadState", "not-found"));
    units
        .map(|(examined, unit)| {
            let name = examined.unit.as_str();
            let folder = seen.facts.units_folder.as_deref();
            let belongs = folder.map(|folder| format!("it belongs into {folder}")).into_iter().collect();
            let finding = |problem: String, consequence: &str, repair: String| {
                Finding::new("LF-14", Severity::Error, problem)
                    .unit(&examined.unit)
                    .then(consequence)
                    .repair(repair)
                    .details(belongs)
            };
            let cannot = "it cannot be started, and does not start at boot";
            if let (Some(path), Some(folder), true) = (seen.facts.unit_path(), folder, unit.files.contains_key("units"))
                && !path.split_whitespace().any(|known| known == folder)
            {
                return finding(
                    format!("{whose} does not look in {folder}, where `{name}` is"),
                    cannot,
                    "take `service_unit_path` out of the recipe, and install it again".to_owned(),
                );
            }
            if unit.files.contains_key("units") {
                return finding(
                    format!("{whose} has not read `{name}`, which is there"),
                    cannot,
                    seen.typed(&["daemon-reload"]),
                );
            }
            let elsewhere = if seen.is_user_mode() && unit.files.contains_key("system") {
                Some(("/etc/systemd/system".to_owned(), "which belongs to the machine"))
            } else if unit.files.contains_key("home") {
                Some((format!("~{}/.config/systemd/user", seen.runner(examined)), "which belongs to that user"))
            } else if unit.is_mine {
                Some((format!("~{}/.config/systemd/user", seen.facts.me), "which belongs to another user"))
            } else {
                None
            };
            match elsewhere {
                Some((place, why)) => finding(
                    format!("{whose} does not know `{name}`: its file is in {place}, {why}"),
                    cannot,
                    format!("{} && {}", install(examined), seen.as_root(&format!("rm {place}/{name}"))),
                ),
                None => finding(format!("`{name}` is not installed"), cannot, install(examined)),
            }
        })
        .collect()
}

fn stale(seen: &Seen<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (examined, unit) in seen.units().filter(|(_, unit)| unit.is_loaded()) {
        let name = examined.unit.as_str();
        let finding = |severity: Severity, problem: String, consequence: &str, repair: String| {
            Finding::new("LF-15", severity, problem).unit(&examined.unit).then(consequence).repair(repair)
        };
        let file = unit.files.get("units");
        let reload = seen.typed_all(&[&["daemon-reload"], &["restart", name]]);
        if unit.show.is("NeedDaemonReload", "yes") {
            found.push(finding(
                Severity::Error,
                format!("the file of `{name}` has changed since systemd read it"),
                "systemd goes on with the old one",
                reload,
            ));
        } else if let (Some(changed), Some(started), true) =
            (file.and_then(|file| file.changed), unit.started(), unit.is_up())
            && changed > started
        {
            found.push(finding(
                Severity::Error,
                format!("`{name}` was started before its file was last changed"),
                "what has changed counts from the next start on",
                seen.typed(&["restart", name]),
            ));
        }
        if let (Some(is), Some(wanted)) = (file.and_then(|file| file.checksum.as_deref()), examined.checksum.as_deref())
            && is != wanted
        {
            let differs = finding(
                Severity::Warning,
                format!("the file of `{name}` is not what the recipe says now"),
                "either the recipe was changed and not installed, or somebody changed the file on the host",
                install(examined),
            );
            found.push(differs.details(vec![format!("as it is now: {}", seen.typed(&["cat", name]))]));
        }
    }
    found
}

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
#[path = "not_at_boot_tests.rs"]
mod tests;
