//! The way from the command line to an error, step by step.

use crate::error::Error;
use crate::place::Place;

/// One step of the way from the command line to the error: a task, a hook or a recipe function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// For example ``task `deploy:updating` ``.
    pub label: String,
    /// Where that step was written.
    pub place: Option<Place>,
}

impl Error {
    /// Adds an outer step in front of the trace, unless that is whole.
    #[must_use]
    pub fn through(mut self, label: impl Into<String>, place: Option<Place>) -> Self {
        if !self.0.settled {
            self.0.trace.insert(0, Step { label: label.into(), place });
        }
        self
    }

    /// Says that it happened to a command of this task that was kept back, and adds the steps to it. Those who pass the
    /// error on add nothing, up to [`Error::reopened`].
    #[must_use]
    pub fn kept_back(mut self, steps: &[Step], task: Option<String>) -> Self {
        self.0.task = task;
        self.settled(steps)
    }

    /// Adds steps, and says that the trace is whole.
    #[must_use]
    pub fn settled(mut self, steps: &[Step]) -> Self {
        self.0.trace.splice(0..0, steps.iter().cloned());
        self.0.settled = true;
        self
    }

    /// The error where the commands were kept back: steps outside of that belong to its trace again. Where several hosts
    /// failed in the same step, the steps become those of the whole.
    #[must_use]
    pub fn reopened(mut self) -> Self {
        let Some((first, rest)) = self.0.causes.split_first() else {
            self.0.settled = false;
            return self;
        };
        let steps = first.0.trace.clone();
        if first.0.settled && rest.iter().all(|cause| cause.0.settled && cause.0.trace == steps) {
            self.0.causes.iter_mut().for_each(|cause| cause.0.trace.clear());
            self.0.trace = steps;
        }
        self.0.causes = self.0.causes.into_iter().map(Self::reopened).collect();
        self.0.settled = false;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn what_was_kept_back_has_a_trace_of_its_own() {
        let step = |label: &str| Step { label: label.into(), place: None };
        let error =
            Error::recipe("x").settled(&[step("kept")]).through("reader", None).reopened().through("outer", None);
        assert_eq!(error.parts().trace, [step("outer"), step("kept")]);
        let of_a_host = || Error::recipe("x").settled(&[step("kept")]);
        let error = Error::new(Kind::Hosts, "2 of 2").because(of_a_host()).because(of_a_host()).through("reader", None);
        let error = error.reopened().through("outer", None);
        assert_eq!(error.parts().trace, [step("outer"), step("kept")]);
        assert!(error.parts().causes.iter().all(|cause| cause.parts().trace.is_empty()));
    }
}
