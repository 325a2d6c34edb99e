//! The streams of a command that reads input or is talked with, from its first byte to its end.
//!
//! The same for every transport: feeds the input, gives on the framed output as it comes, and sees to a cancel. How the
//! streams came to be and what the process ended with is the transport's.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep_until};

use crate::error::{Error, Kind};
use crate::model::event::Stream;
use crate::transport::api::{Input, Listener};
use crate::transport::cancel::Cancel;
use crate::transport::frame::Frame;

/// How long a cancelled command may take to go. Its watchdog needs a second and a little before it kills.
const GRACE: Duration = Duration::from_secs(3);

/// Bytes read or written at a time.
const CHUNK: usize = 64 * 1024;

/// The three streams of a started command.
pub(crate) struct Pipes<I, O, E> {
    pub(crate) stdin: I,
    pub(crate) stdout: O,
    pub(crate) stderr: E,
}

/// How the streams came to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The command is over, with this status.
    Ended(i32),
    /// The streams ended without saying a status; the transport has to ask elsewhere.
    Unknown,
    /// It was cancelled, and is gone as far as can be told.
    Cancelled,
}

/// A number nobody can guess.
pub(crate) fn nonce() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Runs the streams to their end; `marker` frames them.
///
/// The standard input is closed after the last byte of the input, and `end_group` is what ends the command on a cancel;
/// the input stays open meanwhile, so that the command never takes half of it for the whole. Reading the input blocks
/// the calling thread, and so does a listener, which may run other commands meanwhile.
///
/// # Errors
/// When the input cannot be read, and what a listener raises.
pub(crate) async fn drive<I, O, E>(
    pipes: Pipes<I, O, E>,
    marker: &str,
    input: Input<'_>,
    end_group: impl AsyncFnOnce(u32),
    output: &mut dyn FnMut(Stream, &[u8]),
    cancel: &Cancel,
) -> Result<Outcome, Error>
where
    I: AsyncWrite + Unpin,
    O: AsyncRead + Unpin,
    E: AsyncRead + Unpin,
{
    let Pipes { stdin, mut stdout, mut stderr } = pipes;
    let (mut out, mut err) = (Frame::new(marker), Frame::new(marker));
    let (mut out_open, mut err_open) = (true, true);
    let (mut out_buffer, mut err_buffer) = (vec![0; CHUNK], vec![0; CHUNK]);
    let (mut feed, mut hearing) = Feed::new(stdin, input);
    let mut end_group = Some(end_group);
    let mut deadline: Option<Instant> = None;
    let mut failed: Option<Error> = None;
    let mut cancelled = pin!(cancel.raised());
    while out_open || err_open {
        tokio::select! {
            read = stdout.read(&mut out_buffer), if out_open => {
                out_open = take(&mut out, &read, &out_buffer, &mut |bytes| {
                    output(Stream::Stdout, bytes);
                    hearing.hear(Stream::Stdout, bytes);
                });
            }
            read = stderr.read(&mut err_buffer), if err_open => {
                err_open = take(&mut err, &read, &err_buffer, &mut |bytes| {
                    output(Stream::Stderr, bytes);
                    hearing.hear(Stream::Stderr, bytes);
                });
            }
            fed = feed.step(), if feed.is_hungry() => if let Err(cause) = fed {
                failed = Some(Error::new(Kind::Io, format!("could not read the input of the command: {cause}")));
                deadline = Some(stop(&mut feed, out.group().or(err.group()), end_group.take()).await);
            },
            () = &mut cancelled, if deadline.is_none() => {
                deadline = Some(stop(&mut feed, out.group().or(err.group()), end_group.take()).await);
            }
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => break,
        }
        feed.type_in(&mut hearing.typed);
        if let Some(error) = hearing.failed.take()
            && deadline.is_none()
        {
            failed = Some(error);
            deadline = Some(stop(&mut feed, out.group().or(err.group()), end_group.take()).await);
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    Ok(match out.status().or(err.status()) {
        _ if deadline.is_some() => Outcome::Cancelled,
        Some(status) => Outcome::Ended(status),
        None => Outcome::Unknown,
    })
}

/// Ends the command before its time and says how long to wait for it.
async fn stop<I: AsyncWrite + Unpin>(
    feed: &mut Feed<'_, I>,
    group: Option<u32>,
    end_group: Option<impl AsyncFnOnce(u32)>,
) -> Instant {
    if let (Some(group), Some(end_group)) = (group, end_group) {
        end_group(group).await;
    }
    feed.close();
    Instant::now() + GRACE
}

/// Gives on what was read. Says whether more is to come.
fn take(frame: &mut Frame, read: &std::io::Result<usize>, buffer: &[u8], output: &mut dyn FnMut(&[u8])) -> bool {
    match *read {
        Ok(0) | Err(_) => {
            frame.finish(output);
            false
        }
        Ok(count) => {
            frame.feed(&buffer[..count], output);
            !frame.is_over()
        }
    }
}

/// Who listens, and what is to be typed for what was heard.
struct Hearing<'a> {
    listener: Option<&'a mut dyn Listener>,
    /// What Enter is.
    enter: &'static str,
    typed: Vec<u8>,
    failed: Option<Error>,
}

impl Hearing<'_> {
    fn hear(&mut self, stream: Stream, bytes: &[u8]) {
        let Some(listener) = &mut self.listener else { return };
        // Another command that it runs has to be able to wait on this thread.
        match block_in_place(|| listener.hear(stream, bytes)) {
            Ok(text) if self.failed.is_none() => self.typed.extend(text.replace('\n', self.enter).into_bytes()),
            Ok(_) => {}
            Err(error) => {
                self.listener = None;
                self.failed = Some(error);
            }
        }
    }
}

