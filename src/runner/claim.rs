//! Taking the locks of all hosts of a deploy, for one of many who may want them at the same time.
//!
//! All hosts are asked at once, each as soon as it is connected. Where somebody else was faster on some, those before the
//! first such host, in the one order of hosts that everybody uses, are kept, and the rest is let go. If that somebody does
//! not have all of his hosts yet either, one of the two will get on soon: we wait for this one host alone, and then ask
//! for the rest. So whoever waits holds only hosts that come before the one he waits for; there is no circle, and the one
//! whose turn is last in the order goes on. Claims are tentative until all of them are ours, so that nobody gives up
//! because of somebody who gives up.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::event::Level;
use crate::model::lock::{Answer, Record, State, TENTATIVE_TTL, Verdict};
use crate::model::{lock_script, lock_words};
use crate::runner::each::each;
use crate::runner::execute::{Job, Ran};
use crate::runner::letting_go::let_go;
use crate::runner::outcome::{Ended, Outcome};
use crate::runner::pause::pause;
use crate::runner::policy::Policy;
use crate::runner::spot::{Office, Silent, Spot};
use crate::transport::api::cancelled;
use crate::transport::cancel::Cancel;

/// What is shown of the scripts.
const TAKE: &str = "take the deploy lock";
/// What is shown of letting a lock go.
const LOOK: &str = "look at the deploy lock";
/// How long a claim lasts that is not confirmed.
const TENTATIVE: Duration = Duration::from_secs(TENTATIVE_TTL);
/// How long somebody who has not got all of his hosts is waited for: until his claims have run out for sure.
const PATIENCE: Duration = Duration::from_secs(TENTATIVE_TTL + 5);
/// Time between two attempts of that.
const RETRY: Duration = Duration::from_millis(100);
/// Time between two looks at a deploy that is being waited for.
const GLANCE: Duration = Duration::from_secs(1);
/// How often it is told who is being waited for.
const REMINDER: Duration = Duration::from_secs(10);

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

/// A host, and when it was asked for its lock; never where it could not be connected.
type Asked = (Spot, Arc<OnceLock<Instant>>);

/// What became of the lock, and what the host has answered besides.
type Found = (Answer, Option<Vec<Ran>>);

/// How an attempt ended that raised nothing.
#[expect(clippy::large_enum_variant, reason = "one at a time, and short-lived")]
enum Attempt {
    /// With when the first of them was asked for at the latest, and what each has answered besides.
    Won(Instant, Vec<Vec<Ran>>),
    Busy(usize, Answer),
    /// These hosts have failed, and it may go on without them.
    Without(Vec<(Spot, Error)>),
}

