//! The shells of a host that wait for their next trip.
//!
//! Owns which of them is taken; what a shell is does not matter here.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Shells, each of one user; none is the user of the login.
#[derive(Debug)]
pub(crate) struct Shells<T> {
    idle: Mutex<Vec<(Option<String>, T)>>,
    given_back: Notify,
}

impl<T> Default for Shells<T> {
    fn default() -> Self {
        Self { idle: Mutex::default(), given_back: Notify::new() }
    }
}

impl<T> Shells<T> {
    /// One of this user, the one used last.
    pub(crate) fn take(&self, user: Option<&str>) -> Option<T> {
        let mut idle = self.idle();
        let at = idle.iter().rposition(|(owner, _)| owner.as_deref() == user)?;
        Some(idle.remove(at).1)
    }

    /// Gives one back.
    pub(crate) fn put(&self, user: Option<&str>, shell: T) {
        self.idle().push((user.map(str::to_owned), shell));
        self.given_back.notify_one();
    }

    /// Waits until one is given back, which somebody else may have taken by then. May return too early.
    pub(crate) async fn given_back(&self) {
        self.given_back.notified().await;
    }

    /// The one that was not used for the longest time, to be closed.
    pub(crate) fn oldest(&self) -> Option<T> {
        let mut idle = self.idle();
        (!idle.is_empty()).then(|| idle.remove(0).1)
    }

    /// Closes those that `keep` refuses.
    pub(crate) fn retain(&self, keep: impl Fn(&T) -> bool) {
        self.idle().retain(|(_, shell)| keep(shell));
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Option<String>, T)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_has_shells_of_its_own() {
        let shells = Shells::default();
        shells.put(None, 1);
        shells.put(Some("app"), 2);
        shells.put(None, 3);
        assert_eq!((shells.take(Some("root")), shells.take(Some("app"))), (None, Some(2)));
        assert_eq!((shells.take(None), shells.take(None), shells.take(None)), (Some(3), Some(1), None));
    }

    #[test]
    fn the_one_used_longest_ago_goes_first() {
        let shells = Shells::default();
        for number in 1..=4 {
            shells.put(None, number);
        }
        shells.retain(|number| *number != 2);
        assert_eq!(
            (shells.oldest(), shells.oldest(), shells.oldest(), shells.oldest()),
            (Some(1), Some(3), Some(4), None)
        );
    }
}
