//! One attempt at the locks of all hosts, for one of many who may want them at the same time.
//!
//! All hosts are asked at once, each as soon as it is connected. Where somebody else was faster on some, those before the
//! first such host, in the one order of hosts that everybody uses, are kept, and the rest is let go. If that somebody does
//! not have all of his hosts yet either, one of the two will get on soon: we wait for this one host alone, and then ask
//! for the rest. So whoever waits holds only hosts that come before the one he waits for; there is no circle, and the one
//! whose turn is last in the order goes on. Claims are tentative until all of them are ours, so that nobody gives up
//! because of somebody who gives up.

use std::mem::take;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::lock::{Answer, State, TENTATIVE_TTL, Verdict};
use crate::model::{lock_script, lock_words};
use crate::runner::claim::Claim;
use crate::runner::each::each;
use crate::runner::execute::Ran;
use crate::runner::letting_go::let_go;
use crate::runner::outcome::{Ended, Outcome};
use crate::runner::pause::pause;
use crate::runner::policy::Policy;
use crate::runner::spot::Spot;
use crate::transport::api::cancelled;
use crate::transport::cancel::Cancel;

/// What is shown of the script.
const TAKE: &str = "take the deploy lock";
/// How long a claim lasts that is not confirmed.
const TENTATIVE: Duration = Duration::from_secs(TENTATIVE_TTL);
/// How long somebody who has not got all of his hosts is waited for: until his claims have run out for sure.
const PATIENCE: Duration = Duration::from_secs(TENTATIVE_TTL + 5);
/// Time between two questions to a host of his.
const RETRY: Duration = Duration::from_millis(100);

/// An attempt, and how far it has come.
pub(super) struct Attempt<'a> {
    claim: &'a Claim<'a>,
    /// The hosts, in order.
    spots: &'a [Spot],
    /// By host, where the lock is or may be ours: when it was asked for.
    ours: Vec<Option<Instant>>,
    /// By host, where it has answered what else it was asked.
    found: Vec<Option<Vec<Ran>>>,
}

/// How an attempt ended that raised nothing.
#[expect(clippy::large_enum_variant, reason = "one at a time, and short-lived")]
pub(super) enum End {
    /// With when the first of them was asked for at the latest, and what each has answered besides.
    Won(Instant, Vec<Vec<Ran>>),
    /// A deploy has the host with this number.
    Busy(usize, Answer),
    /// These hosts have failed, and it may go on without them.
    Without(Vec<(Spot, Error)>),
}

/// A host, and when it was asked for its lock; never where it could not be connected.
type Asked = (Spot, Arc<OnceLock<Instant>>);

/// What became of the lock, and what the host has answered besides.
type Found = (Answer, Option<Vec<Ran>>);

impl<'a> Attempt<'a> {
    /// Nothing is asked yet.
    pub(super) fn new(claim: &'a Claim<'a>, spots: &'a [Spot]) -> Self {
        Self { claim, spots, ours: vec![None; spots.len()], found: vec![None; spots.len()] }
    }

    /// Takes all locks, or lets go of those it has got.
    ///
    /// # Errors
    /// As [`Claim::take`], but for a deploy that has one.
    pub(super) fn run(mut self, max_fail: usize, cancel: &Cancel) -> Result<End, Error> {
        let end = self.go(max_fail, cancel);
        if !matches!(end, Ok(End::Won(..))) {
            self.let_go(0);
        }
        end
    }

