//! How work is spread over hosts.
//!
//! Owns the choices of `on(hosts, #{ run:, limit:, wait: }, …)` and their defaults. It must not run anything.

use std::time::Duration;

use crate::error::Error;

/// Which hosts work at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All at once, or `limit` at a time. Every host gets its turn: the limit is there for the sake of this machine and
    /// the network, and must not change what happens on the hosts.
    #[default]
    Parallel,
    /// One after the other; the first failure ends it.
    Sequence,
    /// `limit` at a time, and the next group only when the whole group before it succeeded.
    Groups,
}

/// What a failing host means to those that are at work beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// They finish what they are doing.
    ///
    /// The default, because it is what a deployer would want: a host stopped in the middle of a `bundle install` or a
    /// migration is in a state nobody chose, and the next attempt meets it there; and whoever has three broken hosts
    /// wants to hear of three, not of one per attempt. Nothing further is begun anyway: `on` raises when all are done.
    #[default]
    FinishOthers,
    /// They are cancelled, and no further host begins.
    StopOthers,
}

/// How work is spread over hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Which hosts work at the same time.
    pub mode: Mode,
    /// How many at a time; none means all in parallel, and [`GROUP`] in groups.
    pub limit: Option<usize>,
    /// Pause between two hosts of a sequence or two groups, not after the last. Nothing by default.
    pub wait: Duration,
    /// What becomes of the others when a host fails.
    pub on_failure: OnFailure,
}

/// Size of a group where none is given, as in Capistrano.
pub const GROUP: usize = 2;

impl Policy {
    /// Refuses options that contradict each other or would do nothing.
    ///
    /// # Errors
    /// A limit of 0, a limit for a sequence, a pause in parallel mode.
    pub fn check(&self) -> Result<(), Error> {
        if self.limit == Some(0) {
            return Err(Error::recipe("`limit` is 0, so no host would ever begin").help("leave it out for no limit"));
        }
        if self.mode == Mode::Sequence && self.limit.is_some_and(|limit| limit != 1) {
            return Err(Error::recipe(
                "`limit` has no meaning with `run: \"sequence\"`, which takes one host at a time",
            )
            .help("use `run: \"groups\"` for several at a time"));
        }
        if self.mode == Mode::Parallel && !self.wait.is_zero() {
            return Err(Error::recipe("`wait` has no meaning with `run: \"parallel\"`")
                .help("use `run: \"sequence\"` or `run: \"groups\"` for a pause in between"));
        }
        Ok(())
    }

    /// Whether so many hosts all work at the same time.
    #[must_use]
    pub fn is_all_at_once(&self, hosts: usize) -> bool {
        self.step(hosts) >= hosts && self.at_once() >= hosts
    }

    /// How many of `hosts` belong to one step; between steps there is the pause, and a failed step is the last.
    pub(super) fn step(&self, hosts: usize) -> usize {
        match self.mode {
            Mode::Parallel => hosts,
            Mode::Sequence => 1,
            Mode::Groups => self.limit.unwrap_or(GROUP),
        }
        .max(1)
    }

    /// How many hosts of a step work at the same time.
    pub(super) fn at_once(&self) -> usize {
        self.limit.unwrap_or(usize::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_the_mode() {
        let step = |mode, limit| Policy { mode, limit, ..Policy::default() }.step(10);
        assert_eq!(step(Mode::Parallel, Some(3)), 10);
        assert_eq!(step(Mode::Sequence, None), 1);
        assert_eq!((step(Mode::Groups, None), step(Mode::Groups, Some(3)), step(Mode::Groups, Some(0))), (2, 3, 1));
        assert_eq!(Policy::default().step(0), 1);
    }

    #[test]
    fn few_hosts_need_no_limit() {
        let all = |mode, limit, hosts| Policy { mode, limit, ..Policy::default() }.is_all_at_once(hosts);
        assert!(all(Mode::Parallel, None, 50) && all(Mode::Parallel, Some(5), 5) && !all(Mode::Parallel, Some(4), 5));
        assert!(all(Mode::Groups, Some(5), 5) && !all(Mode::Groups, Some(4), 5) && !all(Mode::Groups, None, 3));
        assert!(all(Mode::Sequence, None, 1) && !all(Mode::Sequence, None, 2));
    }

    /// Capistrano's fault 37: a pause of two seconds that nobody asked for.
    #[test]
    fn nothing_waits_unasked() {
        assert_eq!(Policy::default().wait, Duration::ZERO);
    }

    #[test]
    fn options_that_do_nothing_are_refused() {
        let message = |policy: Policy| policy.check().unwrap_err().to_string();
        let second = Duration::from_secs(1);
        assert_eq!(
            message(Policy { limit: Some(0), ..Policy::default() }),
            "`limit` is 0, so no host would ever begin"
        );
        assert_eq!(
            message(Policy { mode: Mode::Sequence, limit: Some(2), ..Policy::default() }),
            "`limit` has no meaning with `run: \"sequence\"`, which takes one host at a time"
        );
        assert_eq!(
            message(Policy { wait: second, ..Policy::default() }),
            "`wait` has no meaning with `run: \"parallel\"`"
        );
        for good in [
            Policy::default(),
            Policy { limit: Some(1), ..Policy::default() },
            Policy { mode: Mode::Sequence, limit: Some(1), wait: second, ..Policy::default() },
            Policy { mode: Mode::Groups, limit: Some(2), wait: second, ..Policy::default() },
        ] {
            assert!(good.check().is_ok(), "{good:?}");
        }
    }
}
