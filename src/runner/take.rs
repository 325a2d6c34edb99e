//! Taking the locks of all hosts of a deploy.
//!
//! Owns the waiting for a deploy that has them, and who is gone on without. One attempt at all hosts is
//! `runner::attempt`'s.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::event::Level;
use crate::model::lock::{Answer, State};
use crate::model::{lock_script, lock_words};
use crate::runner::attempt::{Attempt, End};
use crate::runner::claim::{Claim, Taken, Wait};
use crate::runner::pause::pause;
use crate::runner::spot::Spot;
use crate::transport::api::cancelled;
use crate::transport::cancel::Cancel;

/// What is shown of the script.
const LOOK: &str = "look at the deploy lock";
/// Time between two looks at a deploy that is being waited for.
const GLANCE: Duration = Duration::from_secs(1);
/// How often it is told who is being waited for.
const REMINDER: Duration = Duration::from_secs(10);

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
            match Attempt::new(self, &spots).run(self.max_fail - failed.len(), cancel)? {
                End::Won(asked, found) => return Ok(Taken { spots, asked, found, failed }),
                End::Without(hosts) => {
                    spots.retain(|spot| hosts.iter().all(|(host, _)| host.server.key() != spot.server.key()));
                    failed.extend(hosts);
                }
                End::Busy(at, answer) => self.wait_for(&spots[at], answer, begun, &mut reminded, cancel)?,
            }
        }
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

#[cfg(test)]
#[path = "take_tests.rs"]
mod tests;