    fn go(&mut self, max_fail: usize, cancel: &Cancel) -> Result<End, Error> {
        let all = 0..self.spots.len();
        // Since when somebody else is waited for: not while we connect.
        let mut begun = None;
        let (mut next, mut in_full, mut may_begin_anew) = (all.clone(), true, all.len() > 1);
        while !next.is_empty() {
            let mut outcome = self.ask(next.clone(), in_full, cancel);
            let begun = *begun.get_or_insert_with(Instant::now);
            let blocked = self.note(next, &outcome);
            let failed = outcome.take_failed(max_fail);
            if !failed.is_empty() {
                return Ok(End::Without(failed.into_iter().map(|((spot, _), error)| (spot, error)).collect()));
            }
            outcome.into_result()?;
            let is_blocked = blocked.is_some();
            if let Some((at, answer)) = blocked {
                if let Some(freeze) = answer.freeze.as_ref().filter(|_| answer.verdict == Verdict::Frozen) {
                    return Err(lock_words::frozen(&self.spots[at].transport.label(), freeze, self.claim.stage));
                }
                let tentative = answer.lock.as_ref().is_some_and(|lock| lock.state == State::Tentative);
                if !tentative || begun.elapsed() > PATIENCE {
                    return Ok(End::Busy(at, answer));
                }
                self.let_go(at);
                if !pause(RETRY, cancel) {
                    return Err(cancelled());
                }
                // For the lock alone: it may be asked for often.
                (next, in_full) = (at..at + 1, false);
            } else {
                (next, in_full) = (self.first_open()..all.end, true);
            }
            // Hosts that were connected late; those that answer late do so every time.
            let is_worth_it = is_blocked || take(&mut may_begin_anew);
            if is_worth_it && self.since().is_some_and(|since| since.elapsed() > TENTATIVE / 2) {
                // Before what we have runs out under us.
                self.let_go(0);
                (next, in_full) = (all.clone(), true);
            }
        }
        Ok(End::Won(self.since().unwrap_or_else(Instant::now), take(&mut self.found).into_iter().flatten().collect()))
    }

    /// Asks for several locks at the same time. What else there is to ask goes along, or only `in_full`: then none is given
    /// in its place where there is something. To ask for what is ours already does no harm.
    fn ask(&self, numbers: Range<usize>, in_full: bool, cancel: &Cancel) -> Outcome<Asked, Found> {
        let Claim { office, record, answer, along, .. } = *self.claim;
        let state = if self.spots.len() > 1 { State::Tentative } else { State::Held };
        let hosts: Vec<Asked> = self.spots[numbers].iter().map(|spot| (spot.clone(), Arc::default())).collect();
        let work = |(spot, asked): &Asked, cancel: &Cancel| {
            spot.transport.connect(cancel)?;
            asked.get_or_init(Instant::now);
            let claim = lock_script::claim(&spot.deploy_to, record, state);
            let along = along(spot);
            let is_all = in_full || along.is_empty();
            let along = if is_all { along } else { Vec::new() };
            let office = if in_full { office.clone() } else { self.claim.quiet() };
            let (answer, found) = office.ask_along(spot, claim, TAKE, answer, along, cancel)?;
            Ok((answer, is_all.then_some(found)))
        };
        each(&hosts, Policy::default(), cancel, |(spot, _)| spot.transport.label(), work)
    }

    /// Notes what is ours, and gives the first host that is somebody else's.
    fn note(&mut self, numbers: Range<usize>, outcome: &Outcome<Asked, Found>) -> Option<(usize, Answer)> {
        let mut blocked = None;
        for (number, host) in numbers.zip(&outcome.hosts) {
            // Asked for again, what is ours is as old as before.
            let asked = self.ours[number].or(host.host.1.get().copied());
            match &host.ended {
                Ended::Done((answer, ran)) if answer.verdict == Verdict::Won => {
                    self.ours[number] = asked;
                    self.found[number].clone_from(ran);
                }
                Ended::Done((answer, _)) => blocked = blocked.or_else(|| Some((number, answer.clone()))),
                // It may be ours: the answer is what is missing.
                Ended::Failed(_) | Ended::Cancelled => self.ours[number] = asked,
                Ended::Skipped => {}
            }
        }
        blocked
    }

    /// The first host whose lock or other answers are missing.
    fn first_open(&self) -> usize {
        let is_open = |number: &usize| self.ours[*number].is_none() || self.found[*number].is_none();
        (0..self.spots.len()).find(is_open).unwrap_or(self.spots.len())
    }

    /// Lets go of what is ours from this host on.
    fn let_go(&mut self, from: usize) {
        let is_ours = |number: &usize| self.ours[*number].is_some();
        let free: Vec<Spot> = (from..self.spots.len()).filter(is_ours).map(|n| self.spots[n].clone()).collect();
        self.ours[from..].fill(None);
        // What cannot be let go runs out soon.
        let _ = let_go(self.claim.office, &free, self.claim.record);
    }

    /// When the first of what is ours was asked for.
    fn since(&self) -> Option<Instant> {
        self.ours.iter().flatten().min().copied()
    }
}
