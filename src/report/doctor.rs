//! The check-up of a stage, for eyes: a short table a host, and below it what is wrong, in whole sentences.
//!
//! What is all right is a few words. Programs are told the same as events.

use anstyle::Style;
use indexmap::IndexMap;

use crate::model::doctor::checkup::{Checkup, HostCheckup, Told};
use crate::model::host_finding::Severity;
use crate::model::plural::plural;
use crate::model::size::size;
use crate::model::value::Value;
use crate::report::clean::{Colours, clean};
use crate::report::style::{BAD, FAINT, GOOD, Paint, STRONG, WARN};

/// The widest label.
const LABEL: usize = 8;

/// All hosts, and what it comes to.
#[must_use]
pub fn text(checkup: &Checkup, paint: Paint) -> String {
    let mut text: String = checkup.hosts.iter().map(|host| of_host(host, paint) + "\n").collect();
    for finding in &checkup.findings {
        text.push_str(&told(finding, "", paint));
        text.push('\n');
    }
    text.push_str(&sum(checkup, paint));
    text.push('\n');
    text
}

fn of_host(host: &HostCheckup, paint: Paint) -> String {
    let roles = if host.roles.is_empty() { "no roles".to_owned() } else { host.roles.join(", ") };
    let mut text = format!("{}  {}\n", paint.on(STRONG, &host.host), paint.on(FAINT, &roles));
    if let Some(Value::Map(facts)) = &host.facts {
        for (label, value) in rows(facts) {
            text.push_str(&format!("  {}{}\n", paint.on(FAINT, &format!("{label:LABEL$}  ")), one_line(&value)));
        }
    }
    if host.findings.is_empty() {
        text.push_str(&format!("  {}\n", paint.on(GOOD, "nothing to find fault with")));
    }
    for finding in &host.findings {
        text.push_str(&told(finding, "  ", paint));
    }
    text
}

/// A finding: what is wrong, what happens then, what to type, and lines that help to understand.
#[must_use]
pub fn told(finding: &Told, indent: &str, paint: Paint) -> String {
    let head = paint.on(style(finding.severity), &format!("{}[{}]", finding.severity.name(), finding.id));
    let mut text = format!("{indent}{head}: {}\n", one_line(&finding.problem));
    let mut line = |label: &str, what: &str| {
        if !what.is_empty() {
            text.push_str(&format!("{indent}  {label}{}\n", one_line(what)));
        }
    };
    line("", &finding.consequence);
    line("repair: ", &finding.repair);
    for detail in &finding.details {
        line("| ", detail);
    }
    text
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => BAD,
        Severity::Warning => WARN,
        Severity::Note => FAINT,
    }
}

/// What a host said is shown on terminals.
fn one_line(text: &str) -> String {
    clean(&text.replace('\n', " · "), Colours::Strip)
}

