//! What a run shares: settings, servers, tasks, secrets, connections, events.
//!
//! Created once by the cli, reached from every host function through the frame. It holds no engine, so that the engine
//! may hold it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;

use crate::error::Error;
use crate::model::event::{Event, Level, Sink};
use crate::model::filter::Filter;
use crate::model::inventory::Inventory;
use crate::model::ran::Ran;
use crate::model::release;
use crate::model::secret::Vault;
use crate::model::selection::Asked;
use crate::model::server::Server;
use crate::model::task::Tasks;
use crate::model::task_graph::Graph;
use crate::recipe::callable::Callable;
use crate::recipe::command_map::CommandMap;
use crate::recipe::confirm::Confirmed;
use crate::recipe::frame::Frame;
use crate::recipe::host_filters::HostFilters;
use crate::recipe::invoke::Arguments;
use crate::recipe::now::Now;
use crate::recipe::run_options::RunOptions;
use crate::recipe::scripts::Scripts;
use crate::recipe::settings::Settings;
use crate::runner::digests::Digests;
use crate::runner::fleet::Fleet;
use crate::runner::lease::Lease;
use crate::runner::leases::Leases;
use crate::runner::profile::Profile;
use crate::runner::roster::Roster;
use crate::runner::seen::Seen;
use crate::runner::spot::Office;
use crate::runner::watch::Watch;
use crate::transport::askpass::Prompter;
use crate::transport::cancel::Cancel;
use crate::transport::pool::Pool;

/// A source of hosts that was not asked, because nothing is run.
#[derive(Clone, Debug)]
pub struct Unasked {
    /// How it is called.
    pub source: String,
    /// Whether what it said before was used.
    pub is_known: bool,
}

/// What a run is given from outside.
pub struct Outside {
    /// Where the texts of recipes are kept.
    pub scripts: Arc<Scripts>,
    /// Where secrets are kept.
    pub vault: Arc<Vault>,
    /// Where events go.
    pub sink: Arc<dyn Sink>,
    /// Who answers questions.
    pub prompter: Arc<dyn Prompter>,
    /// UTC time the run began, as a release name.
    pub now: String,
}

/// How far a task has come.
#[derive(Clone, Debug)]
pub enum Progress {
    /// It is running, or was invoked and is done, with these arguments.
    Invoked(Box<Arguments>),
    /// It failed, with this error.
    Failed(Box<Error>),
}

/// The shared state of a run.
pub struct World {
    /// What the command line decided.
    pub options: RunOptions,
    /// Settings.
    pub settings: Settings,
    /// Servers and roles.
    pub servers: RwLock<Inventory>,
    /// What runs in place of programs.
    pub command_map: CommandMap,
    /// Tasks while recipes load.
    pub graph: Mutex<Graph<Callable>>,
    /// Tasks when loading is over.
    pub tasks: OnceLock<Tasks<Callable>>,
    /// Tasks that were invoked.
    pub progress: Mutex<Ran<Progress>>,
    /// Tasks that a person has confirmed.
    pub confirmed: Confirmed,
    /// What `desc` said for the next task.
    pub description: Mutex<Option<String>>,
    /// Recipe files.
    pub scripts: Arc<Scripts>,
    /// What is wrong in files that were read, where they are only judged and reading goes on.
    pub mistakes: Mutex<Vec<Error>>,
    /// Modules that `require` has loaded.
    pub required: Mutex<Vec<String>>,
    /// Secrets.
    pub vault: Arc<Vault>,
    /// Where events go.
    pub sink: Arc<dyn Sink>,
    /// Who answers questions.
    pub prompter: Arc<dyn Prompter>,
    /// Connections, from the first use of a host on.
    pub pool: OnceLock<Pool>,
    /// Which hosts `on` may use, from its first use on.
    pub filter: OnceLock<Filter>,
    /// Sources of hosts that were not asked.
    pub sources: Mutex<Vec<Unasked>>,
    /// Closures that choose hosts for the whole run.
    pub host_filters: HostFilters,
    /// The last selection of servers that found none.
    pub nothing_found: Mutex<Option<Asked>>,
    /// Which hosts the run still works on.
    pub roster: Roster,
    /// Which release each host has.
    pub fleet: Fleet,
    /// Which releases the run has come across.
    pub seen: Seen,
    /// The locks of the run.
    pub leases: Leases,
    /// Raised by Ctrl-C, and when a lock is lost.
    pub cancel: Cancel,
    /// The time releases of this run go by.
    pub now: Now,
    /// Numbers executions, from the first run of the process on.
    pub numbers: AtomicU64,
    /// The first number of this run.
    first_number: AtomicU64,
    /// Looks after what runs.
    pub watch: Watch,
    /// Where the time goes.
    pub profile: Arc<Profile>,
    /// Checksums of files of this machine.
    pub digests: Digests,
}

