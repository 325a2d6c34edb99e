//! What people are told about a lock.
//!
//! Owns the words: who holds it, what to do about it, to whom it was lost.

use std::time::Duration;

use crate::error::{Error, Kind};
use crate::model::lock::{Answer, FOLDER, Freeze, Record, State};
use crate::model::span::shown;

/// Who it is, in a few words: `ann@laptop`.
#[must_use]
pub fn who(record: &Record) -> String {
    format!("{}@{}", or_unknown(&record.user), or_unknown(&record.machine))
}

/// The holder in one line, for a list or a message while waiting.
#[must_use]
pub fn line(record: &Record, left: i64) -> String {
    format!("{}, {}; {}", who(record), facts(record).join(", "), lease(left))
}

/// How a host answers to a look, in one line.
#[must_use]
pub fn status(answer: &Answer) -> String {
    let lock = match &answer.lock {
        Some(record) if answer.held().is_some() => format!("held by {}", line(record, answer.left)),
        Some(record) if matches!(record.state, State::Held | State::Tentative) => {
            format!("free: the lease of {} has run out", who(record))
        }
        Some(record) if record.state == State::Broken => format!("free: broken by {}", who(record)),
        _ => "free".to_owned(),
    };
    match &answer.freeze {
        None => lock,
        Some(freeze) => format!("frozen by {}: {}; the lock is {lock}", frozen_by(freeze), reason(freeze)),
    }
}

/// The error of a run that does not get the lock of a host.
#[must_use]
pub fn locked(host: &str, record: &Record, left: i64, stage: &str) -> Error {
    let mut error = Error::new(Kind::Locked, format!("another deploy holds the lock: {}", who(record))).on(host);
    for fact in facts(record) {
        error = error.note(fact);
    }
    error
        .note(lease(left))
        .help(format!("wait for it: `windlass {stage} {} --wait`", or_deploy(&record.task)))
        .help(format!("look who has it: `windlass {stage} lock:status`"))
        .help(format!("take it away, if that deploy must not go on: `windlass {stage} lock:break`"))
}

/// The error of a run that begins while nothing may be deployed.
#[must_use]
pub fn frozen(host: &str, freeze: &Freeze, stage: &str) -> Error {
    Error::new(Kind::Locked, format!("deploys are frozen: {}", reason(freeze)))
        .on(host)
        .note(format!("by {}", frozen_by(freeze)))
        .help(format!("when the reason has gone: `windlass {stage} lock:unfreeze`"))
}

/// The error of a run whose lock is no longer its own.
#[must_use]
pub fn lost(host: &str, answer: &Answer) -> Error {
    let message = match &answer.lock {
        None => "the deploy lock was lost: somebody has removed its file".to_owned(),
        Some(record) if record.state == State::Broken => format!("the deploy lock was broken by {}", who(record)),
        Some(record) => format!("the deploy lock was lost to {}", who(record)),
    };
    let mut error = Error::new(Kind::Locked, message).on(host);
    for fact in answer.lock.iter().flat_map(facts) {
        error = error.note(fact);
    }
    error.help("look at the state of the hosts before you deploy again")
}

/// The error of a run that has let go of its lock before the end, and needs it.
#[must_use]
pub fn let_go(host: &str) -> Error {
    Error::new(Kind::Locked, "this run has let go of its deploy lock already").on(host).help(
        "do this before `release_lock()`, or take the lock again: `take_lock(on(release_roles(\"all\"), |host| deploy_to()))`",
    )
}

/// The error of a run that could not keep its lock alive.
#[must_use]
pub fn expired(host: &str, ttl: u64, cause: &Error) -> Error {
    let message = format!("the deploy lock could not be renewed for {ttl} s, so that others may have it by now");
    Error::new(Kind::Locked, message)
        .on(host)
        .note(format!("the last attempt: {cause}"))
        .help("on a line that breaks often, give it more time: `set(\"lock_ttl\", 300)`")
}

/// The error of a host that did not do in time what it was asked about its lock; `title` is what that is.
#[must_use]
pub fn late(host: &str, title: &str, deploy_to: &str, time: Duration) -> Error {
    Error::new(Kind::Timeout, format!("the host did not {title} within {}", shown(time)))
        .on(host)
        .note(format!("a command in `{deploy_to}/{FOLDER}` hung; the time is fixed, no setting changes it"))
        .help(format!("look whether the file system there still answers: `stat {deploy_to}` on the host"))
        .help("go on without such a host: `--max-fail 1`")
}

