//! Where the time of a run goes: per phase and host, connecting, commands on the host, and the way there and back.
//!
//! A phase is a task of the command line, or one directly below it, such as `deploy:updating`. Owns the sums and which
//! phase they belong to; reporters decide whether they are shown.

use std::cmp::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use crate::model::event::Event;
use crate::model::spent::Spent;

/// A phase in which nothing was done on a host is listed from this length on.
const WORTH_A_LINE: Duration = Duration::from_millis(100);

/// The sums of a run.
pub struct Profile {
    start: Instant,
    ledger: Mutex<Ledger>,
}

/// Ends a phase when it goes.
pub struct Entered<'a> {
    profile: &'a Profile,
    phase: usize,
}

impl Default for Profile {
    fn default() -> Self {
        Self { start: Instant::now(), ledger: Mutex::default() }
    }
}

impl Profile {
    /// A phase begins; it goes on until what is given is dropped. The phase around it stands still meanwhile.
    pub fn enter(&self, task: &str) -> Entered<'_> {
        Entered { profile: self, phase: self.ledger().enter(task, self.start.elapsed()) }
    }

    /// A connection to a host was made.
    pub fn connected(&self, host: &str, time: Duration) {
        self.ledger().cost(host).connecting += time.as_secs_f64();
    }

    /// Something was sent to a host and waited for: how long it took as a whole, how much of it ran on the host, and
    /// how many round trips it was.
    pub fn trip(&self, host: &str, took: Duration, host_seconds: f64, round_trips: usize) {
        let took = took.as_secs_f64();
        // The two are read from different clocks.
        let on_host = host_seconds.clamp(0.0, took);
        let mut ledger = self.ledger();
        let cost = ledger.cost(host);
        cost.host += on_host;
        cost.network += took - on_host;
        cost.trips += round_trips;
    }

    /// Everything so far; none where nothing was done on any host.
    pub fn report(&self) -> Option<Event> {
        self.ledger().report(self.start.elapsed())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let now = self.profile.start.elapsed();
        self.profile.ledger().leave(self.phase, now);
    }
}

/// The sums. It is told what time it is.
struct Ledger {
    /// In the order they began; the first one is what stands outside tasks.
    phases: Vec<Phase>,
    /// Those that are open, innermost last.
    open: Vec<usize>,
    /// Up to when time has been given to phases.
    settled: Duration,
}

#[derive(Default)]
struct Phase {
    task: Option<String>,
    took: Duration,
    hosts: IndexMap<String, Cost>,
}

/// In seconds.
#[derive(Clone, Copy, Default)]
struct Cost {
    connecting: f64,
    host: f64,
    network: f64,
    trips: usize,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { phases: vec![Phase::default()], open: Vec::new(), settled: Duration::ZERO }
    }
}

impl Ledger {
    fn enter(&mut self, task: &str, now: Duration) -> usize {
        self.settle(now);
        let known = self.phases.iter().position(|phase| phase.task.as_deref() == Some(task));
        let phase = known.unwrap_or_else(|| {
            self.phases.push(Phase { task: Some(task.to_owned()), ..Phase::default() });
            self.phases.len() - 1
        });
        self.open.push(phase);
        phase
    }

    fn leave(&mut self, phase: usize, now: Duration) {
        self.settle(now);
        // Not always the last one: hosts can invoke tasks at the same time.
        if let Some(at) = self.open.iter().rposition(|open| *open == phase) {
            self.open.remove(at);
        }
    }

    fn settle(&mut self, now: Duration) {
        let took = now.saturating_sub(self.settled);
        self.current().took += took;
        self.settled = now;
    }

    fn current(&mut self) -> &mut Phase {
        let at = self.open.last().copied().unwrap_or(0);
        &mut self.phases[at]
    }

    fn cost(&mut self, host: &str) -> &mut Cost {
        self.current().hosts.entry(host.to_owned()).or_default()
    }

    fn report(&mut self, now: Duration) -> Option<Event> {
        self.settle(now);
        let mut whole = Phase { took: now, ..Phase::default() };
        for (host, cost) in self.phases.iter().flat_map(|phase| &phase.hosts) {
            whole.hosts.entry(host.clone()).or_default().add(*cost);
        }
        if whole.hosts.is_empty() {
            return None;
        }
        let listed = self
            .phases
            .iter()
            .filter(|phase| !phase.hosts.is_empty() || (phase.task.is_some() && phase.took >= WORTH_A_LINE));
        Some(Event::Profile { phases: listed.map(Phase::spent).collect(), total: whole.spent() })
    }
}

