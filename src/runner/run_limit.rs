//! The time a whole run may take, or what is done after it has failed.
//!
//! Raises a cancel when it is over, so that a run ends as on Ctrl-C. What that means for the exit code is the cli's.

use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use crate::error::{Error, Kind};
use crate::model::limits::Bound;
use crate::runner::pause::pause;
use crate::transport::cancel::Cancel;

/// A limit that is heeded as long as this is kept.
#[derive(Default)]
pub struct RunLimit {
    reached: Arc<OnceLock<Bound>>,
    over: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl RunLimit {
    /// Begins to count; without a bound there is nothing to count. `tell` is called when the limit is reached, before
    /// `cancel` is raised. A cancel that was raised by then stays what it was.
    ///
    /// # Errors
    /// When this machine has no thread left.
    pub fn begin(
        bound: Option<Bound>,
        cancel: &Cancel,
        tell: impl FnOnce(Bound) + Send + 'static,
    ) -> Result<Self, Error> {
        let mut limit = Self::default();
        let Some(bound) = bound else { return Ok(limit) };
        let (reached, over, cancel) = (Arc::clone(&limit.reached), limit.over.clone(), cancel.clone());
        let wait = move || {
            if pause(bound.time, &over) && !cancel.is_raised() {
                reached.get_or_init(|| bound);
                tell(bound);
                cancel.raise();
            }
        };
        let thread = thread::Builder::new().name("run limit".to_owned()).spawn(wait).map_err(|cause| {
            Error::new(Kind::Io, format!("could not start a thread to watch the time of the run: {cause}"))
                .help("raise this machine's limit of processes")
        })?;
        limit.thread = Some(thread);
        Ok(limit)
    }

    /// Ends the count. Gives the limit if it was reached; nothing more is told or raised from now on.
    #[must_use]
    pub fn end(mut self) -> Option<Bound> {
        self.stop();
        self.reached.get().copied()
    }

    fn stop(&mut self) {
        self.over.raise();
        if let Some(thread) = self.thread.take() {
            // It cannot panic, unless whoever is told does.
            let _ = thread.join();
        }
    }
}

impl Drop for RunLimit {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::model::limits::Source;

    #[expect(clippy::unnecessary_wraps, reason = "limits are optional")]
    fn bound(millis: u64) -> Option<Bound> {
        Some(Bound { time: Duration::from_millis(millis), source: Source::Line })
    }

    #[test]
    fn it_cancels_the_run_and_tells_once() {
        let (cancel, told) = (Cancel::new(), Arc::new(OnceLock::new()));
        let tell = Arc::clone(&told);
        let limit = RunLimit::begin(bound(20), &cancel, move |bound| tell.set(bound).unwrap()).unwrap();
        assert!(!pause(Duration::from_secs(60), &cancel));
        assert_eq!((limit.end(), told.get().copied()), (bound(20), bound(20)));
    }

    #[test]
    fn a_run_that_ends_in_time_does_not_wait_for_it() {
        let (cancel, begun) = (Cancel::new(), Instant::now());
        assert_eq!(RunLimit::begin(bound(600_000), &cancel, |_| panic!("told")).unwrap().end(), None);
        assert!(!cancel.is_raised() && begun.elapsed() < Duration::from_secs(60));
        assert_eq!(RunLimit::begin(None, &cancel, |_| ()).unwrap().end(), None);
    }

    #[test]
    fn a_run_that_was_cancelled_before_stays_cancelled() {
        let cancel = Cancel::new();
        cancel.raise();
        let limit = RunLimit::begin(bound(10), &cancel, |_| panic!("told")).unwrap();
        thread::sleep(Duration::from_millis(50));
        assert_eq!(limit.end(), None);
    }
}
