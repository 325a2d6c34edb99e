//! The log of a CI job, so that its service can fold it and mark the lines of a recipe that errors are about.
//!
//! Owns the words each service reads between the lines. Which service it is, and where the project is in the repository,
//! the cli says; lines themselves are the reporter's.

use std::iter;

use crate::error::{Error, Kind};
use crate::model::ci::Service;
use crate::model::finding::Finding;
use crate::model::finding_rules::Severity;
use crate::place::Place;

/// Annotations of one run: GitHub shows ten of a kind, and after so many nobody reads on.
const MOST: usize = 10;

/// What stands between the lines of a job's log.
#[derive(Debug)]
pub struct Folding {
    service: Service,
    /// The project's folder from the top of the repository, with its `/`; empty at the top.
    folder: String,
    /// A word nobody else knows.
    token: String,
    open: Option<String>,
    count: usize,
}

impl Folding {
    /// For this service. `token` is a word that no host can guess.
    #[must_use]
    pub fn new(service: Service, folder: &str, token: String) -> Self {
        let folder = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        Self { service, folder, token, open: None, count: 0 }
    }

    /// What comes before a line of this task; none is outside all tasks. `now` is in seconds since 1970.
    pub fn before(&mut self, task: Option<&str>, now: i64) -> String {
        if self.open.as_deref() == task {
            return String::new();
        }
        let mut text = self.close(now);
        if let Some(task) = task {
            self.count += 1;
            text.push_str(&match self.service {
                Service::GitHub => format!("::group::{task}\n"),
                Service::GitLab => {
                    format!("\u{1b}[0Ksection_start:{now}:{}\r\u{1b}[0K{task}\n", self.section(task))
                }
                Service::Buildkite => format!("--- {task}\n"),
            });
            self.open = Some(task.to_owned());
        }
        text
    }

    /// Closes what is open.
    pub fn close(&mut self, now: i64) -> String {
        let Some(task) = self.open.take() else { return String::new() };
        match self.service {
            Service::GitHub => "::endgroup::\n".to_owned(),
            Service::GitLab => format!("\u{1b}[0Ksection_end:{now}:{}\r\u{1b}[0K\n", self.section(&task)),
            Service::Buildkite => String::new(),
        }
    }

    /// A name of the section that no other one has.
    fn section(&self, task: &str) -> String {
        let name: String = task.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        format!("{name}_{}", self.count)
    }

    /// The text of a failure, in which lines of hosts stand as they came: none of them is an order to the service.
    #[must_use]
    pub fn failure(&self, text: &str) -> String {
        match self.service {
            _ if text.is_empty() => String::new(),
            Service::GitHub => format!("::stop-commands::{0}\n{text}::{0}::\n", self.token),
            Service::GitLab => text.to_owned(),
            // Opens the group the failure is in.
            Service::Buildkite => format!("^^^ +++\n{text}"),
        }
    }

    /// Marks the lines of recipes an error is about, each once with all its hosts.
    #[must_use]
    pub fn annotations(&self, error: &Error) -> String {
        if self.service != Service::GitHub || matches!(error.kind(), Kind::Exit(_)) {
            return String::new();
        }
        let mut marks: Vec<(Option<Place>, String, Vec<String>)> = Vec::new();
        collect(error, None, &mut marks);
        let line = |(place, message, hosts): (Option<Place>, String, Vec<String>)| {
            let message = if hosts.is_empty() { message } else { format!("{message} ({})", hosts.join(", ")) };
            self.annotation("error", place.as_ref(), &message)
        };
        marks.into_iter().take(MOST).map(line).collect()
    }

    /// Marks the lines `check` has found something in, under the ids of its rules.
    #[must_use]
    pub fn findings(&self, findings: &[Finding]) -> String {
        let of = |severity: Severity| findings.iter().filter(move |finding| finding.severity == severity).take(MOST);
        let shown = [Severity::Error, Severity::Warning, Severity::Note].into_iter().flat_map(of);
        let mark = |finding: &Finding| {
            let level = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            let lines: Vec<&str> = iter::once(&finding.what).chain(finding.fix.first()).map(String::as_str).collect();
            self.mark(level, finding.place.as_ref(), Some(finding.id), &lines.join("\n"))
        };
        shown.map(mark).collect()
    }

    /// One annotation with its end of line; empty where the service has none.
    #[must_use]
    pub fn annotation(&self, level: &str, place: Option<&Place>, message: &str) -> String {
        self.mark(level, place, None, message)
    }

    fn mark(&self, level: &str, place: Option<&Place>, title: Option<&str>, message: &str) -> String {
        if self.service != Service::GitHub {
            return String::new();
        }
        // Stock recipes, lines of a console and code of the command line are in no file of the repository.
        let place =
            place.filter(|place| !place.file.starts_with("stdlib/") && !place.file.starts_with(['(', '-', '/']));
        let place = place.into_iter().flat_map(|place| {
            let number = |name, number: u32| (number > 0).then(|| (name, number.to_string()));
            let file = format!("{}{}", self.folder, place.file);
            [Some(("file", file)), number("line", place.line), number("col", place.column)]
        });
        let properties: Vec<String> = place
            .chain([title.map(|title| ("title", title.to_owned()))])
            .flatten()
            .map(|(name, value)| format!("{name}={}", property(&value)))
            .collect();
        let space = if properties.is_empty() { "" } else { " " };
        format!("::{level}{space}{}::{}\n", properties.join(","), escaped(message))
    }
}