impl Phase {
    fn spent(&self) -> Spent {
        let by_time =
            |a: &(&String, &Cost), b: &(&String, &Cost)| a.1.busy().partial_cmp(&b.1.busy()).unwrap_or(Ordering::Equal);
        let slowest = self.hosts.iter().max_by(by_time);
        let cost = slowest.map_or_else(Cost::default, |(_, cost)| *cost);
        Spent {
            task: self.task.clone(),
            seconds: self.took.as_secs_f64(),
            slowest: slowest.map(|(host, _)| host.clone()),
            connecting: cost.connecting,
            host: cost.host,
            network: cost.network,
            trips: cost.trips,
        }
    }
}

impl Cost {
    fn busy(&self) -> f64 {
        self.connecting + self.host + self.network
    }

    fn add(&mut self, other: Self) {
        self.connecting += other.connecting;
        self.host += other.host;
        self.network += other.network;
        self.trips += other.trips;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn reported(ledger: &mut Ledger, now: u64) -> (Vec<Spent>, Spent) {
        let Some(Event::Profile { phases, total }) = ledger.report(at(now)) else { panic!("there is a report") };
        (phases, total)
    }

    #[test]
    fn a_phase_has_its_own_time_without_those_inside() {
        let mut ledger = Ledger::default();
        let deploy = ledger.enter("deploy", at(1));
        let starting = ledger.enter("deploy:starting", at(2));
        *ledger.cost("web1") = Cost { connecting: 1.0, host: 1.5, network: 0.5, trips: 2 };
        ledger.leave(starting, at(5));
        let updating = ledger.enter("deploy:updating", at(6));
        *ledger.cost("web1") = Cost { host: 1.0, trips: 1, ..Cost::default() };
        *ledger.cost("web2") = Cost { host: 2.0, network: 1.0, trips: 1, ..Cost::default() };
        ledger.leave(updating, at(10));
        ledger.leave(deploy, at(11));
        let (phases, total) = reported(&mut ledger, 12);
        let shown: Vec<_> = phases
            .iter()
            .map(|phase| (phase.task.as_deref(), phase.seconds, phase.slowest.as_deref(), phase.trips))
            .collect();
        assert_eq!(
            shown,
            [
                (Some("deploy"), 3.0, None, 0),
                (Some("deploy:starting"), 3.0, Some("web1"), 2),
                (Some("deploy:updating"), 4.0, Some("web2"), 1),
            ]
        );
        assert_eq!((total.seconds, total.slowest.as_deref(), total.trips), (12.0, Some("web1"), 3));
        assert_eq!((total.connecting, total.host, total.network), (1.0, 2.5, 0.5));
    }

    #[test]
    fn phases_that_are_entered_again_are_one_and_may_overlap() {
        let mut ledger = Ledger::default();
        let (a, b) = (ledger.enter("a", at(0)), ledger.enter("b", at(1)));
        ledger.leave(a, at(2));
        ledger.leave(b, at(4));
        let again = ledger.enter("a", at(4));
        ledger.cost("web1").trips = 1;
        ledger.leave(again, at(5));
        let (phases, _) = reported(&mut ledger, 5);
        let shown: Vec<_> = phases.iter().map(|phase| (phase.task.as_deref(), phase.seconds)).collect();
        assert_eq!(shown, [(Some("a"), 2.0), (Some("b"), 3.0)]);
    }

    #[test]
    fn without_a_host_there_is_nothing_to_tell() {
        let mut ledger = Ledger::default();
        let task = ledger.enter("t", at(0));
        ledger.leave(task, at(9));
        assert!(ledger.report(at(9)).is_none());
    }

    #[test]
    fn what_ran_outside_tasks_has_no_name() {
        let profile = Profile::default();
        profile.trip("web1", Duration::from_millis(300), 0.25, 1);
        profile.trip("web1", Duration::from_millis(100), 7.0, 1);
        let Some(Event::Profile { phases, total }) = profile.report() else { panic!("there is a report") };
        assert_eq!((phases.len(), phases[0].task.as_deref(), phases[0].trips), (1, None, 2));
        assert!((total.host - 0.35).abs() < 1e-9 && (total.network - 0.05).abs() < 1e-9, "{total:?}");
    }
}
