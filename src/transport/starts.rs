//! How many connections begin at the same time.
//!
//! sshd drops newcomers at random once ten are not logged in yet (`MaxStartups 10:30:100`). Deploying to many hosts
//! through one gateway, or to many names of one machine, would meet that; so only so many begin at once per target as
//! its `window` says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::transport::resolve::Route;
use crate::transport::window::Window;

/// The gates of all targets.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    gates: Mutex<HashMap<String, Arc<Gate>>>,
}

/// The places of one target.
#[derive(Debug, Default)]
struct Gate {
    crowd: Mutex<Crowd>,
    /// Told when there may be a place.
    moved: Notify,
}

/// Who is inside.
#[derive(Debug, Default)]
struct Crowd {
    inside: usize,
    window: Window,
}

/// The right to begin one connection; it has begun when this is dropped.
#[derive(Debug)]
pub(crate) struct Pass(Vec<Place>);

/// A place at one gate, and the age of its window when it was taken.
#[derive(Debug)]
struct Place {
    gate: Arc<Gate>,
    age: usize,
}

impl Starts {
    /// Waits until a connection along `route` may begin.
    pub(crate) async fn enter(&self, route: &Route) -> Pass {
        let mut places = Vec::new();
        // Always the address first, so that two that wait for each other's gate cannot come about.
        for target in targets(route) {
            let gate = {
                let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(gates.entry(target).or_default())
            };
            places.push(Gate::enter(gate).await);
        }
        Pass(places)
    }
}

impl Gate {
    async fn enter(gate: Arc<Self>) -> Place {
        loop {
            // Before the look, so that no word comes in between.
            let moved = gate.moved.notified();
            let age = {
                let mut crowd = gate.crowd();
                let has_place = crowd.inside < crowd.window.size();
                crowd.inside += usize::from(has_place);
                has_place.then(|| crowd.window.age())
            };
            if let Some(age) = age {
                return Place { gate: Arc::clone(&gate), age };
            }
            moved.await;
        }
    }

    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The newcomer is logged in.
    pub(crate) fn went_well(self) {
        for place in &self.0 {
            place.gate.crowd().window.began();
        }
    }

    /// The newcomer was dropped.
    pub(crate) fn was_dropped(self) {
        for place in &self.0 {
            place.gate.crowd().window.dropped(place.age);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate.crowd().inside -= 1;
        self.gate.moved.notify_waiters();
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
    async fn a_drop_leaves_half_and_who_went_well_makes_room_for_more() {
        let starts = Starts::default();
        let a = route("a", None);
        starts.enter(&a).await.was_dropped();
        let mut begun = Vec::new();
        for _ in 0..4 {
            begun.push(starts.enter(&a).await);
        }
        assert!(!may_enter(&starts, &a).await, "it is half of eight now");
        begun.into_iter().for_each(Pass::went_well);
        let mut begun = Vec::new();
        for _ in 0..5 {
            begun.push(starts.enter(&a).await);
        }
        assert!(!may_enter(&starts, &a).await);
    }

    #[tokio::test]
    async fn who_gives_up_waiting_takes_no_place() {
        let starts = Starts::default();
        let a = route("a", None);
        for _ in 0..20 {
            let pass = starts.enter(&a).await;
            pass.was_dropped();
        }
        let last = starts.enter(&a).await;
        for _ in 0..3 {
            assert!(!may_enter(&starts, &a).await);
        }
        drop(last);
        assert!(may_enter(&starts, &a).await);
    }

    #[tokio::test]
    async fn all_who_wait_get_in_one_after_the_other() {
        let starts = Arc::new(Starts::default());
        let inside = Arc::new(Mutex::new((0_usize, 0_usize)));
        let tasks: Vec<_> = (0..60)
            .map(|number| {
                let (starts, inside) = (Arc::clone(&starts), Arc::clone(&inside));
                tokio::spawn(async move {
                    let pass = starts.enter(&route("a", None)).await;
                    {
                        let mut count = inside.lock().unwrap();
                        count.0 += 1;
                        count.1 = count.1.max(count.0);
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    inside.lock().unwrap().0 -= 1;
                    if number % 7 == 0 { pass.was_dropped() } else { pass.went_well() }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let (left, most) = *inside.lock().unwrap();
        assert!(left == 0 && (1..=9).contains(&most), "{left} {most}");
    }
}
