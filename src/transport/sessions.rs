//! The connection to a host, and the sessions over it.
//!
//! Connects on first use, and again when ssh has gone in the meantime. Owns how many sessions are open at a time, and the
//! shells that wait for their next trip, one for each user and each caller at a time. What runs in a session is not its
//! business.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedSemaphorePermit};
use tokio::time::{sleep, timeout};

use crate::error::{Error, Kind};
use crate::model::login::Login;
use crate::model::script::launcher;
use crate::model::sudo::Gate;
use crate::transport::api::{Trip, cancelled};
use crate::transport::cancel::Cancel;
use crate::transport::channel::nonce;
use crate::transport::limit::Limit;
use crate::transport::link::{Channel, Link, Opened, fate, shell_of, start_line};
use crate::transport::master::{Ground, Master, SIGN_OF_LIFE};
use crate::transport::options::Plan;
use crate::transport::prompts::Known;
use crate::transport::runtime::block_on;
use crate::transport::shell::Shell;
use crate::transport::shells::Shells;
use crate::transport::terminal::Terminal;

/// Told once per connection: the label, how long it took, and whether an earlier run had made it.
pub type OnConnect = dyn Fn(&str, Duration, bool) + Send + Sync;

/// How long a shell that has spoken is taken to be there still, as long as its streams are. Asking ssh costs both of us as
/// much work as a trip; where ssh ends, so do the streams.
const RECENTLY: Duration = Duration::from_secs(1);

/// The sessions of one host.
pub(crate) struct Sessions {
    /// How the host is called in output.
    pub(crate) label: String,
    plan: Plan,
    known: Known,
    on_connect: Arc<OnConnect>,
    limit: Limit,
    /// Before the link, which they hold.
    shells: Shells<Standing>,
    /// Before the ground, whose folder holds the socket it is closed through.
    link: Mutex<Option<Arc<Link>>>,
    ground: Arc<Ground>,
}

/// A shell that stays, and what it needs.
pub(crate) struct Standing {
    pub(crate) shell: Shell,
    pub(crate) session: Session,
}

/// A session that is open, and its place among those the host allows.
pub(crate) struct Session<C = Box<Channel>> {
    pub(crate) channel: C,
    pub(crate) link: Arc<Link>,
    pub(crate) _place: OwnedSemaphorePermit,
}

impl Sessions {
    pub(crate) fn new(plan: Plan, known: Known, ground: Arc<Ground>, on_connect: Arc<OnConnect>) -> Self {
        Self {
            label: plan.label(),
            plan,
            known,
            ground,
            on_connect,
            limit: Limit::default(),
            shells: Shells::default(),
            link: Mutex::default(),
        }
    }

    /// Gives a shell back that can take another trip.
    pub(crate) fn give_back(&self, user: Option<&str>, standing: Standing) {
        self.shells.put(user, standing);
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

    /// Closes the connection now, also one that is to stay for the next run. The next command makes another one.
    pub(crate) fn hang_up(&self) {
        block_on(async {
            self.shells.retain(|_| false);
            if let Some(link) = self.link.lock().await.take() {
                link.master.close();
            }
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
    pub(crate) async fn link(&self, cancel: &Cancel) -> Result<Arc<Link>, Error> {
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

    /// How the login of the connection went, where ssh said it.
    pub(crate) async fn login(&self) -> Option<Login> {
        self.link.lock().await.as_ref()?.master.login.clone()
    }

    /// Forgets a connection that is gone, unless somebody else has made a new one already.
    pub(crate) async fn forget(&self, gone: &Arc<Link>) {
        self.shells.retain(|standing| !Arc::ptr_eq(&standing.session.link, gone));
        let mut link = self.link.lock().await;
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, gone)) {
            *link = None;
        }
    }

    /// A session for a line the login shell reads; `place` is the place for it, where there is one already.
    pub(crate) async fn session(
        &self,
        line: &str,
        place: Option<OwnedSemaphorePermit>,
        cancel: &Cancel,
    ) -> Result<Session, Error> {
        self.opened(place, cancel, async |link| link.open(line).await).await
    }

    /// A session with a terminal.
    pub(crate) async fn terminal(&self, line: &str, cancel: &Cancel) -> Result<Session<Terminal>, Error> {
        self.opened(None, cancel, async |link| link.open_terminal(line).await).await
    }

    /// A session that `open` opens, over a connection that stands.
    async fn opened<C>(
        &self,
        mut place: Option<OwnedSemaphorePermit>,
        cancel: &Cancel,
        open: impl AsyncFn(&Link) -> Result<Opened<C>, Error>,
    ) -> Result<Session<C>, Error> {
        let (mut refusals, mut fresh) = (0, false);
        loop {
            let place = match place.take() {
                Some(place) => place,
                None => unless(cancel, self.place()).await?,
            };
            let link = unless(cancel, self.link(cancel)).await??;
            match unless(cancel, open(&link)).await?.map_err(|error| error.on(&self.label))? {
                Opened::Open(channel) => return Ok(Session { channel, link, _place: place }),
                Opened::Refused => {
                    refusals += 1;
                    self.limit.shrink(place);
                    // What waits for its next trip has to make room.
                    drop(self.shells.oldest());
                    let Some(wait) = Limit::patience(refusals) else { return Err(self.no_session()) };
                    unless(cancel, sleep(wait)).await?;
                }
                Opened::Gone if fresh => return Err(link.broken(&self.label, fate::WATCHED)),
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
    pub(crate) async fn standing(&self, part: &Trip<'_>, cancel: &Cancel) -> Result<Standing, Error> {
        let command = part.steps[0].command;
        loop {
            while let Some(mut standing) = self.shells.take(command.user.as_deref()) {
                // Before anything is sent: what was sent and not answered must not be sent again.
                if standing.shell.has_ended() {
                    continue;
                }
                if standing.shell.silence() < RECENTLY || standing.session.link.answers().await {
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

    fn no_session(&self) -> Error {
        Error::new(Kind::Connection, format!("`{}` lets us in but runs no command", self.label))
            .help("look at `MaxSessions` and `ForceCommand` in its sshd_config")
            .on(&self.label)
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
