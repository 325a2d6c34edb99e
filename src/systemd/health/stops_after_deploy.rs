//! What runs and is not what was deployed, or does not stay up: `LF-6` to `LF-9`.

use crate::model::host_finding::{Finding, Severity};
use crate::model::name_list::quoted;
use crate::systemd::health::asked::Examined;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;
use crate::systemd::health::start_steps;
use crate::systemd::health::unit_facts::UnitFacts;
use crate::systemd::mode::Mode;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] =
    &[("LF-6", two_managers), ("LF-7", left_quiet), ("LF-8", runs_old_code), ("LF-9", does_not_stay_up)];

fn two_managers(seen: &Seen<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = seen
        .units()
        .filter_map(|(examined, unit)| {
            let (whose, repair) = second_copy(seen, examined, unit)?;
            let problem = format!("`{}` is installed twice, for {whose}", examined.unit);
            Some(
                Finding::new("LF-6", Severity::Error, problem)
                    .unit(&examined.unit)
                    .then("two copies run side by side, and a deploy restarts only one of them")
                    .repair(repair),
            )
        })
        .collect();
    let mode = seen.asked.manager.mode;
    let others: Vec<&str> =
        seen.asked.others.iter().filter(|(_, other)| *other != mode).map(|(name, _)| name.as_str()).collect();
    let mut services: Vec<&str> = seen.asked.units.iter().map(|examined| examined.service.as_str()).collect();
    services.dedup();
    if !others.is_empty() && !services.is_empty() {
        let (of_users, of_machine) = if mode == Mode::User { (services, others) } else { (others, services) };
        let problem = format!(
            "{} would be run by the manager of a user, {} by that of the machine",
            quoted(of_users),
            quoted(of_machine)
        );
        found.push(
            Finding::new("LF-6", Severity::Warning, problem)
                .then("only half of them survive where lingering is off, and two sets of rights have to be kept")
                .repair(format!("in the recipe: `set(\"service_unit_user\", \"{}\")`, for all of them", mode.name())),
        );
    }
    found
}

/// Whose the two copies of a unit are, and how the one that is not meant is removed; none where there is but one. What
/// changed from one to the other, the mode or the user of the service, left the first behind.
fn second_copy(seen: &Seen<'_>, examined: &Examined, unit: &UnitFacts) -> Option<(String, String)> {
    let name = examined.unit.as_str();
    let has = |place: &str| unit.files.contains_key(place);
    let (me, user) = (seen.facts.me.as_str(), seen.user());
    let mine = format!("systemctl --user disable --now {name}; rm ~/.config/systemd/user/{name}");
    let both = "the machine and for a user".to_owned();
    if !seen.is_user_mode() {
        let runner = seen.runner(examined);
        let is_the_runners = has("home") && runner != me;
        let repair = if is_the_runners { format!("as `{runner}`: {mine}") } else { mine };
        return (has("units") && (has("home") || unit.is_mine)).then_some((both, repair));
    }
    if has("system") && (has("units") || has("home")) {
        let stop = seen.as_root(&format!("systemctl disable --now {name}"));
        let remove = seen.as_root(&format!("rm /etc/systemd/system/{name}"));
        return Some((both, format!("{stop}; {remove}; {}", seen.as_root("systemctl daemon-reload"))));
    }
    (has("units") && unit.is_mine && user != me)
        .then(|| (format!("`{user}` and for `{me}`"), format!("as `{me}`: {mine}")))
}

fn left_quiet(seen: &Seen<'_>) -> Vec<Finding> {
    let quiet = seen.units().filter(|(_, unit)| {
        let title = unit.title.as_deref().unwrap_or_default();
        unit.show.is("ActiveState", "active") && title.starts_with("sidekiq") && title.ends_with(" stopping")
    });
    quiet
        .map(|(examined, _)| {
            let name = examined.unit.as_str();
            Finding::new("LF-7", Severity::Error, format!("`{name}` runs, but was told to be quiet"))
                .unit(&examined.unit)
                .then("it takes no more jobs, and nothing but a restart changes that")
                .repair(seen.typed(&["restart", name]))
        })
        .collect()
}

/// The release a path is in, where it is one beside `current`'s.
fn other_release<'a>(current: &str, cwd: &'a str) -> Option<&'a str> {
    let (releases, release) = current.rsplit_once('/')?;
    let below = cwd.strip_prefix(releases)?.strip_prefix('/')?;
    let other = below.split('/').next()?;
    (other != release && !releases.is_empty()).then_some(other)
}

