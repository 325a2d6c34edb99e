//! Which hosts a run still works on.
//!
//! Owns what `only_hosts` has narrowed it to, and which hosts were set aside because they failed and the run may go on
//! without them. What was selected from outside is `model::filter`'s.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::server::Server;
use crate::runner::max_fail::MaxFail;

/// Name and port of a server; the user is not part of it.
type Key = (String, u16);

/// The hosts of a run, seen from what happened to them.
#[derive(Debug, Default)]
pub struct Roster(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// None: all that are selected.
    only: Option<Vec<Key>>,
    aside: Vec<Aside>,
    /// The run is over, and what is left to do is to look at every host once more.
    ending: bool,
}

/// A host the run went on without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    key: Key,
    /// How it is called in output.
    pub host: String,
    /// Why.
    pub reason: String,
}

/// What is left of some hosts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Left {
    /// Those to work on, in the order given.
    pub hosts: Vec<Arc<Server>>,
    /// Whether some of the others were set aside.
    pub without_aside: bool,
}

impl Roster {
    /// Narrows the run to these hosts, and further where it was narrowed before.
    pub fn narrow(&self, hosts: &[Arc<Server>]) {
        let keys: Vec<Key> = hosts.iter().map(|server| key(server)).collect();
        let mut state = self.state();
        state.only = Some(match state.only.take() {
            None => keys,
            Some(before) => before.into_iter().filter(|known| keys.contains(known)).collect(),
        });
    }

    /// The hosts the run was narrowed to, set aside or not.
    #[must_use]
    pub fn narrowed(&self, hosts: &[Arc<Server>]) -> Vec<Arc<Server>> {
        let state = self.state();
        hosts.iter().filter(|server| state.has(server)).cloned().collect()
    }

    /// The hosts to work on.
    #[must_use]
    pub fn left(&self, hosts: &[Arc<Server>]) -> Left {
        let narrowed = self.narrowed(hosts);
        let state = self.state();
        let hosts: Vec<Arc<Server>> = narrowed.iter().filter(|server| !state.is_aside(server)).cloned().collect();
        Left { without_aside: hosts.len() < narrowed.len(), hosts }
    }

    /// Whether the run goes on without this host because it failed.
    #[must_use]
    pub fn is_aside(&self, server: &Server) -> bool {
        self.state().is_aside(server)
    }

    /// How many of these hosts may still fail, in a run of `total` hosts. Never all of them: a step that is done nowhere
    /// is not done.
    #[must_use]
    pub fn may_fail(&self, max_fail: MaxFail, hosts: usize, total: usize) -> usize {
        let state = self.state();
        if state.ending {
            return 0;
        }
        max_fail.of_hosts(total).saturating_sub(state.aside.len()).min(hosts.saturating_sub(1))
    }

    /// Sets a host aside: the run goes on without it. Says whether that is new; a host that fails in two ways is one.
    pub fn set_aside(&self, server: &Server, reason: String) -> bool {
        let mut state = self.state();
        let is_new = state.aside.iter().all(|aside| aside.key != key(server));
        if is_new {
            state.aside.push(Aside { key: key(server), host: server.label(), reason });
        }
        is_new
    }

    /// The hosts that were set aside, in that order.
    #[must_use]
    pub fn aside(&self) -> Vec<Aside> {
        self.state().aside.clone()
    }

    /// The run is over: what is still to be done concerns every host, also those that were set aside or left out by
    /// `only_hosts`, and none can be set aside any more.
    pub fn end(&self) {
        self.state().ending = true;
    }

    /// Another run begins: hosts that were set aside get another chance. What it was narrowed to stays.
    pub fn begin_again(&self) {
        let mut state = self.state();
        state.aside.clear();
        state.ending = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has(&self, server: &Server) -> bool {
        self.ending || self.only.as_ref().is_none_or(|only| only.contains(&key(server)))
    }

    fn is_aside(&self, server: &Server) -> bool {
        !self.ending && self.aside.iter().any(|aside| aside.key == key(server))
    }
}

fn key(server: &Server) -> Key {
    let (name, port) = server.key();
    (name.to_owned(), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(names: &[&str]) -> Vec<Arc<Server>> {
        names.iter().map(|name| Arc::new(Server::new(*name))).collect()
    }

    fn left(roster: &Roster, names: &[&str]) -> (Vec<String>, bool) {
        let left = roster.left(&servers(names));
        (left.hosts.iter().map(|server| server.name.clone()).collect(), left.without_aside)
    }

    #[test]
    fn at_first_there_are_all() {
        assert_eq!(left(&Roster::default(), &["a", "b"]), (vec!["a".into(), "b".into()], false));
    }

    #[test]
    fn narrowing_narrows_what_is_narrow() {
        let roster = Roster::default();
        roster.narrow(&servers(&["a", "b"]));
        roster.narrow(&servers(&["b", "c"]));
        assert_eq!(left(&roster, &["a", "b", "c"]), (vec!["b".into()], false));
    }

    #[test]
    fn who_was_set_aside_is_left_out_until_the_end() {
        let roster = Roster::default();
        roster.set_aside(&Server { user: Some("deploy".into()), ..Server::new("a") }, "disk full".into());
        assert_eq!(left(&roster, &["a", "b"]), (vec!["b".into()], true));
        assert_eq!(left(&roster, &["a"]), (vec![], true));
        roster.narrow(&servers(&["b"]));
        roster.end();
        assert_eq!(left(&roster, &["a", "b"]), (vec!["a".into(), "b".into()], false));
        assert_eq!(roster.may_fail(MaxFail::Hosts(9), 5, 5), 0);
        assert_eq!(roster.aside()[0].host, "deploy@a");
    }

    #[test]
    fn another_run_tries_them_all_again() {
        let roster = Roster::default();
        roster.narrow(&servers(&["a", "b"]));
        roster.set_aside(&Server::new("a"), String::new());
        roster.end();
        roster.begin_again();
        assert_eq!(left(&roster, &["a", "b", "c"]), (vec!["a".into(), "b".into()], false));
        assert_eq!(roster.may_fail(MaxFail::Hosts(1), 3, 3), 1);
    }

    #[test]
    fn what_may_fail_is_counted_over_the_whole_run() {
        let roster = Roster::default();
        assert_eq!(roster.may_fail(MaxFail::Hosts(2), 5, 5), 2);
        assert!(roster.set_aside(&Server::new("a"), String::new()));
        assert!(!roster.set_aside(&Server { user: Some("root".into()), ..Server::new("a") }, String::new()));
        assert_eq!(roster.may_fail(MaxFail::Hosts(2), 4, 5), 1);
        assert_eq!(roster.may_fail(MaxFail::Percent(20), 4, 5), 0);
        assert_eq!(roster.may_fail(MaxFail::Hosts(0), 4, 5), 0);
    }

    #[test]
    fn never_all_of_them() {
        let roster = Roster::default();
        assert_eq!(roster.may_fail(MaxFail::Percent(100), 5, 5), 4);
        assert_eq!(roster.may_fail(MaxFail::Hosts(9), 1, 5), 0);
        assert_eq!(roster.may_fail(MaxFail::Hosts(9), 0, 5), 0);
    }
}
