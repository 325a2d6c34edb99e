//! Opens the project the user stands in.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use directories::ProjectDirs;
use jiff::Timestamp;

use crate::cli::args::Options;
use crate::cli::doctor;
use crate::cli::prompt::{Terminal, in_ci};
use crate::cli::words::Words;
use crate::error::Error;
use crate::model::event::Sink;
use crate::model::limits::Times;
use crate::model::release;
use crate::model::secret::Vault;
use crate::model::span;
use crate::recipe::project::Project;
use crate::recipe::scripts::Scripts;
use crate::recipe::session::Session;
use crate::recipe::world::{Outside, RunOptions, Wait};
use crate::runner::max_fail::MaxFail;

/// The variable that says after how long a silence windlass tells what it waits for.
const PATIENCE: &str = "WINDLASS_SILENCE";

/// How long that is without the variable.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(10);

/// The variable that says how long may take what is done after a deploy has failed.
const AFTER_FAILURE: &str = "WINDLASS_AFTER_FAILURE";

/// Changes folder as asked and finds the project.
///
/// # Errors
/// A folder that is not there; no recipe here or above.
pub fn find_project(options: &Options) -> Result<Project, Error> {
    if let Some(directory) = &options.directory {
        env::set_current_dir(directory).map_err(|error| {
            let error = Error::io("could not change to", directory, &error);
            Error::usage(error.to_string()).help("`-C` wants the folder of a project")
        })?;
    }
    if let Some(file) = &options.file {
        return Project::of(file);
    }
    let here = env::current_dir().map_err(|error| Error::io("could not find out", &PathBuf::from("."), &error))?;
    Project::find(&here).ok_or_else(|| {
        Error::usage("there is no recipe here")
            .note(format!("looked for `config/deploy.rhai` and `deploy.rhai` in {} and above", here.display()))
            .help("`windlass init` writes one; `-f FILE` uses another file; `-C DIR` looks somewhere else")
    })
}

/// Reads the project's recipes.
///
/// # Errors
/// Every mistake that can be found before anything runs.
pub fn open(
    project: &Project,
    options: &Options,
    words: &Words,
    stage: Option<String>,
    scripts: Arc<Scripts>,
    vault: Arc<Vault>,
    sink: Arc<dyn Sink>,
) -> Result<Session, Error> {
    // Commands on this machine, and paths in recipes, are the project's.
    env::set_current_dir(&project.root).map_err(|error| Error::io("could not change to", &project.root, &error))?;
    let run = RunOptions {
        stage,
        dry_run: options.dry_run,
        trace: options.trace,
        times: Times {
            connect: options.connect_timeout,
            command: options.command_timeout,
            idle: options.idle_timeout,
            run: options.run_timeout,
            after_failure: time_in(AFTER_FAILURE)?,
        },
        patience: Some(time_in(PATIENCE)?.unwrap_or(DEFAULT_PATIENCE)).filter(|time| !time.is_zero()),
        roles: options.roles.clone(),
        hosts: options.hosts.clone(),
        wait: match options.wait {
            None => Wait::No,
            Some(None) => Wait::Always,
            Some(Some(seconds)) => Wait::For(Duration::from_secs(seconds)),
        },
        max_fail: options.max_fail.as_deref().map(max_fail).transpose()?,
        env: words.env.clone(),
        warm: options.warm,
        in_ci: in_ci(),
        tells_logins: words.tasks.first().is_some_and(|task| task == doctor::WORD),
        project: project.root.clone(),
    };
    let outside =
        Outside { scripts, vault, sink, prompter: Arc::new(Terminal::default()), now: release::name(Timestamp::now()) };
    let personal = ProjectDirs::from("", "", "windlass").map(|dirs| dirs.config_dir().join("windlass.rhai"));
    Session::open(project, run, outside, personal.as_deref())
}

fn max_fail(text: &str) -> Result<MaxFail, Error> {
    MaxFail::parse(text).map_err(|problem| {
        Error::usage(format!("`--max-fail` {problem}")).help("for example `--max-fail 2`, or `--max-fail 20%`")
    })
}

/// The length of time a variable holds; none where it is not set or empty.
fn time_in(name: &str) -> Result<Option<Duration>, Error> {
    time_of(name, env::var(name).ok().as_deref())
}

fn time_of(name: &str, value: Option<&str>) -> Result<Option<Duration>, Error> {
    let parse = |text: &str| {
        span::parse(text).map_err(|reason| Error::usage(format!("the variable `{name}` cannot be used: {reason}")))
    };
    value.filter(|text| !text.is_empty()).map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_holds_a_length_of_time_or_nothing() {
        let of = |value| time_of(PATIENCE, value);
        assert_eq!(of(None).unwrap(), None);
        assert_eq!(of(Some("")).unwrap(), None);
        assert_eq!(of(Some("1m")).unwrap(), Some(Duration::from_secs(60)));
        assert_eq!(of(Some("0")).unwrap(), Some(Duration::ZERO));
        let error = of(Some("never")).unwrap_err();
        assert!(error.to_string().starts_with("the variable `WINDLASS_SILENCE` cannot be used: `never` is no"));
    }
}
