//! Names of releases that a run has come across, for who types the next line.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The releases that are there on some host, as far as this run knows.
#[derive(Debug, Default)]
pub struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    /// Notes releases that are there.
    pub fn there(&self, names: impl IntoIterator<Item = String>) {
        self.names().extend(names);
    }

    /// Notes releases that are to be removed.
    pub fn going(&self, names: &[String]) {
        self.names().retain(|name| !names.contains(name));
    }

    /// All that are there, the newest first.
    #[must_use]
    pub fn newest_first(&self) -> Vec<String> {
        self.names().iter().rev().cloned().collect()
    }

    fn names(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_is_forgotten() {
        let seen = Seen::default();
        seen.there(["20260101000000", "20260102000000", "20260103000000"].map(str::to_owned));
        seen.going(&["20260101000000".to_owned()]);
        assert_eq!(seen.newest_first(), ["20260103000000", "20260102000000"]);
    }
}
