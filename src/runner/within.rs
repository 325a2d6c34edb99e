//! Work that has a time limit.

use std::thread::{Builder, scope};
use std::time::Duration;

use crate::runner::pause::pause;
use crate::transport::cancel::Cancel;

/// Does `work` with a cancel that is raised when the time is over, or when `cancel` is.
pub fn within<T>(limit: Duration, cancel: &Cancel, work: impl FnOnce(&Cancel) -> T) -> T {
    /// Raised when the work is over, also by a panic, so that the scope below ends.
    struct Over(Cancel);
    impl Drop for Over {
        fn drop(&mut self) {
            self.0.raise();
        }
    }
    let own = cancel.child();
    let over = Cancel::new();
    scope(|scope| {
        let _over = Over(over.clone());
        let clock = || {
            if pause(limit, &over) {
                own.raise();
            }
        };
        // Without the thread there is no limit, which is worse than a limit and better than no work.
        let _ = Builder::new().name("time limit".to_owned()).spawn_scoped(scope, clock);
        work(&own)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn what_takes_too_long_is_cancelled_and_the_rest_is_not_held_up() {
        let begun = Instant::now();
        assert!(within(LONG, &Cancel::new(), |cancel| !cancel.is_raised()));
        assert!(!within(Duration::from_millis(20), &Cancel::new(), |cancel| pause(LONG, cancel)));
        let outer = Cancel::new();
        outer.raise();
        assert!(!within(LONG, &outer, |cancel| pause(LONG, cancel)));
        assert!(begun.elapsed() < LONG / 2);
    }
}
