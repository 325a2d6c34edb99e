//! The lock of the deploy, as others have left it.

use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;
use crate::model::lock_words::who;

pub fn frozen(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(freeze) = seen.facts.lock.as_ref().and_then(|lock| lock.freeze.as_ref()) else { return Vec::new() };
    let problem =
        format!("deploys are frozen by {}@{} since {}: {}", freeze.user, freeze.machine, freeze.since, freeze.reason);
    vec![
        finding("frozen", problem)
            .then("a deploy ends at once, with exit code 4")
            .repair("windlass STAGE lock:unfreeze"),
    ]
}

pub fn held(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(record) = seen.facts.lock.as_ref().and_then(|lock| lock.held()) else { return Vec::new() };
    vec![
        finding("lock-held", format!("the deploy lock is held by {}", who(record)))
            .then("another deploy ends at once, with exit code 4, or waits with `--wait`")
            .repair("windlass STAGE lock:status"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::model::doctor::testing::{Recorded, asked};
    use crate::model::host_finding::Severity::{Note, Warning};
    use crate::model::lock::{Freeze, Record, State};

    fn record() -> Record {
        Record {
            token: "00ff".into(),
            ttl: 60,
            user: "ann".into(),
            machine: "laptop".into(),
            pid: 12,
            task: "deploy".into(),
            since: "2026-11-24 02:42:16 UTC".into(),
            ..Record::default()
        }
    }

    #[test]
    fn a_freeze_says_who_and_why() {
        let freeze = Freeze {
            reason: "holidays".into(),
            user: "ann".into(),
            machine: "laptop".into(),
            since: "2026-12-23 10:00:00 UTC".into(),
        };
        Recorded::healthy().section("lock", 0, &format!("seen\nleft=0\n\n{}", freeze.text())).raises(
            &asked(),
            "frozen",
            Warning,
            "deploys are frozen by ann@laptop since 2026-12-23 10:00:00 UTC: holidays: a deploy ends at once, with exit \
             code 4",
            "windlass STAGE lock:unfreeze",
        );
    }

    #[test]
    fn a_deploy_that_goes_on_is_a_note_and_one_that_has_gone_is_not() {
        let text = record().text(State::Held);
        let found = Recorded::healthy().section("lock", 0, &format!("seen\nleft=40\n{text}")).found(&asked());
        assert_eq!((found.len(), found[0].id, found[0].severity), (1, "lock-held", Note));
        assert!(found[0].problem.contains("ann"), "{found:#?}");
        Recorded::healthy().section("lock", 0, &format!("seen\nleft=-5\n{text}")).raises_nothing(&asked());
        let text = record().text(State::Released);
        Recorded::healthy().section("lock", 0, &format!("seen\nleft=40\n{text}")).raises_nothing(&asked());
    }
}
