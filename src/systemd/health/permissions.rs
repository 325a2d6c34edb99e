//! What a service, or who deploys it, may not do: `LF-20` to `LF-25`.

use crate::model::host_finding::{Finding, Severity};
use crate::model::sections::Answer;
use crate::systemd::bus::BusTrouble;
use crate::systemd::health::asked::Examined;
use crate::systemd::health::rules::Rule;
use crate::systemd::health::seen::Seen;
use crate::systemd::health::unit_facts::{Access, UnitFacts};
use crate::systemd::refusal::Refusal;

/// Each with what it looks for.
pub const RULES: &[(&str, Rule)] = &[
    ("LF-20", cannot_read),
    ("LF-21", cannot_write),
    ("LF-22", manager_out_of_reach),
    ("LF-23", may_not_be_the_user),
    ("LF-24", wrong_user_in_the_unit),
    ("LF-25", sudo_refuses),
];

/// What is in the way, and how it is taken out of it.
struct Obstacle {
    problem: String,
    repair: String,
}

/// The folder of `path` that is `depth` names deep.
fn folder(path: &str, depth: usize) -> String {
    path.split('/').take(depth + 1).collect::<Vec<_>>().join("/")
}

/// What stands between a user and a path, where something does.
fn obstacle(seen: &Seen<'_>, examined: &Examined, runner: &str, path: &str, access: &Access) -> Option<Obstacle> {
    let group = format!("\"$(id -gn {runner})\"");
    let (problem, repair) = match access {
        Access::Yes | Access::Unknown => return None,
        // Before the first deploy much is not there yet.
        Access::Absent | Access::Missing(_) if !examined.is_meant_to_run => return None,
        // What a deploy makes nobody makes by hand.
        Access::Absent | Access::Missing(_) if examined.current.as_deref() == Some(path) => {
            (format!("`{path}` is not there"), "windlass STAGE deploy".to_owned())
        }
        Access::Barred(depth, mode) => {
            let folder = folder(path, *depth);
            (format!("`{runner}` cannot enter `{folder}` ({mode})"), seen.as_root(&format!("chmod o+x {folder}")))
        }
        Access::No(mode) => {
            let share = seen.as_root(&format!("chgrp {group} {path}"));
            if examined.reads.iter().any(|read| read == path) {
                let open = seen.as_root(&format!("chmod g+r {path}"));
                (format!("`{runner}` cannot read `{path}` ({mode})"), format!("{share} && {open}"))
            } else {
                (format!("`{runner}` cannot write `{path}` ({mode})"), seen.as_root(&format!("chown {runner} {path}")))
            }
        }
        Access::Uncreatable(depth, mode) => {
            let folder = folder(path, *depth);
            let share = seen.as_root(&format!("chgrp {group} {folder}"));
            let open = seen.as_root(&format!("chmod g+w {folder}"));
            (format!("`{runner}` cannot create files in `{folder}` ({mode})"), format!("{share} && {open}"))
        }
        Access::Absent => {
            let repair = format!("put `{path}` there, for example as one of the `linked_files`");
            (format!("`{path}` is not there"), repair)
        }
        Access::Missing(depth) => {
            let folder = folder(path, *depth);
            let own = seen.as_root(&format!("install -d -o {runner} -g {group} {folder}"));
            (format!("the folder `{folder}` is not there"), own)
        }
        Access::Astray(depth) => {
            let folder = folder(path, *depth);
            (format!("`{folder}` leads to where `{runner}` cannot go, or to nothing"), format!("namei -l {folder}"))
        }
    };
    Some(Obstacle { problem, repair })
}

/// A finding for each obstacle: where several paths have the same in their way, it is told once.
fn of_paths(
    seen: &Seen<'_>,
    id: &'static str,
    consequence: &str,
    paths: impl Fn(&Examined, &UnitFacts) -> Vec<(String, Access)>,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (examined, unit) in seen.units() {
        let runner = seen.runner(examined);
        for (path, access) in paths(examined, unit) {
            let Some(Obstacle { problem, repair }) = obstacle(seen, examined, runner, &path, &access) else { continue };
            if found
                .iter()
                .any(|known| known.unit.as_deref() == Some(examined.unit.as_str()) && known.problem == problem)
            {
                continue;
            }
            found.push(
                Finding::new(id, Severity::Error, problem)
                    .unit(&examined.unit)
                    .user(runner)
                    .then(format!("`{}` {consequence}", examined.unit))
                    .repair(repair),
            );
        }
    }
    found
}

fn cannot_read(seen: &Seen<'_>) -> Vec<Finding> {
    of_paths(seen, "LF-20", "cannot read what it needs, and does not start", |examined, unit| {
        examined.reads.iter().cloned().zip(unit.reads.iter().cloned()).collect()
    })
}

