//! What `check` has found, for eyes and for programs.
//!
//! For eyes each finding is drawn as an error is, with the id of its rule. For programs it is one object a line, as the
//! events of a run are; a last line tells how much was looked at.

use annotate_snippets::{Level, Renderer};
use serde::Serialize;

use crate::model::finding::{Finding, exit_code};
use crate::model::finding_rules::Severity;
use crate::model::plural::plural;
use crate::report::diagnostic::{Options, Sources};
use crate::report::snippet;

/// Source lines are cut to this width where there is no limit.
const UNLIMITED: usize = 500;

/// How much was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extent {
    /// The stages that were judged.
    pub stages: Vec<String>,
    /// How many files were read.
    pub files: usize,
    /// How many tasks they declare.
    pub tasks: usize,
}

/// Every finding, and what it comes to, as lines of text.
#[must_use]
pub fn text(findings: &[Finding], extent: &Extent, sources: &dyn Sources, options: Options) -> String {
    let mut text: String = findings.iter().map(|finding| drawn(finding, sources, options) + "\n").collect();
    text.push_str(&sum(findings, extent));
    text.push('\n');
    text
}

fn drawn(finding: &Finding, sources: &dyn Sources, options: Options) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut elements = Vec::new();
    elements.extend(finding.place.as_ref().map(|place| snippet::location(place, finding.width, sources)));
    if !finding.stages.is_empty() {
        let label = if finding.stages.len() == 1 { "stage" } else { "stages" };
        elements.push(Level::NOTE.with_name(label).message(finding.stages.join(", ")).into());
    }
    elements.extend(finding.why.iter().map(|why| Level::NOTE.message(why.clone()).into()));
    elements.extend(finding.fix.iter().map(|fix| Level::HELP.message(fix.clone()).into()));
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let width = if options.width == 0 { UNLIMITED } else { options.width };
    let title = level.primary_title(finding.what.clone()).id(finding.id);
    renderer.term_width(width).render(&[title.elements(elements)]) + "\n"
}

/// For example `2 errors and 1 warning in 14 files, 98 tasks, 2 stages`.
fn sum(findings: &[Finding], extent: &Extent) -> String {
    let counted = |severity: Severity| {
        let count = findings.iter().filter(|finding| finding.severity == severity).count();
        (count > 0).then(|| plural(count, severity.name()))
    };
    let counts: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(counted).collect();
    let found = match &counts[..] {
        [] => "nothing to find fault with".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    // Scripts without a project.
    if extent.stages.is_empty() && extent.tasks == 0 {
        return format!("{found} in {}", plural(extent.files, "file"));
    }
    let (files, tasks) = (plural(extent.files, "file"), plural(extent.tasks, "task"));
    format!("{found} in {files}, {tasks}, {}", plural(extent.stages.len(), "stage"))
}

#[derive(Serialize)]
struct Told<'a> {
    event: &'static str,
    id: &'static str,
    severity: Severity,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    length: Option<usize>,
    what: &'a str,
    why: &'a [String],
    fix: &'a [String],
    stages: &'a [String],
}

#[derive(Serialize)]
struct End<'a> {
    event: &'static str,
    findings: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    #[serde(flatten)]
    extent: &'a Extent,
    exit_code: u8,
}

/// One object a line: every finding, then the end.
///
/// # Panics
/// Never: everything in a line has a form in JSON.
#[must_use]
pub fn json(findings: &[Finding], extent: &Extent) -> String {
    let count = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let mut text = String::new();
    for finding in findings {
        let known = |number: u32| Some(number).filter(|number| *number > 0);
        let place = finding.place.as_ref();
        let told = Told {
            event: "finding",
            id: finding.id,
            severity: finding.severity,
            file: place.map(|place| &*place.file),
            line: place.and_then(|place| known(place.line)),
            column: place.and_then(|place| known(place.column)),
            length: Some(finding.width).filter(|width| *width > 0),
            what: &finding.what,
            why: &finding.why,
            fix: &finding.fix,
            // Where it is in all of them, the end of the list says so as well; a program need not put them together.
            stages: if finding.stages.is_empty() { &extent.stages } else { &finding.stages },
        };
        text.push_str(&line_of(&told));
    }
    text.push_str(&line_of(&End {
        event: "checked",
        findings: findings.len(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
        extent,
        exit_code: exit_code(findings),
    }));
    text
}

fn line_of(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("texts, numbers and lists of them have a form in JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::error::Error;
    use crate::place::Place;
    use crate::report::diagnostic::NoSources;

    fn finding(rule: &'static str) -> Finding {
        let error = Error::recipe("no task `x`").rule(rule).note("because").help("do y");
        Finding::of(&error.at(Some(Place::new("a.rhai", 3, 7))).width(3)).remove(0)
    }

    fn extent() -> Extent {
        Extent { stages: vec!["one".to_owned(), "two".to_owned()], files: 3, tasks: 1 }
    }

    #[test]
    fn a_finding_is_drawn_as_an_error_with_its_rule() {
        let in_one = Finding { stages: vec!["one".to_owned()], ..finding("unknown-task") };
        let told = text(&[in_one], &extent(), &NoSources, Options::default());
        let expected = "error[unknown-task]: no task `x`\n--> a.rhai:3:7\n = stage: one\n = note: because\n = help: do y\n\n\
                        1 error in 3 files, 1 task, 2 stages\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn the_end_counts_what_there_is() {
        let of = |rules: &[&'static str]| {
            sum(&rules.iter().map(|rule| finding(rule)).collect::<Vec<_>>(), &extent())
                .split(" in ")
                .next()
                .map(str::to_owned)
        };
        assert_eq!(of(&[]).as_deref(), Some("nothing to find fault with"));
        assert_eq!(of(&["load", "load", "no-stage"]).as_deref(), Some("2 errors and 1 warning"));
        assert_eq!(of(&["load", "no-stage", "not-judged"]).as_deref(), Some("1 error, 1 warning and 1 note"));
    }

    #[test]
    fn a_program_gets_one_object_a_line() {
        let nowhere = Finding { place: None, width: 0, ..finding("load") };
        let lines: Vec<Value> = json(&[finding("unknown-task"), nowhere], &extent())
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(
            (&lines[0]["file"], &lines[0]["line"], &lines[0]["column"], &lines[0]["length"]),
            (&"a.rhai".into(), &3.into(), &7.into(), &3.into())
        );
        assert_eq!((&lines[0]["severity"], &lines[0]["stages"][1]), (&"error".into(), &"two".into()));
        assert_eq!((&lines[1]["file"], &lines[1]["line"]), (&Value::Null, &Value::Null));
        assert_eq!(
            (&lines[2]["event"], &lines[2]["findings"], &lines[2]["exit_code"]),
            (&"checked".into(), &2.into(), &2.into())
        );
    }
}
