//! How many sessions one connection may hold at a time: shells that stay, and channels of single commands.
//!
//! sshd allows `MaxSessions` of them, 10 unless its administrator says otherwise, and says so only by refusing. This
//! starts with fewer and gives one place up for each refusal, so that it ends at what the host allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places at the start, two below the default of sshd: another windlass command or a port forward may use the rest.
const PLACES: usize = 8;

/// Refusals of one command before it is given up. The waits in between add up to about 11 seconds.
const REFUSALS: u32 = 12;

/// The places of one connection.
#[derive(Debug)]
pub(crate) struct Limit {
    places: Arc<Semaphore>,
    size: AtomicUsize,
}

impl Default for Limit {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), size: AtomicUsize::new(PLACES) }
    }
}

impl Limit {
    /// A place, if one is free.
    pub(crate) fn try_enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.places).acquire_owned().await.expect("nothing closes the semaphore")
    }

    /// The host refused a command: gives its place up for good, but never the last one.
    pub(crate) fn shrink(&self, permit: OwnedSemaphorePermit) {
        let smaller = |size: usize| (size > 1).then(|| size - 1);
        if self.size.fetch_update(Ordering::SeqCst, Ordering::SeqCst, smaller).is_ok() {
            permit.forget();
        }
    }

    /// How long to wait after the refusal number `count` of one command, from 1; none when it is to be given up.
    pub(crate) fn patience(count: u32) -> Option<Duration> {
        (count < REFUSALS).then(|| Duration::from_millis(25 * 2u64.pow(count.min(6))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_refusal_costs_one_place_but_never_the_last() {
        let limit = Limit::default();
        for expected in [7, 6, 5, 4, 3, 2, 1, 1, 1] {
            limit.shrink(limit.enter().await);
            assert_eq!((limit.places.available_permits(), limit.size.load(Ordering::SeqCst)), (expected, expected));
        }
    }

    #[test]
    fn patience_grows_and_ends() {
        assert_eq!(Limit::patience(1), Some(Duration::from_millis(50)));
        assert_eq!(Limit::patience(6), Some(Duration::from_millis(1600)));
        assert_eq!(Limit::patience(11), Some(Duration::from_millis(1600)));
        assert_eq!(Limit::patience(12), None);
        let whole: Duration = (1..).map_while(Limit::patience).sum();
        assert_eq!(whole, Duration::from_millis(11150));
    }
}
