//! An `sh` on the host that stays, and runs one trip after the other.
//!
//! The same for every transport: writes the trip, gives on the framed output of each command as it comes, and sees to a
//! cancel. How the streams came to be and what an `sh` that went away means is the transport's.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};

use crate::error::Error;
use crate::model::event::Stream;
use crate::model::secret::Vault;
use crate::model::sudo::Gate;
use crate::model::trip::{PRELUDE, TripScript};
use crate::transport::api::{Exit, Told};
use crate::transport::cancel::Cancel;
use crate::transport::gate::{Entered, enter};
use crate::transport::track::{Mark, Over, Track};

/// How long a cancelled trip may take to go. Its watchdog needs a second and a little before it kills.
const GRACE: Duration = Duration::from_secs(3);

/// How long a cancel waits for a shielded trip.
const SHIELDED: Duration = Duration::from_secs(30);

/// How long it waits before it says so: what is shielded is short.
const NOTICE: Duration = Duration::from_secs(1);

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

type Reading = Box<dyn AsyncRead + Send + Unpin>;
type Writing = Box<dyn AsyncWrite + Send + Unpin>;

/// The shell.
pub(crate) struct Shell {
    stdin: Option<Writing>,
    streams: [Reading; 2],
    knows_prelude: bool,
    /// What sudo has said in place of letting us in.
    refusal: Vec<u8>,
}

/// How a trip came to its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// All that was to run has run.
    Over(Over),
    /// The shell is gone.
    Gone(Gone),
    /// It was cancelled, and is gone as far as can be told.
    Cancelled,
}

/// What a shell that is gone has left behind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Gone {
    /// It has shown a part of our frame; this command had begun and not ended.
    Midway(Option<usize>),
    /// Nothing of our frame has come; this came instead, on both streams.
    Mute([Vec<u8>; 2]),
}

/// What one trip has shown so far.
struct Progress<'a> {
    tracks: [Track; 2],
    /// The mark a stream waits at, because the other stream is not there yet.
    parked: [Option<usize>; 2],
    ended: [Option<i32>; 2],
    over: [Option<Over>; 2],
    current: Option<usize>,
    next: usize,
    spoke: bool,
    /// Whether what runs is being ended, so that its status is our doing.
    is_ending: bool,
    tell: &'a mut dyn FnMut(usize, Told<'_>),
}

const STREAMS: [Stream; 2] = [Stream::Stdout, Stream::Stderr];

impl Shell {
    /// A shell that was just started.
    pub(crate) fn new(
        stdin: impl AsyncWrite + Send + Unpin + 'static,
        stdout: impl AsyncRead + Send + Unpin + 'static,
        stderr: impl AsyncRead + Send + Unpin + 'static,
    ) -> Self {
        Self {
            stdin: Some(Box::new(stdin)),
            streams: [Box::new(stdout), Box::new(stderr)],
            knows_prelude: false,
            refusal: Vec::new(),
        }
    }

    /// Goes past sudo, before the first trip. Where it does not let us in, the trip will tell what it has said.
    pub(crate) async fn enter(&mut self, gate: &Gate, vault: &Vault, cancel: &Cancel) -> Result<(), Error> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        if let Entered::Refused(said) = enter(stdin, &mut self.streams[1], gate, vault, cancel).await? {
            self.refusal = said;
        }
        Ok(())
    }

    /// Whether it can take another trip.
    pub(crate) fn is_open(&self) -> bool {
        self.stdin.is_some()
    }

    /// Runs a trip to its end.
    pub(crate) async fn run(
        &mut self,
        script: &TripScript,
        shielded: bool,
        tell: &mut dyn FnMut(usize, Told<'_>),
        cancel: &Cancel,
    ) -> Ending {
        let mut text = Vec::with_capacity(script.text.len() + PRELUDE.len());
        if !std::mem::replace(&mut self.knows_prelude, true) {
            text.extend_from_slice(PRELUDE.as_bytes());
        }
        text.extend_from_slice(script.text.as_bytes());
        let mut written = 0;
        let mut progress = Progress::new(&script.marker, tell);
        progress.tracks[1].feed(&std::mem::take(&mut self.refusal));
        let mut open = [true; 2];
        let mut buffers = [vec![0; CHUNK], vec![0; CHUNK]];
        let (mut deadline, mut notice): (Option<Instant>, Option<Instant>) = (None, None);
        let [stdout, stderr] = &mut self.streams;
        let [out_buffer, err_buffer] = &mut buffers;
        while let Some(wanted) = progress.wanted(open) {
            let is_writing = self.stdin.is_some() && written < text.len();
            let write = async {
                match &mut self.stdin {
                    Some(stdin) => stdin.write(&text[written..]).await,
                    None => std::future::pending().await,
                }
            };
            // In this order: a cancel is heard at any flood of output, and where both streams have something, standard
            // output comes first.
            tokio::select! {
                biased;
                () = cancel.raised(), if deadline.is_none() => {
                    deadline = Some(Instant::now() + if shielded { SHIELDED } else { GRACE });
                    if shielded {
                        notice = Some(Instant::now() + NOTICE);
                    } else {
                        self.stdin = None;
                        progress.is_ending = true;
                    }
                }
                () = sleep_until(notice.unwrap_or_else(Instant::now)), if notice.is_some() => {
                    notice = None;
                    progress.tell_of_what_runs(Told::Awaited(SHIELDED));
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    if shielded {
                        progress.tell_of_what_runs(Told::Left(SHIELDED));
                    }
                    break;
                }
                count = write, if is_writing => match count {
                    Ok(count) if count > 0 => written += count,
                    // Whether the shell has gone is seen on its streams.
                    _ => self.stdin = None,
                },
                read = stdout.read(out_buffer), if wanted[0] => open[0] = progress.take(0, &read, out_buffer),
                read = stderr.read(err_buffer), if wanted[1] => open[1] = progress.take(1, &read, err_buffer),
            }
        }
        let ending = progress.ending();
        let was_cancelled = deadline.is_some() && !(shielded && matches!(ending, Ending::Over(_)));
        // What still runs may print at any time, in the middle of what the next command prints.
        if was_cancelled || !matches!(ending, Ending::Over(Over { left_running: false, .. })) {
            self.stdin = None;
        }
        if was_cancelled { Ending::Cancelled } else { ending }
    }
}

