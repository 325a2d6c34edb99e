//! Terminals: one on a host, over its connection, and one of this machine. And what a terminal does to line ends.

use std::borrow::Cow;
use std::io::pipe as open_pipe;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use openssh_mux_client::{Connection, EstablishedSession, NonZeroByteSlice, Session, SessionStatus};
use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::io::{AsyncRead, Empty, ReadBuf, empty};
use tokio::net::unix::pipe::{Receiver, Sender};

use crate::transport::channel::Pipes;
use crate::transport::link::words_of;

/// What a terminal is called, as programs see it: every host knows this one.
const TERM: &str = "xterm";

/// The streams of a terminal.
pub(crate) type TerminalPipes = Pipes<Sender, LineFeeds<Receiver>, Empty>;

/// A session on a host that has a terminal. When it is dropped the terminal hangs up.
pub(crate) struct Terminal {
    session: EstablishedSession,
    streams: Option<(Sender, Receiver)>,
}

impl Terminal {
    /// Asks the ssh behind a control socket for one, and for a line of the login shell on it. Where the host gives no
    /// terminal the line runs without.
    ///
    /// # Errors
    /// In the words of ssh.
    pub(crate) async fn open(socket: &Path, line: &str) -> Result<Self, String> {
        let words = |error: openssh_mux_client::Error| words_of(&error);
        let broken = |error: std::io::Error| error.to_string();
        let whole = |text| NonZeroByteSlice::new(text).ok_or_else(|| "a NUL character".to_owned());
        let asked = Session::builder()
            .tty(true)
            .term(Cow::Borrowed(whole(TERM.as_bytes())?))
            .cmd(Cow::Borrowed(whole(line.as_bytes())?))
            .build();
        let (their_input, input) = open_pipe().map_err(broken)?;
        let (output, their_output) = open_pipe().map_err(broken)?;
        let theirs = [their_input.as_raw_fd(), their_output.as_raw_fd(), their_output.as_raw_fd()];
        let connection = Connection::connect(socket).await.map_err(words)?;
        let session = connection.open_new_session(&asked, &theirs).await.map_err(words)?;
        let input = Sender::from_owned_fd(OwnedFd::from(input)).map_err(broken)?;
        let output = Receiver::from_owned_fd(OwnedFd::from(output)).map_err(broken)?;
        Ok(Self { session, streams: Some((input, output)) })
    }

    /// Its streams, once.
    ///
    /// # Panics
    /// The second time.
    pub(crate) fn pipes(&mut self) -> TerminalPipes {
        let (stdin, stdout) = self.streams.take().expect("the streams are taken once");
        Pipes { stdin, stdout: LineFeeds::of(stdout), stderr: empty() }
    }

    /// Waits for the status ssh says; none where the connection is gone.
    pub(crate) async fn ended(self) -> Option<i32> {
        let mut session = self.session;
        loop {
            match session.wait().await {
                Ok(SessionStatus::Exited { exit_value }) => {
                    return exit_value.map(|status| i32::try_from(status).unwrap_or(255));
                }
                Ok(SessionStatus::TtyAllocFail(same)) => session = same,
                Err(_) => return None,
            }
        }
    }
}

/// A terminal of this machine, seen from outside: it hangs up when the streams are dropped.
pub(crate) struct OwnTerminal {
    /// What is typed and shown.
    pub(crate) pipes: TerminalPipes,
    /// What a program has as its streams.
    pub(crate) inside: OwnedFd,
    /// Its name.
    pub(crate) path: PathBuf,
}

impl OwnTerminal {
    /// Opens one.
    ///
    /// # Errors
    /// When this machine has none left.
    pub(crate) fn open() -> std::io::Result<Self> {
        let outside = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&outside)?;
        unlockpt(&outside)?;
        let path = PathBuf::from(ptsname(&outside, Vec::new())?.to_string_lossy().into_owned());
        let inside = open(&path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        fcntl_setfl(&outside, fcntl_getfl(&outside)? | OFlags::NONBLOCK)?;
        // What tokio calls a pipe is any descriptor that can be waited for.
        let stdin = Sender::from_owned_fd_unchecked(outside.try_clone()?)?;
        let stdout = Receiver::from_owned_fd_unchecked(outside)?;
        Ok(Self { pipes: Pipes { stdin, stdout: LineFeeds::of(stdout), stderr: empty() }, inside, path })
    }
}

