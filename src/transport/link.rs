//! One connection to a host: its control master, and the sessions opened over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use openssh::{Child, Session, Stdio};
use tokio::time::{sleep, timeout};

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::quote::quote_for_login;
use crate::model::script::{launcher, render_ending};
use crate::model::secret::Vault;
use crate::model::sudo::Gate;
use crate::model::trip::render;
use crate::transport::api::Exit;
use crate::transport::cancel::Cancel;
use crate::transport::channel::nonce;
use crate::transport::master::{Master, SIGN_OF_LIFE};
use crate::transport::shell::Shell;
use crate::transport::terminal::Terminal;

/// How long ssh may take to hand over the status once the streams have ended.
const STATUS_COMES: Duration = Duration::from_secs(2);

/// How long the ending of a command's process group may take.
const ENDING: Duration = Duration::from_secs(3);

/// How long the first session over a connection of an earlier run may take. Its ssh answers even when the host has long
/// gone, until the keep-alives have told it.
const PROOF: Duration = Duration::from_secs(5);

/// What becomes of a command when the connection breaks.
pub(crate) mod fate {
    /// It has a watchdog.
    pub(crate) const WATCHED: &str = "a watchdog on the host ends what was left running";
    /// It is in `shield`.
    pub(crate) const SHIELDED: &str = "it is in `shield`: what had begun goes on there until it is done";
    /// It reads input.
    pub(crate) const READS: &str = "it sees the end of its input there; a file that was not all there is removed";
    /// It runs without an `sh` of ours.
    pub(crate) const PLAIN: &str = "nothing on the host ends what was left running";
}

/// A session of a connection.
pub(crate) type Channel = Child<Arc<Session>>;

/// A connection, and the way to use it.
pub(crate) struct Link {
    pub(crate) session: Arc<Session>,
    pub(crate) master: Master,
    /// Whether the host has answered over it.
    is_proven: AtomicBool,
}

/// What became of a request for a session.
pub(crate) enum Opened<C = Box<Channel>> {
    Open(C),
    Refused,
    Gone,
}

impl Link {
    /// Over a master that stands.
    pub(crate) fn over(master: Master) -> Self {
        let session = Session::resume_mux(master.socket.clone().into_boxed_path(), None);
        Self { session: Arc::new(session), is_proven: AtomicBool::new(!master.is_reused), master }
    }

    /// Opens a session for a line that the login shell reads.
    pub(crate) async fn open(&self, line: &str) -> Result<Opened, Error> {
        self.prove(self.request(line)).await
    }

    /// As [`Link::open`], with a terminal on the host.
    pub(crate) async fn open_terminal(&self, line: &str) -> Result<Opened<Terminal>, Error> {
        self.prove(async {
            match Terminal::open(&self.master.socket, line).await {
                Ok(terminal) => Ok(Opened::Open(terminal)),
                Err(words) if words.contains("open refused") => Ok(Opened::Refused),
                Err(_) if !self.is_alive().await => Ok(Opened::Gone),
                Err(words) => {
                    Err(Error::new(Kind::Connection, format!("ssh could not open a channel with a terminal: {words}")))
                }
            }
        })
        .await
    }

    /// Waits for the first answer over a connection of an earlier run with less patience.
    async fn prove<C>(&self, request: impl Future<Output = Result<Opened<C>, Error>>) -> Result<Opened<C>, Error> {
        if self.is_proven.load(Ordering::SeqCst) {
            return request.await;
        }
        let Ok(opened) = timeout(PROOF, request).await else {
            self.master.close();
            return Ok(Opened::Gone);
        };
        if matches!(opened, Ok(Opened::Open(_) | Opened::Refused)) {
            self.is_proven.store(true, Ordering::SeqCst);
        }
        opened
    }

