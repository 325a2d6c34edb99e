//! The findings of the check-up: the source of their ids, of how bad each is, and of the README's table.

use crate::model::host_finding::{Finding, Severity};

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub about: &'static str,
}

const fn error(id: &'static str, about: &'static str) -> Row {
    Row { id, severity: Severity::Error, about }
}

const fn warning(id: &'static str, about: &'static str) -> Row {
    Row { id, severity: Severity::Warning, about }
}

const fn note(id: &'static str, about: &'static str) -> Row {
    Row { id, severity: Severity::Note, about }
}

/// All of them, in the order in which a person would look.
pub const TABLE: &[Row] = &[
    error("unreachable", "no connection, no login, or no answer"),
    error("host-key-changed", "the host has another key than the one that is known"),
    error("host-key-unknown", "nobody has said yet that this is the key of the host"),
    warning("host-key-new", "the key was taken at this very login, and nobody has looked at it"),
    warning("host-key-unchecked", "keys of this host are never kept, so that any is taken"),
    warning("many-keys", "so many keys were offered that sshd may soon hang up"),
    error("missing-program", "git or tar are not there, or not in the PATH of a deploy"),
    warning("login-path", "programs that only a login finds"),
    warning("no-setsid", "a command cannot be ended together with what it has started"),
    error("read-only", "the file system of `deploy_to` can only be read"),
    error("disk-full", "no room for a release, or for temporary files"),
    warning("disk-low", "little room for them"),
    error("no-inodes", "no room for more files, however small"),
    warning("few-inodes", "little room for more files"),
    error("not-writable", "a folder of the deploy into which the login may not write"),
    error("not-a-folder", "something else in the place of such a folder"),
    error("current-folder", "a folder in the place of the link `current`"),
    error("git-access", "the host cannot read the repository"),
    error("no-sudo", "the recipe uses `as_user`, and sudo refuses that"),
    warning("sudo-password", "the recipe uses `as_user`, and sudo wants a password"),
    warning("clock-skew", "the clock of the host and that of this machine differ by ten seconds or more"),
    note("few-sessions", "sshd allows only one or two sessions a connection"),
    warning("frozen", "deploys are frozen"),
    note("lock-held", "a deploy is going on"),
    error("look-failed", "a look of a recipe's own failed"),
    warning("recipe", "what `windlass check` finds in the recipes"),
];

/// Begins a finding of the table.
///
/// # Panics
/// For an id that is not there, which a test of its rule would show.
#[must_use]
pub fn finding(id: &str, problem: impl Into<String>) -> Finding {
    let row = TABLE.iter().find(|row| row.id == id).expect("a rule has the id of a row");
    Finding::new(row.id, row.severity, problem)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_finding_has_a_short_id_of_its_own() {
        let ids: BTreeSet<&str> = TABLE.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), TABLE.len());
        assert!(ids.iter().all(|id| id.len() <= 20 && id.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }
}
