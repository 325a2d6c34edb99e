//! Where every host of a run stands: its release before, its release now, and why it was left behind.
//!
//! Filled by `current_release` and `record_switch` in the recipes. Says whether the fleet is mixed; prints nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::event::{Event, Standing};

/// The hosts of a run that touched releases.
#[derive(Debug, Default)]
pub struct Fleet(Mutex<Vec<Entry>>);

/// One host.
#[derive(Clone, Debug)]
struct Entry {
    /// Its place in the report.
    number: usize,
    standing: Standing,
    /// The release it is being switched to, while nobody knows yet whether it was.
    switching_to: Option<String>,
}

impl Fleet {
    /// Notes what is current on a host before anything is switched; the first note stands. `number` is the host's place
    /// in the report: hosts work at the same time, and come here in any order.
    pub fn found(&self, number: usize, host: &str, release: Option<String>) {
        let mut entries = self.entries();
        if entries.iter().all(|entry| entry.standing.host != host) {
            let now = release.clone();
            let standing = Standing { host: host.to_owned(), before: release, now, switched: false, reason: None };
            let at = entries.partition_point(|other| other.number <= number);
            entries.insert(at, Entry { number, standing, switching_to: None });
        }
    }

    /// Notes that the command that switches a host is about to run. Until [`Fleet::switched`] or [`Fleet::settled`] says
    /// more, the host has either release.
    pub fn switching(&self, number: usize, host: &str, release: String) {
        self.found(number, host, None);
        self.change(host, |entry| entry.switching_to = Some(release));
    }

    /// Notes that a host was switched.
    pub fn switched(&self, number: usize, host: &str, release: String) {
        self.found(number, host, None);
        self.change(host, |entry| {
            entry.standing.now = Some(release);
            entry.standing.switched = true;
            entry.switching_to = None;
        });
    }

    /// Whether a host was stopped in the middle of its switch.
    #[must_use]
    pub fn is_in_doubt(&self, host: &str) -> bool {
        self.entries().iter().any(|entry| entry.standing.host == host && entry.switching_to.is_some())
    }

    /// Whether any host was.
    #[must_use]
    pub fn has_doubts(&self) -> bool {
        self.entries().iter().any(|entry| entry.switching_to.is_some())
    }

    /// Notes what a host in doubt was found to have.
    pub fn settled(&self, host: &str, release: Option<String>) {
        self.change(host, |entry| {
            let wanted = entry.switching_to.take();
            entry.standing.switched = wanted.is_some() && wanted == release && release != entry.standing.before;
            entry.standing.now = release;
        });
    }

    /// Where everything stands, with the reasons of hosts that failed; none when no recipe noted anything.
    #[must_use]
    pub fn report(&self, reasons: &HashMap<String, String>) -> Option<Event> {
        let entries = self.entries().clone();
        if entries.is_empty() {
            return None;
        }
        let mut hosts = Vec::new();
        for Entry { mut standing, switching_to, .. } in entries {
            standing.reason = reasons.get(&standing.host).cloned();
            if switching_to.is_some() {
                standing.now = None;
                standing.reason.get_or_insert_with(|| "stopped in the middle of the switch".to_owned());
            }
            hosts.push(standing);
        }
        Some(Event::Fleet { hosts, mixed: self.is_mixed() })
    }

    /// Whether some hosts were switched and some were not, or may not have been.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let entries = self.entries();
        let is_switched = |entry: &Entry| entry.standing.switched;
        entries.iter().any(is_switched) && !entries.iter().all(is_switched)
    }

    fn change(&self, host: &str, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries().iter_mut().find(|entry| entry.standing.host == host) {
            change(entry);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_is_mixed_when_only_some_were_switched() {
        let fleet = Fleet::default();
        assert!(fleet.report(&HashMap::new()).is_none());
        fleet.found(1, "web1", Some("1".into()));
        fleet.found(2, "web2", Some("1".into()));
        assert!(!fleet.is_mixed());
        fleet.switched(1, "web1", "2".into());
        assert!(fleet.is_mixed());
        fleet.switched(2, "web2", "2".into());
        assert!(!fleet.is_mixed());
    }

    #[test]
    fn the_report_says_before_now_and_why() {
        let fleet = Fleet::default();
        fleet.found(1, "web1", Some("1".into()));
        fleet.found(1, "web1", Some("other".into()));
        fleet.switched(2, "web2", "2".into());
        fleet.found(0, "web0", Some("1".into()));
        let reasons = HashMap::from([("web1".to_owned(), "disk full".to_owned())]);
        let Some(Event::Fleet { hosts, mixed }) = fleet.report(&reasons) else { panic!("no report") };
        assert!(mixed);
        assert_eq!(hosts.iter().map(|standing| standing.host.as_str()).collect::<Vec<_>>(), ["web0", "web1", "web2"]);
        assert_eq!(hosts[1].before.as_deref(), Some("1"));
        assert_eq!(hosts[1].reason.as_deref(), Some("disk full"));
        assert_eq!((hosts[2].before.as_deref(), hosts[2].now.as_deref()), (None, Some("2")));
    }

    #[test]
    fn a_host_stopped_in_the_middle_has_what_it_is_found_to_have() {
        let fleet = Fleet::default();
        for (number, host) in ["web1", "web2", "web3", "web4"].into_iter().enumerate() {
            fleet.found(number, host, Some("1".into()));
            fleet.switching(number, host, "2".into());
        }
        fleet.switched(0, "web1", "2".into());
        fleet.settled("web2", Some("2".into()));
        fleet.settled("web3", Some("1".into()));
        assert!(fleet.is_in_doubt("web4") && !fleet.is_in_doubt("web3"));
        let Some(Event::Fleet { hosts, mixed }) = fleet.report(&HashMap::new()) else { panic!("no report") };
        assert!(mixed);
        let found: Vec<_> = hosts.iter().map(|host| (host.now.as_deref(), host.switched)).collect();
        assert_eq!(found, [(Some("2"), true), (Some("2"), true), (Some("1"), false), (None, false)]);
        assert_eq!(hosts[3].reason.as_deref(), Some("stopped in the middle of the switch"));
    }
}
