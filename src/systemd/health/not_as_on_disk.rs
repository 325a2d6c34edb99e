//! Units whose files are not where their manager looks, or say something else than it has read: `LF-14` and `LF-15`.

use crate::model::host_finding::{Finding, Severity};
use crate::systemd::health::asked::Examined;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[("LF-14", not_where_the_manager_looks), ("LF-15", stale)];

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

#[cfg(test)]
#[path = "not_as_on_disk_tests.rs"]
mod tests;
