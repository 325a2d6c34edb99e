//! One command that runs: its events, what is kept of its output, its result.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::error::{Error, FailedCommand, Kind};
use crate::model::brief::brief;
use crate::model::event::{Event, Stream};
use crate::model::remedy::remedies;
use crate::runner::execute::{Desk, Job, Ran};
use crate::runner::lines::Lines;
use crate::transport::api::Exit;

/// How much of an output stream is kept for an error message, in bytes.
const TAIL: usize = 16 * 1024;

/// A command from its beginning to its end.
pub(super) struct Running<'a> {
    desk: &'a Desk<'a>,
    job: &'a Job,
    id: u64,
    host: String,
    line: String,
    title: String,
    started: Instant,
    collected: Collected,
    lines: [Lines<'a>; 2],
}

impl<'a> Running<'a> {
    /// Tells that it begins.
    pub(super) fn begin(desk: &'a Desk<'a>, job: &'a Job) -> Self {
        let host = desk.transport.label();
        let id = desk.numbers.fetch_add(1, Ordering::Relaxed);
        let line = job.command.display_line(desk.vault);
        let title = job.name(desk.vault);
        // A whole script of ours would hide what is to be seen beside it.
        let line = if job.title.is_some() && line.contains('\n') { title.clone() } else { line };
        desk.sink.emit(&Event::CommandStarted {
            id,
            task: job.task.clone(),
            host: host.clone(),
            user: job.command.user.clone(),
            command: title.clone(),
            line: line.clone(),
            place: job.place.clone(),
            level: job.wish.level,
            dry_run: desk.dry_run,
        });
        let collected = Collected::new(job.wish.keep_output);
        let lines = [Lines::new(desk.vault), Lines::new(desk.vault)];
        Self { desk, job, id, host, line, title, started: Instant::now(), collected, lines }
    }

    /// The number of this execution.
    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    /// What it is called in output.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// How long it has been running.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Takes what it printed.
    pub(super) fn take(&mut self, stream: Stream, bytes: &[u8]) {
        self.collected.take(stream, bytes);
        if self.job.answers && stream == Stream::Stdout {
            return;
        }
        let (desk, id) = (self.desk, self.id);
        self.lines[usize::from(stream == Stream::Stderr)]
            .push(bytes, |line| desk.sink.emit(&Event::CommandOutput { id, stream, line }));
    }

    /// Ends a line whose end does not come before something else is told.
    pub(super) fn break_line(&mut self, stream: Stream) {
        let (desk, id) = (self.desk, self.id);
        self.lines[usize::from(stream == Stream::Stderr)]
            .break_off(|line| desk.sink.emit(&Event::CommandOutput { id, stream, line }));
    }

    /// Tells that it is over, and how.
    pub(super) fn end(self, outcome: Result<Exit, Error>) -> Result<Ran, Error> {
        let Self { desk, job, id, host, line, title, started, collected, lines } = self;
        for (stream, lines) in [Stream::Stdout, Stream::Stderr].into_iter().zip(lines) {
            lines.finish(|line| desk.sink.emit(&Event::CommandOutput { id, stream, line }));
        }
        let exit = outcome.as_ref().ok().copied();
        let succeeded = exit.is_some_and(|exit| exit.status == 0);
        desk.sink.emit(&Event::CommandFinished {
            id,
            status: exit.map(|exit| exit.status),
            signal: exit.and_then(Exit::signal),
            ok: succeeded || (exit.is_some() && !job.wish.must_succeed),
            seconds: started.elapsed().as_secs_f64(),
        });
        let failed = |exit: Option<Exit>| FailedCommand {
            line,
            status: exit.map(|exit| exit.status),
            signal: exit.and_then(Exit::signal),
            stdout: if job.answers { String::new() } else { desk.vault.redact(&tail(&collected.stdout)).into_owned() },
            stderr: desk.vault.redact(&tail(&collected.stderr)).into_owned(),
        };
        match outcome {
            Err(error) => Err(error.on(host).command(failed(None))),
            Ok(exit) if exit.status != 0 && job.wish.must_succeed => {
                let failed = failed(Some(exit));
                let ran = Ran { exit, stdout: collected.stdout, stderr: collected.stderr };
                Err(failure(job, failed, &ran, desk.vault.sudo_password().is_some(), &host, &title))
            }
            Ok(exit) => Ok(Ran { exit, stdout: collected.stdout, stderr: collected.stderr }),
        }
    }
}

fn failure(job: &Job, failed: FailedCommand, ran: &Ran, has_password: bool, host: &str, title: &str) -> Error {
    if let Some(mut error) = job.explain.as_ref().and_then(|explain| explain.error(ran)) {
        // What the command printed is shown with it.
        let said = failed.stderr.trim();
        error.parts_mut().notes.retain(|note| said.is_empty() || !note.ends_with(said));
        return error.on(host).command(failed);
    }
    let (name, exit) = (brief(title), ran.exit);
    let error = match exit.signal() {
        Some(signal) => Error::new(Kind::Signal, format!("`{name}` was ended by signal {signal}")),
        None => Error::new(Kind::Command, format!("`{name}` ended with status {}", exit.status)),
    };
    let mut error = error.maybe_help(job.help.clone());
    for remedy in remedies(&job.command, &failed, has_password, host) {
        error = error.help(remedy);
    }
    error.on(host).command(failed)
}

fn tail(bytes: &[u8]) -> String {
    let start = bytes.len().saturating_sub(TAIL);
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}

/// Both streams, whole or their ends.
struct Collected {
    whole: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Collected {
    const fn new(whole: bool) -> Self {
        Self { whole, stdout: Vec::new(), stderr: Vec::new() }
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) {
        let kept = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        kept.extend_from_slice(bytes);
        if !self.whole && kept.len() > 4 * TAIL {
            kept.drain(..kept.len() - TAIL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept_when_the_whole_is_not_wanted() {
        let mut collected = Collected::new(false);
        for _ in 0..100 {
            collected.take(Stream::Stdout, &[b'a'; 4096]);
        }
        collected.take(Stream::Stdout, b"end");
        assert!(collected.stdout.len() <= 4 * TAIL + 3);
        assert!(collected.stdout.ends_with(b"end"));
    }
}
