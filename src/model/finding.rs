//! What `check` finds in recipes.
//!
//! Owns what a finding is, and how those of several stages become one list. How they are drawn is the business of
//! `report::findings`.

use crate::error::{EXIT_OK, EXIT_USAGE, Error};
use crate::model::finding_rules::{Severity, rule};
use crate::place::Place;

/// Something in a recipe that should not be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule it breaks.
    pub id: &'static str,
    /// How bad that is.
    pub severity: Severity,
    /// Where to look.
    pub place: Option<Place>,
    /// How many characters of the line belong to it; 0 when unknown.
    pub width: usize,
    /// What is wrong.
    pub what: String,
    /// Why that is so.
    pub why: Vec<String>,
    /// What to write instead, most likely remedy first.
    pub fix: Vec<String>,
    /// The stages it is in; empty where it is in all of them.
    pub stages: Vec<String>,
}

impl Finding {
    /// What an error tells; several mistakes in one error become several findings.
    #[must_use]
    pub fn of(error: &Error) -> Vec<Self> {
        let parts = error.parts();
        if parts.place.is_none() && !parts.causes.is_empty() {
            return parts.causes.iter().flat_map(Self::of).collect();
        }
        let rule = rule(parts.rule);
        let way = parts.trace.iter().map(|step| match &step.place {
            Some(place) => format!("reached through {} at {place}", step.label),
            None => format!("reached through {}", step.label),
        });
        let causes = parts.causes.iter().map(ToString::to_string);
        vec![Self {
            id: rule.id,
            severity: rule.severity,
            place: parts.place.clone(),
            width: parts.width,
            what: parts.message.clone(),
            why: parts.notes.iter().cloned().chain(causes).chain(way).collect(),
            fix: parts.help.clone(),
            stages: Vec::new(),
        }]
    }

    /// Whether two of them tell the same mistake.
    fn is(&self, other: &Self) -> bool {
        self.id == other.id && self.place == other.place && self.what == other.what
    }
}

/// The findings of several stages as one list, by file and line, each once with the stages it is in. `stages` are those
/// that were read to their end: what is in all of them is everywhere. Errors without a stage are of the project.
#[must_use]
pub fn merged(found: &[(Option<&str>, Vec<Error>)], stages: &[String]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (stage, errors) in found {
        for finding in errors.iter().flat_map(Finding::of) {
            let known = findings.iter().position(|known| known.is(&finding)).unwrap_or_else(|| {
                findings.push(finding);
                findings.len() - 1
            });
            if let Some(stage) = stage.filter(|stage| !findings[known].stages.iter().any(|known| known == stage)) {
                findings[known].stages.push(stage.to_owned());
            }
        }
    }
    for finding in &mut findings {
        if !stages.is_empty() && stages.iter().all(|stage| finding.stages.contains(stage)) {
            finding.stages.clear();
        }
    }
    // What belongs to no file comes first: it is about everything.
    findings.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.id.cmp(b.id)));
    findings
}

/// The exit code for findings: notes are no reason to fail.
#[must_use]
pub fn exit_code(findings: &[Finding]) -> u8 {
    if findings.iter().any(|finding| finding.severity != Severity::Note) { EXIT_USAGE } else { EXIT_OK }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(what: &str, line: u32) -> Error {
        Error::recipe(what).rule("unknown-task").at(Some(Place::new("a.rhai", line, 1)))
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_same_mistake_in_several_stages_is_one_finding() {
        let stages = names(&["one", "two"]);
        let found = [(Some("one"), vec![error("x", 2), error("y", 1)]), (Some("two"), vec![error("x", 2)])];
        let findings = merged(&found, &stages);
        let told: Vec<_> = findings.iter().map(|finding| (finding.what.as_str(), finding.stages.clone())).collect();
        assert_eq!(told, [("y", names(&["one"])), ("x", Vec::new())]);
        let broken = merged(&[(Some("two"), vec![error("x", 2)])], &names(&["one"]));
        assert_eq!(broken[0].stages, ["two"], "a stage that was not read to its end does not speak for all");
    }

    #[test]
    fn several_mistakes_in_one_error_are_several_findings() {
        let both = Error::recipe("2 mistakes").because(error("x", 1)).because(error("y", 2));
        let findings = Finding::of(&both);
        assert_eq!(findings.iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    }

    #[test]
    fn why_and_fix_are_those_of_the_error() {
        let finding =
            Finding::of(&error("x", 1).note("because").help("write y").through("function `f`", None)).remove(0);
        assert_eq!(
            (finding.why, finding.fix),
            (names(&["because", "reached through function `f`"]), names(&["write y"]))
        );
        assert_eq!((finding.id, finding.severity), ("unknown-task", Severity::Error));
    }

    #[test]
    fn an_error_without_a_rule_is_one_of_reading() {
        assert_eq!(Finding::of(&Error::recipe("x"))[0].id, "load");
    }

    #[test]
    fn notes_alone_are_no_failure() {
        let of = |rule: &'static str| exit_code(&Finding::of(&Error::recipe("x").rule(rule)));
        assert_eq!((of("not-judged"), of("unread-setting"), of("load")), (EXIT_OK, EXIT_USAGE, EXIT_USAGE));
        assert_eq!(exit_code(&[]), EXIT_OK);
    }
}
