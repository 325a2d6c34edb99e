//! Tells a host again and again that we are still there, so that its lock stays ours.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::lock::{Record, TENTATIVE_TTL, Verdict};
use crate::model::{lock_script, lock_words};
use crate::runner::fates::{Fate, Fates};
use crate::runner::pause::pause;
use crate::runner::spot::{Backstage, Spot};
use crate::runner::within::within;
use crate::transport::cancel::Cancel;

/// Time after which a sign of life that went wrong is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Time after which a tentative lock is confirmed, where nobody has done that before with `check_lock`. Until then
/// another deploy waits for what becomes of it.
const CONFIRMED: Duration = Duration::from_secs(TENTATIVE_TTL / 3);
/// How long a sign of life may take in any case.
const LATE: Duration = Duration::from_secs(5);
/// What the threads share.
pub(super) struct Shared {
    pub(super) spots: Vec<Spot>,
    /// By the number of the spot.
    pub(super) fates: Fates,
    /// What the lock files say, and how often that has changed.
    pub(super) record: Mutex<(Record, u64)>,
    /// Nothing can be lost any more when `stop` is raised under this lock.
    pub(super) lost: Mutex<Option<Error>>,
    /// Raised when the locks are to be let go.
    pub(super) stop: Cancel,
    /// Raised when nobody waits for a sign of life any more.
    pub(super) cut: Cancel,
    /// Raised when a lock is lost.
    pub(super) run: Cancel,
}

impl Shared {
    /// The first one comes soon, where the lock may still be a tentative one. Not at once: a shell of the host is in use
    /// then, by the first trip after the lock was taken, and a second one takes time to open.
    pub(super) fn give_signs_of_life(&self, number: usize, asked: Instant) {
        let spot = &self.spots[number];
        // Its own: what it costs to keep the lock is no cost of the recipe, and nobody waits for it.
        let backstage = Backstage::default();
        let office = backstage.office();
        let ttl = locked(&self.record).0.ttl;
        let often = Duration::from_secs(ttl) / 4;
        let (mut last, mut written) = (asked, 0);
        let mut lasts = Duration::from_secs(if self.spots.len() > 1 { ttl.min(TENTATIVE_TTL) } else { ttl });
        let mut wait = if self.spots.len() > 1 { CONFIRMED.min(often) } else { often };
        while pause(wait, &self.stop) {
            let fate = self.fates.seen(number);
            if fate.0 == Fate::Gone {
                // Should it be taken back, that was just now.
                last = Instant::now();
                continue;
            }
            let (record, version) = locked(&self.record).clone();
            let script = lock_script::renew(&spot.deploy_to, &record, version != written);
            let begun = Instant::now();
            // Whether it is late is for the host to say, if it can be asked at all.
            let left = lasts.saturating_sub(last.elapsed()).max(LATE);
            let answer = within(left, &self.cut, |cancel| office.ask(spot, script, "keep the deploy lock", cancel));
            match answer {
                Ok(answer) if answer.verdict == Verdict::Lost => {
                    if fate.0 != Fate::Kept || fate != self.fates.seen(number) {
                        // It may be our own doing; the next answer tells.
                        wait = RETRY.min(often);
                        continue;
                    }
                    return self.lose(lock_words::lost(&spot.transport.label(), &answer));
                }
                Ok(_) => {
                    (last, written, lasts) = (begun, version, Duration::from_secs(ttl));
                    wait = often;
                }
                Err(_) if self.stop.is_raised() => return,
                Err(error) if last.elapsed() >= lasts && self.fates.of(number) != Fate::Gone => {
                    return self.lose(lock_words::expired(&spot.transport.label(), lasts.as_secs(), &error));
                }
                Err(_) => wait = RETRY.min(often),
            }
        }
    }

    pub(super) fn lose(&self, error: Error) {
        let mut lost = locked(&self.lost);
        if !self.stop.is_raised() {
            lost.get_or_insert(error);
            self.run.raise();
        }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
