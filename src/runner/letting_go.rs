//! How a host lets go of its lock: asked for that alone, or behind the last command that needs it. And how one is won back
//! that was let go too early.

use std::thread::sleep;
use std::time::Duration;

use crate::error::Error;
use crate::model::limits::{Bound, Limits, Source};
use crate::model::lock::{Record, State, Verdict};
use crate::model::{lock_script, lock_words};
use crate::runner::execute::Job;
use crate::runner::outcome::Ended;
use crate::runner::spot::{Office, Spot};
use crate::transport::cancel::Cancel;

const TITLE: &str = "release the deploy lock";
const BACK: &str = "take the deploy lock back";

/// How long a host may take for it.
const TIME: Duration = Duration::from_secs(10);

/// How often a lock is asked back for while somebody else only tries to take it.
const ATTEMPTS: u32 = 10;

/// Time between two of these.
const RETRY: Duration = Duration::from_millis(100);

/// Lets go of the locks of these hosts where they are ours, whatever has become of the run. Gives what went wrong.
#[must_use]
pub fn let_go(office: &Office<'_>, spots: &[Spot], record: &Record) -> Vec<Error> {
    if spots.is_empty() {
        return Vec::new();
    }
    let script = |spot: &Spot| lock_script::release(&spot.deploy_to, record);
    let outcome = office.ask_all(spots, script, TITLE, TIME, &Cancel::new());
    let failed = outcome.hosts.into_iter().filter_map(|host| match host.ended {
        Ended::Failed(error) => Some(error.on(host.label)),
        // Nobody cancels it.
        Ended::Done(_) | Ended::Cancelled | Ended::Skipped => None,
    });
    failed.collect()
}

/// The same as a command for one host, to be sent behind others.
#[must_use]
pub fn last_job(office: &Office<'_>, spot: &Spot, record: &Record) -> Job {
    let limits = Limits { command: Some(Bound { time: TIME, source: Source::Call }), idle: None };
    Job { limits, ..office.job(spot, lock_script::release(&spot.deploy_to, record), TITLE) }
}

/// The error of a host that did not do that in time.
#[must_use]
pub fn late(spot: &Spot) -> Error {
    lock_words::late(&spot.transport.label(), TITLE, &spot.deploy_to, TIME)
}

/// Claims the locks of these hosts once more. Gives those that are ours again, and why the others are not. Who only tries
/// is waited for: he cannot get all of his hosts.
#[must_use]
pub fn take_back(office: &Office<'_>, spots: &[Spot], record: &Record) -> (Vec<Spot>, Vec<(Spot, String)>) {
    let (mut won, mut lost, mut rest) = (Vec::new(), Vec::new(), spots.to_vec());
    let script = |spot: &Spot| lock_script::claim(&spot.deploy_to, record, State::Held);
    for attempt in 1..=ATTEMPTS {
        if rest.is_empty() {
            break;
        }
        let outcome = office.ask_all(&rest, script, BACK, TIME, &Cancel::new());
        rest.clear();
        for host in outcome.hosts {
            match host.ended {
                Ended::Done(answer) if answer.verdict == Verdict::Won => won.push(host.host),
                Ended::Done(answer) => {
                    let is_trying = answer.lock.as_ref().is_some_and(|lock| lock.state == State::Tentative);
                    if is_trying && attempt < ATTEMPTS {
                        rest.push(host.host);
                    } else {
                        let who = answer.held().map(|holder| lock_words::line(holder, answer.left));
                        lost.push((host.host, who.unwrap_or_else(|| "deploys are frozen".to_owned())));
                    }
                }
                Ended::Failed(error) => lost.push((host.host, error.to_string())),
                // Nobody cancels it.
                Ended::Cancelled | Ended::Skipped => {}
            }
        }
        if !rest.is_empty() {
            sleep(RETRY);
        }
    }
    (won, lost)
}
