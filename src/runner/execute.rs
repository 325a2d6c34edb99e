//! One command on one host: events out, result or error back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::error::{Error, FailedCommand, Kind};
use crate::model::command::Command;
use crate::model::event::{Event, Level, Sink, Stream};
use crate::model::remedy::remedies;
use crate::model::secret::Vault;
use crate::place::Place;
use crate::runner::lines::Lines;
use crate::transport::api::{Exit, Input, Request, Transport};
use crate::transport::cancel::Cancel;

/// How much of an output stream is kept for an error message, in bytes.
const TAIL: usize = 16 * 1024;

/// What surrounds every command of a run.
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
    /// The task it belongs to.
    pub task: Option<&'a str>,
    /// The recipe place that runs it.
    pub place: Option<Place>,
    /// True when nothing really runs.
    pub dry_run: bool,
    /// What is shown in place of the command, for those that are ours and not the recipe's.
    pub title: Option<String>,
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

/// Runs a command.
///
/// # Errors
/// A command that cannot be rendered; a host that cannot be reached; a cancel; and, if it must succeed, a status other
/// than 0 or a signal, with host, line, output and remedies.
pub fn execute(desk: &Desk<'_>, command: &Command, mut input: Input<'_>, wish: Wish) -> Result<Ran, Error> {
    command.check()?;
    // A secret that was cut apart is found before anything begins.
    command.secrets(desk.vault)?;
    let host = desk.transport.label();
    desk.transport.connect(desk.cancel).map_err(|error| error.on(host.clone()))?;
    let host = desk.transport.label();
    let id = desk.numbers.fetch_add(1, Ordering::Relaxed);
    let line = command.display_line(desk.vault);
    let title = desk
        .title
        .as_ref()
        .map_or_else(|| command.display_body(desk.vault), |title| desk.vault.redact(title).into_owned());
    let started = Instant::now();
    desk.sink.emit(&Event::CommandStarted {
        id,
        task: desk.task.map(str::to_owned),
        host: host.clone(),
        user: command.user.clone(),
        command: title.clone(),
        line: line.clone(),
        place: desk.place.clone(),
        level: wish.level,
        dry_run: desk.dry_run,
    });
    let mut collected = Collected::new(wish.keep_output);
    let mut lines = [Lines::new(desk.vault), Lines::new(desk.vault)];
    let emit = |stream: Stream, line: String| desk.sink.emit(&Event::CommandOutput { id, stream, line });
    let mut take = |stream: Stream, bytes: &[u8]| {
        collected.take(stream, bytes);
        lines[usize::from(stream == Stream::Stderr)].push(bytes, |line| emit(stream, line));
    };
    let request = Request { command, input: input.reborrow(), vault: desk.vault };
    let outcome = desk.transport.run(request, &mut take, desk.cancel);
    for (stream, lines) in [Stream::Stdout, Stream::Stderr].into_iter().zip(lines) {
        lines.finish(|line| emit(stream, line));
    }
    let exit = outcome.as_ref().ok().copied();
    let succeeded = exit.is_some_and(|exit| exit.status == 0);
    desk.sink.emit(&Event::CommandFinished {
        id,
        status: exit.map(|exit| exit.status),
        signal: exit.and_then(Exit::signal),
        ok: succeeded || (exit.is_some() && !wish.must_succeed),
        seconds: started.elapsed().as_secs_f64(),
    });
    let failed = |exit: Option<Exit>| FailedCommand {
        line: line.clone(),
        status: exit.map(|exit| exit.status),
        signal: exit.and_then(Exit::signal),
        stdout: desk.vault.redact(&tail(&collected.stdout)).into_owned(),
        stderr: desk.vault.redact(&tail(&collected.stderr)).into_owned(),
    };
    match outcome {
        Err(error) => Err(error.on(host).command(failed(None))),
        Ok(exit) if exit.status != 0 && wish.must_succeed => {
            Err(failure(command, failed(Some(exit)), exit, &host, &title))
        }
        Ok(exit) => Ok(Ran { exit, stdout: collected.stdout, stderr: collected.stderr }),
    }
}

fn failure(command: &Command, failed: FailedCommand, exit: Exit, host: &str, title: &str) -> Error {
    let name = shortened(title);
    let mut error = match exit.signal() {
        Some(signal) => Error::new(Kind::Signal, format!("`{name}` was ended by signal {signal}")),
        None => Error::new(Kind::Command, format!("`{name}` ended with status {}", exit.status)),
    };
    for remedy in remedies(command, &failed, host) {
        error = error.help(remedy);
    }
    error.on(host).command(failed)
}

/// A command for a message of one line.
fn shortened(line: &str) -> String {
    const WIDTH: usize = 72;
    let first = line.trim().lines().next().unwrap_or_default();
    if first.chars().count() <= WIDTH && first.len() == line.trim().len() {
        return first.to_owned();
    }
    format!("{}…", first.chars().take(WIDTH - 1).collect::<String>().trim_end())
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
    fn long_and_many_lined_commands_are_shortened_in_messages() {
        assert_eq!(shortened("git fetch"), "git fetch");
        assert_eq!(shortened("a\nb"), "a…");
        assert_eq!(shortened(&"x".repeat(100)).chars().count(), 72);
    }

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
