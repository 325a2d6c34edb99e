//! What came out of the check-up of a stage.
//!
//! Owns the form in which findings of all rooms come together: those of the host itself, of its services, and of looks of
//! the recipe's own. Every text in it is redacted before it is shown.

use serde::Serialize;

use crate::error::{EXIT_FAILED, EXIT_OK};
use crate::model::host_finding::{Finding, Severity};
use crate::model::value::Value;

/// All hosts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkup {
    /// In the order of the recipe.
    pub hosts: Vec<HostCheckup>,
    /// What is about no host.
    pub findings: Vec<Told>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostCheckup {
    /// `user@host`.
    pub host: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// What is shown of it: see [`super::shown`]; nothing where it could not be asked.
    pub facts: Option<Value>,
    /// What is wrong, the worst first.
    pub findings: Vec<Told>,
}

/// A finding as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Which rule it is.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub problem: String,
    /// What happens then.
    pub consequence: String,
    /// The line to copy.
    pub repair: String,
    /// Lines that help to understand.
    pub details: Vec<String>,
    /// The unit of systemd it is about, where it is about one.
    pub unit: Option<String>,
    /// The user it is about, where it is about one.
    pub user: Option<String>,
}

impl From<Finding> for Told {
    fn from(finding: Finding) -> Self {
        Self {
            id: finding.id.to_owned(),
            severity: finding.severity,
            problem: finding.problem,
            consequence: finding.consequence,
            repair: finding.repair,
            details: finding.details,
            unit: finding.unit,
            user: finding.user,
        }
    }
}

impl Checkup {
    /// Every finding.
    pub fn findings(&self) -> impl Iterator<Item = &Told> {
        self.hosts.iter().flat_map(|host| &host.findings).chain(&self.findings)
    }

    /// How many findings are so bad.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|finding| finding.severity == severity).count()
    }

    /// The exit code: what may go wrong one day is no failure.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.count(Severity::Error) > 0 { EXIT_FAILED } else { EXIT_OK }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::table::finding;

    #[test]
    fn only_errors_fail() {
        let of = |ids: &[&str]| {
            let findings = ids.iter().map(|id| finding(id, "x").into()).collect();
            let host = HostCheckup { host: "web1".into(), roles: Vec::new(), facts: None, findings };
            Checkup { hosts: vec![host], findings: Vec::new() }.exit_code()
        };
        assert_eq!(
            (of(&[]), of(&["frozen", "lock-held"]), of(&["frozen", "disk-full"])),
            (EXIT_OK, EXIT_OK, EXIT_FAILED)
        );
    }
}
