//! Stopping what runs.

use std::sync::{Arc, PoisonError, RwLock};

use tokio_util::sync::CancellationToken;

/// A flag that is raised once and seen by everything that runs under it.
///
/// A child is raised with its parent, not the other way round: a failing host stops its siblings, a Ctrl-C stops all.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<RwLock<CancellationToken>>);

impl Cancel {
    /// A flag that nothing raises but its own [`Cancel::raise`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag that is also raised when this one is.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(RwLock::new(self.token().child_token())))
    }

    /// Raises it.
    pub fn raise(&self) {
        self.token().cancel();
    }

    /// Lowers it, between two runs of a process: what was stopped stays stopped, with its children.
    pub fn lower(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = CancellationToken::new();
    }

    /// Whether it is raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_cancelled()
    }

    /// Waits until it is raised.
    pub async fn raised(&self) {
        self.token().cancelled().await;
    }

    fn token(&self) -> CancellationToken {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_follows_its_parent_only() {
        let run = Cancel::new();
        let (web1, web2) = (run.child(), run.child());
        web1.raise();
        assert!(web1.is_raised() && !web2.is_raised() && !run.is_raised());
        run.raise();
        assert!(web2.is_raised());
    }

    #[test]
    fn lowered_it_is_as_new_and_what_was_stopped_stays_stopped() {
        let run = Cancel::new();
        let (seen, before) = (run.clone(), run.child());
        run.raise();
        run.lower();
        assert!(!run.is_raised() && !seen.is_raised() && before.is_raised());
        let after = run.child();
        seen.raise();
        assert!(run.is_raised() && after.is_raised());
    }
}
