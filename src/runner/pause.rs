//! Waiting that a cancel cuts short.
//!
//! For threads of our own, which belong to no async runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::transport::cancel::Cancel;

/// The longest single sleep; a longer pause is several of them, which keeps every clock within its range.
const NAP: Duration = Duration::from_secs(3600);

/// Waits for this long, or until `cancel` is raised. True when the time has passed, false when it was cancelled; a
/// cancel that is raised already wins over a pause of no length.
#[must_use]
pub fn pause(time: Duration, cancel: &Cancel) -> bool {
    let start = Instant::now();
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut raised = pin!(cancel.raised());
    loop {
        if raised.as_mut().poll(&mut context).is_ready() {
            return false;
        }
        let left = time.saturating_sub(start.elapsed());
        if left.is_zero() {
            return true;
        }
        thread::park_timeout(left.min(NAP));
    }
}

/// Wakes a parked thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lasts_as_long_as_asked() {
        let start = Instant::now();
        assert!(pause(Duration::from_millis(30), &Cancel::new()));
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert!(pause(Duration::ZERO, &Cancel::new()));
    }

    #[test]
    fn a_cancel_ends_it_at_once() {
        let cancel = Cancel::new();
        let start = Instant::now();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| pause(Duration::MAX, &cancel.child()));
            thread::sleep(Duration::from_millis(20));
            cancel.raise();
            assert!(!waiting.join().unwrap());
        });
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(!pause(Duration::ZERO, &cancel));
    }
}
