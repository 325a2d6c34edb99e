//! What a call asks for, done in an open session: tasks, a command, a script.

use std::time::Instant;

use crate::cli::args::Call;
use crate::cli::console;
use crate::cli::doctor;
use crate::cli::finish::finish;
use crate::cli::output::Output;
use crate::cli::results::print;
use crate::cli::settings;
use crate::cli::signals::{self, Turns};
use crate::cli::words::{Words, variable};
use crate::cli::work::Work;
use crate::error::{EXIT_OK, Error};
use crate::model::event::{Event, Level};
use crate::model::limits::{Bound, run_expired};
use crate::model::secret::Vault;
use crate::model::suggest::did_you_mean;
use crate::model::task_call;
use crate::model::typed_secret::title;
use crate::recipe::memory::Memory;
use crate::recipe::project::OF_A_STAGE;
use crate::recipe::project::Project;
use crate::recipe::selection;
use crate::recipe::session::Session;
use crate::report::plan::{Lines, render};
use crate::runner::run_limit::RunLimit;

/// Does what a call asks for; gives the exit code.
///
/// # Errors
/// What was found before anything ran.
pub fn perform(
    session: &Session,
    call: &Call,
    words: &Words,
    (work, project): (&Work, Option<&Project>),
    output: &Output,
) -> Result<u8, Error> {
    let calls = if *work == Work::Tasks { calls(words, session)? } else { Vec::new() };
    let calls = if call.options.lagging { lagging(&calls, session)? } else { calls };
    // A look is no run: what is hooked to the stage stays as it is.
    let calls = if *work == Work::Doctor { calls } else { session.with_stage(calls) };
    session.check(&calls).map_err(|error| or_a_command(error, &calls))?;
    session.select()?;
    let line = session.world().vault.redact(&call_line(call, &session.world().vault)).into_owned();
    if call.options.plan {
        if *work != Work::Tasks {
            return Err(Error::usage("`--plan` shows tasks, and none is run here")
                .help("`--dry-run` shows every command that would run"));
        }
        settings::show(session, &call.options, output, &*output.reporter())?;
        let plan = render(&line, &session.plan(&calls)?, Lines::Unicode);
        print(&session.world().vault.redact(&plan))?;
        return Ok(EXIT_OK);
    }
    session.confirm(&calls)?;
    if *work == Work::Console {
        return console::console(session, call, &line, output);
    }
    listen(session, Turns::one());
    ask_sudo_password(session, call)?;
    let run = || {
        settings::show(session, &call.options, output, &*session.world().sink)?;
        match work {
            Work::Exec(command) => session.run(&calls).and_then(|()| session.execute(command)),
            Work::Code { shown, text, arguments } => session
                .run(&calls)
                .and_then(|()| session.evaluate(&mut Memory::with_arguments(arguments), shown, text).map(|_| ())),
            Work::Doctor => return doctor::doctor(session, project, output, &*session.world().sink),
            Work::Tasks | Work::Script(..) | Work::Console => session.run(&calls),
        }
        .map(|()| EXIT_OK)
    };
    timed(session, &line, run, || session.close())
}

/// Listens for Ctrl-C and its relatives from now on.
pub fn listen(session: &Session, turns: Turns) {
    let world = session.world();
    let abandoned = world.clone();
    signals::listen(world.cancel.clone(), world.sink.clone(), turns, move || {
        if let Some(pool) = abandoned.pool.get() {
            pool.abandon();
        }
    });
}

/// Does something as a run: told from its beginning to its end, under the limit of a run. `leave` is done when hosts are
/// not needed any more. What the work gives is the exit code of a run without an error.
///
/// # Errors
/// A limit that cannot be read.
pub fn timed(
    session: &Session,
    line: &str,
    work: impl FnOnce() -> Result<u8, Error>,
    leave: impl FnOnce(),
) -> Result<u8, Error> {
    let world = session.world();
    let bound = session.run_limit()?;
    let limit = limit(session, bound)?;
    let started = Instant::now();
    world.sink.emit(&Event::RunStarted {
        command: line.to_owned(),
        stage: world.options.stage.clone(),
        version: env!("CARGO_PKG_VERSION"),
        dry_run: world.options.dry_run,
    });
    let mut found = EXIT_OK;
    let outcome = work().map(|code| found = code);
    // What is done from now on has a limit of its own.
    let exit_code = match finish(session, outcome, bound.filter(|_| limit.end())) {
        EXIT_OK => found,
        code => code,
    };
    leave();
    if let Some(event) = world.profile.report() {
        world.sink.emit(&event);
    }
    world.sink.emit(&Event::RunFinished { exit_code, seconds: started.elapsed().as_secs_f64() });
    Ok(exit_code)
}

/// With `-K`, asks for the password of sudo, once for all hosts.
///
/// # Errors
/// Nobody to ask, and a Ctrl-C.
pub fn ask_sudo_password(session: &Session, call: &Call) -> Result<(), Error> {
    let world = session.world();
    if !call.options.ask_sudo_password || world.options.dry_run {
        return Ok(());
    }
    let Some(password) = session.ask_secret("Password of sudo: ")? else {
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

/// A word that is no task may be meant as one of the commands that stand behind a stage.
fn or_a_command(error: Error, calls: &[task_call::Call]) -> Error {
    let meant = calls.first().and_then(|call| did_you_mean(&call.name, OF_A_STAGE.iter().copied()));
    if error.parts().rule == Some("unknown-task") { error.maybe_help(meant) } else { error }
}

/// The task that brings hosts that lag behind to the release of the others.
const LAGGING: &str = "deploy:lagging";

/// With `--lagging`, the task that chooses release and hosts before it deploys stands in place of `deploy`.
fn lagging(calls: &[task_call::Call], session: &Session) -> Result<Vec<task_call::Call>, Error> {
    let is_deploy = |call: &task_call::Call| {
        session.tasks().resolve(&call.name, "").is_some_and(|task| ["deploy", "default"].contains(&task.name.as_str()))
    };
    if !matches!(calls, [only] if is_deploy(only)) {
        return Err(Error::usage("`--lagging` goes with the task `deploy` alone")
            .help("write `windlass STAGE deploy --lagging`"));
    }
    if selection::is_asked(session.world()) {
        return Err(Error::usage("`--lagging` looks at all hosts of the stage, and a filter leaves some of them out")
            .help("leave out `-z`, `-r`, `--limit`, `HOSTS` and `ROLES`; a host that does not answer is left out with `--max-fail 1`"));
    }
    if session.tasks().get(LAGGING).is_none() {
        return Err(Error::usage("`--lagging` needs the stock deploy, and the recipe does not load it")
            .help("`require(\"deploy\");` at the top of the recipe"));
    }
    Ok(vec![task_call::Call::new(LAGGING)])
}

/// The words of the call as they were typed, without `KEY=value`: such a value may be a password, and this is logged.
fn call_line(call: &Call, vault: &Vault) -> String {
    let words: Vec<&str> = call.words.iter().map(String::as_str).filter(|word| variable(word).is_none()).collect();
    let mut line = words.join(" ");
    if let Some(code) = &call.options.execute {
        line.push_str(" -e ");
        line.push_str(&title(code, vault));
    }
    if !call.command.is_empty() {
        line.push_str(" -- ");
        line.push_str(&call.command.join(" "));
    }
    line
}
