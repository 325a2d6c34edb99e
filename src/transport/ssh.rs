//! Commands over a control master.
//!
//! Connects on first use, and again when ssh has gone in the meantime, which it does after a minute without work. What
//! becomes of a command is read from its frame (`model::script`), not from ssh.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use openssh::{Child, Session, Stdio};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::Stream;
use crate::model::quote::quote;
use crate::model::script::{Script, render, render_ending};
use crate::model::secret::Vault;
use crate::transport::api::{Exit, Input, Request, Transport, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::{Outcome, Pipes, drive, nonce, script_of};
use crate::transport::limit::Limit;
use crate::transport::master::{Ground, Master};
use crate::transport::options::Plan;
use crate::transport::prompts::Known;
use crate::transport::runtime::block_on;

/// How long ssh may take to hand over the status once the streams have ended.
const STATUS_COMES: Duration = Duration::from_secs(2);

/// How long the ending of a command's process group may take.
const ENDING: Duration = Duration::from_secs(3);

/// How long ssh may take to answer whether it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// Told once per connection: the label, and how long it took.
pub type OnConnect = dyn Fn(&str, Duration) + Send + Sync;

/// One host over ssh.
pub struct Ssh {
    label: String,
    plan: Plan,
    known: Known,
    on_connect: Arc<OnConnect>,
    limit: Limit,
    /// Before the ground, whose folder holds the socket it is closed through.
    link: Mutex<Option<Arc<Link>>>,
    ground: Arc<Ground>,
}

/// A connection, and the way to use it.
struct Link {
    session: Session,
    master: Master,
}

/// What became of a request for a channel.
enum Opened<'a> {
    Open(Box<Child<&'a Session>>),
    Refused,
    Gone,
}

impl Ssh {
    pub(crate) fn new(plan: Plan, known: Known, ground: Arc<Ground>, on_connect: Arc<OnConnect>) -> Self {
        Self { label: plan.label(), plan, known, ground, on_connect, limit: Limit::default(), link: Mutex::default() }
    }

    /// Closes the connection. A command that still runs keeps it until it ends.
    pub(crate) fn close(&self) {
        // Who is connecting right now is being cancelled, and leaves the lock soon.
        let link =
            block_on(async { timeout(SIGN_OF_LIFE, self.link.lock()).await.ok().and_then(|mut link| link.take()) });
        drop(link);
    }

    /// Closes the connection under whatever still runs.
    pub(crate) fn abandon(&self) {
        // Held only while a connection is being made, which then ends with this process.
        if let Ok(link) = self.link.try_lock()
            && let Some(link) = &*link
        {
            link.master.close();
        }
    }

    /// The connection, made if there is none.
    async fn link(&self, cancel: &Cancel) -> Result<Arc<Link>, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut link = self.link.lock().await;
        if let Some(link) = &*link {
            return Ok(Arc::clone(link));
        }
        let begun = Instant::now();
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let master = Master::start(&self.ground, &self.plan, &self.known, number, cancel).await?;
        let session = Session::resume_mux(master.socket.clone().into_boxed_path(), None);
        let made = Arc::new(Link { session, master });
        *link = Some(Arc::clone(&made));
        (self.on_connect)(&self.label, begun.elapsed());
        Ok(made)
    }

    /// Forgets a connection that is gone, unless somebody else has made a new one already.
    async fn forget(&self, gone: &Arc<Link>) {
        let mut link = self.link.lock().await;
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, gone)) {
            *link = None;
        }
    }

    async fn run_script(
        &self,
        script: &Script,
        mut request: Request<'_>,
        output: &mut dyn FnMut(Stream, &[u8]),
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        let (mut refusals, mut fresh) = (0, false);
        loop {
            let (permit, link) = unless(cancel, async { (self.limit.enter().await, self.link(cancel).await) }).await?;
            let link = link?;
            match unless(cancel, link.open(&script.launcher)).await?.map_err(|error| error.on(&self.label))? {
                Opened::Open(child) => {
                    return self.follow(&link, *child, script, &mut request, output, cancel).await;
                }
                Opened::Refused => {
                    refusals += 1;
                    self.limit.shrink(permit);
                    let Some(wait) = Limit::patience(refusals) else { return Err(self.no_session()) };
                    unless(cancel, sleep(wait)).await?;
                }
                Opened::Gone if fresh => return Err(self.broken(&link)),
                Opened::Gone => {
                    fresh = true;
                    self.forget(&link).await;
                }
            }
        }
    }

    /// Sees an opened command to its end.
    async fn follow(
        &self,
        link: &Arc<Link>,
        mut child: Child<&Session>,
        script: &Script,
        request: &mut Request<'_>,
        output: &mut dyn FnMut(Stream, &[u8]),
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        let pipes = Pipes {
            stdin: child.stdin().take().expect("stdin is a pipe"),
            stdout: child.stdout().take().expect("stdout is a pipe"),
            stderr: child.stderr().take().expect("stderr is a pipe"),
        };
        let ending = |group| render_ending(request.command, group);
        let end_group = async |group: u32| link.end(&ending(group)).await;
        let outcome = drive(pipes, script, request.input.reborrow(), end_group, output, cancel).await;
        // Also after a known end: the place at the host is free only when ssh has seen it.
        let waited = timeout(STATUS_COMES, child.wait()).await;
        match outcome.map_err(|error| error.on(&self.label))? {
            Outcome::Ended(status) => return Ok(Exit { status }),
            Outcome::Cancelled => return Err(cancelled().on(&self.label)),
            Outcome::Unknown => {}
        }
        match waited {
            Ok(Ok(status)) => Ok(Exit { status: status.code().unwrap_or(Exit::UNKNOWN_SIGNAL) }),
            // The crate's way to say 127.
            Ok(Err(openssh::Error::Remote(_))) => Ok(Exit { status: 127 }),
            _ if link.is_alive().await => Ok(Exit { status: Exit::UNKNOWN_SIGNAL }),
            _ => {
                self.forget(link).await;
                Err(self.broken(link))
            }
        }
    }

    fn broken(&self, link: &Link) -> Error {
        let error =
            Error::new(Kind::Connection, format!("the connection to `{}` broke while the command ran", self.label))
                .help("see what the command has done before running it again")
                .note("a watchdog on the host ends what was left running")
                .on(&self.label);
        match link.master.last_words() {
            Some(words) => error.note(format!("ssh said: {words}")),
            None => error,
        }
    }

    fn no_session(&self) -> Error {
        Error::new(Kind::Connection, format!("`{}` lets us in but runs no command", self.label))
            .help("look at `MaxSessions` and `ForceCommand` in its sshd_config")
            .on(&self.label)
    }
}

