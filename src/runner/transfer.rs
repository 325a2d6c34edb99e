//! One file to or from one host: events out, result or error back.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::error::{Error, FailedCommand};
use crate::model::event::Event;
use crate::model::limits::Limits;
use crate::runner::execute::{Desk, Job, judged, tell_trip};
use crate::runner::watch::Guard;
use crate::transport::api::Measured;
use crate::transport::files::{self, Upload};

/// How much of a file goes over the line between two events, in hundredths of the file.
const STEP: u64 = 5;

/// Writes a file on the host; the job's command is what surrounds it. `name` is what it is called in progress.
///
/// # Errors
/// As [`files::upload`].
pub fn upload(desk: &Desk<'_>, job: &Job, file: Upload<'_>, name: &str) -> Result<(), Error> {
    let total = file.length;
    let host = desk.transport.label();
    let mut told = 0;
    told_about(desk, job, |guard| {
        let mut progress = |bytes: u64| {
            guard.stirred();
            // A file that goes in one piece needs no progress.
            if bytes < total && bytes - told >= (total / 100 * STEP).max(64 * 1024) {
                told = bytes;
                let (host, name) = (host.clone(), name.to_owned());
                desk.sink.emit(&Event::Transfer { host, upload: true, name, bytes, total });
            }
        };
        files::upload(desk.transport, &job.command, desk.vault, file, &mut progress, guard.cancel())
    })
}

/// Reads a file of the host; the job's command is what surrounds it.
///
/// # Errors
/// As [`files::download`].
pub fn download(desk: &Desk<'_>, job: &Job, path: &str, target: &mut dyn Write) -> Result<(), Error> {
    told_about(desk, job, |guard| {
        let mut progress = |_| guard.stirred();
        files::download(desk.transport, &job.command, desk.vault, path, target, &mut progress, guard.cancel())
            .map(|_| ())
    })
}

/// Does `work` between the events of a command whose title is the job's. Of its limits only the one for silence counts:
/// how long a file takes is a matter of its size.
fn told_about(desk: &Desk<'_>, job: &Job, work: impl FnOnce(&Guard<'_>) -> Result<(), Error>) -> Result<(), Error> {
    job.command.check()?;
    desk.transport.connect(desk.cancel).map_err(|error| error.on(desk.transport.label()))?;
    let host = desk.transport.label();
    let id = desk.numbers.fetch_add(1, Ordering::Relaxed);
    let title = desk.vault.redact(job.title.as_deref().unwrap_or("transfer")).into_owned();
    let limits = Limits { command: None, ..job.limits };
    let guard = desk.watch.begin(host.clone(), desk.cancel, false, title.clone(), limits)?;
    let started = Instant::now();
    desk.sink.emit(&Event::CommandStarted {
        id,
        task: job.task.clone(),
        host: host.clone(),
        user: job.command.user.clone(),
        command: title.clone(),
        line: title.clone(),
        place: job.place.clone(),
        level: job.wish.level,
        dry_run: desk.dry_run,
    });
    guard.turn_to(title.clone(), Some(id), limits);
    let result = judged(work(&guard), &guard);
    let ok = result.is_ok();
    let cost = ok.then_some(Measured { host_seconds: None, round_trips: 1 });
    tell_trip(desk, 1, started.elapsed(), Duration::ZERO, cost);
    desk.sink.emit(&Event::CommandFinished {
        id,
        status: ok.then_some(0),
        signal: None,
        ok,
        seconds: started.elapsed().as_secs_f64(),
    });
    result.map_err(|error| error.on(host).command(FailedCommand { line: title, ..FailedCommand::default() }))
}
