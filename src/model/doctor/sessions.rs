//! How many sessions a connection may have.

use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;

/// A shell that stays, and one more for uploads, other users and the lock.
const WANTED: u64 = 3;

pub fn few(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(sessions) = seen.facts.max_sessions.filter(|sessions| *sessions < WANTED) else { return Vec::new() };
    vec![
        finding("few-sessions", format!("sshd allows {sessions} of {WANTED} sessions a connection (`MaxSessions`)"))
            .then("uploads and commands of other users wait for each other, and the lock is kept alive late")
            .repair(
                "echo 'MaxSessions 10' | sudo tee /etc/ssh/sshd_config.d/windlass.conf && sudo systemctl reload ssh",
            ),
    ]
}

#[cfg(test)]
mod tests {
    use crate::model::doctor::testing::{Recorded, asked};
    use crate::model::host_finding::Severity::Note;

    #[test]
    fn a_connection_with_one_session() {
        Recorded::healthy().section("max_sessions", 0, "1").raises(
            &asked(),
            "few-sessions",
            Note,
            "sshd allows 1 of 3 sessions a connection (`MaxSessions`): uploads and commands of other users wait for each \
             other, and the lock is kept alive late",
            "echo 'MaxSessions 10' | sudo tee /etc/ssh/sshd_config.d/windlass.conf && sudo systemctl reload ssh",
        );
        Recorded::healthy().section("max_sessions", 0, "3").raises_nothing(&asked());
        Recorded::healthy().without("max_sessions").raises_nothing(&asked());
    }
}