impl Link {
    /// Opens a channel for a launcher.
    async fn open(&self, launcher: &[String]) -> Result<Opened<'_>, Error> {
        let words: Vec<_> = launcher.iter().map(|word| quote(word)).collect();
        let opened = self
            .session
            .raw_command(format!("exec {}", words.join(" ")))
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

    /// Runs a command that ends another one. Best effort: the host may be gone.
    async fn end(&self, command: &Command) {
        let Ok(script) = render(command, &Vault::default(), nonce()) else { return };
        let run = async {
            if let Ok(Opened::Open(mut child)) = self.open(&script.launcher).await
                && let (Some(stdin), Some(stdout), Some(stderr)) =
                    (child.stdin().take(), child.stdout().take(), child.stderr().take())
            {
                let (pipes, never) = (Pipes { stdin, stdout, stderr }, Cancel::new());
                drive(pipes, &script, Input::None, async |_| (), &mut |_, _| (), &never).await.map(drop)
            } else {
                Ok(())
            }
        };
        if !matches!(timeout(ENDING, Box::pin(run)).await, Ok(Ok(()))) {
            tracing::warn!("the host did not say whether the cancelled command has ended");
        }
    }

    /// Whether ssh still answers. Asked twice: it takes a moment to go once the host has closed the connection.
    async fn is_alive(&self) -> bool {
        for pause in [Duration::ZERO, Duration::from_millis(200)] {
            sleep(pause).await;
            if !matches!(timeout(SIGN_OF_LIFE, self.session.check()).await, Ok(Ok(()))) {
                return false;
            }
        }
        true
    }
}

impl Transport for Ssh {
    fn run(&self, request: Request<'_>, output: &mut dyn FnMut(Stream, &[u8]), cancel: &Cancel) -> Result<Exit, Error> {
        let script = script_of(&request)?;
        if cancel.is_raised() {
            return Err(cancelled());
        }
        block_on(self.run_script(&script, request, output, cancel))
    }

    fn connect(&self, cancel: &Cancel) -> Result<(), Error> {
        block_on(self.link(cancel)).map(drop)
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// Waits for a future, unless the cancel is raised first.
async fn unless<T>(cancel: &Cancel, future: impl Future<Output = T>) -> Result<T, Error> {
    tokio::select! {
        biased;
        () = cancel.raised() => Err(cancelled()),
        done = future => Ok(done),
    }
}

/// An error's words and those of everything behind it.
fn words_of(error: &openssh::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        words.push_str(": ");
        words.push_str(&error.to_string());
        source = error.source();
    }
    words
}
