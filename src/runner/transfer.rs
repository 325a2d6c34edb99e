//! Files to or from one host: events out, result or error back.

use std::io::Read;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::error::{Error, FailedCommand};
use crate::model::event::Event;
use crate::model::file_look::{Had, Seen};
use crate::model::file_script::Written;
use crate::model::limits::Limits;
use crate::runner::execute::{Desk, Job, judged, tell_trip};
use crate::runner::watch::Guard;
use crate::transport::api::{Input, Measured};
use crate::transport::files::{self, Said, Target, Upload};

/// How much goes over the line between two events, in hundredths of the whole.
const STEP: u64 = 5;
/// The least of it, in bytes.
const LEAST: u64 = 64 * 1024;

/// Writes a file on the host; the job's command is what surrounds it. `name` is what it is called in progress. Gives
/// nothing where the part it was to go on behind has gone.
///
/// # Errors
/// As [`files::upload`].
pub fn upload(desk: &Desk<'_>, job: &Job, file: Upload<'_>, name: &str) -> Result<Option<Written>, Error> {
    let (total, offset) = (file.length, file.resume.offset());
    told_about(desk, job, |guard, id| {
        let mut progress = Progress { told: offset, ..Progress::new(desk, id, true, name, total) };
        let mut note = |bytes: u64| {
            guard.stirred();
            progress.note(offset + bytes);
        };
        let written = files::upload(desk.transport, &job.command, desk.vault, file, &mut note, guard.cancel())?;
        if written.is_some() {
            progress.end();
        }
        Ok(written)
    })
}

/// What was behind the path of a download.
#[derive(Debug, PartialEq, Eq)]
pub enum Got {
    /// A file, which was given on.
    File,
    /// A folder, and a list of what is in it.
    Folder(Vec<u8>),
}

/// Reads a file of the host into `target`, or lists a folder; the job's command is what surrounds it. Where the beginning
/// of the file is here already, the rest is read.
///
/// # Errors
/// As [`files::download`].
pub fn download(
    desk: &Desk<'_>,
    job: &Job,
    (path, had): (&str, Option<&Had>),
    target: &mut (dyn Target + Send),
) -> Result<Got, Error> {
    told_about(desk, job, |guard, id| {
        let progress = Progress::new(desk, id, false, path, 0);
        let mut landing = Landing { guard, target, progress, bytes: 0, list: None };
        files::download(desk.transport, &job.command, desk.vault, (path, had), &mut landing, guard.cancel())?;
        landing.progress.end();
        Ok(landing.list.map_or(Got::File, Got::Folder))
    })
}

/// A script that moves something, what goes with it, and what its failure means.
pub struct Errand<'a> {
    /// The script.
    pub line: String,
    /// How many bytes move.
    pub total: u64,
    /// What they are called in progress.
    pub name: &'a str,
    /// Makes an error of a status that is not 0.
    pub explain: &'a dyn Fn(&Said) -> Error,
}

/// Runs a script that reads bytes; the job's command is what surrounds it.
///
/// # Errors
/// As [`files::send`], and what the errand makes of a failure.
pub fn send(desk: &Desk<'_>, job: &Job, errand: Errand<'_>, source: &mut (dyn Read + Send)) -> Result<(), Error> {
    let Errand { line, total, name, explain } = errand;
    told_about(desk, job, |guard, id| {
        let mut progress = Progress::new(desk, id, true, name, total);
        let mut note = |bytes: u64| {
            guard.stirred();
            progress.note(bytes);
        };
        let said = files::send(desk.transport, &job.command, desk.vault, line, source, &mut note, guard.cancel())?;
        if said.status != 0 {
            return Err(explain(&said));
        }
        progress.end();
        Ok(())
    })
}

/// Runs a script that reads a text and gives bytes, which `take` takes; the job's command is what surrounds it.
///
/// # Errors
/// As [`files::exchange`], and what the errand makes of a failure.
pub fn receive(
    desk: &Desk<'_>,
    job: &Job,
    errand: Errand<'_>,
    mut text: &[u8],
    take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(), Error> {
    let Errand { line, total, name, explain } = errand;
    told_about(desk, job, |guard, id| {
        let mut progress = Progress::new(desk, id, false, name, total);
        let mut bytes = 0;
        let mut note = |piece: &[u8]| {
            guard.stirred();
            bytes += piece.len() as u64;
            progress.note(bytes);
            take(piece)
        };
        let input = Input::Bytes(&mut text);
        let said = files::exchange(desk.transport, &job.command, desk.vault, line, input, &mut note, guard.cancel())?;
        if said.status != 0 {
            return Err(explain(&said));
        }
        progress.end();
        Ok(())
    })
}

/// Where a download goes.
struct Landing<'a> {
    guard: &'a Guard<'a>,
    target: &'a mut (dyn Target + Send),
    progress: Progress<'a>,
    bytes: u64,
    /// What is in a folder.
    list: Option<Vec<u8>>,
}

impl Target for Landing<'_> {
    fn begin(&mut self, seen: &Seen) -> std::io::Result<()> {
        self.guard.stirred();
        match seen {
            Seen::File { size, from, .. } => {
                (self.progress.total, self.progress.told, self.bytes) = (*size, *from, *from);
                self.target.begin(seen)?;
            }
            Seen::Folder => self.list = Some(Vec::new()),
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.guard.stirred();
        self.bytes += bytes.len() as u64;
        self.progress.note(self.bytes);
        match &mut self.list {
            Some(list) => list.extend_from_slice(bytes),
            None => self.target.take(bytes)?,
        }
        Ok(())
    }
}

/// Tells how far a transfer has come.
struct Progress<'a> {
    desk: &'a Desk<'a>,
    id: u64,
    host: String,
    upload: bool,
    name: String,
    total: u64,
    told: u64,
}

impl<'a> Progress<'a> {
    fn new(desk: &'a Desk<'a>, id: u64, upload: bool, name: &str, total: u64) -> Self {
        let (host, name) = (desk.transport.label(), desk.vault.redact(name).into_owned());
        Self { desk, id, host, upload, name, total, told: 0 }
    }

    /// So many bytes have gone. What goes in one piece needs no progress, and the end is told when it is one.
    fn note(&mut self, bytes: u64) {
        if bytes < self.total && bytes - self.told >= (self.total / 100 * STEP).max(LEAST) {
            self.told = bytes;
            self.tell(bytes);
        }
    }

    /// It has come to its end, which is told where anything was, or some of it had been there.
    fn end(&self) {
        if self.told > 0 {
            self.tell(self.total);
        }
    }

    fn tell(&self, bytes: u64) {
        let (host, name) = (self.host.clone(), self.name.clone());
        let (id, upload, total) = (self.id, self.upload, self.total);
        self.desk.sink.emit(&Event::Transfer { id, host, upload, name, bytes, total });
    }
}

/// Does `work` between the events of a command whose title is the job's; it is given the number of the execution. Of its
/// limits only the one for silence counts: how long a file takes is a matter of its size.
fn told_about<T>(
    desk: &Desk<'_>,
    job: &Job,
    work: impl FnOnce(&Guard<'_>, u64) -> Result<T, Error>,
) -> Result<T, Error> {
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
    let result = judged(work(&guard, id), &guard);
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
