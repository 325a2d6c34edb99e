//! Where every host of a run stands: its release before, its release now, and why it was left behind.
//!
//! Filled by `record_release` in the recipes. Says whether the fleet is mixed; prints nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::event::{Event, Standing};

/// The hosts of a run that touched releases.
#[derive(Debug, Default)]
pub struct Fleet(Mutex<Vec<Standing>>);

impl Fleet {
    /// Notes what is current on a host before anything is switched; the first note stands.
    pub fn found(&self, host: &str, release: Option<String>) {
        let mut standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if standings.iter().all(|standing| standing.host != host) {
            let now = release.clone();
            standings.push(Standing { host: host.to_owned(), before: release, now, switched: false, reason: None });
        }
    }

    /// Notes that a host was switched.
    pub fn switched(&self, host: &str, release: String) {
        self.found(host, None);
        let mut standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standing) = standings.iter_mut().find(|standing| standing.host == host) {
            standing.now = Some(release);
            standing.switched = true;
        }
    }

    /// Where everything stands, with the reasons of hosts that failed; none when no recipe noted anything.
    #[must_use]
    pub fn report(&self, reasons: &HashMap<String, String>) -> Option<Event> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if hosts.is_empty() {
            return None;
        }
        // They came in as their threads ran.
        hosts.sort_by(|a, b| a.host.cmp(&b.host));
        for standing in &mut hosts {
            standing.reason = reasons.get(&standing.host).cloned();
        }
        let mixed = self.is_mixed();
        Some(Event::Fleet { hosts, mixed })
    }

    /// Whether some hosts were switched and some were not.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        standings.iter().any(|standing| standing.switched) && standings.iter().any(|standing| !standing.switched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_is_mixed_when_only_some_were_switched() {
        let fleet = Fleet::default();
        assert!(fleet.report(&HashMap::new()).is_none());
        fleet.found("web1", Some("1".into()));
        fleet.found("web2", Some("1".into()));
        assert!(!fleet.is_mixed());
        fleet.switched("web1", "2".into());
        assert!(fleet.is_mixed());
        fleet.switched("web2", "2".into());
        assert!(!fleet.is_mixed());
    }

    #[test]
    fn the_report_says_before_now_and_why() {
        let fleet = Fleet::default();
        fleet.found("web1", Some("1".into()));
        fleet.found("web1", Some("other".into()));
        fleet.switched("web2", "2".into());
        let reasons = HashMap::from([("web1".to_owned(), "disk full".to_owned())]);
        let Some(Event::Fleet { hosts, mixed }) = fleet.report(&reasons) else { panic!("no report") };
        assert!(mixed);
        assert_eq!(hosts[0].before.as_deref(), Some("1"));
        assert_eq!(hosts[0].reason.as_deref(), Some("disk full"));
        assert_eq!((hosts[1].before.as_deref(), hosts[1].now.as_deref()), (None, Some("2")));
    }
}
