//! `windlass check [STAGE]`: judges the recipes without a network.

use std::env;
use std::io::{Write, stdout};
use std::sync::Arc;

use directories::ProjectDirs;

use crate::cli::args::{Format, Options};
use crate::cli::command_args::CheckArgs;
use crate::cli::output;
use crate::cli::session::{cache_folder, find_project};
use crate::cli::words::Words;
use crate::error::{EXIT_OK, Error};
use crate::model::finding::exit_code;
use crate::model::secret::Vault;
use crate::recipe::check::project::{Checked, check as judge};
use crate::recipe::compiled::Compiled;
use crate::recipe::run_options::RunOptions;
use crate::report::diagnostic::{self, Sources};
use crate::report::findings::{Extent, json, text};

/// The recipes' texts, as they are drawn.
struct Texts(Arc<Compiled>);

impl Sources for Texts {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        self.0.text(file)
    }
}

/// Tells what is wrong in the recipes; gives the exit code.
///
/// # Errors
/// No project, and a stage there is not.
pub fn check(options: &Options, args: &CheckArgs) -> Result<u8, Error> {
    let words = Words::sort(&args.words);
    if let Some(task) = words.tasks.first() {
        return Err(Error::usage(format!("`check` judges all tasks of a stage, and takes no task: `{task}`"))
            .help("write `windlass check` for all stages, or `windlass check STAGE`"));
    }
    let project = find_project(options)?;
    // Paths in recipes are the project's.
    env::set_current_dir(&project.root).map_err(|error| Error::io("could not change to", &project.root, &error))?;
    let vault = Arc::new(Vault::default());
    let run = RunOptions { env: words.env, cache: cache_folder(), ..RunOptions::default() };
    let personal = ProjectDirs::from("", "", "windlass").map(|dirs| dirs.config_dir().join("windlass.rhai"));
    let checked = judge(&project, words.stage.as_deref(), &run, personal.as_deref(), &vault)?;
    if options.quiet && checked.findings.is_empty() {
        return Ok(EXIT_OK);
    }
    let told = told(&checked, options);
    // Nobody may read it, as in `windlass check | head`.
    let _ = stdout().write_all(vault.redact(&told).as_bytes());
    Ok(exit_code(&checked.findings))
}

fn told(checked: &Checked, options: &Options) -> String {
    let extent = Extent { stages: checked.stages.clone(), files: checked.files, tasks: checked.tasks };
    if options.json || options.format == Some(Format::Json) {
        return json(&checked.findings, &extent);
    }
    let look = diagnostic::Options { color: output::color(options.color), width: output::width().unwrap_or(0) };
    text(&checked.findings, &extent, &Texts(checked.compiled.clone()), look)
}