/// The release a path is in, where it is one of another deploy: two stages that call their units alike take them from each
/// other.
fn release_of_another_deploy(current: &str, cwd: &str) -> Option<String> {
    let (releases, _) = current.rsplit_once('/')?;
    let (before, below) = cwd.split_once("/releases/")?;
    let others = format!("{before}/releases");
    let is_another = releases.ends_with("/releases") && !releases.starts_with(&others);
    is_another.then(|| format!("{others}/{}", below.split('/').next().unwrap_or_default()))
}

fn runs_old_code(seen: &Seen<'_>) -> Vec<Finding> {
    let old = seen.units().filter_map(|(examined, unit)| {
        let (current, cwd) = (unit.current.as_deref()?, unit.cwd.as_deref()?);
        let (path, deleted) = cwd.strip_suffix(" (deleted)").map_or((cwd, ""), |path| (path, ", which is deleted"));
        let name = examined.unit.as_str();
        let finding = |problem: String| Finding::new("LF-8", Severity::Error, problem).unit(&examined.unit);
        if let Some(other) = release_of_another_deploy(current, path) {
            return Some(
                finding(format!("`{name}` runs {other}{deleted}, which belongs to another deploy"))
                    .then("what was deployed here is not in use: two deploys call their units alike")
                    .repair(format!(
                        "give each a name of its own: `set(\"{}_service_unit_name\", …)`",
                        examined.service
                    )),
            );
        }
        let other = other_release(current, path)?;
        let release = current.rsplit('/').next().unwrap_or(current);
        Some(
            finding(format!("`{name}` still runs release {other}{deleted}; current is {release}"))
                .then("what was deployed is not in use, and `start` does not replace what runs")
                .repair(seen.typed(&["restart", name])),
        )
    });
    old.collect()
}

/// How recent a restart is, in seconds, to be one of many.
const RECENT: i64 = 60;

fn does_not_stay_up(seen: &Seen<'_>) -> Vec<Finding> {
    let down = seen.units().filter_map(|(examined, unit)| {
        let (show, name) = (&unit.show, examined.unit.as_str());
        let again = seen.typed_all(&[&["reset-failed", name], &["restart", name]]);
        let finding = |problem: String, consequence: String, repair: String| {
            Some(
                Finding::new("LF-9", Severity::Error, problem)
                    .unit(&examined.unit)
                    .then(consequence)
                    .repair(repair)
                    .details(unit.journal.clone()),
            )
        };
        if show.is("LoadState", "bad-setting") || show.is("LoadState", "error") {
            let place = show.get("FragmentPath").unwrap_or(name);
            let user = if seen.is_user_mode() { " --user" } else { "" };
            return finding(
                format!("systemd refuses the file of `{name}`{}", words_of(show.get("LoadError"))),
                "it cannot be started at all".to_owned(),
                format!("systemd-analyze{user} verify {place}"),
            );
        }
        let restarts = show.number("NRestarts").unwrap_or(0);
        let why = start_steps::why(show);
        if show.is("ActiveState", "failed") {
            let gave_up = if restarts > 0 { format!(" after {restarts} restarts") } else { String::new() };
            return finding(
                format!("`{name}` has failed{gave_up}: {why}"),
                "it stays down until somebody starts it, or the next boot".to_owned(),
                again,
            );
        }
        // Neither started by something else, nor meant to end.
        let is_a_worker =
            name.ends_with(".service") && show.get("TriggeredBy").is_none() && !show.is("Type", "oneshot");
        let is_stopped = unit.is_loaded() && show.is("ActiveState", "inactive") && is_a_worker;
        if is_stopped && examined.is_meant_to_run && unit.enablement() == Some("enabled") && !seen.lacks_linger() {
            return finding(
                format!("`{name}` does not run: it was stopped, or ended by itself"),
                "nobody does its work until somebody starts it, or the next boot".to_owned(),
                seen.typed(&["start", name]),
            );
        }
        let is_new = unit.started().zip(seen.facts.now).is_some_and(|(started, now)| now - started < RECENT);
        if show.get("SubState").is_some_and(|state| state.starts_with("auto-restart")) || restarts > 1 && is_new {
            let how = match restarts {
                0 => "failed, and is to be started once more".to_owned(),
                1 => "was started once more, and failed again".to_owned(),
                restarts => format!("starts over and over, {restarts} times by now"),
            };
            return finding(
                format!("`{name}` {how}: {why}"),
                "it does no work in between, and systemd may give up".to_owned(),
                seen.journal(name),
            );
        }
        None
    });
    down.collect()
}

/// The words within `org.freedesktop.systemd1.BadUnitSetting "Unit x has a bad unit file setting."`.
fn words_of(error: Option<&str>) -> String {
    let words = error.and_then(|error| error.split_once('"')).map(|(_, words)| words.trim_end_matches(['"', '.']));
    words.map(|words| format!(": {words}")).unwrap_or_default()
}

#[cfg(test)]
#[path = "stops_after_deploy_tests.rs"]
mod tests;
