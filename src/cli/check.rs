//! `windlass check [STAGE] [FILE …]`: judges recipes and scripts without a network.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::{Format, Options};
use crate::cli::colors::color;
use crate::cli::command_args::CheckArgs;
use crate::cli::folding::folding;
use crate::cli::output;
use crate::cli::results::print;
use crate::cli::session::{cache_folder, find_project, here, look_for_project, personal};
use crate::cli::width::width;
use crate::cli::words::{Words, variable};
use crate::error::{EXIT_OK, Error};
use crate::model::finding::exit_code;
use crate::model::secret::Vault;
use crate::recipe::check::project::{Checked, Question, check as judge};
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
/// No project, a stage or a file there is not, and standard output that cannot be written to.
pub fn check(options: &Options, args: &CheckArgs) -> Result<u8, Error> {
    let (files, words): (Vec<String>, Vec<String>) = args.words.iter().cloned().partition(|word| is_file(word));
    let words = Words::sort(&words);
    if let Some(task) = words.tasks.first() {
        return Err(Error::usage(format!("`check` judges all tasks of a stage, and takes no task: `{task}`"))
            .help("write `windlass check` for all stages, or `windlass check STAGE`")
            .help("a file is named with its ending, or with a folder: `windlass check ./look`"));
    }
    // Files alone may be scripts, which need no project.
    let project = if files.is_empty() || words.stage.is_some() {
        Some(find_project(options)?)
    } else {
        look_for_project(options)?
    };
    let root = project.as_ref().map_or_else(here, |project| Ok(project.root.clone()))?;
    let files = files.iter().map(|file| located(file, &root)).collect::<Result<Vec<_>, Error>>()?;
    // Paths in recipes are the project's.
    env::set_current_dir(&root).map_err(|error| Error::io("could not change to", &root, &error))?;
    let vault = Arc::new(Vault::default());
    let run = RunOptions { env: words.env, cache: cache_folder(), project: root, ..RunOptions::default() };
    let question = Question { project: project.as_ref(), stage: words.stage.as_deref(), files: &files };
    let checked = judge(question, &run, personal().as_deref(), &vault)?;
    if options.quiet && checked.findings.is_empty() {
        return Ok(EXIT_OK);
    }
    print(&vault.redact(&told(&checked, options)))?;
    if let Some(folding) = folding(Some(&run.project)).filter(|_| !is_json(options)) {
        output::tell(&vault.redact(&folding.findings(&checked.findings)));
    }
    Ok(exit_code(&checked.findings))
}

/// Whether a word is a file to judge, and no stage.
fn is_file(word: &str) -> bool {
    variable(word).is_none()
        && (word.contains('/') || Path::new(word).extension().is_some_and(|ending| ending == "rhai"))
}

/// The whole path of a file, and the name it is shown under: its path in the project where it is inside.
fn located(file: &str, root: &Path) -> Result<(PathBuf, String), Error> {
    let path = Path::new(file);
    if path.is_dir() {
        return Err(Error::usage(format!("`{file}` is a folder, and `check` judges files"))
            .help("`windlass check` judges all recipes of the project you are in; `-C DIR` looks somewhere else"));
    }
    let whole = path.canonicalize().map_err(|_| Error::usage(format!("there is no file `{file}`")))?;
    // The folder may have been reached through a link.
    let top = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let (path, shown) = match whole.strip_prefix(&top) {
        Ok(inside) => (root.join(inside), inside.display().to_string()),
        Err(_) => (whole.clone(), whole.display().to_string()),
    };
    Ok((path, shown))
}

fn told(checked: &Checked, options: &Options) -> String {
    let extent = Extent { stages: checked.stages.clone(), files: checked.files, tasks: checked.tasks };
    if is_json(options) {
        return json(&checked.findings, &extent);
    }
    let look = diagnostic::Options { color: color(options.color, None), width: width().unwrap_or(0) };
    text(&checked.findings, &extent, &Texts(checked.compiled.clone()), look)
}

fn is_json(options: &Options) -> bool {
    options.json || options.format == Some(Format::Json)
}
