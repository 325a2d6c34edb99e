//! What becomes of the locks of a lease, host by host: kept, to be let go behind what the host does first, or gone.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What becomes of one lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is kept.
    Kept,
    /// Its host has been told to let go of it, if it comes to that: nothing needs it behind what the host does first.
    Leaving,
    /// It is no more.
    Gone,
}

/// By the number of the host, and how often any has changed.
pub(super) struct Fates(Mutex<(Vec<Fate>, u64)>);

impl Fates {
    /// All of so many are kept.
    pub(super) fn kept(count: usize) -> Self {
        Self(Mutex::new((vec![Fate::Kept; count], 0)))
    }

    /// That of one.
    pub(super) fn of(&self, number: usize) -> Fate {
        self.locked().0[number]
    }

    /// The same, and how often any has changed: equal to an earlier one only where nothing has happened since.
    pub(super) fn seen(&self, number: usize) -> (Fate, u64) {
        let fates = self.locked();
        (fates.0[number], fates.1)
    }

    /// Sets that of one.
    pub(super) fn set(&self, number: usize, fate: Fate) {
        let mut fates = self.locked();
        fates.0[number] = fate;
        fates.1 += 1;
    }

    /// Marks one that is kept as leaving; false where it is not kept.
    pub(super) fn leave(&self, number: usize) -> bool {
        let is_kept = self.of(number) == Fate::Kept;
        if is_kept {
            self.set(number, Fate::Leaving);
        }
        is_kept
    }

    /// Those that were leaving are kept after all.
    pub(super) fn stay(&self) {
        let mut fates = self.locked();
        fates.0.iter_mut().filter(|fate| **fate == Fate::Leaving).for_each(|fate| *fate = Fate::Kept);
        fates.1 += 1;
    }

    fn locked(&self) -> MutexGuard<'_, (Vec<Fate>, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_is_gone_or_stays() {
        let fates = Fates::kept(3);
        assert!(fates.leave(0) && fates.leave(1) && !fates.leave(1));
        fates.set(0, Fate::Gone);
        assert!(!fates.leave(0));
        let before = fates.seen(1);
        fates.stay();
        assert!(fates.seen(1) != before && fates.seen(1) == fates.seen(2));
        assert_eq!([0, 1, 2].map(|number| fates.of(number)), [Fate::Gone, Fate::Kept, Fate::Kept]);
    }
}
