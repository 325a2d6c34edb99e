//! All the rules, and which finding explains which.

use std::cmp::Reverse;

use crate::model::doctor::seen::Seen;
use crate::model::doctor::{clock, disk, folders, git, lock, login, programs, sessions, sudo};
use crate::model::host_finding::Finding;

/// What looks for one thing.
pub type Rule = fn(&Seen<'_>) -> Vec<Finding>;

/// In the order of the table.
const RULES: &[Rule] = &[
    login::host_key,
    login::many_keys,
    programs::missing,
    programs::only_at_login,
    programs::no_setsid,
    disk::read_only,
    disk::space,
    disk::inodes,
    folders::not_writable,
    folders::not_a_folder,
    folders::current,
    git::access,
    sudo::refused,
    clock::skewed,
    sessions::few,
    lock::frozen,
    lock::held,
];

/// A cause, and what is only its consequence.
const EXPLAINS: &[(&str, &[&str])] = &[("read-only", &["not-writable"])];

/// Everything that is wrong, the worst first; nothing on a healthy host.
#[must_use]
pub fn examine(seen: &Seen<'_>) -> Vec<Finding> {
    let found: Vec<Finding> = RULES.iter().flat_map(|rule| rule(seen)).collect();
    let is_there = |id: &str| found.iter().any(|finding| finding.id == id);
    let is_explained =
        |finding: &Finding| EXPLAINS.iter().any(|(cause, derived)| derived.contains(&finding.id) && is_there(cause));
    let mut told: Vec<Finding> = found.iter().filter(|finding| !is_explained(finding)).cloned().collect();
    told.sort_by_key(|finding| Reverse(finding.severity));
    told
}

#[cfg(test)]
mod tests {
    use crate::model::doctor::testing::{Recorded, asked};

    #[test]
    fn a_healthy_host_raises_nothing() {
        Recorded::healthy().raises_nothing(&asked());
    }

    #[test]
    fn a_healthy_host_before_its_first_deploy_raises_nothing() {
        let mut recorded = Recorded::healthy().section("current", 0, "none");
        for n in 0..4 {
            recorded = recorded.section(&format!("folder.{n}"), 0, "missing\n/var/www\nyes\ndrwxr-xr-x deploy:deploy");
        }
        recorded.raises_nothing(&asked());
    }

    #[test]
    fn the_worst_comes_first() {
        let found = Recorded::healthy()
            .section("max_sessions", 0, "1")
            .section("current", 0, "folder")
            .section("setsid", 0, "")
            .found(&asked());
        assert_eq!(
            found.iter().map(|finding| finding.id).collect::<Vec<_>>(),
            ["current-folder", "no-setsid", "few-sessions"]
        );
    }
}
