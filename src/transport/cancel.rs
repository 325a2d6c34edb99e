//! Stopping what runs.

use tokio_util::sync::CancellationToken;

/// A flag that is raised once and seen by everything that runs under it.
///
/// A child is raised with its parent, not the other way round: a failing host stops its siblings, a Ctrl-C stops all.
#[derive(Clone, Debug, Default)]
pub struct Cancel(CancellationToken);

impl Cancel {
    /// A flag that nothing raises but its own [`Cancel::raise`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag that is also raised when this one is.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// Raises it.
    pub fn raise(&self) {
        self.0.cancel();
    }

    /// Whether it is raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it is raised.
    pub async fn raised(&self) {
        self.0.cancelled().await;
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
}
