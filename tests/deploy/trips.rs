//! How many round trips a deploy takes. Connections are not counted.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::fleet::Fleet;
use crate::support::ran::Ran;

/// What the README says.
const MOST: u64 = 8;

/// Settings with so many linked files and as many linked folders.
fn linked(count: usize) -> String {
    let list = |prefix: &str| (0..count).map(|i| format!("\"{prefix}/{i}\"")).collect::<Vec<_>>().join(", ");
    format!(
        "append(\"linked_files\", [{}]); append(\"linked_dirs\", [{}]);",
        list("config/file"),
        list("shared/folder")
    )
}

/// Round trips by host. What keeps the lock alive is told nowhere: how often it goes is a matter of time.
fn trips(ran: &Ran) -> BTreeMap<String, u64> {
    let mut trips = BTreeMap::new();
    for event in ran.all("trip") {
        *trips.entry(event["host"].as_str().unwrap_or_default().to_owned()).or_default() +=
            event["round_trips"].as_u64().unwrap_or_default();
    }
    trips
}

#[track_caller]
fn at_most(fleet: &Fleet, ran: &Ran, most: u64, what: &str) {
    let trips = trips(ran);
    assert_eq!(trips.len(), 2, "{what}: {trips:?}");
    let told = || {
        let events = ran.events();
        let of_host = events.iter().filter(|event| event["host"] == fleet.label("web1").as_str());
        let wanted = of_host.filter(|event| event["event"] == "trip" || event["event"] == "command_started");
        let shown = |event: &Value| format!("{} {} {}", event["event"], event["host"], event["command"]);
        wanted.map(shown).collect::<Vec<_>>().join("\n")
    };
    assert!(trips.values().all(|count| *count <= most), "{what}: {trips:?}\n{}", told());
}

#[test]
fn a_deploy_takes_eight_round_trips_whatever_is_linked() {
    for count in [0, 2, 400] {
        let Some(fleet) = Fleet::start(2, &linked(count)) else { return };
        for i in 0..count {
            fleet.share(&format!("config/file/{i}"), "shared\n");
        }
        fleet.repository.commit("lib/a.txt", "a\n");
        at_most(&fleet, &fleet.json(&["deploy"]).ok(), MOST, &format!("first deploy, {count} linked"));
        at_most(&fleet, &fleet.json(&["deploy"]).ok(), MOST, &format!("second deploy, {count} linked"));
        at_most(&fleet, &fleet.json(&["deploy:rollback"]).ok(), MOST, &format!("rollback, {count} linked"));
        let links = fleet.tree("web1").into_iter().filter(|line| line.contains(" -> [to]/shared/")).count();
        assert_eq!(links, 2 * count, "one release is left, with all its links");
    }
}

/// The lock with a look at the host, the release beside the current one, the switch, and the log with the lock let go.
#[test]
fn a_deploy_waits_for_the_network_four_times() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    fleet.deploy();
    let taken = trips(&fleet.json(&["deploy"]).ok());
    assert_eq!(taken.into_values().collect::<Vec<_>>(), [4, 4]);
}

/// Groups of one host: nothing of a host may wait for the next group, so that the look at the repository is a trip of its
/// own.
#[test]
fn the_pace_of_the_git_server_costs_no_more_than_eight_either() {
    for submodules in [false, true] {
        let recipe = format!(
            "{} set(\"git_max_concurrent_connections\", 1); set(\"keep_releases\", 1); set(\"git_submodules\", {submodules});",
            linked(2)
        );
        let Some(fleet) = Fleet::start(2, &recipe) else { return };
        for i in 0..2 {
            fleet.share(&format!("config/file/{i}"), "shared\n");
        }
        for what in ["first deploy", "second deploy", "one with an old release to remove"] {
            let what = format!("{what}, submodules: {submodules}");
            at_most(&fleet, &fleet.json(&["deploy"]).ok(), MOST, &what);
        }
    }
}
