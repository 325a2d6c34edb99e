//! What a task does at its end, whether its steps got there or not.
//!
//! Owns when that is due. How it is run is `recipe::endings`.

use serde::Serialize;

use crate::error::Kind;
use crate::place::Place;

/// When something is done at the end of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// `on_failure`: it has failed, or was cancelled.
    Failure,
    /// `always`: in any case.
    Always,
}

impl When {
    /// The option that says so.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Failure => "on_failure",
            Self::Always => "always",
        }
    }

    /// Whether it is due after an error of this kind, or none. `exit(0)` is an end as wished.
    #[must_use]
    pub fn is_due(self, error: Option<Kind>) -> bool {
        self == Self::Always || error.is_some_and(|kind| kind != Kind::Exit(0))
    }
}

/// Something a task does at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending<B> {
    /// When.
    pub when: When,
    /// What to run.
    pub body: B,
    /// Where it was written.
    pub place: Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_depends_on_how_the_task_ended() {
        let due = |error| (When::Failure.is_due(error), When::Always.is_due(error));
        assert_eq!(due(None), (false, true));
        assert_eq!(due(Some(Kind::Exit(0))), (false, true));
        for kind in [Kind::Command, Kind::Cancelled, Kind::Exit(3)] {
            assert_eq!(due(Some(kind)), (true, true), "{kind:?}");
        }
    }
}