/// The errors at the ends of the branches, which say what went wrong.
fn collect(error: &Error, outer: Option<&Place>, marks: &mut Vec<(Option<Place>, String, Vec<String>)>) {
    let parts = error.parts();
    let place = parts.place.as_ref().or(outer);
    if !parts.causes.is_empty() {
        return parts.causes.iter().for_each(|cause| collect(cause, place, marks));
    }
    let message = error.to_string();
    let hosts = parts.host.iter().cloned();
    match marks.iter_mut().find(|(at, text, _)| at.as_ref() == place && *text == message) {
        Some((.., known)) => known.extend(hosts),
        None => marks.push((place.cloned(), message, hosts.collect())),
    }
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample_events::bundle_failed;

    fn folding(service: Service) -> Folding {
        Folding::new(service, "", "word".to_owned())
    }

    /// What stands between lines of these tasks, and at the end.
    fn between(service: Service, tasks: &[Option<&str>]) -> String {
        let mut folding = folding(service);
        let mut text: String = tasks.iter().zip(1..).map(|(task, now)| folding.before(*task, now) + "line\n").collect();
        text.push_str(&folding.close(9));
        text
    }

    const TASKS: &[Option<&str>] = &[Some("deploy:check"), Some("deploy:check"), None, Some("a"), Some("deploy:check")];

    #[test]
    fn github_has_groups() {
        assert_eq!(
            between(Service::GitHub, TASKS),
            "::group::deploy:check\nline\nline\n::endgroup::\nline\n::group::a\nline\n::endgroup::\n\
             ::group::deploy:check\nline\n::endgroup::\n"
        );
    }

    #[test]
    fn gitlab_has_sections_each_with_a_name_of_its_own() {
        assert_eq!(
            between(Service::GitLab, &[Some("deploy:check"), None, Some("deploy:check")]).replace('\u{1b}', "^"),
            "^[0Ksection_start:1:deploy_check_1\r^[0Kdeploy:check\nline\n^[0Ksection_end:2:deploy_check_1\r^[0K\nline\n\
             ^[0Ksection_start:3:deploy_check_2\r^[0Kdeploy:check\nline\n^[0Ksection_end:9:deploy_check_2\r^[0K\n"
        );
    }

    #[test]
    fn buildkite_has_headings() {
        assert_eq!(
            between(Service::Buildkite, &[Some("a"), Some("a"), None, Some("b")]),
            "--- a\nline\nline\nline\n--- b\nline\n"
        );
    }

    #[test]
    fn lines_of_a_failure_are_no_orders() {
        let text = "  ::add-path::/tmp\n";
        assert_eq!(folding(Service::GitHub).failure(text), "::stop-commands::word\n  ::add-path::/tmp\n::word::\n");
        assert_eq!(folding(Service::Buildkite).failure(text), format!("^^^ +++\n{text}"));
        assert_eq!(folding(Service::GitHub).failure(""), "");
    }

    #[test]
    fn an_error_marks_the_line_it_is_about_once_for_all_its_hosts() {
        let error = Error::new(Kind::Hosts, "2 of 3 hosts failed")
            .because(bundle_failed("web1"))
            .because(bundle_failed("web2"));
        let shop = Folding::new(Service::GitHub, "apps/shop", String::new());
        assert_eq!(
            shop.annotations(&error),
            "::error file=apps/shop/config/deploy.rhai,line=1,col=5::`bundle install` ended with exit status 7 (web1, web2)\n"
        );
        assert_eq!(folding(Service::GitLab).annotations(&error), "");
        assert_eq!(shop.annotations(&Error::new(Kind::Exit(3), "exit")), "");
    }

    #[test]
    fn what_would_break_an_annotation_is_written_otherwise() {
        let place = Place::new("config/a,b:c.rhai", 2, 0);
        assert_eq!(
            folding(Service::GitHub).annotation("warning", Some(&place), "100%\nsure"),
            "::warning file=config/a%2Cb%3Ac.rhai,line=2::100%25%0Asure\n"
        );
        for file in ["stdlib/git.rhai", "(line 1)", "-e", "/home/me/x.rhai"] {
            let place = Place::new(file, 1, 1);
            assert_eq!(folding(Service::GitHub).annotation("error", Some(&place), "x"), "::error::x\n", "{file}");
        }
    }

    fn finding(severity: Severity, line: u32, what: &str) -> Finding {
        Finding {
            id: "unknown-task",
            severity,
            place: (line > 0).then(|| Place::new("config/deploy.rhai", line, 3)),
            width: 4,
            what: what.to_owned(),
            why: Vec::new(),
            fix: vec!["write, or: \"x\"".to_owned(), "another way".to_owned()],
            stages: Vec::new(),
        }
    }

    #[test]
    fn findings_are_marked_by_their_weight() {
        let found = [
            finding(Severity::Note, 3, "a note"),
            finding(Severity::Warning, 2, "100%"),
            finding(Severity::Error, 0, "no place"),
        ];
        assert_eq!(
            folding(Service::GitHub).findings(&found),
            "::error title=unknown-task::no place%0Awrite, or: \"x\"\n\
             ::warning file=config/deploy.rhai,line=2,col=3,title=unknown-task::100%25%0Awrite, or: \"x\"\n\
             ::notice file=config/deploy.rhai,line=3,col=3,title=unknown-task::a note%0Awrite, or: \"x\"\n"
        );
        assert_eq!(folding(Service::GitLab).findings(&found), "");
    }

    #[test]
    fn of_each_weight_only_so_many_are_marked_as_github_shows() {
        let mut found: Vec<Finding> = (1..30).map(|line| finding(Severity::Warning, line, "again")).collect();
        found.push(finding(Severity::Error, 30, "last"));
        let text = folding(Service::GitHub).findings(&found);
        assert_eq!((text.matches("::warning").count(), text.matches("::error").count()), (MOST, 1));
    }
}
