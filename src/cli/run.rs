//! `windlass STAGE TASK …`: lists, plans, and runs.

use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::Instant;

use crate::cli::args::{Call, Options};
use crate::cli::doctor;
use crate::cli::exec;
use crate::cli::finish::finish;
use crate::cli::list;
use crate::cli::output::{self, Output};
use crate::cli::session::{find_project, open};
use crate::cli::settings;
use crate::cli::signals;
use crate::cli::words::{Words, no_stage, variable};
use crate::error::{EXIT_OK, EXIT_USAGE, Error, Kind};
use crate::model::event::{Event, Level};
use crate::model::limits::{Bound, run_expired};
use crate::model::secret::Vault;
use crate::model::task_call;
use crate::recipe::project::Project;
use crate::recipe::scripts::Scripts;
use crate::recipe::selection;
use crate::recipe::session::Session;
use crate::report::plan::{Lines, render};
use crate::runner::run_limit::RunLimit;

/// Does what a call asks for; gives the exit code.
///
/// # Errors
/// What was found before anything ran.
pub fn run(call: Call) -> Result<u8, Error> {
    let mut words = Words::sort(&call.words);
    let project = find_project(&call.options)?;
    let stages = project.stages()?;
    let stage = words.stage.take().filter(|stage| {
        stages.contains(stage) || {
            words.tasks.insert(0, stage.clone());
            false
        }
    });
    let scripts = Arc::new(Scripts::default());
    let vault = Arc::new(Vault::default());
    let output = Output::new(&call.options, &project, scripts.clone(), &vault);
    let listing = list::is_asked(&call.options);
    // With a task, settings are told before it runs.
    let looking = listing || (call.options.print_settings.is_some() && words.tasks.is_empty());
    if stage.is_none() && !looking {
        return Err(wrong_stage(&words, &stages, &project, &call.options));
    }
    let sink = if looking || call.options.plan { Output::none() } else { output.sink() };
    let session = open(&project, &call.options, &words, stage.clone(), scripts, vault, sink).inspect_err(|error| {
        output.complain(error);
    });
    let session = match session {
        Ok(session) => session,
        // Already told, with the recipe's lines.
        Err(error) => return Ok(found_in_time(&error)),
    };
    if looking {
        settings::show(&session, &call.options, &output, &*output.eyes());
        if listing {
            print(&list::list(session.tasks(), &call.options, output::width()));
        }
        session.close();
        return Ok(EXIT_OK);
    }
    perform(&session, call, &words, (stage, &project), &output).or_else(|error| {
        output.complain(&error);
        Ok(found_in_time(&error))
    })
}

fn perform(
    session: &Session,
    call: Call,
    words: &Words,
    (stage, project): (Option<String>, &Project),
    output: &Output,
) -> Result<u8, Error> {
    let is_exec = words.tasks.first().is_some_and(|task| task == exec::WORD);
    if !is_exec && !call.command.is_empty() {
        return Err(Error::usage("only `exec` takes a command after `--`"));
    }
    let is_doctor = words.tasks.first().is_some_and(|task| task == doctor::WORD);
    if is_doctor {
        doctor::alone(&words.tasks)?;
    }
    let calls = if is_exec || is_doctor { Vec::new() } else { calls(words, session)? };
    let calls = if call.options.lagging { lagging(&calls, session)? } else { calls };
    session.check(&calls)?;
    session.select()?;
    if call.options.plan {
        settings::show(session, &call.options, output, &*output.eyes());
        let title = session.world().vault.redact(&call_line(&call)).into_owned();
        print(&render(&title, &session.plan(&calls)?, Lines::Unicode));
        return Ok(EXIT_OK);
    }
    let line = session.world().vault.redact(&call_line(&call)).into_owned();
    let command = if is_exec { Some(exec::command(&words.tasks, call.command)?) } else { None };
    if call.options.ask_sudo_password && !session.world().options.dry_run {
        ask_sudo_password(session)?;
    }
    let world = session.world();
    let abandoned = world.clone();
    signals::listen(world.cancel.clone(), world.sink.clone(), move || {
        if let Some(pool) = abandoned.pool.get() {
            pool.abandon();
        }
    });
    let bound = session.run_limit()?;
    let limit = limit(session, bound)?;
    let started = Instant::now();
    world.sink.emit(&Event::RunStarted {
        command: line,
        stage,
        version: env!("CARGO_PKG_VERSION"),
        dry_run: world.options.dry_run,
    });
    settings::show(session, &call.options, output, &*world.sink);
    let mut found = EXIT_OK;
    let outcome = match command {
        Some(command) => session.execute(&command),
        None if is_doctor => doctor::doctor(session, project, output, &*world.sink).map(|code| found = code),
        None => session.run(&calls),
    };
    // What is done from now on has a limit of its own.
    let exit_code = match finish(session, outcome, bound.filter(|_| limit.end())) {
        EXIT_OK => found,
        code => code,
    };
    session.close();
    if let Some(event) = world.profile.report() {
        world.sink.emit(&event);
    }
    world.sink.emit(&Event::RunFinished { exit_code, seconds: started.elapsed().as_secs_f64() });
    Ok(exit_code)
}

