//! How a host lets go of its lock: asked for that alone, or behind the last command that needs it. And how one is won back
//! that was let go too early.

use std::time::Duration;

use crate::error::Error;
use crate::model::limits::{Bound, Limits, Source};
use crate::model::lock::{Answer, Record, State, Verdict};
use crate::model::lock_script;
use crate::runner::execute::Job;
use crate::runner::outcome::Ended;
use crate::runner::spot::{Office, Spot};
use crate::transport::cancel::Cancel;

const TITLE: &str = "release the deploy lock";
const BACK: &str = "take the deploy lock back";

/// How long a host may take for it.
const TIME: Duration = Duration::from_secs(10);

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

/// Claims the locks of these hosts once more, and gives those that are ours again.
#[must_use]
pub fn won_back(office: &Office<'_>, spots: &[Spot], record: &Record) -> Vec<Spot> {
    if spots.is_empty() {
        return Vec::new();
    }
    let script = |spot: &Spot| lock_script::claim(&spot.deploy_to, record, State::Held);
    let outcome = office.ask_all(spots, script, BACK, TIME, &Cancel::new());
    let is_won = |ended: &Ended<Answer>| matches!(ended, Ended::Done(answer) if answer.verdict == Verdict::Won);
    outcome.hosts.into_iter().filter(|host| is_won(&host.ended)).map(|host| host.host).collect()
}
