//! Ctrl-C and its relatives.
//!
//! The first one raises the cancel flag: nothing new begins, what runs on the hosts is ended, the failure hooks run and
//! every host's state is told. The second one ends the process at once; the hosts' watchdogs then end what still runs.

use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::echo;
use crate::error::EXIT_CANCELLED;
use crate::model::event::{Event, Level, Sink};
use crate::transport::cancel::Cancel;

const INTERRUPT: &str = "Ctrl-C";

/// How long the second signal may take to tidy up before the process ends.
const LEAVING: Duration = Duration::from_millis(500);

/// What a signal means to a process that does one thing after the other, as a console does.
#[derive(Clone, Debug)]
pub struct Turns(Arc<State>);

#[derive(Debug)]
struct State {
    /// Whether a person will go on typing after a Ctrl-C.
    goes_on: bool,
    busy: AtomicBool,
    ending: AtomicBool,
}

impl Turns {
    /// One thing, and then the end.
    #[must_use]
    pub fn one() -> Self {
        Self(Arc::new(State { goes_on: false, busy: AtomicBool::new(true), ending: AtomicBool::new(false) }))
    }

    /// Several, none of which has begun. With a person at the keyboard a Ctrl-C ends no more than the one that runs.
    #[must_use]
    pub fn several(person: bool) -> Self {
        Self(Arc::new(State { goes_on: person, busy: AtomicBool::new(false), ending: AtomicBool::new(false) }))
    }

    /// One begins, or is over.
    pub fn busy(&self, busy: bool) {
        self.0.busy.store(busy, Ordering::SeqCst);
    }

    /// Whether no further one shall begin.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.0.ending.load(Ordering::SeqCst)
    }
}

/// Listens from now on, until the process ends. `leave` tidies up when there is no time to wait for anything.
pub fn listen(cancel: Cancel, sink: Arc<dyn Sink>, turns: Turns, leave: impl Fn() + Send + Sync + 'static) {
    let leave = Arc::new(leave);
    let (ready, is_ready) = channel();
    let listener = move || {
        let Ok(runtime) = Builder::new_current_thread().enable_io().build() else { return };
        runtime.block_on(async {
            let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
            let mut signals: Vec<Signal> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
            let [interrupt, terminate, hangup] = signals.as_mut_slice() else { return };
            // Whoever waits has gone, or is told.
            let _ = ready.send(());
            loop {
                let name = tokio::select! {
                    _ = interrupt.recv() => INTERRUPT,
                    _ = terminate.recv() => "SIGTERM",
                    _ = hangup.recv() => "SIGHUP",
                };
                let idle = !turns.0.busy.load(Ordering::SeqCst);
                if idle && turns.0.goes_on && name == INTERRUPT {
                    // It came a moment too late for what it was meant to end.
                    continue;
                }
                if cancel.is_raised() || idle {
                    echo::restore();
                    within(LEAVING, leave.clone());
                    exit(i32::from(EXIT_CANCELLED));
                }
                let text = format!("{name}: ending what runs on the hosts; a second one stops windlass at once");
                sink.emit(&Event::Message { level: Level::Warn, text, host: None, task: None, place: None });
                if name != INTERRUPT || !turns.0.goes_on {
                    turns.0.ending.store(true, Ordering::SeqCst);
                }
                cancel.raise();
            }
        });
    };
    // Without the thread the default of the system stays: the signal ends the process.
    if thread::Builder::new().name("signals".to_owned()).spawn(listener).is_ok() {
        // Whoever changes handlers next, as the editor of a console does, has to find ours.
        let _ = is_ready.recv();
    }
}

/// Does `work`, but waits no longer than that for it.
fn within(time: Duration, work: Arc<impl Fn() + Send + Sync + 'static>) {
    let (done, wait) = channel();
    let worker = move || {
        work();
        // Nobody listens any more when it took too long.
        let _ = done.send(());
    };
    if thread::Builder::new().name("leaving".to_owned()).spawn(worker).is_ok() {
        let _ = wait.recv_timeout(time);
    }
}
