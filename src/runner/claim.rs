//! Who wants the locks of a deploy, on what terms, and what was taken. How they are taken is `runner::take`'s.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::lock::Record;
use crate::runner::execute::{Job, Ran};
use crate::runner::spot::{Office, Silent, Spot};

/// What to do when somebody else has the lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// Fail.
    #[default]
    No,
    /// Wait as long as it takes.
    Always,
    /// Wait this long, then fail.
    For(Duration),
}

/// Who takes locks, and how.
pub struct Claim<'a> {
    /// What surrounds it.
    pub office: &'a Office<'a>,
    /// Who takes them.
    pub record: &'a Record,
    /// What to do when somebody else has one.
    pub wait: Wait,
    /// The stage, for help.
    pub stage: &'a str,
    /// How many hosts may fail, so that it goes on without them.
    pub max_fail: usize,
    /// How long a host may take to answer before it has failed.
    pub answer: Duration,
    /// What else a host is asked as soon as its lock is ours, in the same trip.
    pub along: &'a (dyn Fn(&Spot) -> Vec<Job> + Sync),
}

/// Locks that were taken.
pub struct Taken {
    /// Where they are, in order.
    pub spots: Vec<Spot>,
    /// When the first of them was asked for at the latest.
    pub asked: Instant,
    /// What each of them has answered to what else it was asked.
    pub found: Vec<Vec<Ran>>,
    /// The hosts it went on without, and why.
    pub failed: Vec<(Spot, Error)>,
}

impl Claim<'_> {
    /// The office for what nobody wants to read each time.
    pub(super) fn quiet(&self) -> Office<'_> {
        Office { sink: &Silent, ..self.office.clone() }
    }
}