/// Asks for the password of sudo, once for all hosts.
fn ask_sudo_password(session: &Session) -> Result<(), Error> {
    let world = session.world();
    let Some(password) = world.prompter.ask("Password of sudo: ", false) else {
        return Err(Error::usage("there is no terminal to ask for the password of sudo, and `-K` was given")
            .help("take it from elsewhere: `set(\"sudo_password\", secret(env(\"SUDO_PASSWORD\")))`"));
    };
    world.vault.keep_sudo_password(&password)
}

/// Begins to count the time of the run.
fn limit(session: &Session, bound: Option<Bound>) -> Result<RunLimit, Error> {
    let Some(bound) = bound else { return Ok(RunLimit::default()) };
    let world = session.world();
    let sink = world.sink.clone();
    RunLimit::begin(Some(bound.time), &world.cancel, move || {
        let text = format!("{}: ending what runs on the hosts", run_expired(bound));
        sink.emit(&Event::Message { level: Level::Warn, text, host: None, task: None, place: None });
    })
}

fn calls(words: &Words, session: &Session) -> Result<Vec<task_call::Call>, Error> {
    let calls = words.calls()?;
    // As in Capistrano, a stage alone runs the task `default`; a deploy of one's own need not bring one.
    let alone = if session.tasks().get("default").is_some() { "default" } else { "deploy" };
    Ok(if calls.is_empty() { vec![task_call::Call::new(alone)] } else { calls })
}

/// The task that brings hosts that lag behind to the release of the others.
const LAGGING: &str = "deploy:lagging";

/// With `--lagging`, the task that chooses release and hosts before it deploys stands in place of `deploy`.
fn lagging(calls: &[task_call::Call], session: &Session) -> Result<Vec<task_call::Call>, Error> {
    let is_deploy = |call: &task_call::Call| ["deploy", "default"].contains(&call.name.as_str());
    if !matches!(calls, [only] if is_deploy(only)) {
        return Err(Error::usage("`--lagging` goes with the task `deploy` alone")
            .help("write `windlass STAGE deploy --lagging`"));
    }
    if selection::is_asked(session.world()) {
        return Err(Error::usage("`--lagging` looks at all hosts of the stage, and a filter leaves some of them out")
            .help("leave out `-z`, `-r`, `HOSTS` and `ROLES`; a host that does not answer is left out with `--max-fail 1`"));
    }
    if session.tasks().get(LAGGING).is_none() {
        return Err(Error::usage("`--lagging` needs the stock deploy, and the recipe does not load it")
            .help("`require(\"deploy\");` at the top of the recipe"));
    }
    Ok(vec![task_call::Call::new(LAGGING)])
}

/// The exit code of an error found before anything ran: a file that cannot be read is a mistake then, too.
fn found_in_time(error: &Error) -> u8 {
    if error.kind() == Kind::Io { EXIT_USAGE } else { error.exit_code() }
}

/// The first word is no stage: a typo, a task, or nothing at all. The tasks are read to tell which.
fn wrong_stage(words: &Words, stages: &[String], project: &Project, options: &Options) -> Error {
    let scripts = Arc::new(Scripts::default());
    let vault = Arc::new(Vault::default());
    let quiet = Output::none();
    let session = open(project, options, words, None, scripts, vault, quiet);
    let tasks: Vec<String> =
        session.map(|session| session.tasks().names().map(str::to_owned).collect()).unwrap_or_default();
    let tasks: Vec<&str> = tasks.iter().map(String::as_str).collect();
    no_stage(words.tasks.first().map(String::as_str), stages, &tasks)
}

/// The words of the call as they were typed, without `KEY=value`: such a value may be a password, and this is logged.
fn call_line(call: &Call) -> String {
    let words: Vec<&str> = call.words.iter().map(String::as_str).filter(|word| variable(word).is_none()).collect();
    let mut line = words.join(" ");
    if !call.command.is_empty() {
        line.push_str(" -- ");
        line.push_str(&call.command.join(" "));
    }
    line
}

/// Results go to standard output; that nobody reads them, as in `windlass -T | head`, is no failure.
pub(super) fn print(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
}