/// The short table: labels and what is behind them.
fn rows(facts: &IndexMap<String, Value>) -> Vec<(&'static str, String)> {
    let word = |name: &str| facts.get(name).and_then(Value::as_text);
    let joined = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let mut rows = vec![
        ("login", joined(vec![word("user").map(str::to_owned), word("key").map(|key| format!("key {key}"))])),
        ("host key", word("host_key").unwrap_or_default().to_owned()),
        (
            "system",
            joined(vec![word("shell").map(str::to_owned), Some(word("systemd").unwrap_or("no systemd").to_owned())]),
        ),
        ("disk", disks(facts)),
        ("git", word("git").unwrap_or_default().to_owned()),
        ("sudo", word("sudo").unwrap_or_default().to_owned()),
        ("clock", clock(facts.get("clock_skew"))),
        (
            "sessions",
            facts
                .get("max_sessions")
                .filter(|value| **value != Value::Unit)
                .map(ToString::to_string)
                .unwrap_or_default(),
        ),
        ("lock", word("lock").unwrap_or_default().to_owned()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    rows
}

fn disks(facts: &IndexMap<String, Value>) -> String {
    let Some(Value::List(disks)) = facts.get("disks") else { return String::new() };
    let mut told: Vec<String> = Vec::new();
    let mut mounts: Vec<&str> = Vec::new();
    for disk in disks {
        let Value::Map(disk) = disk else { continue };
        let (Some(Value::Int(free)), Some(path)) = (disk.get("free"), disk.get("path").and_then(Value::as_text)) else {
            continue;
        };
        let mount = disk.get("mount").and_then(Value::as_text).unwrap_or_default();
        // Both on one disk are one number.
        if !mounts.contains(&mount) {
            mounts.push(mount);
            told.push(format!("{} free at {path}", size(free.unsigned_abs())));
        }
    }
    told.join(", ")
}

fn clock(skew: Option<&Value>) -> String {
    match skew {
        Some(Value::Int(0)) => "right".to_owned(),
        Some(Value::Int(skew)) if *skew > 0 => format!("{skew} s ahead"),
        Some(Value::Int(skew)) => format!("{} s behind", skew.abs()),
        _ => String::new(),
    }
}

/// For example `1 error and 2 warnings on 3 hosts`.
fn sum(checkup: &Checkup, paint: Paint) -> String {
    let counted = |severity: Severity| {
        let count = checkup.count(severity);
        (count > 0).then(|| paint.on(style(severity), &plural(count, severity.name())))
    };
    let counts: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(counted).collect();
    let found = match &counts[..] {
        [] => paint.on(GOOD, "nothing to find fault with"),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    format!("{found} on {}", plural(checkup.hosts.len(), "host"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::table::finding;

    const PLAIN: Paint = Paint { color: false };

    fn facts() -> Value {
        let disk = |path: &str, free: i64| {
            Value::Map(IndexMap::from([
                ("path".to_owned(), path.into()),
                ("mount".to_owned(), path.into()),
                ("free".to_owned(), Value::Int(free)),
            ]))
        };
        Value::Map(IndexMap::from([
            ("user".to_owned(), "deploy".into()),
            ("key".to_owned(), "/k ED25519 SHA256:x".into()),
            ("host_key".to_owned(), "RSA SHA256:h, known in /kh:1".into()),
            ("shell".to_owned(), "/bin/bash".into()),
            ("systemd".to_owned(), Value::Unit),
            ("path".to_owned(), "/usr/bin".into()),
            ("disks".to_owned(), Value::List(vec![disk("/srv", 20 << 30), disk("/tmp", 1 << 20)])),
            ("clock_skew".to_owned(), Value::Int(-12)),
            ("lock".to_owned(), "free".into()),
        ]))
    }

    fn host(findings: Vec<Told>) -> HostCheckup {
        HostCheckup {
            host: "deploy@web1".into(),
            roles: vec!["web".into(), "db".into()],
            facts: Some(facts()),
            findings,
        }
    }

    #[test]
    fn what_is_right_is_short() {
        let told = text(&Checkup { hosts: vec![host(Vec::new())], findings: Vec::new() }, PLAIN);
        assert_eq!(
            told,
            "deploy@web1  web, db
  login     deploy, key /k ED25519 SHA256:x
  host key  RSA SHA256:h, known in /kh:1
  system    /bin/bash, no systemd
  disk      20.0 GiB free at /srv, 1.0 MiB free at /tmp
  clock     12 s behind
  lock      free
  nothing to find fault with

nothing to find fault with on 1 host
"
        );
    }

    #[test]
    fn what_is_wrong_is_whole() {
        let full =
            finding("disk-full", "only 1 B is free").then("it stops").repair("du").details(vec!["a\u{1b}[2Jb".into()]);
        let down = HostCheckup {
            host: "web2".into(),
            roles: Vec::new(),
            facts: None,
            findings: vec![finding("unreachable", "nothing listens").then("nothing runs").repair("look").into()],
        };
        let recipe = finding("recipe", "`windlass check` finds 1 error").repair("windlass check").into();
        let checkup = Checkup { hosts: vec![host(vec![full.into()]), down], findings: vec![recipe] };
        let told = text(&checkup, PLAIN);
        let (_, found) = told.split_once("lock      free\n").unwrap();
        assert_eq!(
            found,
            "  error[disk-full]: only 1 B is free
    it stops
    repair: du
    | ab

web2  no roles
  error[unreachable]: nothing listens
    nothing runs
    repair: look

warning[recipe]: `windlass check` finds 1 error
  repair: windlass check

2 errors and 1 warning on 2 hosts
"
        );
    }

    #[test]
    fn colours_are_those_of_the_reporters() {
        let told = text(
            &Checkup { hosts: vec![host(vec![finding("disk-full", "x").into()])], findings: Vec::new() },
            Paint { color: true },
        );
        assert!(told.contains(&format!("{BAD}error[disk-full]{BAD:#}: x")), "{told}");
    }
}