impl Claim<'_> {
    /// Takes the locks of all these hosts, or none; all but those that may fail.
    ///
    /// # Errors
    /// Of kind `Locked`, where somebody else has one of them or deploys are frozen; a host that cannot be reached or
    /// asked; a cancel.
    pub fn take(&self, mut spots: Vec<Spot>, cancel: &Cancel) -> Result<Taken, Error> {
        spots.sort_by(Spot::order);
        let (begun, mut reminded, mut failed) = (Instant::now(), None, Vec::new());
        loop {
            let (at, answer) = match self.attempt(&spots, self.max_fail - failed.len(), cancel)? {
                Attempt::Won(asked, found) => return Ok(Taken { spots, asked, found, failed }),
                Attempt::Without(hosts) => {
                    spots.retain(|spot| hosts.iter().all(|(host, _)| host.server.key() != spot.server.key()));
                    failed.extend(hosts);
                    continue;
                }
                Attempt::Busy(at, answer) => (at, answer),
            };
            self.wait_for(&spots[at], answer, begun, &mut reminded, cancel)?;
        }
    }

    fn attempt(&self, spots: &[Spot], max_fail: usize, cancel: &Cancel) -> Result<Attempt, Error> {
        let state = if spots.len() > 1 { State::Tentative } else { State::Held };
        // Since when somebody else is waited for: not while we connect.
        let mut begun = None;
        // When those that are ours were asked for.
        let mut ours = vec![None; spots.len()];
        let mut found: Vec<Option<Vec<Ran>>> = vec![None; spots.len()];
        let (mut next, mut in_full) = (0..spots.len(), true);
        let mut may_begin_anew = true;
        while !next.is_empty() {
            let mut outcome = self.ask(&spots[next.clone()], state, in_full, cancel);
            let begun = *begun.get_or_insert_with(Instant::now);
            let mut blocked = None;
            for (number, host) in next.zip(&outcome.hosts) {
                let asked = host.host.1.get().copied();
                match &host.ended {
                    Ended::Done((answer, ran)) if answer.verdict == Verdict::Won => {
                        // Asked for again, what is ours is as old as before.
                        ours[number] = ours[number].or(asked);
                        found[number].clone_from(ran);
                    }
                    Ended::Done((answer, _)) => blocked = blocked.or_else(|| Some((number, answer.clone()))),
                    // It may be ours: the answer is what is missing.
                    Ended::Failed(_) | Ended::Cancelled => ours[number] = ours[number].or(asked),
                    Ended::Skipped => {}
                }
            }
            let failed = outcome.take_failed(max_fail);
            if !failed.is_empty() {
                self.let_go(spots, &mut ours, 0);
                return Ok(Attempt::Without(failed.into_iter().map(|((spot, _), error)| (spot, error)).collect()));
            }
            if let Err(error) = outcome.into_result() {
                self.let_go(spots, &mut ours, 0);
                return Err(error);
            }
            let is_blocked = blocked.is_some();
            if let Some((at, answer)) = blocked {
                self.let_go(spots, &mut ours, at);
                if let Some(freeze) = answer.freeze.as_ref().filter(|_| answer.verdict == Verdict::Frozen) {
                    self.let_go(spots, &mut ours, 0);
                    return Err(lock_words::frozen(&spots[at].transport.label(), freeze, self.stage));
                }
                let tentative = answer.lock.as_ref().is_some_and(|lock| lock.state == State::Tentative);
                if !tentative || begun.elapsed() > PATIENCE {
                    self.let_go(spots, &mut ours, 0);
                    return Ok(Attempt::Busy(at, answer));
                }
                if !pause(RETRY, cancel) {
                    self.let_go(spots, &mut ours, 0);
                    return Err(cancelled());
                }
                // For the lock alone: it may be asked for often.
                (next, in_full) = (at..at + 1, false);
            } else {
                let is_open = |number: &usize| ours[*number].is_none() || found[*number].is_none();
                let first = (0..spots.len()).find(is_open).unwrap_or(spots.len());
                (next, in_full) = (first..spots.len(), true);
            }
            // Hosts that were connected late; those that answer late do so every time.
            let is_worth_it = is_blocked || (state == State::Tentative && std::mem::take(&mut may_begin_anew));
            if is_worth_it && since(&ours).is_some_and(|since| since.elapsed() > TENTATIVE / 2) {
                // Before what we have runs out under us.
                self.let_go(spots, &mut ours, 0);
                (next, in_full) = (0..spots.len(), true);
            }
        }
        Ok(Attempt::Won(since(&ours).unwrap_or_else(Instant::now), found.into_iter().flatten().collect()))
    }

    /// Asks for several locks at the same time. What else there is to ask goes along, or only `in_full`: then none is given
    /// in its place where there is something. To ask for what is ours already does no harm.
    fn ask(&self, spots: &[Spot], state: State, in_full: bool, cancel: &Cancel) -> Outcome<Asked, Found> {
        let hosts: Vec<Asked> = spots.iter().map(|spot| (spot.clone(), Arc::default())).collect();
        let work = |(spot, asked): &Asked, cancel: &Cancel| {
            spot.transport.connect(cancel)?;
            asked.get_or_init(Instant::now);
            let claim = lock_script::claim(&spot.deploy_to, self.record, state);
            let along = (self.along)(spot);
            let is_all = in_full || along.is_empty();
            let along = if is_all { along } else { Vec::new() };
            // Nobody wants to read of every attempt.
            let office = if in_full { self.office.clone() } else { self.quiet() };
            let (answer, found) = office.ask_along(spot, claim, TAKE, self.answer, along, cancel)?;
            Ok((answer, is_all.then_some(found)))
        };
        each(&hosts, Policy::default(), cancel, |(spot, _)| spot.transport.label(), work)
    }

    /// Lets go of what is ours from this host on.
    fn let_go(&self, spots: &[Spot], ours: &mut [Option<Instant>], from: usize) {
        let is_ours = |number: &usize| ours[*number].is_some();
        let free: Vec<Spot> = (from..spots.len()).filter(is_ours).map(|n| spots[n].clone()).collect();
        ours[from..].fill(None);
        // What cannot be let go runs out soon.
        let _ = let_go(self.office, &free, self.record);
    }

    fn quiet(&self) -> Office<'_> {
        Office { sink: &Silent, ..self.office.clone() }
    }

    /// Waits until the one who has this host may be gone.
    fn wait_for(
        &self,
        spot: &Spot,
        mut answer: Answer,
        begun: Instant,
        reminded: &mut Option<Instant>,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let quiet = self.quiet();
        let label = spot.transport.label();
        while let Some(holder) = answer.held() {
            let over = match self.wait {
                Wait::No => true,
                Wait::Always => false,
                Wait::For(time) => begun.elapsed() >= time,
            };
            if over {
                let error = lock_words::locked(&label, holder, answer.left, self.stage);
                return Err(match self.wait {
                    Wait::No => error,
                    Wait::Always | Wait::For(_) => error.note(format!("waited for {} s", begun.elapsed().as_secs())),
                });
            }
            if reminded.is_none_or(|last| last.elapsed() >= REMINDER) {
                let who = lock_words::line(holder, answer.left);
                self.office.say(Level::Info, &format!("waiting for the deploy lock of {label}: {who}"));
                *reminded = Some(Instant::now());
            }
            if !pause(GLANCE, cancel) {
                return Err(cancelled());
            }
            let look = |cancel: &Cancel| quiet.ask(spot, lock_script::status(&spot.deploy_to), LOOK, cancel);
            answer = quiet.in_time(spot, LOOK, self.answer, cancel, look)?;
            if answer.lock.as_ref().is_some_and(|lock| lock.state == State::Tentative) {
                break;
            }
        }
        Ok(())
    }
}

/// When the first of them was asked for.
fn since(ours: &[Option<Instant>]) -> Option<Instant> {
    ours.iter().flatten().min().copied()
}

#[cfg(test)]
#[path = "claim_tests.rs"]
mod tests;