fn cannot_write(seen: &Seen<'_>) -> Vec<Finding> {
    of_paths(seen, "LF-21", "cannot write its log, and does not start (209/STDOUT)", |examined, unit| {
        let both = examined.writes.iter().cloned().zip(unit.writes.iter().cloned());
        // What bars the way to what is read is told there.
        both.filter(|(_, access)| !matches!(access, Access::Barred(..)) || !unit.reads.contains(access)).collect()
    })
}

fn manager_out_of_reach(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(trouble) = seen.facts.bus_trouble().filter(|_| seen.is_user_mode()) else { return Vec::new() };
    // Who does not linger, and is not logged in, has none: that is what lingering is for.
    if trouble == BusTrouble::NoManager && seen.lacks_linger() {
        return Vec::new();
    }
    let (user, unit) = (seen.user(), seen.manager_unit());
    let runs = trouble == BusTrouble::NoManager && seen.manager_is("active");
    let (problem, repair) = if runs {
        // Its folder or its socket is gone from below it.
        (
            format!("the user manager of `{user}` runs, but /run/user/{} does not lead to it", seen.facts.uid),
            seen.as_root(&format!("systemctl restart {unit}")),
        )
    } else {
        (trouble.cause(user), trouble.remedy(user))
    };
    vec![
        Finding::new("LF-22", Severity::Error, problem)
            .user(user)
            .then("its services can be neither looked at nor started")
            .repair(repair),
    ]
}

fn may_not_be_the_user(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(answer) = seen.facts.as_user.as_ref().filter(|answer| !answer.is_ok()) else { return Vec::new() };
    let (me, user) = (&seen.facts.me, seen.user());
    let why = match Refusal::read(&answer.text) {
        Refusal::SudoPassword => ": sudo wants a password",
        Refusal::NoSudo => ": the host has no sudo",
        Refusal::SudoTerminal => ": sudo wants a terminal",
        _ => "",
    };
    vec![
        Finding::new("LF-23", Severity::Error, format!("`{me}` may not act for `{user}`{why}"))
            .user(user)
            .then(format!("the services of `{user}` can be neither installed nor started by a deploy"))
            .repair(format!("{me} ALL=({user}) NOPASSWD: ALL")),
    ]
}

fn wrong_user_in_the_unit(seen: &Seen<'_>) -> Vec<Finding> {
    let units = seen.units().filter(|(_, unit)| unit.is_loaded()).filter_map(|(examined, unit)| {
        let name = examined.unit.as_str();
        let finding = |problem: String, consequence: &str, repair: &str| {
            Some(Finding::new("LF-24", Severity::Error, problem).unit(&examined.unit).then(consequence).repair(repair))
        };
        match (seen.is_user_mode(), unit.show.get("User")) {
            (true, Some(user)) => finding(
                format!("`{name}` is a unit of a user, and has `User={user}`"),
                "systemd does not start it (216/GROUP)",
                "take `User=` and `Group=` out of its template, and install it again",
            ),
            (false, None) if name.ends_with(".service") => finding(
                format!("`{name}` is a unit of the machine, and has no `User=`"),
                "it runs as root",
                "say who runs it, for example `set(\"service_user\", \"deploy\")`, and install it again",
            ),
            _ => None,
        }
    });
    units.collect()
}

/// What root is asked for most, where the recipe does not say.
fn root_commands(seen: &Seen<'_>) -> Vec<String> {
    if !seen.asked.root_commands.is_empty() {
        return seen.asked.root_commands.clone();
    }
    let of_units = seen.units().flat_map(|(examined, _)| {
        ["enable", "start", "stop", "restart"].map(|verb| format!("/usr/bin/systemctl {verb} {}", examined.unit))
    });
    ["/usr/bin/systemctl daemon-reload".to_owned()].into_iter().chain(of_units).collect()
}

fn sudo_refuses(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(answer) = seen.facts.sudo.as_ref().filter(|answer| !answer.is_ok() && !seen.is_user_mode()) else {
        return Vec::new();
    };
    // Those who may not do everything may still do what is needed.
    let mut asked = seen.facts.units.iter().filter_map(|unit| unit.sudo.as_ref()).peekable();
    if asked.peek().is_some() && asked.all(Answer::is_ok) {
        return Vec::new();
    }
    let me = &seen.facts.me;
    let problem = match Refusal::read(&answer.text) {
        Refusal::SudoPassword => format!("sudo wants a password of `{me}`"),
        Refusal::NoSudo => "the host has no sudo".to_owned(),
        Refusal::SudoTerminal => format!("sudo wants a terminal of `{me}`"),
        _ => format!("sudo does not let `{me}` be root"),
    };
    vec![
        Finding::new("LF-25", Severity::Error, problem)
            .user(me)
            .then("services of the machine can be neither installed nor restarted by a deploy")
            .repair(format!("{me} ALL=(root) NOPASSWD: {}", root_commands(seen).join(", "))),
    ]
}

#[cfg(test)]
#[path = "permissions_tests.rs"]
mod tests;