/// What a program on a terminal has printed, as it would have come without one: before each line feed a terminal puts a
/// carriage return.
pub(crate) struct LineFeeds<R> {
    inner: R,
    /// A carriage return that was held back, because a line feed may follow.
    held: bool,
    ready: Vec<u8>,
    given: usize,
}

impl<R> LineFeeds<R> {
    /// Of a stream of which nothing was read.
    pub(crate) const fn of(inner: R) -> Self {
        Self { inner, held: false, ready: Vec::new(), given: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if std::mem::take(&mut self.held) && *byte != b'\n' {
                self.ready.push(b'\r');
            }
            match byte {
                b'\r' => self.held = true,
                byte => self.ready.push(*byte),
            }
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for LineFeeds<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        while this.given == this.ready.len() {
            this.ready.clear();
            this.given = 0;
            let mut chunk = [0; 8 * 1024];
            let mut read = ReadBuf::new(&mut chunk);
            let polled = Pin::new(&mut this.inner).poll_read(context, &mut read);
            if polled.is_pending() {
                return Poll::Pending;
            }
            // A terminal that has hung up cannot be read any more, which is its way to end.
            if read.filled().is_empty() {
                if !std::mem::take(&mut this.held) {
                    return Poll::Ready(Ok(()));
                }
                this.ready.push(b'\r');
            } else {
                this.take(read.filled());
            }
        }
        let length = buffer.remaining().min(this.ready.len() - this.given);
        buffer.put_slice(&this.ready[this.given..this.given + length]);
        this.given += length;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::transport::runtime::block_on;

    fn read(pieces: &[&[u8]], at_once: usize) -> Vec<u8> {
        block_on(async {
            let mut stream = LineFeeds::of(tokio_test_stream(pieces));
            let (mut seen, mut buffer) = (Vec::new(), vec![0; at_once]);
            loop {
                match stream.read(&mut buffer).await.unwrap() {
                    0 => return seen,
                    count => seen.extend_from_slice(&buffer[..count]),
                }
            }
        })
    }

    /// A stream that comes in these pieces.
    fn tokio_test_stream(pieces: &[&[u8]]) -> impl AsyncRead + Unpin {
        let (mut theirs, ours) = tokio::io::duplex(8);
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        tokio::spawn(async move {
            for piece in pieces {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut theirs, &piece).await;
            }
        });
        ours
    }

    #[test]
    fn a_line_ends_as_without_a_terminal() {
        assert_eq!(read(&[b"a\r\nb\r", b"\nc"], 100), b"a\nb\nc");
        assert_eq!(read(&[b"10%\r50%\r\n\r", b"x\r"], 1), b"10%\r50%\n\rx\r");
        assert_eq!(read(&[b"its own\r\r\n"], 3), b"its own\r\n");
        assert_eq!(read(&[], 3), b"");
    }

    proptest! {
        #[test]
        fn what_a_terminal_does_is_undone(text in "[a\r\n]{0,40}", cut in 0usize..40, at_once in 1usize..9) {
            let shown = text.replace('\n', "\r\n").into_bytes();
            let (first, second) = shown.split_at(cut.min(shown.len()));
            prop_assert_eq!(read(&[first, second], at_once), text.into_bytes());
        }
    }

    #[test]
    fn what_is_typed_at_a_terminal_of_this_machine_is_seen_inside() {
        block_on(async {
            let OwnTerminal { mut pipes, inside, path } = OwnTerminal::open().unwrap();
            assert!(path.starts_with("/dev"), "{path:?}");
            tokio::io::AsyncWriteExt::write_all(&mut pipes.stdin, b"hello\r").await.unwrap();
            let mut echoed = [0; 6];
            pipes.stdout.read_exact(&mut echoed).await.unwrap();
            assert_eq!(&echoed, b"hello\n");
            drop(inside);
            assert_eq!(pipes.stdout.read(&mut echoed).await.unwrap(), 0);
        });
    }
}
