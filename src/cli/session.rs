//! Opens the project the user stands in.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use directories::ProjectDirs;
use jiff::Timestamp;

use crate::cli::args::{Options, Patience};
use crate::cli::prompt::{Terminal, in_ci};
use crate::cli::words::Words;
use crate::error::Error;
use crate::model::event::Sink;
use crate::model::release;
use crate::model::secret::Vault;
use crate::recipe::project::Project;
use crate::recipe::scripts::Scripts;
use crate::recipe::session::Session;
use crate::recipe::world::{Outside, RunOptions, Wait};

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
        roles: options.roles.clone(),
        hosts: options.hosts.clone(),
        wait: match options.wait {
            None => Wait::No,
            Some(Patience::Endless) => Wait::Always,
            Some(Patience::Seconds(seconds)) => Wait::For(Duration::from_secs(seconds)),
        },
        env: words.env.clone(),
        warm: options.warm,
        in_ci: in_ci(),
        project: project.root.clone(),
    };
    let outside =
        Outside { scripts, vault, sink, prompter: Arc::new(Terminal::default()), now: release::name(Timestamp::now()) };
    let personal = ProjectDirs::from("", "", "windlass").map(|dirs| dirs.config_dir().join("windlass.rhai"));
    Session::open(project, run, outside, personal.as_deref())
}
