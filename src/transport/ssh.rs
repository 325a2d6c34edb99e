//! Commands over a control master.
//!
//! Connects on first use, and again when ssh has gone in the meantime. Commands run in shells that stay (`shell`), one
//! for each user and each caller at a time; a command that reads input gets a session of its own. What becomes of a
//! command is read from its frame (`model::trip`, `model::script`), not from ssh.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedSemaphorePermit};
use tokio::time::{sleep, timeout};

use crate::error::{Error, Kind};
use crate::model::event::Stream;
use crate::model::script::{Script, launcher, render_with_input};
use crate::model::sudo::Gate;
use crate::transport::api::{Exit, Input, Measured, Request, Told, Transport, Trip, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::{Outcome, Pipes, drive, nonce};
use crate::transport::gate::{Entered, enter, prove};
use crate::transport::limit::Limit;
use crate::transport::link::{Channel, Link, Opened, shell_of, start_line};
use crate::transport::master::{Ground, Master, SIGN_OF_LIFE};
use crate::transport::options::Plan;
use crate::transport::parts::{in_parts, run_alone, script_of};
use crate::transport::plain;
use crate::transport::progress::{Ending, Gone, say_noise};
use crate::transport::prompts::Known;
use crate::transport::runtime::block_on;
use crate::transport::shell::Shell;
use crate::transport::shells::Shells;
use crate::transport::track::Over;

/// Told once per connection: the label, how long it took, and whether an earlier run had made it.
pub type OnConnect = dyn Fn(&str, Duration, bool) + Send + Sync;

/// Told what is worth knowing of a host's login: the label, and a sentence.
pub type OnNote = dyn Fn(&str, &str) + Send + Sync;

/// What is told of a host that gives us no shell.
const PLAIN: &str = "the login begins no `sh`: every command gets a session of its own, and nothing ends it when the \
                     connection breaks";

/// One host over ssh.
pub struct Ssh {
    label: String,
    plan: Plan,
    known: Known,
    on_connect: Arc<OnConnect>,
    on_note: Arc<OnNote>,
    limit: Limit,
    /// Whether the host gives us no shell that stays.
    is_plain: AtomicBool,
    /// Before the link, which they hold.
    shells: Shells<Standing>,
    /// Before the ground, whose folder holds the socket it is closed through.
    link: Mutex<Option<Arc<Link>>>,
    ground: Arc<Ground>,
}

/// A shell that stays, and what it needs.
struct Standing {
    shell: Shell,
    session: Session,
}

/// A session that is open, and its place among those the host allows.
struct Session {
    channel: Channel,
    link: Arc<Link>,
    _place: OwnedSemaphorePermit,
}

impl Ssh {
    pub(crate) fn new(
        plan: Plan,
        known: Known,
        ground: Arc<Ground>,
        on_connect: Arc<OnConnect>,
        on_note: Arc<OnNote>,
    ) -> Self {
        Self {
            label: plan.label(),
            plan,
            known,
            ground,
            on_connect,
            on_note,
            limit: Limit::default(),
            is_plain: AtomicBool::new(false),
            shells: Shells::default(),
            link: Mutex::default(),
        }
    }

    /// Closes the connection. A command that still runs keeps it until it ends.
    pub(crate) fn close(&self) {
        block_on(async {
            // Whose streams belong to the runtime.
            self.shells.retain(|_| false);
            // Who is connecting right now is being cancelled, and leaves the lock soon.
            let link = timeout(SIGN_OF_LIFE, self.link.lock()).await.ok().and_then(|mut link| link.take());
            drop(link);
        });
    }

    /// Closes the connection under whatever still runs. One that stays may be another run's too; what runs over it for us
    /// ends when this process does.
    pub(crate) fn abandon(&self) {
        // Held only while a connection is being made, which then ends with this process.
        if let Ok(link) = self.link.try_lock()
            && let Some(link) = &*link
        {
            link.master.leave();
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
        let made = Arc::new(Link::over(master));
        *link = Some(Arc::clone(&made));
        (self.on_connect)(&self.label, begun.elapsed(), made.master.is_reused);
        Ok(made)
    }

    /// Forgets a connection that is gone, unless somebody else has made a new one already.
    async fn forget(&self, gone: &Arc<Link>) {
        self.shells.retain(|standing| !Arc::ptr_eq(&standing.session.link, gone));
        let mut link = self.link.lock().await;
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, gone)) {
            *link = None;
        }
    }

    /// A session for a line the login shell reads; `place` is the place for it, where there is one already.
    async fn session(
        &self,
        line: &str,
        mut place: Option<OwnedSemaphorePermit>,
        cancel: &Cancel,
    ) -> Result<Session, Error> {
        let (mut refusals, mut fresh) = (0, false);
        loop {
            let place = match place.take() {
                Some(place) => place,
                None => unless(cancel, self.place()).await?,
            };
            let link = unless(cancel, self.link(cancel)).await??;
            match unless(cancel, link.open(line.to_owned())).await?.map_err(|error| error.on(&self.label))? {
                Opened::Open(channel) => return Ok(Session { channel: *channel, link, _place: place }),
                Opened::Refused => {
                    refusals += 1;
                    self.limit.shrink(place);
                    // What waits for its next trip has to make room.
                    drop(self.shells.oldest());
                    let Some(wait) = Limit::patience(refusals) else { return Err(self.no_session()) };
                    unless(cancel, sleep(wait)).await?;
                }
                Opened::Gone if fresh => return Err(link.broken(&self.label)),
                Opened::Gone => {
                    fresh = true;
                    self.forget(&link).await;
                }
            }
        }
    }

    /// A place for one more session: a free one, or that of a shell that waits.
    async fn place(&self) -> OwnedSemaphorePermit {
        loop {
            if let Some(place) = self.limit.try_enter() {
                return place;
            }
            if self.shells.oldest().is_none() {
                tokio::select! {
                    place = self.limit.enter() => return place,
                    () = self.shells.given_back() => {}
                }
            }
        }
    }

    /// A shell of this user: one that waits, or a new one.
    async fn standing(&self, part: &Trip<'_>, cancel: &Cancel) -> Result<Standing, Error> {
        let command = part.steps[0].command;
        loop {
            while let Some(standing) = self.shells.take(command.user.as_deref()) {
                // Before anything is sent: what was sent and not answered must not be sent again.
                if standing.session.link.answers().await {
                    return Ok(standing);
                }
                self.forget(&standing.session.link).await;
            }
            let free = async {
                tokio::select! {
                    biased;
                    place = self.limit.enter() => Some(place),
                    () = self.shells.given_back() => None,
                }
            };
            // Where all places are taken by shells of other users, one of these has to go.
            let place = match self.limit.try_enter() {
                Some(place) => Some(place),
                None if self.shells.oldest().is_some() => Some(self.place().await),
                None => unless(cancel, free).await?,
            };
            if let Some(place) = place {
                let gate = Gate::of(command, part.vault, nonce());
                let line = start_line(&launcher(command, gate.as_ref()));
                let mut session = self.session(&line, Some(place), cancel).await?;
                let mut shell = shell_of(&mut session.channel);
                if let Some(gate) = &gate {
                    shell.enter(gate, part.vault, cancel).await.map_err(|error| error.on(&self.label))?;
                }
                return Ok(Standing { shell, session });
            }
        }
    }

    /// Runs the commands of one user in one trip.
    async fn run_part(
        &self,
        part: &Trip<'_>,
        tell: &mut dyn FnMut(usize, Told<'_>),
        cancel: &Cancel,
    ) -> Result<Over, Error> {
        prove(part, cancel, async |probe, tell| Box::pin(self.run_proven(probe, tell, cancel)).await)
            .await
            .map_err(|error| error.on(&self.label))?;
        self.run_proven(part, tell, cancel).await
    }

    async fn run_proven(
        &self,
        part: &Trip<'_>,
        tell: &mut dyn FnMut(usize, Told<'_>),
        cancel: &Cancel,
    ) -> Result<Over, Error> {
        let script = script_of(part)?;
        if self.is_plain.load(Ordering::SeqCst) {
            return self.run_plain(part, tell, cancel).await;
        }
        let Standing { mut shell, session } = self.standing(part, cancel).await?;
        let user = part.steps[0].command.user.as_deref();
        let gone = match shell.run(&script, part.shielded, tell, cancel).await {
            Ending::Over(over) => {
                if shell.is_open() {
                    self.shells.put(user, Standing { shell, session });
                }
                return Ok(over);
            }
            Ending::Cancelled => return Err(cancelled().on(&self.label)),
            Ending::Gone(gone) => gone,
        };
        let Session { channel, link, .. } = session;
        let Some(exit) = link.exit_of(channel).await else {
            self.forget(&link).await;
            return Err(link.broken(&self.label));
        };
        match gone {
            Gone::Midway(Some(begun)) => tell(begun, Told::Ended(exit)),
            Gone::Midway(None) => {}
            // sudo says why it did not begin. Where our own login begins no shell, there may be none to begin.
            Gone::Mute(_) if user.is_none() => {
                self.is_plain.store(true, Ordering::SeqCst);
                (self.on_note)(&self.label, PLAIN);
                return self.run_plain(part, tell, cancel).await;
            }
            Gone::Mute(noise) => {
                say_noise(&noise, tell);
                tell(0, Told::Ended(exit));
            }
        }
        Ok(Over { status: exit.status, left_running: false, seconds: None })
    }

    /// Runs commands in a session each, for a host that gives us no shell.
    async fn run_plain(
        &self,
        part: &Trip<'_>,
        tell: &mut dyn FnMut(usize, Told<'_>),
        cancel: &Cancel,
    ) -> Result<Over, Error> {
        let mut last = Exit { status: 0 };
        for (number, step) in part.steps.iter().enumerate() {
            let line = plain::line_of(step, part.vault).map_err(|error| error.on(&self.label))?;
            let mut session = self.session(&line, None, cancel).await?;
            tell(number, Told::Begun);
            plain::follow(&mut session.channel, number, tell, cancel).await.map_err(|error| error.on(&self.label))?;
            let Session { channel, link, .. } = session;
            let Some(exit) = link.exit_of(channel).await else {
                self.forget(&link).await;
                return Err(link.broken(&self.label));
            };
            tell(number, Told::Ended(exit));
            last = exit;
            if step.must_succeed && exit.status != 0 {
                break;
            }
        }
        Ok(Over { status: last.status, left_running: false, seconds: None })
    }

    /// Runs a command that reads input.
    async fn run_with_input(
        &self,
        script: &Script,
        mut request: Request<'_>,
        output: &mut dyn FnMut(Stream, &[u8]),
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        let Session { mut channel, link, _place } = self.session(&start_line(&script.launcher), None, cancel).await?;
        let mut pipes = Pipes {
            stdin: channel.stdin().take().expect("stdin is a pipe"),
            stdout: channel.stdout().take().expect("stdout is a pipe"),
            stderr: channel.stderr().take().expect("stderr is a pipe"),
        };
        if let Some(gate) = &script.gate {
            let entered = enter(&mut pipes.stdin, &mut pipes.stderr, gate, request.vault, cancel).await;
            if let Entered::Refused(said) = entered.map_err(|error| error.on(&self.label))? {
                output(Stream::Stderr, &said);
            }
        }
        let end_group = async |group: u32| link.end_group(request.command, request.vault, group).await;
        let outcome = drive(pipes, script, request.input.reborrow(), end_group, output, cancel).await;
        // Also after a known end: the place at the host is free only when ssh has seen it.
        let exit = link.exit_of(channel).await;
        match outcome.map_err(|error| error.on(&self.label))? {
            Outcome::Ended(status) => Ok(Exit { status }),
            Outcome::Cancelled => Err(cancelled().on(&self.label)),
            Outcome::Unknown => {
                if exit.is_none() {
                    self.forget(&link).await;
                }
                exit.ok_or_else(|| link.broken(&self.label))
            }
        }
    }

    fn no_session(&self) -> Error {
        Error::new(Kind::Connection, format!("`{}` lets us in but runs no command", self.label))
            .help("look at `MaxSessions` and `ForceCommand` in its sshd_config")
            .on(&self.label)
    }
}

impl Transport for Ssh {
    fn trip(&self, trip: &Trip<'_>, tell: &mut dyn FnMut(usize, Told<'_>), cancel: &Cancel) -> Result<Measured, Error> {
        in_parts(trip, tell, cancel, |part, tell| block_on(self.run_part(part, tell, cancel)))
    }

    fn run(&self, request: Request<'_>, output: &mut dyn FnMut(Stream, &[u8]), cancel: &Cancel) -> Result<Exit, Error> {
        if matches!(request.input, Input::None) {
            return run_alone(self, &request, output, cancel);
        }
        let script = render_with_input(request.command, request.vault, nonce())?;
        if cancel.is_raised() {
            return Err(cancelled());
        }
        block_on(self.run_with_input(&script, request, output, cancel))
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
