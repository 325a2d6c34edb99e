//! Where every host of a run stands: its release before, its release now, and why it was left behind.
//!
//! Filled by `current_release` and `record_switch` in the recipes. Says whether the fleet is mixed; prints nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::event::Event;
use crate::model::live::Live;
use crate::model::standing::{Standing, State};
use crate::runner::roster::Aside;

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
        self.enter(number, host, Live::found(release));
    }

    /// Notes that a host has to do with the run, though nobody has looked what is current there.
    pub fn concerns(&self, number: usize, host: &str) {
        self.enter(number, host, Live::Unknown);
    }

    fn enter(&self, number: usize, host: &str, live: Live) {
        let mut entries = self.entries();
        if entries.iter().all(|entry| entry.standing.host != host) {
            let (host, state) = (host.to_owned(), State::Unchanged);
            let standing = Standing { host, before: live.clone(), now: live, switched: false, state, reason: None };
            let at = entries.partition_point(|other| other.number <= number);
            entries.insert(at, Entry { number, standing, switching_to: None });
        }
    }

    /// Notes that the command that switches a host is about to run. Until [`Fleet::switched`] or [`Fleet::settled`] says
    /// more, the host has either release.
    pub fn switching(&self, number: usize, host: &str, release: String) {
        self.concerns(number, host);
        self.change(host, |entry| entry.switching_to = Some(release));
    }

    /// Notes that a host was switched.
    pub fn switched(&self, number: usize, host: &str, release: String) {
        self.concerns(number, host);
        self.change(host, |entry| {
            entry.standing.now = Live::Release(release);
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
            let wanted = entry.switching_to.take().map(Live::Release);
            let now = Live::found(release);
            entry.standing.switched = wanted.is_some_and(|wanted| wanted == now) && now != entry.standing.before;
            entry.standing.now = now;
        });
    }

    /// Another run begins, and looks for itself.
    pub fn begin_again(&self) {
        self.entries().clear();
    }

    /// Whether the run has looked at a release, or switched one.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        !self.entries().is_empty()
    }

    /// Whether any host was switched.
    #[must_use]
    pub fn has_switched(&self) -> bool {
        self.entries().iter().any(|entry| entry.standing.switched)
    }

    /// Where everything stands; none when no recipe noted anything. `failed` and `aside` say why hosts were left behind,
    /// `mixed` is what [`Fleet::is_mixed`] said.
    #[must_use]
    pub fn report(&self, failed: &HashMap<String, String>, aside: &[Aside], mixed: bool) -> Option<Event> {
        let entries = self.entries().clone();
        if entries.is_empty() {
            return None;
        }
        let mut hosts = Vec::new();
        for Entry { mut standing, switching_to, .. } in entries {
            let aside = aside.iter().find(|aside| aside.host == standing.host);
            let reason = aside.map(|aside| &aside.reason).or_else(|| failed.get(&standing.host));
            standing.reason = reason.cloned();
            if switching_to.is_some() {
                standing.now = Live::Unknown;
                standing.reason.get_or_insert_with(|| "stopped in the middle of the switch".to_owned());
            }
            standing.state = match (&standing.reason, standing.switched) {
                _ if switching_to.is_some() => State::InDoubt,
                (Some(_), _) if aside.is_some() => State::SetAside,
                (Some(_), _) => State::Failed,
                // To another release and back, it may be.
                (None, true) if standing.now != standing.before => State::Switched,
                (None, _) => State::Unchanged,
            };
            hosts.push(standing);
        }
        Some(Event::Fleet { hosts, mixed })
    }

    /// Whether some hosts were switched, and some do not have that release, or may not have it, because nobody has looked.
    /// A host that had it before counts as one that has it: `deploy --lagging` brings the others there.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let entries = self.entries();
        let new = entries.iter().find(|entry| entry.standing.switched).map(|entry| &entry.standing.now);
        new.is_some_and(|new| entries.iter().any(|entry| entry.standing.now != *new || entry.switching_to.is_some()))
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
    use crate::model::server::Server;
    use crate::runner::roster::Roster;

    #[test]
    fn a_fleet_is_mixed_when_only_some_were_switched() {
        let fleet = Fleet::default();
        assert!(fleet.report(&HashMap::new(), &[], fleet.is_mixed()).is_none());
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
        let Some(Event::Fleet { hosts, mixed }) = fleet.report(&reasons, &[], fleet.is_mixed()) else {
            panic!("no report")
        };
        assert!(mixed);
        assert_eq!(hosts.iter().map(|standing| standing.host.as_str()).collect::<Vec<_>>(), ["web0", "web1", "web2"]);
        assert_eq!(hosts[1].before.shown(), "1");
        assert_eq!(hosts[1].reason.as_deref(), Some("disk full"));
        assert_eq!((hosts[2].before.shown(), hosts[2].now.shown()), ("?", "2"));
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
        let Some(Event::Fleet { hosts, mixed }) = fleet.report(&HashMap::new(), &[], fleet.is_mixed()) else {
            panic!("no report")
        };
        assert!(mixed);
        let found: Vec<_> = hosts.iter().map(|host| (host.now.shown(), host.switched)).collect();
        assert_eq!(found, [("2", true), ("2", true), ("1", false), ("?", false)]);
        assert_eq!(hosts[3].reason.as_deref(), Some("stopped in the middle of the switch"));
        assert_eq!(
            hosts.iter().map(|host| host.state).collect::<Vec<_>>(),
            [State::Switched, State::Switched, State::Unchanged, State::InDoubt]
        );
    }

    #[test]
    fn a_host_that_had_the_release_before_is_not_left_behind() {
        let fleet = Fleet::default();
        fleet.found(1, "web1", Some("2".into()));
        fleet.found(2, "web2", Some("1".into()));
        assert!(!fleet.is_mixed(), "this run has not mixed it");
        fleet.switched(2, "web2", "2".into());
        assert!(!fleet.is_mixed());
        fleet.found(3, "web3", None);
        assert!(fleet.is_mixed());
    }

    #[test]
    fn a_host_nobody_has_looked_at_may_have_anything() {
        let fleet = Fleet::default();
        fleet.found(1, "web1", None);
        fleet.concerns(2, "web2");
        fleet.found(2, "web2", Some("1".into()));
        assert!(!fleet.is_mixed());
        fleet.switched(1, "web1", "2".into());
        assert!(fleet.is_mixed());
        let Some(Event::Fleet { hosts, .. }) = fleet.report(&HashMap::new(), &[], true) else { panic!("no report") };
        let releases: Vec<_> = hosts.iter().map(|host| (host.before.shown(), host.now.shown())).collect();
        assert_eq!(releases, [("-", "2"), ("?", "?")]);
    }

    #[test]
    fn states_tell_who_failed_and_who_was_set_aside() {
        let (fleet, roster) = (Fleet::default(), Roster::default());
        for (number, host) in ["web1", "web2", "web3", "web4"].into_iter().enumerate() {
            fleet.found(number, host, Some("1".into()));
        }
        fleet.switched(0, "web1", "2".into());
        fleet.switched(1, "web2", "2".into());
        fleet.switched(3, "web4", "2".into());
        fleet.switched(3, "web4", "1".into());
        roster.set_aside(&Server::new("web3"), "no route".into());
        let failed = HashMap::from([("web2".to_owned(), "no restart".to_owned())]);
        let Some(Event::Fleet { hosts, .. }) = fleet.report(&failed, &roster.aside(), true) else {
            panic!("no report")
        };
        let states: Vec<_> = hosts.iter().map(|host| (host.state, host.reason.as_deref())).collect();
        let reason = [None, Some("no restart"), Some("no route"), None];
        let state = [State::Switched, State::Failed, State::SetAside, State::Unchanged];
        assert_eq!(states, state.into_iter().zip(reason).collect::<Vec<_>>());
    }
}