impl World {
    /// A run in which nothing was declared yet.
    #[must_use]
    pub fn new(options: RunOptions, outside: Outside) -> Self {
        let Outside { scripts, vault, sink, prompter, now } = outside;
        Self {
            watch: Watch::new(sink.clone(), options.patience),
            profile: Arc::default(),
            digests: Digests::default(),
            options,
            settings: Settings::default(),
            servers: RwLock::default(),
            command_map: CommandMap::default(),
            graph: Mutex::default(),
            tasks: OnceLock::new(),
            progress: Mutex::default(),
            confirmed: Confirmed::default(),
            description: Mutex::default(),
            scripts,
            mistakes: Mutex::default(),
            required: Mutex::default(),
            vault,
            sink,
            prompter,
            pool: OnceLock::new(),
            filter: OnceLock::new(),
            sources: Mutex::default(),
            host_filters: HostFilters::default(),
            nothing_found: Mutex::default(),
            roster: Roster::default(),
            fleet: Fleet::default(),
            seen: Seen::default(),
            leases: Leases::default(),
            cancel: Cancel::new(),
            now: Now::new(now),
            numbers: AtomicU64::new(0),
            first_number: AtomicU64::new(0),
        }
    }

    /// Notes that a source of hosts was not asked.
    pub fn unasked(&self, source: Unasked) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).push(source);
    }

    /// The sources of hosts that would have to be asked to know all hosts, in words; none where all are known.
    #[must_use]
    pub fn unknown_sources(&self) -> Option<String> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown: Vec<&str> =
            sources.iter().filter(|source| !source.is_known).map(|source| source.source.as_str()).collect();
        (!unknown.is_empty()).then(|| unknown.join(" and "))
    }

    /// Another run begins in the same process: its tasks have not run, its hosts have not failed, nothing has stopped it.
    /// Settings, servers and connections stay.
    pub fn begin_again(&self) {
        self.cancel.lower();
        self.confirmed.forget();
        self.host_filters.forget();
        *self.nothing_found.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.now.begin(release::name(Timestamp::now()));
        // What a deploy that has failed was about is over.
        self.settings.delete("deploying");
        self.first_number.store(self.numbers.load(Ordering::Relaxed), Ordering::Relaxed);
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Ran::default();
        self.roster.begin_again();
        self.fleet.begin_again();
    }

    /// Whether a command has run.
    #[must_use]
    pub fn has_run_commands(&self) -> bool {
        self.numbers.load(Ordering::Relaxed) > self.first_number.load(Ordering::Relaxed)
    }

    /// Says something, redacted.
    pub fn say(&self, level: Level, text: &str, frame: &Frame, place: Option<crate::place::Place>) {
        self.sink.emit(&Event::Message {
            level,
            text: self.vault.redact(text).into_owned(),
            host: frame.here.as_ref().map(|here| here.transport.label()),
            task: frame.task().map(str::to_owned),
            place,
        });
    }

    /// What surrounds everything about locks.
    #[must_use]
    pub fn office(&self, task: Option<&str>, place: Option<crate::place::Place>) -> Office<'_> {
        let task = task.map(str::to_owned);
        Office {
            sink: &*self.sink,
            vault: &self.vault,
            numbers: &self.numbers,
            watch: &self.watch,
            profile: &self.profile,
            task,
            place,
        }
    }

    /// How many hosts the run has: those of the stage that are selected and not left out by `only_hosts`.
    #[must_use]
    pub fn hosts_of_run(&self) -> usize {
        let servers: Vec<Arc<Server>> = self.inventory(|inventory| inventory.servers().cloned().collect());
        let selected = self.filter.get().map_or_else(|| servers.clone(), |filter| filter.select(&servers));
        self.roster.narrowed(&self.host_filters.not_refused(&selected)).len()
    }

    /// Lets go of some of the locks, and says what went wrong with that.
    pub fn release_locks(&self, office: &Office<'_>, which: impl Fn(&Lease) -> bool) {
        for lease in self.leases.take(which) {
            let seconds = lease.record().ttl;
            for error in lease.release(office) {
                let host = error.parts().host.clone().unwrap_or_default();
                office.say(
                    Level::Warn,
                    &format!("could not release the deploy lock of {host}: {error}; it runs out within {seconds} s"),
                );
            }
        }
    }

    /// A variable of the environment, `KEY=value` words first.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<String> {
        self.options.env.get(name).cloned().or_else(|| std::env::var(name).ok())
    }

    /// The task graph, for changing it.
    ///
    /// # Errors
    /// When loading is over and tasks are fixed.
    pub fn declare<T>(&self, change: impl FnOnce(&mut Graph<Callable>) -> T) -> Result<T, Error> {
        if self.tasks.get().is_some() {
            return Err(Error::recipe("tasks and hooks cannot be declared while tasks run")
                .help("declare them at the top of a recipe file; what they do can depend on settings"));
        }
        Ok(change(&mut self.graph.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The servers, for reading.
    pub fn inventory<T>(&self, read: impl FnOnce(&Inventory) -> T) -> T {
        read(&self.servers.read().unwrap_or_else(PoisonError::into_inner))
    }
}
