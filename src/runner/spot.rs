//! The lock of one host, and how it is asked.

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::{Event, Level, Sink};
use crate::model::limits::Limits;
use crate::model::lock::{Answer, TENTATIVE_TTL};
use crate::model::lock_words;
use crate::model::secret::Vault;
use crate::model::server::Server;
use crate::place::Place;
use crate::runner::each::each;
use crate::runner::execute::{Desk, Job, Wish, perform_one};
use crate::runner::outcome::Outcome;
use crate::runner::policy::Policy;
use crate::runner::profile::Profile;
use crate::runner::watch::Watch;
use crate::runner::within::within;
use crate::transport::api::Transport;
use crate::transport::cancel::Cancel;

/// How long a host may take to answer, once it is connected: a claim that takes longer has run out by then.
pub const ANSWER: Duration = Duration::from_secs(TENTATIVE_TTL);

/// Where a lock is.
#[derive(Clone)]
pub struct Spot {
    /// The host.
    pub server: Arc<Server>,
    /// The way there.
    pub transport: Arc<dyn Transport>,
    /// Folder of the application there.
    pub deploy_to: String,
    /// The umask of the recipe's commands.
    pub umask: Option<String>,
}

impl Spot {
    /// The order in which everybody takes locks.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |spot: &Self| (spot.server.name.clone(), spot.server.key().1, spot.server.user.clone());
        key(self).cmp(&key(other))
    }
}

/// What surrounds everything a run does about its locks.
#[derive(Clone)]
pub struct Office<'a> {
    /// Where events go.
    pub sink: &'a dyn Sink,
    /// Where secrets are.
    pub vault: &'a Vault,
    /// Numbers executions.
    pub numbers: &'a AtomicU64,
    /// Looks after what runs.
    pub watch: &'a Watch,
    /// Where the time goes.
    pub profile: &'a Profile,
    /// The task it belongs to.
    pub task: Option<String>,
    /// The recipe place it belongs to.
    pub place: Option<Place>,
}

impl Office<'_> {
    /// Runs a script about the lock of one host; `title` is what is shown of it.
    ///
    /// # Errors
    /// As [`perform_one`], and an answer that is none.
    pub fn ask(&self, spot: &Spot, command: Command, title: &str, cancel: &Cancel) -> Result<Answer, Error> {
        let desk = Desk {
            transport: &*spot.transport,
            sink: self.sink,
            vault: self.vault,
            cancel,
            numbers: self.numbers,
            watch: self.watch,
            profile: self.profile,
            dry_run: false,
        };
        let job = Job {
            command: Command { umask: spot.umask.clone(), ..command },
            wish: Wish { level: Level::Debug, must_succeed: true, keep_output: true },
            limits: Limits::default(),
            title: Some(title.to_owned()),
            task: self.task.clone(),
            place: self.place.clone(),
            help: None,
            explain: None,
        };
        let ran = perform_one(&desk, &job, false)?;
        Answer::read(&String::from_utf8_lossy(&ran.stdout)).ok_or_else(|| {
            Error::new(Kind::Command, format!("`{title}` gave an answer that cannot be read"))
                .on(spot.transport.label())
                .help(
                    "look whether the login of that host prints something of its own, or runs another shell than `sh`",
                )
        })
    }

    /// The same, and a host that has not answered in time has failed: its folder may be on a file system that hangs.
    ///
    /// # Errors
    /// As [`Office::ask`]; of kind `Timeout`, with what hung.
    pub fn ask_in_time(
        &self,
        spot: &Spot,
        command: Command,
        title: &str,
        time: Duration,
        cancel: &Cancel,
    ) -> Result<Answer, Error> {
        within(time, cancel, |cancel| self.ask(spot, command, title, cancel)).map_err(|error| {
            if error.kind() == Kind::Cancelled && !cancel.is_raised() {
                lock_words::late(&spot.transport.label(), title, &spot.deploy_to, time)
            } else {
                error
            }
        })
    }

    /// Asks several hosts at the same time; `time` is what each of them has.
    pub fn ask_all(
        &self,
        spots: &[Spot],
        command: impl Fn(&Spot) -> Command + Sync,
        title: &str,
        time: Duration,
        cancel: &Cancel,
    ) -> Outcome<Spot, Answer> {
        let work = |spot: &Spot, cancel: &Cancel| self.ask_in_time(spot, command(spot), title, time, cancel);
        each(spots, Policy::default(), cancel, |spot| spot.transport.label(), work)
    }

    /// Says something, redacted.
    pub fn say(&self, level: Level, text: &str) {
        self.sink.emit(&Event::Message {
            level,
            text: self.vault.redact(text).into_owned(),
            host: None,
            task: self.task.clone(),
            place: self.place.clone(),
        });
    }
}

/// Takes no notice.
pub struct Silent;

impl Sink for Silent {
    fn emit(&self, _: &Event) {}
}