    async fn request(&self, line: &str) -> Result<Opened, Error> {
        let opened = Arc::clone(&self.session)
            .arc_raw_command(line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .await;
        match opened {
            Ok(child) => Ok(Opened::Open(Box::new(child))),
            Err(openssh::Error::Disconnected) => Ok(Opened::Gone),
            Err(error) if words_of(&error).contains("open refused") => Ok(Opened::Refused),
            Err(_) if !self.is_alive().await => Ok(Opened::Gone),
            Err(error) => {
                Err(Error::new(Kind::Connection, format!("ssh could not open a channel: {}", words_of(&error))))
            }
        }
    }

    /// As [`Link::exit_of`], of a terminal.
    pub(crate) async fn exit_of_terminal(&self, terminal: Terminal) -> Option<Exit> {
        match timeout(STATUS_COMES, terminal.ended()).await {
            Ok(Some(status)) => Some(Exit { status }),
            _ if self.is_alive().await => Some(Exit { status: Exit::UNKNOWN_SIGNAL }),
            _ => None,
        }
    }

    /// What ssh says a session whose streams have ended has ended with; none when the connection is gone.
    pub(crate) async fn exit_of(&self, child: Channel) -> Option<Exit> {
        match timeout(STATUS_COMES, child.wait()).await {
            Ok(Ok(status)) => Some(Exit { status: status.code().unwrap_or(Exit::UNKNOWN_SIGNAL) }),
            // The crate's way to say 127.
            Ok(Err(openssh::Error::Remote(_))) => Some(Exit { status: 127 }),
            _ if self.is_alive().await => Some(Exit { status: Exit::UNKNOWN_SIGNAL }),
            _ => None,
        }
    }

    /// Ends the process group of a command that reads input. Best effort: the host may be gone.
    pub(crate) async fn end_group(&self, command: &Command, vault: &Vault, group: u32) {
        let ending = render_ending(command, group);
        let Ok(script) = render([(&ending, false)].into_iter(), vault, nonce(), true) else { return };
        let run = async {
            let gate = Gate::of(&ending, vault, nonce());
            if let Ok(Opened::Open(mut child)) = self.open(&start_line(&launcher(&ending, gate.as_ref()))).await {
                let mut shell = shell_of(&mut child);
                if let Some(gate) = &gate
                    && shell.enter(gate, vault, &Cancel::new()).await.is_err()
                {
                    return;
                }
                shell.run(&script, true, &mut |_, _| (), &Cancel::new()).await;
            }
        };
        if timeout(ENDING, Box::pin(run)).await.is_err() {
            tracing::warn!("the host did not say whether the cancelled command has ended");
        }
    }

    /// Whether ssh still answers. Asked twice: it takes a moment to go once the host has closed the connection.
    pub(crate) async fn is_alive(&self) -> bool {
        for pause in [Duration::ZERO, Duration::from_millis(200)] {
            sleep(pause).await;
            if !self.answers().await {
                return false;
            }
        }
        true
    }

    /// Whether ssh answers at this moment.
    pub(crate) async fn answers(&self) -> bool {
        matches!(timeout(SIGN_OF_LIFE, self.session.check()).await, Ok(Ok(())))
    }

    /// The error of a connection that broke, with what that means for what ran over it.
    pub(crate) fn broken(&self, label: &str, fate: &str) -> Error {
        let error = Error::new(Kind::Lost, format!("the connection to `{label}` broke while the command ran"))
            .help("see what the command has done before running it again")
            .note(fate)
            .on(label);
        match self.master.last_words() {
            Some(words) => error.note(format!("ssh said: {words}")),
            None => error,
        }
    }
}

/// The shell that a session was opened for.
pub(crate) fn shell_of(child: &mut Channel) -> Shell {
    Shell::new(
        child.stdin().take().expect("stdin is a pipe"),
        child.stdout().take().expect("stdout is a pipe"),
        child.stderr().take().expect("stderr is a pipe"),
    )
}

/// The line that starts a launcher, for the login shell, whichever that is.
pub(crate) fn start_line(launcher: &[String]) -> String {
    let words: Vec<_> = launcher.iter().map(|word| quote_for_login(word)).collect();
    format!("exec {}", words.join(" "))
}

/// An error's words and those of everything behind it.
pub(crate) fn words_of(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words.push_str(": ");
        words.push_str(&error.to_string());
        source = error.source();
    }
    words
}
