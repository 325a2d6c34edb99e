//! `windlass STAGE doctor`: looks at every host, changing nothing, and tells what is wrong there.

use crate::cli::output::Output;
use crate::cli::results::print;
use crate::cli::session::personal;
use crate::error::{EXIT_OK, Error};
use crate::model::doctor::checkup::{Checkup, Told};
use crate::model::doctor::table::finding;
use crate::model::event::{Event, Sink};
use crate::model::finding_rules::Severity;
use crate::model::plural::plural;
use crate::recipe::check::project::{Question, check};
use crate::recipe::project::Project;
use crate::recipe::run_options::RunOptions;
use crate::recipe::session::Session;
use crate::report::doctor::text;

/// The word that asks for it.
pub const WORD: &str = "doctor";

/// Refuses what cannot stand beside it.
///
/// # Errors
/// Words behind it.
pub fn alone(rest: &[String]) -> Result<(), Error> {
    match rest.first() {
        None => Ok(()),
        Some(task) => Err(Error::usage(format!("`doctor` looks at the hosts, and takes no task: `{task}`"))
            .help("write `windlass STAGE doctor`; with `-z` or `-r` it looks at some of the hosts")),
    }
}

/// Looks, and tells what was found: as a table for people, as events for programs and the log. Gives the exit code.
///
/// # Errors
/// A cancel, and standard output that cannot be written to.
pub fn doctor(session: &Session, project: Option<&Project>, output: &Output, sink: &dyn Sink) -> Result<u8, Error> {
    let mut checkup = session.check_up()?;
    if session.world().options.dry_run {
        return Ok(EXIT_OK);
    }
    checkup.findings.extend(project.and_then(|project| of_recipes(session, project)));
    if !output.is_json() {
        print(&text(&checkup, output.paint()))?;
    }
    tell(&checkup, sink);
    Ok(checkup.exit_code())
}

fn tell(checkup: &Checkup, sink: &dyn Sink) {
    let found = |host: Option<&str>, finding: &Told| {
        sink.emit(&Event::HostFinding { host: host.map(str::to_owned), finding: Box::new(finding.clone()) });
    };
    for host in &checkup.hosts {
        sink.emit(&Event::HostExamined {
            host: host.host.clone(),
            roles: host.roles.clone(),
            facts: host.facts.clone(),
        });
        host.findings.iter().for_each(|finding| found(Some(&host.host), finding));
    }
    checkup.findings.iter().for_each(|finding| found(None, finding));
}

/// What `windlass check` finds in the recipes of this stage: how much, and how to see it.
fn of_recipes(session: &Session, project: &Project) -> Option<Told> {
    let world = session.world();
    let stage = world.options.stage.as_deref();
    let run = RunOptions { env: world.options.env.clone(), ..RunOptions::default() };
    let question = Question { project: Some(project), stage, files: &[] };
    let checked = check(question, &run, personal().as_deref(), &world.vault).ok()?;
    let count = |severity: Severity| checked.findings.iter().filter(|finding| finding.severity == severity).count();
    let counted =
        |severity: Severity| Some(count(severity)).filter(|count| *count > 0).map(|n| plural(n, severity.name()));
    let counts: Vec<String> = [Severity::Error, Severity::Warning].into_iter().filter_map(counted).collect();
    if counts.is_empty() {
        return None;
    }
    let told = finding("recipe", format!("`windlass check` finds {} in the recipes", counts.join(" and ")))
        .then("a task fails there, or does something else than what stands there")
        .repair(format!("windlass check {}", stage.unwrap_or_default()));
    Some(told.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_alone() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(alone(&[]).is_ok());
        let error = alone(&words(&["deploy"])).unwrap_err();
        assert_eq!(error.to_string(), "`doctor` looks at the hosts, and takes no task: `deploy`");
    }
}
