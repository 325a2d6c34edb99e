//! Commands on one host: events out, results or an error back.

use std::sync::atomic::AtomicU64;

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::{Event, Level, Sink};
use crate::model::secret::Vault;
use crate::place::Place;
use crate::runner::running::{Running, shortened};
use crate::transport::api::{Exit, Input, Request, Step, Told, Transport, Trip};
use crate::transport::cancel::Cancel;

/// What surrounds everything a run does on one host.
pub struct Desk<'a> {
    /// The way to the host.
    pub transport: &'a dyn Transport,
    /// Where events go.
    pub sink: &'a dyn Sink,
    /// Where secrets are.
    pub vault: &'a Vault,
    /// Stops it.
    pub cancel: &'a Cancel,
    /// Numbers executions.
    pub numbers: &'a AtomicU64,
    /// True when nothing really runs.
    pub dry_run: bool,
}

/// A command, what is wanted of it, and who asked.
#[derive(Clone, Debug)]
pub struct Job {
    /// The command.
    pub command: Command,
    /// What is wanted of it.
    pub wish: Wish,
    /// What is shown in place of the command, for those that are ours and not the recipe's.
    pub title: Option<String>,
    /// The task it belongs to.
    pub task: Option<String>,
    /// The recipe place that runs it.
    pub place: Option<Place>,
}

impl Job {
    /// What the command is called where it is shown.
    pub(super) fn name(&self, vault: &Vault) -> String {
        self.title.as_ref().map_or_else(|| self.command.display_body(vault), |title| vault.redact(title).into_owned())
    }
}

/// What is wanted of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// How important its events are.
    pub level: Level,
    /// Whether a status other than 0 is an error.
    pub must_succeed: bool,
    /// Whether its whole output is wanted back.
    pub keep_output: bool,
}

/// A command that has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub exit: Exit,
    /// Standard output; its end only, unless the whole was wished for.
    pub stdout: Vec<u8>,
    /// Standard error, likewise.
    pub stderr: Vec<u8>,
}

/// Runs a command that reads `input`.
///
/// # Errors
/// A command that cannot be rendered; a host that cannot be reached; a cancel; and, if it must succeed, a status other
/// than 0 or a signal, with host, line, output and remedies.
pub fn execute(desk: &Desk<'_>, job: &Job, mut input: Input<'_>) -> Result<Ran, Error> {
    if matches!(input, Input::None) {
        return perform_one(desk, job, false);
    }
    prepare(desk, job)?;
    let mut running = Running::begin(desk, job);
    let request = Request { command: &job.command, input: input.reborrow(), vault: desk.vault };
    let outcome = desk.transport.run(request, &mut |stream, bytes| running.take(stream, bytes), desk.cancel);
    running.end(outcome)
}

/// Runs a command that reads nothing.
///
/// # Errors
/// As [`execute`].
pub fn perform_one(desk: &Desk<'_>, job: &Job, shielded: bool) -> Result<Ran, Error> {
    let missing = || Err(Error::new(Kind::Internal, "a command had no result"));
    perform(desk, std::slice::from_ref(job), shielded).pop().unwrap_or_else(missing)
}

/// Runs commands one after the other in one trip, up to the first one that fails. Gives a result for each one that was
/// run; only the last of them can be an error, which has the recipe place of its own command. No result is missing
/// unless there is an error.
///
/// Each error is one of [`execute`].
#[must_use]
pub fn perform(desk: &Desk<'_>, jobs: &[Job], shielded: bool) -> Vec<Result<Ran, Error>> {
    for job in jobs {
        if let Err(error) = prepare(desk, job) {
            return vec![Err(error.at(job.place.clone()))];
        }
    }
    let steps: Vec<_> =
        jobs.iter().map(|job| Step { command: &job.command, must_succeed: job.wish.must_succeed }).collect();
    let trip = Trip { steps: &steps, vault: desk.vault, shielded };
    let mut results = Vec::with_capacity(jobs.len());
    let mut running: Option<Running<'_>> = None;
    let mut tell = |number: usize, told: Told<'_>| match told {
        Told::Begun => running = Some(Running::begin(desk, &jobs[number])),
        Told::Output(stream, bytes) => {
            if let Some(running) = &mut running {
                running.take(stream, bytes);
            }
        }
        Told::Ended(exit) => results.extend(running.take().map(|running| running.end(Ok(exit)))),
        Told::Awaited(limit) => say(desk, &jobs[number], Level::Warn, |name| {
            format!("`{name}` must not be left half done: waiting for it, up to {} s", limit.as_secs())
        }),
        Told::Left(limit) => say(desk, &jobs[number], Level::Error, |name| {
            format!("`{name}` has not ended within {} s, and goes on: look there what becomes of it", limit.as_secs())
        }),
    };
    let outcome = desk.transport.trip(&trip, &mut tell, desk.cancel);
    if let Err(error) = outcome {
        let job = &jobs[results.len().min(jobs.len() - 1)];
        let running = running.unwrap_or_else(|| Running::begin(desk, job));
        results.push(running.end(Err(error)));
    }
    results.into_iter().zip(jobs).map(|(result, job)| result.map_err(|error| error.at(job.place.clone()))).collect()
}

/// Says something of a command to the person who waits for it; `text` is given its name.
fn say(desk: &Desk<'_>, job: &Job, level: Level, text: impl Fn(&str) -> String) {
    desk.sink.emit(&Event::Message {
        level,
        text: text(&shortened(&job.name(desk.vault))),
        host: Some(desk.transport.label()),
        task: job.task.clone(),
        place: job.place.clone(),
    });
}

/// Finds what is wrong with a job before anything begins, and sees to the connection.
fn prepare(desk: &Desk<'_>, job: &Job) -> Result<(), Error> {
    job.command.check()?;
    // A secret that was cut apart is found before anything begins.
    job.command.secrets(desk.vault)?;
    desk.transport.connect(desk.cancel).map_err(|error| error.on(desk.transport.label()))
}