impl<'a> Progress<'a> {
    fn new(marker: &str, tell: &'a mut dyn FnMut(usize, Told<'_>)) -> Self {
        Self {
            tracks: [Track::new(marker), Track::new(marker)],
            parked: [None; 2],
            ended: [None; 2],
            over: [None; 2],
            current: None,
            next: 0,
            spoke: false,
            is_ending: false,
            tell,
        }
    }

    /// Which streams are to be read on; none when there is nothing more to wait for.
    fn wanted(&self, open: [bool; 2]) -> Option<[bool; 2]> {
        let wanted = [0, 1].map(|i| open[i] && self.over[i].is_none());
        // A stream that is ahead waits, so that no more than a piece of it has to be held.
        let reading = [0, 1].map(|i| wanted[i] && self.parked[i].is_none());
        if reading == [false; 2] { wanted.contains(&true).then_some(wanted) } else { Some(reading) }
    }

    /// Takes what was read from a stream. Says whether more is to come.
    fn take(&mut self, stream: usize, read: &std::io::Result<usize>, buffer: &[u8]) -> bool {
        let is_open = match *read {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.tracks[stream].feed(&buffer[..count]);
                true
            }
        };
        self.pump();
        if !is_open && self.parked[stream].is_none() {
            let (current, tell) = (self.current, &mut *self.tell);
            self.tracks[stream].finish(&mut |bytes| {
                if let Some(number) = current {
                    tell(number, Told::Output(STREAMS[stream], bytes));
                }
            });
        }
        is_open
    }

    /// Goes through both streams as far as they have come.
    fn pump(&mut self) {
        while self.advance(0) || self.advance(1) {}
    }

    /// Takes a stream past its next mark; false when it has to wait.
    fn advance(&mut self, stream: usize) -> bool {
        if self.over[stream].is_some() {
            return false;
        }
        if let Some(number) = self.parked[stream] {
            let may_pass = self.current == Some(number) || (self.current.is_none() && self.next == number);
            return may_pass && {
                self.parked[stream] = None;
                self.begin(stream, number)
            };
        }
        let (current, tell) = (self.current, &mut *self.tell);
        let mark = self.tracks[stream].next(&mut |bytes| {
            if let Some(number) = current {
                tell(number, Told::Output(STREAMS[stream], bytes));
            }
        });
        match mark {
            None => return false,
            Some(Mark::Begin(number)) => return self.begin(stream, number),
            Some(Mark::End(number, status)) => {
                self.ended[stream] = Some(status);
                if self.current == Some(number) && self.ended.iter().all(Option::is_some) {
                    self.end(status);
                }
            }
            Some(Mark::Over(over)) => {
                self.spoke = true;
                self.over[stream] = Some(over);
            }
        }
        true
    }

    /// A stream says that a command begins: the first one to say so begins it, the other one follows.
    fn begin(&mut self, stream: usize, number: usize) -> bool {
        self.spoke = true;
        if self.current.is_none() && self.next == number {
            self.current = Some(number);
            (self.tell)(number, Told::Begun);
        } else if self.current != Some(number) {
            self.parked[stream] = Some(number);
            return false;
        }
        true
    }

    fn end(&mut self, status: i32) {
        if let Some(number) = self.current.take() {
            if !self.is_ending {
                (self.tell)(number, Told::Ended(Exit { status }));
            }
            self.next = number + 1;
            self.ended = [None; 2];
        }
    }

    /// Tells of the command that runs, or else of the one that is to be next.
    fn tell_of_what_runs(&mut self, told: Told<'_>) {
        (self.tell)(self.current.unwrap_or(self.next), told);
    }

    /// How it ended, when both streams have nothing more to say.
    fn ending(mut self) -> Ending {
        if let Some(over) = self.over[0].or(self.over[1]) {
            if self.current.is_none() && self.next == 0 {
                say_noise(&self.noise(), self.tell);
                self.current = Some(0);
            }
            // The shell around the commands was killed with the one that was running.
            self.end(over.status);
            return Ending::Over(over);
        }
        Ending::Gone(if self.spoke { Gone::Midway(self.current) } else { Gone::Mute(self.noise()) })
    }

    fn noise(&self) -> [Vec<u8>; 2] {
        [0, 1].map(|i| self.tracks[i].noise().to_vec())
    }
}

/// No command has begun: tells that the first one has, and that it says what was said instead.
pub(crate) fn say_noise(noise: &[Vec<u8>; 2], tell: &mut dyn FnMut(usize, Told<'_>)) {
    tell(0, Told::Begun);
    for (bytes, stream) in noise.iter().zip(STREAMS) {
        if !bytes.is_empty() {
            tell(0, Told::Output(stream, bytes));
        }
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
