//! The time of a run, as the name of a release.
//!
//! Releases go by their names, so a run that takes its time before it has the lock must not have an earlier name than one
//! that was faster. Owns that the time can still be changed as long as nobody has asked for it, and never after that.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The time.
#[derive(Debug)]
pub struct Now(Mutex<(String, bool)>);

impl Now {
    /// The time a run begins.
    #[must_use]
    pub fn new(name: String) -> Self {
        Self(Mutex::new((name, false)))
    }

    /// The time; it stays so from now on.
    #[must_use]
    pub fn read(&self) -> String {
        let mut now = self.locked();
        now.1 = true;
        now.0.clone()
    }

    /// Another time, where nobody knows the old one yet.
    pub fn renew(&self, name: String) {
        let mut now = self.locked();
        if !now.1 {
            now.0 = name;
        }
    }

    /// The time another run begins in the same process.
    pub fn begin(&self, name: String) {
        *self.locked() = (name, false);
    }

    fn locked(&self) -> MutexGuard<'_, (String, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_changes_only_as_long_as_nobody_has_asked() {
        let now = Now::new("1".to_owned());
        now.renew("2".to_owned());
        assert_eq!(now.read(), "2");
        now.renew("3".to_owned());
        assert_eq!(now.read(), "2");
        now.begin("4".to_owned());
        assert_eq!(now.read(), "4");
    }
}
