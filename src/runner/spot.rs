//! The lock of one host, and how it is asked.

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::model::command::Command;
use crate::model::event::{Event, Level, Sink};
use crate::model::limits::{Bound, Limits, Source};
use crate::model::lock::{Answer, TENTATIVE_TTL, Verdict};
use crate::model::lock_words;
use crate::model::secret::Vault;
use crate::model::server::Server;
use crate::place::Place;
use crate::runner::each::each;
use crate::runner::execute::{Desk, Job, Ran, Wish, perform, perform_one};
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

/// What surrounds work on locks that nobody watches: it shows nothing, and its costs are nobody's.
pub struct Backstage {
    vault: Vault,
    numbers: AtomicU64,
    watch: Watch,
    profile: Profile,
}

impl Default for Backstage {
    fn default() -> Self {
        let watch = Watch::new(Arc::new(Silent), None);
        Self { vault: Vault::default(), numbers: AtomicU64::new(0), watch, profile: Profile::default() }
    }
}

impl Backstage {
    /// The office there.
    #[must_use]
    pub fn office(&self) -> Office<'_> {
        Office {
            sink: &Silent,
            vault: &self.vault,
            numbers: &self.numbers,
            watch: &self.watch,
            profile: &self.profile,
            task: None,
            place: None,
        }
    }
}

impl Office<'_> {
    /// Runs a script about the lock of one host; `title` is what is shown of it.
    ///
    /// # Errors
    /// As [`perform_one`], and an answer that is none.
    pub fn ask(&self, spot: &Spot, command: Command, title: &str, cancel: &Cancel) -> Result<Answer, Error> {
        let ran = perform_one(&self.desk(spot, cancel), &self.job(spot, command, title), false)?;
        answer(spot, &ran, title)
    }

    /// The same, with other commands behind it in the same trip. What they found is given where the lock was won; else it
    /// counts for nothing. The script has `time`, as in [`Office::in_time`]; the others have what they say themselves.
    ///
    /// # Errors
    /// As [`Office::ask`], and where the lock was won that of the first of them that fails.
    pub fn ask_along(
        &self,
        spot: &Spot,
        command: Command,
        title: &str,
        time: Duration,
        along: Vec<Job>,
        cancel: &Cancel,
    ) -> Result<(Answer, Vec<Ran>), Error> {
        let limits = Limits { command: Some(Bound { time, source: Source::Call }), idle: None };
        let script = Job { limits, ..self.job(spot, command, title) };
        let jobs: Vec<Job> = std::iter::once(script).chain(along).collect();
        let mut results = perform(&self.desk(spot, cancel), &jobs, false).into_iter();
        let ran = results.next().unwrap_or_else(|| Err(Error::new(Kind::Internal, "a command had no result")));
        let ran = ran.map_err(|error| match error.kind() {
            Kind::Timeout => lock_words::late(&spot.transport.label(), title, &spot.deploy_to, time),
            _ => error,
        })?;
        let answer = answer(spot, &ran, title)?;
        let found = if answer.verdict == Verdict::Won { results.collect::<Result<_, _>>()? } else { Vec::new() };
        Ok((answer, found))
    }

    fn desk<'b>(&'b self, spot: &'b Spot, cancel: &'b Cancel) -> Desk<'b> {
        Desk {
            transport: &*spot.transport,
            sink: self.sink,
            vault: self.vault,
            cancel,
            numbers: self.numbers,
            watch: self.watch,
            profile: self.profile,
            dry_run: false,
        }
    }

    /// A script about the lock of one host, as a command of the run; `title` is what is shown of it.
    #[must_use]
    pub fn job(&self, spot: &Spot, command: Command, title: &str) -> Job {
        Job {
            command: Command { umask: spot.umask.clone(), ..command },
            wish: Wish { level: Level::Debug, must_succeed: true, keep_output: true },
            limits: Limits::default(),
            title: Some(title.to_owned()),
            task: self.task.clone(),
            place: self.place.clone(),
            help: None,
            explain: None,
            answers: false,
        }
    }

    /// Does something about the lock of a host, and a host that has not answered in time has failed: its folder may be on
    /// a file system that hangs.
    ///
    /// # Errors
    /// Those of the work; of kind `Timeout`, with what hung.
    pub fn in_time<T>(
        &self,
        spot: &Spot,
        title: &str,
        time: Duration,
        cancel: &Cancel,
        work: impl FnOnce(&Cancel) -> Result<T, Error>,
    ) -> Result<T, Error> {
        within(time, cancel, work).map_err(|error| {
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
        let work = |spot: &Spot, cancel: &Cancel| {
            self.in_time(spot, title, time, cancel, |cancel| self.ask(spot, command(spot), title, cancel))
        };
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

/// What a script about the lock of a host has answered.
fn answer(spot: &Spot, ran: &Ran, title: &str) -> Result<Answer, Error> {
    Answer::read(&String::from_utf8_lossy(&ran.stdout)).ok_or_else(|| {
        Error::new(Kind::Command, format!("`{title}` gave an answer that cannot be read"))
            .on(spot.transport.label())
            .help("look whether the login of that host prints something of its own, or runs another shell than `sh`")
    })
}

/// Takes no notice.
pub struct Silent;

impl Sink for Silent {
    fn emit(&self, _: &Event) {}
}
