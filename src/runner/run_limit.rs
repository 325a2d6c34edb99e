//! The time a whole run may take, or what is done after it has failed.
//!
//! Raises a cancel when it is over, so that a run ends as on Ctrl-C. What that means for the exit code is the cli's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::runner::pause::pause;
use crate::transport::cancel::Cancel;

/// How often a count that has not begun looks whether it is time.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A limit that is heeded as long as this is kept.
#[derive(Default)]
pub struct RunLimit {
    reached: Arc<AtomicBool>,
    over: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl RunLimit {
    /// Begins to count; without a time there is nothing to count. `tell` is called when the limit is reached, before
    /// `cancel` is raised. A cancel that was raised by then stays what it was.
    ///
    /// # Errors
    /// When this machine has no thread left.
    pub fn begin(time: Option<Duration>, cancel: &Cancel, tell: impl FnOnce() + Send + 'static) -> Result<Self, Error> {
        Self::counting(None, time, cancel, tell)
    }

    /// As [`RunLimit::begin`], but the count begins when `first` is raised.
    ///
    /// # Errors
    /// When this machine has no thread left.
    pub fn begin_behind(
        first: &Cancel,
        time: Option<Duration>,
        cancel: &Cancel,
        tell: impl FnOnce() + Send + 'static,
    ) -> Result<Self, Error> {
        Self::counting(Some(first.clone()), time, cancel, tell)
    }

    fn counting(
        first: Option<Cancel>,
        time: Option<Duration>,
        cancel: &Cancel,
        tell: impl FnOnce() + Send + 'static,
    ) -> Result<Self, Error> {
        let mut limit = Self::default();
        let Some(time) = time else { return Ok(limit) };
        let (reached, over, cancel) = (Arc::clone(&limit.reached), limit.over.clone(), cancel.clone());
        let wait = move || {
            while first.as_ref().is_some_and(|first| !first.is_raised()) {
                if !pause(LOOK_AGAIN, &over) {
                    return;
                }
            }
            if pause(time, &over) && !cancel.is_raised() {
                reached.store(true, Ordering::Relaxed);
                tell();
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

    /// Ends the count. Says whether the limit was reached; nothing more is told or raised from now on.
    #[must_use]
    pub fn end(mut self) -> bool {
        self.stop();
        self.reached.load(Ordering::Relaxed)
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
    use std::sync::atomic::AtomicUsize;
    use std::time::Instant;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "limits are optional")]
    fn time(millis: u64) -> Option<Duration> {
        Some(Duration::from_millis(millis))
    }

    #[test]
    fn it_cancels_the_run_and_tells_once() {
        let (cancel, told) = (Cancel::new(), Arc::new(AtomicUsize::new(0)));
        let tell = Arc::clone(&told);
        let count = move || assert_eq!(tell.fetch_add(1, Ordering::Relaxed), 0);
        let limit = RunLimit::begin(time(20), &cancel, count).unwrap();
        assert!(!pause(Duration::from_secs(60), &cancel));
        assert!(limit.end() && told.load(Ordering::Relaxed) == 1);
    }

    #[test]
    fn a_run_that_ends_in_time_does_not_wait_for_it() {
        let (cancel, begun) = (Cancel::new(), Instant::now());
        assert!(!RunLimit::begin(time(600_000), &cancel, || panic!("told")).unwrap().end());
        assert!(!cancel.is_raised() && begun.elapsed() < Duration::from_secs(60));
        assert!(!RunLimit::begin(None, &cancel, || ()).unwrap().end());
    }

    #[test]
    fn a_count_may_wait_for_a_cancel() {
        let (first, cancel) = (Cancel::new(), Cancel::new());
        let limit = RunLimit::begin_behind(&first, time(10), &cancel, || ()).unwrap();
        thread::sleep(Duration::from_millis(150));
        assert!(!cancel.is_raised(), "it has not begun");
        first.raise();
        assert!(!pause(Duration::from_secs(60), &cancel) && limit.end());
        let never = RunLimit::begin_behind(&Cancel::new(), time(10), &cancel, || panic!("told")).unwrap();
        assert!(!never.end());
    }

    #[test]
    fn a_run_that_was_cancelled_before_stays_cancelled() {
        let cancel = Cancel::new();
        cancel.raise();
        let limit = RunLimit::begin(time(10), &cancel, || panic!("told")).unwrap();
        thread::sleep(Duration::from_millis(50));
        assert!(!limit.end());
    }
}