/// The standard input and what is still to be written to it.
struct Feed<'a, I> {
    stdin: Option<I>,
    chunk: Vec<u8>,
    written: usize,
    source: Option<&'a mut (dyn Read + Send)>,
}

impl<'a, I: AsyncWrite + Unpin> Feed<'a, I> {
    fn new(stdin: I, input: Input<'a>) -> (Self, Hearing<'a>) {
        let (source, listener, enter) = match input {
            Input::None => (None, None, ""),
            Input::Bytes(source) => (Some(source), None, ""),
            // The key of a terminal, which makes a line end of it unless the program wants the key itself.
            Input::Dialogue { on_terminal: true, listener } => (None, Some(listener), "\r"),
            Input::Dialogue { on_terminal: false, listener } => (None, Some(listener), "\n"),
        };
        let feed = Self { stdin: Some(stdin), chunk: Vec::new(), written: 0, source };
        (feed, Hearing { listener, enter, typed: Vec::new(), failed: None })
    }

    /// Takes what is to be written next.
    fn type_in(&mut self, typed: &mut Vec<u8>) {
        if !typed.is_empty() {
            self.chunk.drain(..self.written);
            self.written = 0;
            self.chunk.append(typed);
        }
    }

    fn is_hungry(&self) -> bool {
        self.stdin.is_some() && (self.written < self.chunk.len() || self.source.is_some())
    }

    /// Writes something, reading more first where nothing is left. Cancel-safe: what was not written stays.
    async fn step(&mut self) -> std::io::Result<()> {
        if self.written == self.chunk.len()
            && let Some(source) = &mut self.source
        {
            self.chunk.resize(CHUNK, 0);
            self.written = 0;
            let count = loop {
                match source.read(&mut self.chunk) {
                    Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(cause) => {
                        self.chunk.clear();
                        return Err(cause);
                    }
                    Ok(count) => break count,
                }
            };
            self.chunk.truncate(count);
            if count == 0 {
                self.close();
                return Ok(());
            }
        }
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        match stdin.write(&self.chunk[self.written..]).await {
            Ok(count) if count > 0 => self.written += count,
            // The command does not read on. That is its right; its status says whether it minds.
            _ => self.close(),
        }
        Ok(())
    }

    fn close(&mut self) {
        self.stdin = None;
        self.source = None;
    }
}
