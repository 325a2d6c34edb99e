//! Commands on one host: events out, results or an error back.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::{Level, Sink};
use crate::model::limits::Limits;
use crate::model::secret::Vault;
use crate::place::Place;
use crate::runner::profile::Profile;
use crate::runner::running::{Running, title_of};
use crate::runner::watch::{Guard, Watch};
use crate::transport::api::{Exit, Input, Measured, Request, Step, Told, Transport, Trip};
use crate::transport::cancel::Cancel;

/// What has become of a command that reached a limit.
const ENDED: &str = "its whole process group on the host was told to end";

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
    /// Looks after what runs.
    pub watch: &'a Watch,
    /// Where the time goes.
    pub profile: &'a Profile,
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
    /// How long it may take.
    pub limits: Limits,
    /// What is shown in place of the command, for those that are ours and not the recipe's.
    pub title: Option<String>,
    /// The task it belongs to.
    pub task: Option<String>,
    /// The recipe place that runs it.
    pub place: Option<Place>,
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
    let guard = watched(desk, job)?;
    let mut running = Running::begin(desk, job);
    guard.turn_to(running.title().to_owned(), Some(running.id()), job.limits);
    let request = Request { command: &job.command, input: input.reborrow(), vault: desk.vault };
    let mut take = |stream, bytes: &[u8]| {
        guard.heard(stream, bytes);
        running.take(stream, bytes);
    };
    let outcome = desk.transport.run(request, &mut take, guard.cancel());
    let took = running.elapsed();
    if !desk.dry_run {
        desk.profile.trip(&desk.transport.label(), took, took.as_secs_f64(), 1);
    }
    running.end(judged(outcome, &guard, false))
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
    let Some(first) = jobs.first() else { return Vec::new() };
    let guard = match watched(desk, first) {
        Ok(guard) => guard,
        Err(error) => return vec![Err(error.at(first.place.clone()))],
    };
    let mut results: Vec<Result<Ran, Error>> = Vec::with_capacity(jobs.len());
    let mut running: Option<Running<'_>> = None;
    let mut on_host = Duration::ZERO;
    let mut tell = |number: usize, told: Told<'_>| match told {
        Told::Begun => {
            let begun = Running::begin(desk, &jobs[number]);
            guard.turn_to(begun.title().to_owned(), Some(begun.id()), jobs[number].limits);
            running = Some(begun);
        }
        Told::Output(stream, bytes) => {
            guard.heard(stream, bytes);
            if let Some(running) = &mut running {
                running.take(stream, bytes);
            }
        }
        Told::Ended(exit) => {
            let Some(running) = running.take() else { return };
            on_host += running.elapsed();
            let result = running.end(judged(Ok(exit), &guard, shielded));
            // After a limit was reached another command can have begun, before the trip heard of it.
            if results.last().is_none_or(Result::is_ok) {
                results.push(result);
            }
            if let Some(next) = jobs.get(number + 1) {
                guard.turn_to(title_of(desk, next), None, next.limits);
            }
        }
    };
    let began = Instant::now();
    let outcome = desk.transport.trip(&trip, &mut tell, guard.cancel());
    let took = began.elapsed();
    on_host += running.as_ref().map(Running::elapsed).unwrap_or_default();
    // Nobody has counted what was cut off.
    let cost = outcome.as_ref().map_or(Measured { host_seconds: None, round_trips: 1 }, |cost| *cost);
    if cost.round_trips > 0 {
        let host_seconds = cost.host_seconds.unwrap_or(on_host.as_secs_f64());
        desk.profile.trip(&desk.transport.label(), took, host_seconds, cost.round_trips);
    }
    if let Err(error) = outcome {
        let is_told = results.last().is_some_and(Result::is_err);
        let job = &jobs[results.len().min(jobs.len() - 1)];
        let outcome = judged(Err(error), &guard, shielded);
        match running {
            Some(running) if is_told => drop(running.end(outcome)),
            None if is_told => {}
            running => results.push(running.unwrap_or_else(|| Running::begin(desk, job)).end(outcome)),
        }
    }
    results.into_iter().zip(jobs).map(|(result, job)| result.map_err(|error| error.at(job.place.clone()))).collect()
}

/// Has a job looked after from now on; the host need not have begun it yet.
fn watched<'a>(desk: &Desk<'a>, job: &Job) -> Result<Guard<'a>, Error> {
    desk.watch.begin(desk.transport.label(), desk.cancel, title_of(desk, job), job.limits)
}

/// What became of a command, where it may have reached a limit. Then it was cancelled, and that is no cancel of the run.
/// What a shield has brought to its end is done, however long it took.
pub(super) fn judged<T>(outcome: Result<T, Error>, guard: &Guard<'_>, shielded: bool) -> Result<T, Error> {
    match (outcome, guard.ended()) {
        (Err(error), Some(expired)) if error.kind() == Kind::Cancelled && shielded => {
            Err(expired.note("it is shielded, so it was not ended, and may still run"))
        }
        (Err(error), Some(expired)) if error.kind() == Kind::Cancelled => Err(expired.note(ENDED)),
        (Ok(_), Some(expired)) if !shielded => Err(expired.note(ENDED)),
        (outcome, _) => outcome,
    }
}

/// Finds what is wrong with a job before anything begins, and sees to the connection.
fn prepare(desk: &Desk<'_>, job: &Job) -> Result<(), Error> {
    job.command.check()?;
    // A secret that was cut apart is found before anything begins.
    job.command.secrets(desk.vault)?;
    desk.transport.connect(desk.cancel).map_err(|error| error.on(desk.transport.label()))
}
