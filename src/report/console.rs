//! What a reporter needs from the cli: where to write, what to show, and how.
//!
//! The cli owns the process's streams and knows the terminal; reporters only write to what they are given here.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::format_options::Streams;
use crate::report::clock::Clock;
use crate::report::diagnostic::Sources;

/// A stream several threads may write to.
pub type Writer = Arc<Mutex<dyn Write + Send>>;

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Warnings, errors and the end.
    Quiet,
    /// Everything but what is marked `debug`.
    #[default]
    Normal,
    /// `debug` commands and messages too, and connections.
    Verbose,
}

/// What of a run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How much.
    pub verbosity: Verbosity,
    /// Which of the lines that commands print are shown.
    pub output: Streams,
}

impl Default for Shown {
    /// Ordinary verbosity, with the output of commands.
    fn default() -> Self {
        Self { verbosity: Verbosity::default(), output: Streams::ALL }
    }
}

/// The world around a reporter.
#[derive(Clone)]
pub struct Console {
    /// Where the progress of the run goes.
    pub out: Writer,
    /// Where the error of a failed run goes; often the same as `out`.
    pub err: Writer,
    /// The recipes' texts, for the lines errors point at.
    pub sources: Arc<dyn Sources + Send + Sync>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

/// Writes a text in one call and sends it off.
///
/// A stream that cannot be written to is no reason to stop a deploy (`windlass … | head`), so errors are dropped.
pub(super) fn write(writer: &Writer, text: &str) {
    if text.is_empty() {
        return;
    }
    let mut stream = locked(writer);
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Takes a lock; a thread that panicked while holding it leaves at worst half a line behind.
pub(super) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
