//! Ctrl-C and its relatives.
//!
//! The first one raises the cancel flag: nothing new begins, what runs on the hosts is ended, the failure hooks run and
//! every host's state is told. The second one ends the process at once; the hosts' watchdogs then end what still runs.

use std::process::exit;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::echo;
use crate::error::EXIT_CANCELLED;
use crate::model::event::{Event, Level, Sink};
use crate::transport::cancel::Cancel;

/// How long the second signal may take to tidy up before the process ends.
const LEAVING: Duration = Duration::from_millis(500);

/// Listens from now on, until the process ends. `leave` tidies up when there is no time to wait for anything.
pub fn listen(cancel: Cancel, sink: Arc<dyn Sink>, leave: impl Fn() + Send + Sync + 'static) {
    let leave = Arc::new(leave);
    let listener = move || {
        let Ok(runtime) = Builder::new_current_thread().enable_io().build() else { return };
        runtime.block_on(async {
            let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
            let mut signals: Vec<Signal> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
            let [interrupt, terminate, hangup] = signals.as_mut_slice() else { return };
            for already in [false, true] {
                let name = tokio::select! {
                    _ = interrupt.recv() => "Ctrl-C",
                    _ = terminate.recv() => "SIGTERM",
                    _ = hangup.recv() => "SIGHUP",
                };
                if already {
                    echo::restore();
                    within(LEAVING, leave);
                    exit(i32::from(EXIT_CANCELLED));
                }
                let text = format!("{name}: ending what runs on the hosts; a second one stops windlass at once");
                sink.emit(&Event::Message { level: Level::Warn, text, host: None, task: None, place: None });
                cancel.raise();
            }
        });
    };
    // Without the thread the default of the system stays: the signal ends the process.
    let _ = thread::Builder::new().name("signals".to_owned()).spawn(listener);
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
