//! Opens the project the user stands in.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use directories::ProjectDirs;
use jiff::Timestamp;

use crate::cli::args::Options;
use crate::cli::doctor;
use crate::cli::list;
use crate::cli::prompt::{Terminal, in_ci};
use crate::cli::words::Words;
use crate::error::Error;
use crate::model::event::Sink;
use crate::model::limits::Times;
use crate::model::release;
use crate::model::secret::Vault;
use crate::model::span;
use crate::recipe::project::Project;
use crate::recipe::run_options::{RunOptions, Wait};
use crate::recipe::scripts::Scripts;
use crate::recipe::session::Session;
use crate::recipe::world::Outside;
use crate::runner::max_fail::MaxFail;

/// The variable that says after how long a silence windlass tells what it waits for.
const PATIENCE: &str = "WINDLASS_SILENCE";

/// How long that is without the variable.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(10);

/// The variable that says how long may take what is done after a deploy has failed.
const AFTER_FAILURE: &str = "WINDLASS_AFTER_FAILURE";

/// Changes folder as asked.
///
/// # Errors
/// A folder that is not there.
pub fn change_folder(options: &Options) -> Result<(), Error> {
    let Some(directory) = &options.directory else { return Ok(()) };
    env::set_current_dir(directory).map_err(|error| {
        let error = Error::io("could not change to", directory, &error);
        Error::usage(error.to_string()).help("`-C` wants the folder of a project")
    })
}

/// The folder windlass works in.
///
/// # Errors
/// A folder that was removed meanwhile.
pub fn here() -> Result<PathBuf, Error> {
    env::current_dir().map_err(|error| Error::io("could not find out", &PathBuf::from("."), &error))
}

/// Changes folder as asked and finds the project.
///
/// # Errors
/// A folder that is not there; no recipe here or above.
pub fn find_project(options: &Options) -> Result<Project, Error> {
    look_for_project(options)?.ok_or_else(|| {
        let here = here().map(|here| format!(" in {}", here.display())).unwrap_or_default();
        Error::usage("there is no recipe here")
            .note(format!("looked for `config/deploy.rhai` and `deploy.rhai`{here} and above"))
            .help("`windlass init` writes one; `-f FILE` uses another file; `-C DIR` looks somewhere else")
    })
}

/// Changes folder as asked and finds the project, where there is one.
///
/// # Errors
/// A folder that is not there; a recipe that was named and is not there.
pub fn look_for_project(options: &Options) -> Result<Option<Project>, Error> {
    change_folder(options)?;
    match &options.file {
        Some(file) => Project::of(file).map(Some),
        None => Ok(Project::find(&here()?)),
    }
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
    // Without a stage nothing is ever run.
    let looks_only = stage.is_none()
        || options.plan
        || list::is_asked(options)
        || (options.print_settings.is_some() && words.tasks.is_empty());
    let run = RunOptions {
        stage,
        looks_only,
        stages: project.stage_files(),
        ..run_options(options, words, project.root.clone())?
    };
    Session::open(project, run, outside(scripts, vault, sink), personal().as_deref())
}

/// A session without a project, with the hosts of `--hosts`.
///
/// # Errors
/// Hosts that cannot be read, and mistakes in the user's own recipe.
pub fn open_bare(
    options: &Options,
    words: &Words,
    scripts: Arc<Scripts>,
    vault: Arc<Vault>,
    sink: Arc<dyn Sink>,
) -> Result<Session, Error> {
    let hosts = named_hosts(&options.hosts)?;
    let run = RunOptions { hosts: Vec::new(), ..run_options(options, words, here()?)? };
    Session::bare(run, outside(scripts, vault, sink), personal().as_deref(), &hosts)
}

/// The hosts of `--hosts` where no stage declares any: names, and no patterns.
fn named_hosts(given: &[String]) -> Result<Vec<String>, Error> {
    let names: Vec<String> = given.iter().flat_map(|list| list.split(',')).map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| name.contains(['*', '?', '/'])) {
        Some(pattern) => Err(Error::usage(format!(
            "`{pattern}` is a pattern, and without a stage there are no hosts to choose from"
        ))
        .help("name the hosts, separated by commas: `--hosts web1,web2`")
        .help("or name a stage first: `windlass STAGE script FILE`")),
        None => Ok(names.into_iter().filter(|name| !name.is_empty()).collect()),
    }
}

fn outside(scripts: Arc<Scripts>, vault: Arc<Vault>, sink: Arc<dyn Sink>) -> Outside {
    Outside { scripts, vault, sink, prompter: Arc::new(Terminal::default()), now: release::name(Timestamp::now()) }
}

/// The user's own recipe, which every project reads; whether there is one or not.
#[must_use]
pub fn personal() -> Option<PathBuf> {
    ProjectDirs::from("", "", "windlass").map(|dirs| dirs.config_dir().join("windlass.rhai"))
}

fn run_options(options: &Options, words: &Words, project: PathBuf) -> Result<RunOptions, Error> {
    Ok(RunOptions {
        stage: None,
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
        yes: options.yes,
        stages: Vec::new(),
        roles: options.roles.clone(),
        hosts: options.hosts.clone(),
        limit: options.limit.clone(),
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
        project,
        cache: cache_folder(),
        looks_only: false,
    })
}

/// The user's cache folder of windlass.
#[must_use]
pub fn cache_folder() -> Option<PathBuf> {
    ProjectDirs::from("", "", "windlass").map(|dirs| dirs.cache_dir().to_path_buf())
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
    fn without_a_stage_hosts_are_named() {
        let hosts = |given: &[&str]| named_hosts(&given.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(hosts(&["a, deploy@b:2222", "[::1],"]).unwrap(), ["a", "deploy@b:2222", "[::1]"]);
        assert_eq!(hosts(&[]).unwrap(), [""; 0]);
        let error = hosts(&["web*"]).unwrap_err();
        assert_eq!(error.to_string(), "`web*` is a pattern, and without a stage there are no hosts to choose from");
    }

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
