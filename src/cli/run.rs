//! `windlass STAGE TASK …`: opens the project, then lists or runs. Scripts and consoles go without a project, too.

use std::sync::Arc;

use crate::cli::args::{Call, Options};
use crate::cli::complete::{keep, learn};
use crate::cli::list;
use crate::cli::output::Output;
use crate::cli::perform::perform;
use crate::cli::results::print;
use crate::cli::session::{change_folder, find_project, open, open_bare};
use crate::cli::settings;
use crate::cli::width::width;
use crate::cli::words::{Words, no_stage};
use crate::cli::work::Work;
use crate::error::{EXIT_OK, EXIT_USAGE, Error, Kind};
use crate::model::event::Sink;
use crate::model::secret::Vault;
use crate::recipe::project::Project;
use crate::recipe::scripts::Scripts;
use crate::recipe::session::Session;

/// Does what a call asks for; gives the exit code.
///
/// # Errors
/// What was found before anything ran.
pub fn run(call: &Call) -> Result<u8, Error> {
    let mut words = Words::sort(&call.words);
    if Work::is_without_stage(&words, call) && !list::is_asked(&call.options) {
        words.unstage();
        return without_project(call, &words);
    }
    let project = find_project(&call.options)?;
    let stages = project.stages()?;
    if words.stage.as_ref().is_some_and(|stage| !stages.contains(stage)) {
        words.unstage();
    }
    let stage = words.stage.clone();
    let (scripts, vault) = (Arc::new(Scripts::default()), Arc::new(Vault::default()));
    let mut output = Output::new(&call.options, Some(&project.root), scripts.clone(), &vault);
    let listing = list::is_asked(&call.options);
    // With a task, settings are told before it runs.
    let looking = listing || (call.options.print_settings.is_some() && words.tasks.is_empty());
    if stage.is_none() && !looking {
        return Err(wrong_stage(&words, &stages, &project, &call.options));
    }
    let work = if looking { Work::Tasks } else { Work::of(&words, call)?.read()? };
    let sink = sink(&work, call, &output, looking);
    let session = match open(&project, &call.options, &words, stage, scripts, vault, sink) {
        Ok(session) => session,
        Err(error) => {
            output.give_up();
            return Ok(told(&output, &error));
        }
    };
    if looking {
        let shown = settings::show(&session, &call.options, &output, &*output.reporter());
        let listed = if listing { print(&list::list(session.tasks(), &call.options, width())) } else { Ok(()) };
        session.close();
        return shown.and(listed).map(|()| EXIT_OK);
    }
    if let Err(error) = settle(&session, call, &mut output) {
        return Ok(told(&output, &error));
    }
    let is_task = |name: &str| session.tasks().get(name).is_some();
    let checked = if work == Work::Tasks { words.one_stage(&stages, is_task) } else { Ok(()) };
    // A plan and a dry run change nothing, on this machine neither.
    let learnt = (!call.options.plan && !call.options.dry_run).then(|| learn(&session));
    let done = checked.and_then(|()| perform(&session, call, &words, (&work, Some(&project)), &output));
    let code = done.unwrap_or_else(|error| told(&output, &error));
    // What was refused before anything ran leaves nothing behind.
    if let Some(learnt) = learnt.filter(|_| code != EXIT_USAGE) {
        keep(learnt, &session, &project);
    }
    Ok(code)
}

/// A script, code or console with the hosts of `--hosts`, and without recipes but the user's own.
fn without_project(call: &Call, words: &Words) -> Result<u8, Error> {
    change_folder(&call.options)?;
    let (scripts, vault) = (Arc::new(Scripts::default()), Arc::new(Vault::default()));
    let mut output = Output::new(&call.options, None, scripts.clone(), &vault);
    let work = Work::of(words, call)?.read()?;
    let sink = sink(&work, call, &output, false);
    let session = match open_bare(&call.options, words, scripts, vault, sink) {
        Ok(session) => session,
        Err(error) => return Ok(told(&output, &error)),
    };
    if let Err(error) = settle(&session, call, &mut output) {
        return Ok(told(&output, &error));
    }
    Ok(perform(&session, call, words, (&work, None), &output).unwrap_or_else(|error| told(&output, &error)))
}

fn sink(work: &Work, call: &Call, output: &Output, looking: bool) -> Arc<dyn Sink> {
    match work {
        _ if looking || call.options.plan => Output::none(),
        Work::Console => output.sink_of_lines(),
        _ => output.sink(),
    }
}

/// What the recipes wish of the output is known. A plan has neither log nor colours.
fn settle(session: &Session, call: &Call, output: &mut Output) -> Result<(), Error> {
    if !call.options.plan {
        output.settle(session.format_options()?);
    }
    Ok(())
}

/// Tells an error with the lines of the recipe it points at; gives the exit code of one that was found before anything
/// ran: a file that cannot be read is a mistake then, too.
fn told(output: &Output, error: &Error) -> u8 {
    output.complain(error);
    if error.kind() == Kind::Io { EXIT_USAGE } else { error.exit_code() }
}

/// The first word is no stage: a typo, a task, or nothing at all. The tasks are read to tell which.
fn wrong_stage(words: &Words, stages: &[String], project: &Project, options: &Options) -> Error {
    let scripts = Arc::new(Scripts::default());
    let vault = Arc::new(Vault::default());
    let quiet = Output::none();
    let session = open(project, options, words, None, scripts, vault, quiet);
    let tasks: Vec<String> =
        session.map(|session: Session| session.tasks().names().map(str::to_owned).collect()).unwrap_or_default();
    let tasks: Vec<&str> = tasks.iter().map(String::as_str).collect();
    no_stage(words.tasks.first().map(String::as_str), stages, &tasks)
}
