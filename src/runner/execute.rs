//! Commands on one host: events out, results or an error back.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind};
use crate::model::brief::brief;
use crate::model::command::Command;
use crate::model::event::{Event, Level, Sink};
use crate::model::limits::Limits;
use crate::model::secret::Vault;
use crate::place::Place;
use crate::runner::profile::Profile;
use crate::runner::running::Running;
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
    /// What the recipe says to do should it fail.
    pub help: Option<String>,
    /// What its failure means, for commands that are ours.
    pub explain: Option<Explain>,
    /// Whether its standard output is an answer to windlass, which tells it in words of its own, and is not shown.
    pub answers: bool,
}

/// Makes an error of a command that failed; none leaves it at what is said of any command.
#[derive(Clone)]
pub struct Explain(Arc<Explaining>);

type Explaining = dyn Fn(&Ran) -> Option<Error> + Send + Sync;

impl Explain {
    /// From what knows the command.
    pub fn new(explain: impl Fn(&Ran) -> Option<Error> + Send + Sync + 'static) -> Self {
        Self(Arc::new(explain))
    }

    /// The error of this end.
    #[must_use]
    pub fn error(&self, ran: &Ran) -> Option<Error> {
        (self.0)(ran)
    }
}

impl Debug for Explain {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Explain")
    }
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
    let guard = watched(desk, job, false)?;
    let mut running = Running::begin(desk, job);
    guard.turn_to(running.title().to_owned(), Some(running.id()), job.limits);
    let request = Request { command: &job.command, input: input.reborrow(), vault: desk.vault };
    let mut take = |stream, bytes: &[u8]| {
        guard.heard(stream, bytes);
        running.take(stream, bytes);
    };
    let outcome = desk.transport.run(request, &mut take, guard.cancel());
    let took = running.elapsed();
    let cost = outcome.as_ref().map(|_| Measured { host_seconds: None, round_trips: 1 });
    tell_trip(desk, 1, took, took, cost.ok());
    running.end(judged(outcome, &guard))
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
    let guard = match watched(desk, first, shielded) {
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
            let result = running.end(judged(Ok(exit), &guard));
            // After a limit was reached another command can have begun, before the trip heard of it.
            if results.last().is_none_or(Result::is_ok) {
                results.push(result);
            }
            if let Some(next) = jobs.get(number + 1) {
                guard.turn_to(next.name(desk.vault), None, next.limits);
            }
        }
        Told::Awaited(limit) => say(desk, &jobs[number], Level::Warn, |name| {
            format!("`{name}` must not be left half done: waiting for it, up to {} s", limit.as_secs())
        }),
        Told::Left(limit) => say(desk, &jobs[number], Level::Error, |name| {
            format!("`{name}` has not ended within {} s, and goes on: look there what becomes of it", limit.as_secs())
        }),
    };
    let began = Instant::now();
    let outcome = desk.transport.trip(&trip, &mut tell, guard.cancel());
    on_host += running.as_ref().map(Running::elapsed).unwrap_or_default();
    tell_trip(desk, results.len(), began.elapsed(), on_host, outcome.as_ref().ok().copied());
    if let Err(error) = outcome {
        let is_told = results.last().is_some_and(Result::is_err);
        let job = &jobs[results.len().min(jobs.len() - 1)];
        let outcome = judged(Err(error), &guard);
        match running {
            Some(running) if is_told => drop(running.end(outcome)),
            None if is_told => {}
            running => results.push(running.unwrap_or_else(|| Running::begin(desk, job)).end(outcome)),
        }
    }
    results.into_iter().zip(jobs).map(|(result, job)| result.map_err(|error| error.at(job.place.clone()))).collect()
}

/// Tells what commands have cost that went to the host together: how long it took as a whole, and how much of that they
/// ran, where the host does not say it better. Of what was cut off, where nobody has counted, only the profile knows;
/// where nothing was sent, nobody.
pub(super) fn tell_trip(desk: &Desk<'_>, commands: usize, took: Duration, ran: Duration, cost: Option<Measured>) {
    let Measured { host_seconds, round_trips } = cost.unwrap_or(Measured { host_seconds: None, round_trips: 1 });
    if round_trips == 0 || desk.dry_run {
        return;
    }
    let host = desk.transport.label();
    desk.profile.trip(&host, took, host_seconds.unwrap_or(ran.as_secs_f64()), round_trips);
    if cost.is_some() {
        let seconds = took.as_secs_f64();
        desk.sink.emit(&Event::Trip { host, commands, round_trips, seconds, host_seconds });
    }
}

/// Has a job looked after from now on; the host need not have begun it yet.
fn watched<'a>(desk: &Desk<'a>, job: &Job, shielded: bool) -> Result<Guard<'a>, Error> {
    desk.watch.begin(desk.transport.label(), desk.cancel, shielded, job.name(desk.vault), job.limits)
}

/// What became of a command, where it may have reached a limit. Then it was cancelled, and that is no cancel of the run.
pub(super) fn judged<T>(outcome: Result<T, Error>, guard: &Guard<'_>) -> Result<T, Error> {
    match (outcome, guard.ended()) {
        (Err(error), Some(expired)) if error.kind() == Kind::Cancelled => Err(expired.note(ENDED)),
        (Ok(_), Some(expired)) => Err(expired.note(ENDED)),
        (outcome, _) => outcome,
    }
}

/// Says something of a command to the person who waits for it; `text` is given its name.
fn say(desk: &Desk<'_>, job: &Job, level: Level, text: impl Fn(&str) -> String) {
    desk.sink.emit(&Event::Message {
        level,
        text: text(&brief(&job.name(desk.vault))),
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
