//! How many connections begin at the same time.
//!
//! sshd drops newcomers at random once ten are not logged in yet (`MaxStartups 10:30:100`). Deploying to many hosts
//! through one gateway, or to many names of one machine, would meet that; so only a few begin at once per target.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::transport::resolve::Route;

/// Simultaneous starts per target, safely below sshd's ten.
const AT_ONCE: usize = 8;

/// The gates of all targets.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Starts {
    /// Waits until a connection along `route` may begin; it has begun when what this gives is dropped.
    pub(crate) async fn enter(&self, route: &Route) -> Vec<OwnedSemaphorePermit> {
        let mut permits = Vec::new();
        // Always the address first, so that two that wait for each other's gate cannot come about.
        for target in targets(route) {
            let gate = {
                let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(gates.entry(target).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
            };
            permits.push(gate.acquire_owned().await.expect("nothing closes the gate"));
        }
        permits
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
}
