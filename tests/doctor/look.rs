//! What `doctor` found, by host.

use serde_json::Value;

use crate::support::fleet::Fleet;
use crate::support::ran::Ran;

/// Something that was found: id, severity, what is wrong, what to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub host: String,
    pub id: String,
    pub severity: String,
    pub problem: String,
    pub consequence: String,
    pub repair: String,
}

/// Looks at a fleet. The exit code is for monitoring, and tells errors.
#[track_caller]
pub fn look(fleet: &Fleet) -> Vec<Found> {
    let ran = fleet.json(&["doctor"]);
    let found = found(&ran);
    let has_errors = found.iter().any(|found| found.severity == "error");
    assert_eq!(ran.code, i32::from(has_errors), "{}{}", ran.stdout, ran.stderr);
    found
}

/// What a run has found.
#[track_caller]
pub fn found(ran: &Ran) -> Vec<Found> {
    let word = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let read = |event: &Value| Found {
        host: word(event, "host"),
        id: word(event, "id"),
        severity: word(event, "severity"),
        problem: word(event, "problem"),
        consequence: word(event, "consequence"),
        repair: word(event, "repair"),
    };
    ran.all("host_finding").iter().map(read).collect()
}

/// The ids of what is found on one host.
pub fn ids<'a>(found: &'a [Found], host: &str) -> Vec<&'a str> {
    found.iter().filter(|found| found.host == host).map(|found| found.id.as_str()).collect()
}

/// Exactly one thing is found, and it is this.
#[track_caller]
pub fn only(found: &[Found], id: &str) -> Found {
    let [only] = found else { panic!("not one finding: {found:#?}") };
    assert_eq!(only.id, id, "{only:#?}");
    assert!(!only.consequence.is_empty() && !only.repair.is_empty(), "{only:#?}");
    only.clone()
}

/// What is shown of a host.
#[track_caller]
pub fn facts(ran: &Ran, host: &str) -> Value {
    let examined = ran.all("host_examined");
    examined.iter().find(|event| event["host"] == host).unwrap_or_else(|| panic!("no {host}: {}", ran.stdout))["facts"]
        .clone()
}
