//! An `sh` on the host that stays, and runs one trip after the other.
//!
//! The same for every transport: writes the trip, gives on the framed output of each command as it comes, and sees to a
//! cancel. How the streams came to be and what an `sh` that went away means is the transport's.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, sleep_until};

use crate::error::Error;
use crate::model::secret::Vault;
use crate::model::sudo::Gate;
use crate::model::trip::{PRELUDE, TripScript};
use crate::transport::api::Told;
use crate::transport::cancel::Cancel;
use crate::transport::gate::{Entered, enter};
use crate::transport::progress::{Ending, Progress};
use crate::transport::track::Over;

/// How long a cancelled trip may take to go. Its watchdog needs a second and a little before it kills.
const GRACE: Duration = Duration::from_secs(3);

/// How long a cancel waits for a shielded trip.
const SHIELDED: Duration = Duration::from_secs(30);

/// How long it waits before it says so: what is shielded is short.
const NOTICE: Duration = Duration::from_secs(1);

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// Pieces read of what came between two trips.
const PIECES: usize = 16;

type Reading = Box<dyn AsyncRead + Send + Unpin>;
type Writing = Box<dyn AsyncWrite + Send + Unpin>;

/// The shell.
pub(crate) struct Shell {
    stdin: Option<Writing>,
    streams: [Reading; 2],
    /// Of the streams. They stay, because to make them anew for each trip is to clear them each time.
    buffers: [Vec<u8>; 2],
    knows_prelude: bool,
    /// What came outside of all trips, such as what sudo says in place of letting us in.
    early: [Vec<u8>; 2],
    last_heard: Instant,
}

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
            buffers: [vec![0; CHUNK], vec![0; CHUNK]],
            knows_prelude: false,
            early: [Vec::new(), Vec::new()],
            last_heard: Instant::now(),
        }
    }

    /// Goes past sudo, before the first trip. Where it does not let us in, the trip will tell what it has said.
    pub(crate) async fn enter(&mut self, gate: &Gate, vault: &Vault, cancel: &Cancel) -> Result<(), Error> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        if let Entered::Refused(said) = enter(stdin, &mut self.streams[1], gate, vault, cancel).await? {
            self.early[1] = said;
        }
        Ok(())
    }

    /// Whether it can take another trip.
    pub(crate) fn is_open(&self) -> bool {
        self.stdin.is_some()
    }

    /// How long ago it was last heard of.
    pub(crate) fn silence(&self) -> Duration {
        self.last_heard.elapsed()
    }

    /// Whether its streams have ended, which nobody was waiting for. Does not wait.
    pub(crate) fn has_ended(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        for ((stream, buffer), early) in self.streams.iter_mut().zip(&mut self.buffers).zip(&mut self.early) {
            // Who prints without end is there.
            for _ in 0..PIECES {
                let mut read = ReadBuf::new(buffer);
                match Pin::new(&mut *stream).poll_read(&mut context, &mut read) {
                    Poll::Pending => break,
                    Poll::Ready(Ok(())) if !read.filled().is_empty() => early.extend_from_slice(read.filled()),
                    Poll::Ready(_) => return true,
                }
            }
        }
        false
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
        let is_first = !std::mem::replace(&mut self.knows_prelude, true);
        if is_first {
            text.extend_from_slice(PRELUDE.as_bytes());
        }
        text.extend_from_slice(script.text.as_bytes());
        let mut written = 0;
        let mut progress = Progress::new(&script.marker, tell);
        for (track, early) in progress.tracks.iter_mut().zip(&mut self.early) {
            let early = std::mem::take(early);
            // It may say why no command begins.
            if is_first {
                track.feed(&early);
            }
        }
        let mut open = [true; 2];
        let (mut deadline, mut notice): (Option<Instant>, Option<Instant>) = (None, None);
        let [stdout, stderr] = &mut self.streams;
        let [out_buffer, err_buffer] = &mut self.buffers;
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
                    Ok(count) if count > 0 => {
                        written += count;
                        if written == text.len() && !is_first {
                            progress.first_is_sent();
                        }
                    }
                    // Whether the shell has gone is seen on its streams.
                    _ => self.stdin = None,
                },
                read = stdout.read(out_buffer), if wanted[0] => open[0] = progress.take(0, &read, out_buffer),
                read = stderr.read(err_buffer), if wanted[1] => open[1] = progress.take(1, &read, err_buffer),
            }
        }
        self.last_heard = Instant::now();
        let ending = progress.ending();
        let was_cancelled = deadline.is_some() && !(shielded && matches!(ending, Ending::Over(_)));
        // What still runs may print at any time, in the middle of what the next command prints.
        if was_cancelled || !matches!(ending, Ending::Over(Over { left_running: false, .. })) {
            self.stdin = None;
        }
        if was_cancelled { Ending::Cancelled } else { ending }
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