fn facts(record: &Record) -> Vec<String> {
    let mut facts = Vec::new();
    let of_branch = record.branch.as_ref().map(|branch| format!(" of `{branch}`")).unwrap_or_default();
    let commit = record.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
    facts.push(format!("`{}`{of_branch}{commit}", or_deploy(&record.task)));
    facts.push(format!("process {} since {}", record.pid, or_unknown(&record.since)));
    facts.extend(record.ci.as_ref().map(|ci| format!("CI job {ci}")));
    facts
}

fn lease(left: i64) -> String {
    match left {
        ..0 => "its lease has run out".to_owned(),
        _ => format!("its lease ends in {left} s, unless it is renewed"),
    }
}

fn frozen_by(freeze: &Freeze) -> String {
    format!("{}@{} since {}", or_unknown(&freeze.user), or_unknown(&freeze.machine), or_unknown(&freeze.since))
}

fn reason(freeze: &Freeze) -> &str {
    if freeze.reason.is_empty() { "no reason given" } else { &freeze.reason }
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

fn or_deploy(task: &str) -> &str {
    if task.is_empty() { "deploy" } else { task }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::EXIT_LOCKED;
    use crate::model::lock::Verdict;

    fn ann() -> Record {
        Record {
            user: "ann".into(),
            machine: "laptop".into(),
            pid: 12,
            ci: Some("https://ci.example.com/1".into()),
            branch: Some("main".into()),
            commit: Some("abc1234".into()),
            task: "deploy".into(),
            since: "2026-11-24 02:42:16 UTC".into(),
            ..Record::default()
        }
    }

    fn seen(lock: Option<Record>, left: i64) -> Answer {
        Answer { verdict: Verdict::Seen, lock, left, freeze: None }
    }

    #[test]
    fn who_holds_it_is_told_with_everything_known() {
        let error = locked("web1", &ann(), 42, "production");
        assert_eq!(error.exit_code(), EXIT_LOCKED);
        assert_eq!(error.to_string(), "another deploy holds the lock: ann@laptop");
        assert_eq!(
            error.parts().notes,
            [
                "`deploy` of `main`, commit abc1234",
                "process 12 since 2026-11-24 02:42:16 UTC",
                "CI job https://ci.example.com/1",
                "its lease ends in 42 s, unless it is renewed"
            ]
        );
        assert_eq!(error.parts().help[0], "wait for it: `windlass production deploy --wait`");
    }

    #[test]
    fn a_look_says_free_or_who() {
        assert_eq!(status(&seen(None, 0)), "free");
        assert_eq!(status(&seen(Some(Record { state: State::Released, ..ann() }), 9)), "free");
        assert_eq!(status(&seen(Some(Record { state: State::Broken, ..ann() }), 9)), "free: broken by ann@laptop");
        assert_eq!(status(&seen(Some(ann()), -1)), "free: the lease of ann@laptop has run out");
        assert!(status(&seen(Some(ann()), 5)).starts_with("held by ann@laptop, `deploy` of `main`"));
        let freeze = Freeze { user: "eve".into(), ..Freeze::default() };
        let frozen = Answer { freeze: Some(freeze), ..seen(None, 0) };
        assert_eq!(status(&frozen), "frozen by eve@unknown since unknown: no reason given; the lock is free");
    }

    #[test]
    fn a_lost_lock_says_to_whom() {
        let to = |lock| lost("web1", &seen(lock, 0)).to_string();
        assert_eq!(to(Some(ann())), "the deploy lock was lost to ann@laptop");
        assert_eq!(to(Some(Record { state: State::Broken, ..ann() })), "the deploy lock was broken by ann@laptop");
        assert_eq!(to(None), "the deploy lock was lost: somebody has removed its file");
    }

    #[test]
    fn a_host_that_hangs_says_where_and_what_to_do() {
        let error = late("web1", "take the deploy lock", "/srv/app", Duration::from_secs(15));
        assert_eq!((error.kind(), error.parts().host.as_deref()), (Kind::Timeout, Some("web1")));
        assert_eq!(error.to_string(), "the host did not take the deploy lock within 15 s");
        assert!(error.parts().notes[0].starts_with("a command in `/srv/app/.windlass` hung"));
        assert!(error.parts().help[0].contains("`stat /srv/app`"));
    }
}
