//! The locks of a run while it has them: signs of life, and what happens when one is lost.
//!
//! A thread for each host tells it four times per lease that we are still there. When a host says that the lock is
//! somebody else's, or when it could not be told for as long as a lease lasts, the run is cancelled.

use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::lock::Record;
use crate::model::server::Server;
use crate::runner::claim::Taken;
use crate::runner::execute::Job;
use crate::runner::fates::{Fate, Fates};
use crate::runner::letting_go::{last_job, late, let_go, take_back};
use crate::runner::signs_of_life::{Shared, locked};
use crate::runner::spot::{Office, Spot};
use crate::transport::cancel::Cancel;

/// How long a sign of life that is on its way may take when the lock is released.
const GRACE: Duration = Duration::from_millis(500);

/// The locks of a run. It gives no more signs of life when it goes.
pub struct Lease {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// The errors of hosts that did not let go in time.
    hung: Mutex<Vec<Error>>,
}

impl Lease {
    /// Begins to keep locks that were taken. `run` is raised when one of them is lost.
    #[must_use]
    pub fn keep(taken: Taken, record: Record, run: Cancel) -> Self {
        let Taken { spots, asked, .. } = taken;
        let shared = Arc::new(Shared {
            fates: Fates::kept(spots.len()),
            spots,
            record: Mutex::new((record, 0)),
            lost: Mutex::default(),
            stop: Cancel::new(),
            cut: Cancel::new(),
            run,
        });
        let begin = |number: usize| {
            let shared = Arc::clone(&shared);
            let name = format!("lock {}", shared.spots[number].server.name.replace('\0', ""));
            // Without the thread the lock runs out, and the check before the switch finds that.
            thread::Builder::new().name(name).spawn(move || shared.give_signs_of_life(number, asked)).ok()
        };
        let threads = (0..shared.spots.len()).filter_map(begin).collect();
        Self { shared, threads: Mutex::new(threads), hung: Mutex::default() }
    }

    /// The lock of a host, where it is among these and not gone.
    #[must_use]
    pub fn spot(&self, server: &Server) -> Option<&Spot> {
        let number = self.number(server)?;
        (self.shared.fates.of(number) != Fate::Gone).then(|| &self.shared.spots[number])
    }

    /// Whether the lock of a host was among these, and is gone while others are kept.
    #[must_use]
    pub fn has_let_go(&self, server: &Server) -> bool {
        self.number(server).is_some_and(|number| self.shared.fates.of(number) == Fate::Gone)
    }

    /// The command that lets go of the lock of a host, to be sent behind the last one that needs it. To be followed by
    /// [`Lease::has_left`], should it have run, and [`Lease::stay`] in any case.
    #[must_use]
    pub fn leave(&self, office: &Office<'_>, server: &Server) -> Option<Job> {
        let number = self.number(server).filter(|number| self.shared.fates.leave(*number))?;
        Some(last_job(office, &self.shared.spots[number], &self.record()))
    }

    /// Notes that a host has let go of its lock.
    pub fn has_left(&self, server: &Server) {
        if let Some(number) = self.number(server) {
            self.shared.fates.set(number, Fate::Gone);
        }
    }

    /// Keeps the locks that were to be let go, where it did not come to that.
    pub fn stay(&self) {
        self.shared.fates.stay();
    }

    /// Notes that a host did not let go of its lock in time: it is told with what else goes wrong when the others are let go.
    pub fn hangs(&self, server: &Server) {
        if let Some(number) = self.number(server) {
            self.shared.fates.set(number, Fate::Gone);
            locked(&self.hung).push(late(&self.shared.spots[number]));
        }
    }

    /// Takes back what was let go, or may have been, for what has to be mended on these hosts. Gives those where that did not
    /// succeed, and why: there somebody was faster.
    #[must_use]
    pub fn take_back(&self, office: &Office<'_>) -> Vec<(Spot, String)> {
        locked(&self.hung).clear();
        let (won, lost) = take_back(office, &self.spots_that(|fate| fate != Fate::Kept), &self.record());
        let fates = won.iter().map(|spot| (spot, Fate::Kept)).chain(lost.iter().map(|(spot, _)| (spot, Fate::Gone)));
        for (spot, fate) in fates {
            if let Some(number) = self.number(&spot.server) {
                self.shared.fates.set(number, fate);
            }
        }
        lost
    }

    fn number(&self, server: &Server) -> Option<usize> {
        self.shared.spots.iter().position(|spot| spot.server.key() == server.key())
    }

    fn spots_that(&self, have: impl Fn(Fate) -> bool) -> Vec<Spot> {
        let numbered = self.shared.spots.iter().enumerate();
        numbered.filter(|(number, _)| have(self.shared.fates.of(*number))).map(|(_, spot)| spot.clone()).collect()
    }

    /// What the lock files say.
    #[must_use]
    pub fn record(&self) -> Record {
        locked(&self.shared.record).0.clone()
    }

    /// Changes what the lock files say, with the next sign of life.
    pub fn describe(&self, change: impl FnOnce(&mut Record)) {
        let mut record = locked(&self.shared.record);
        change(&mut record.0);
        record.1 += 1;
    }

    /// Notes that a lock is lost, and stops the run.
    pub fn lose(&self, error: Error) {
        self.shared.lose(error);
    }

    /// Why a lock is lost, if one is.
    #[must_use]
    pub fn lost(&self) -> Option<Error> {
        locked(&self.shared.lost).clone()
    }

    /// The hosts, also those whose lock is gone.
    #[must_use]
    pub fn all_spots(&self) -> &[Spot] {
        &self.shared.spots
    }

    /// The hosts whose lock is not gone.
    #[must_use]
    pub fn spots(&self) -> Vec<Spot> {
        self.spots_that(|fate| fate != Fate::Gone)
    }

    /// Notes that nothing comes any more that needs the locks, so that it no longer matters who has them. False where one
    /// was lost before that.
    #[must_use]
    pub fn close(&self) -> bool {
        let lost = locked(&self.shared.lost);
        self.shared.stop.raise();
        lost.is_none()
    }

    /// Lets go of the locks. Gives what went wrong.
    pub fn release(&self, office: &Office<'_>) -> Vec<Error> {
        self.shared.stop.raise();
        let threads = std::mem::take(&mut *locked(&self.threads));
        let begun = Instant::now();
        while begun.elapsed() < GRACE && !threads.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(2));
        }
        // A sign of life that arrives later finds the lock released, and leaves it so.
        self.shared.cut.raise();
        for thread in threads {
            // A panic has told of itself.
            let _ = thread.join();
        }
        let mut wrong = let_go(office, &self.spots(), &self.record());
        wrong.append(&mut locked(&self.hung));
        wrong
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.stop.raise();
        self.shared.cut.raise();
    }
}
