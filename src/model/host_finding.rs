//! What is wrong with a host, or with services on it.
//!
//! Owns what a finding is: what is wrong, what happens then, and what to type, as three fragments. How it is shown is
//! not its business.

use std::fmt::{Display, Formatter};

use serde::{Serialize, Serializer};

/// How bad it is. The worst comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// It works, and may not go on to.
    Warning,
    /// It does not work, or stops as soon as nobody looks.
    Error,
}

impl Severity {
    /// The word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// For example `LF-1` or `disk-full`: stays the same for ever, for monitoring and for searching.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The unit it is about, where it is about one.
    pub unit: Option<String>,
    /// The user it is about.
    pub user: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What happens then.
    pub consequence: String,
    /// One command to type on the host, or a line of sudoers.
    pub repair: String,
    /// Lines that help to understand, for example the last of the journal.
    pub details: Vec<String>,
}

impl Finding {
    /// A finding without a unit or a user; both are added by the methods below.
    pub fn new(id: &'static str, severity: Severity, problem: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            unit: None,
            user: None,
            problem: problem.into(),
            consequence: String::new(),
            repair: String::new(),
            details: Vec::new(),
        }
    }

    /// Says which unit.
    #[must_use]
    pub fn unit(mut self, unit: &impl Display) -> Self {
        self.unit = Some(unit.to_string());
        self
    }

    /// Says which user.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// Says what happens then.
    #[must_use]
    pub fn then(mut self, consequence: impl Into<String>) -> Self {
        self.consequence = consequence.into();
        self
    }

    /// Says what to type.
    #[must_use]
    pub fn repair(mut self, repair: impl Into<String>) -> Self {
        self.repair = repair.into();
        self
    }

    /// Adds lines.
    #[must_use]
    pub fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }
}

impl Display for Finding {
    /// Problem and consequence, without the repair.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.problem, self.consequence)
    }
}

/// For tests of rules.
#[cfg(test)]
pub(crate) mod testing {
    use super::{Finding, Severity};

    /// The one finding there is, which is exactly this.
    #[track_caller]
    pub fn only(found: &[Finding], id: &str, severity: Severity, sentence: &str, repair: &str) -> Finding {
        let [finding] = found else { panic!("not one finding: {found:#?}") };
        assert_eq!(
            (finding.id, finding.severity, finding.to_string().as_str(), finding.repair.as_str()),
            (id, severity, sentence, repair)
        );
        finding.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_the_greatest() {
        assert!(Severity::Error > Severity::Warning && Severity::Warning > Severity::Note);
    }

    #[test]
    fn problem_and_consequence_are_one_sentence() {
        let finding = Finding::new("LF-1", Severity::Error, "a is off").then("b stops").repair("c");
        assert_eq!(finding.to_string(), "a is off: b stops");
    }
}
