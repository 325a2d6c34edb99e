use super::*;
use crate::model::host_finding::Severity;
use crate::systemd::health::testing::{Recorded, asked, asked_of_system};

#[test]
fn every_number_has_a_rule_but_one() {
    let known: Vec<&str> = rules().map(|(id, _)| id).collect();
    let expected: Vec<String> = (1..=28).filter(|n| *n != 3).map(|n| format!("LF-{n}")).collect();
    assert_eq!(
        {
            let mut sorted = known.clone();
            sorted.sort_by_key(|id| number(id));
            sorted
        },
        expected
    );
    for (cause, derived) in EXPLAINS {
        assert!(known.contains(cause) && derived.iter().all(|id| known.contains(id)), "{cause}");
    }
}

fn number(id: &str) -> u32 {
    id.trim_start_matches("LF-").parse().unwrap()
}

/// A lingering user that is not named would be nobody; here it is the user of the manager, who always is somebody.
#[test]
fn lf_03_no_lingering_user_never_happens() {
    let asked = asked();
    assert_eq!((asked.lingering_user.as_deref(), asked.manager.user.as_deref()), (None, None));
    let found = Recorded::no_linger().found(&asked);
    assert_eq!((found[0].id, found[0].user.as_deref()), ("LF-1", Some("deploy")));
    assert!(rules().all(|(id, _)| id != "LF-3"));
}

#[test]
fn a_healthy_host_raises_nothing() {
    Recorded::healthy().raises_nothing(&asked());
    Recorded::healthy_system().raises_nothing(&asked_of_system());
}

#[test]
fn a_rule_raises_its_own_number() {
    let recorded = Recorded::no_linger()
        .section("version", 0, "systemd 256 (256~rc3-1)")
        .section("unit.0.enabled", 1, "disabled")
        .section("home_type", 0, "nfs")
        .show("NeedDaemonReload", "yes")
        .show("WantedBy", "")
        .show("User", "deploy")
        .seen("read.0", 0, "absent")
        .seen("write.0", 0, "missing 2");
    let (asked, facts) = (asked(), recorded.facts(&asked()));
    let mut raised = 0;
    for (id, rule) in rules() {
        for finding in rule(&Seen { asked: &asked, facts: &facts }) {
            assert_eq!(finding.id, id);
            raised += 1;
        }
    }
    assert!(raised >= 6, "{raised}");
}

/// Fragments: no capital, no full stop, nothing empty.
#[test]
fn texts_are_fragments() {
    let recorded =
        Recorded::no_linger().section("home_type", 0, "nfs").show("NeedDaemonReload", "yes").show("User", "x");
    let found = recorded.found(&asked());
    assert!(found.len() >= 4);
    for finding in found {
        for text in [&finding.problem, &finding.consequence, &finding.repair] {
            assert!(!text.is_empty() && !text.ends_with('.') && !text.starts_with(char::is_uppercase), "{text}");
        }
    }
}

#[test]
fn several_causes_are_all_told() {
    let recorded = Recorded::no_linger().section("unit.0.enabled", 1, "disabled").show("NeedDaemonReload", "yes");
    let ids: Vec<_> = recorded.found(&asked()).iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["LF-1", "LF-11", "LF-15"]);
    assert!(recorded.found(&asked()).iter().all(|finding| finding.severity == Severity::Error));
}

#[test]
fn a_host_nobody_could_ask_is_not_called_ill() {
    let text = "begin 0\n\t1\nme 0\n\tdeploy\nuser 0\n\tdeploy\nuid 0\n\t1000\nbooted 0\n\tyes\nend 0\n\t\n";
    let facts = Facts::parse(text, &asked()).unwrap();
    assert_eq!(examine(&asked(), &facts), []);
}
