//! How many connections begin at the same time.
//!
//! sshd drops newcomers at random once ten are not logged in yet (`MaxStartups 10:30:100`). Deploying to many hosts
//! through one gateway, or to many names of one machine, would meet that; so only a few begin at once per target, and
//! fewer for each one that was dropped all the same.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::transport::resolve::Route;

/// Simultaneous starts per target, safely below sshd's ten.
const AT_ONCE: usize = 8;

/// The gates of all targets.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    gates: Mutex<HashMap<String, Arc<Gate>>>,
}

/// The places of one target.
#[derive(Debug)]
struct Gate {
    places: Arc<Semaphore>,
    size: AtomicUsize,
}

/// The right to begin one connection; it has begun when this is dropped.
#[derive(Debug)]
pub(crate) struct Pass(Vec<(Arc<Gate>, OwnedSemaphorePermit)>);

impl Starts {
    /// Waits until a connection along `route` may begin.
    pub(crate) async fn enter(&self, route: &Route) -> Pass {
        let mut permits = Vec::new();
        // Always the address first, so that two that wait for each other's gate cannot come about.
        for target in targets(route) {
            let gate = {
                let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(gates.entry(target).or_default())
            };
            let permit = Arc::clone(&gate.places).acquire_owned().await.expect("nothing closes the gate");
            permits.push((gate, permit));
        }
        Pass(permits)
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), size: AtomicUsize::new(AT_ONCE) }
    }
}

impl Pass {
    /// The newcomer was dropped: gives its places up for good, but never the last of a target.
    pub(crate) fn was_dropped(self) {
        for (gate, permit) in self.0 {
            let smaller = |size: usize| (size > 1).then(|| size - 1);
            if gate.size.fetch_update(Ordering::SeqCst, Ordering::SeqCst, smaller).is_ok() {
                permit.forget();
            }
        }
    }
}

/// What a connection along `route` has to get through.
fn targets(route: &Route) -> Vec<String> {
    let address = format!("{}:{}", route.hostname, route.port);
    [Some(address), route.proxy.as_ref().map(|proxy| format!("via {proxy}"))].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn route(hostname: &str, proxy: Option<&str>) -> Route {
        Route { hostname: hostname.into(), port: 22, proxy: proxy.map(str::to_owned), ..Route::default() }
    }

    async fn may_enter(starts: &Starts, route: &Route) -> bool {
        timeout(Duration::from_millis(20), starts.enter(route)).await.is_ok()
    }

    #[tokio::test]
    async fn eight_begin_at_once_and_the_next_when_one_has_begun() {
        let starts = Starts::default();
        let mut begun = Vec::new();
        for _ in 0..8 {
            begun.push(starts.enter(&route("a", None)).await);
        }
        assert!(!may_enter(&starts, &route("a", None)).await);
        assert!(may_enter(&starts, &route("b", None)).await, "another address has its own gate");
        begun.pop();
        assert!(may_enter(&starts, &route("a", None)).await);
    }

    #[tokio::test]
    async fn a_gateway_counts_for_all_behind_it() {
        let starts = Starts::default();
        let mut begun = Vec::new();
        for number in 0..8 {
            begun.push(starts.enter(&route(&number.to_string(), Some("gw"))).await);
        }
        assert!(!may_enter(&starts, &route("9", Some("gw"))).await);
        assert!(may_enter(&starts, &route("9", Some("gw2"))).await);
    }

    #[tokio::test]
    async fn each_drop_costs_a_place_but_never_the_last() {
        let starts = Starts::default();
        for _ in 0..20 {
            starts.enter(&route("a", None)).await.was_dropped();
        }
        let _last = starts.enter(&route("a", None)).await;
        assert!(!may_enter(&starts, &route("a", None)).await);
    }
}
