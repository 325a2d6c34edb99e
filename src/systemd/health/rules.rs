//! All the rules, and which finding explains which.
//!
//! Owns their order and what is left out. A rule sees one thing; that the same cause shows in several places is known
//! here, so that a person reads of it once.

use std::cmp::Reverse;

use crate::model::host_finding::Finding;
use crate::systemd::health::asked::Asked;
use crate::systemd::health::facts::Facts;
use crate::systemd::health::seen::Seen;
use crate::systemd::health::{
    known_bugs, linger_off, no_manager, not_as_on_disk, not_at_boot, permissions, stops_after_deploy, too_early_at_boot,
};

/// What looks for one thing.
pub type Rule = fn(&Seen<'_>) -> Vec<Finding>;

/// `LF-1` to `LF-28`, the causes before what follows from them. Nothing raises `LF-3` (no lingering user): who is not named is the user of the manager.
const SECTIONS: &[&[(&str, Rule)]] = &[
    linger_off::RULES,
    no_manager::RULES,
    stops_after_deploy::RULES,
    not_at_boot::RULES,
    not_as_on_disk::RULES,
    too_early_at_boot::RULES,
    permissions::RULES,
    known_bugs::RULES,
];

/// A cause, and what is only its consequence. Where both are about units, only for the same one.
const EXPLAINS: &[(&str, &[&str])] = &[
    ("LF-2", &["LF-1", "LF-10", "LF-13"]),
    ("LF-4", &["LF-1", "LF-10", "LF-13"]),
    ("LF-10", &["LF-1", "LF-13"]),
    ("LF-5", &["LF-18", "LF-22", "LF-28"]),
    ("LF-18", &["LF-22"]),
    ("LF-28", &["LF-22"]),
    ("LF-14", &["LF-11", "LF-12", "LF-15"]),
    ("LF-20", &["LF-9"]),
    ("LF-21", &["LF-9"]),
    ("LF-24", &["LF-9"]),
];

/// Where systemd itself is not there, only what is wrong with the recipe remains.
const WITHOUT_SYSTEMD: &[&str] = &["LF-6", "LF-19"];

/// Everything that is wrong, the worst first; nothing on a healthy host.
#[must_use]
pub fn examine(asked: &Asked, facts: &Facts) -> Vec<Finding> {
    let seen = Seen { asked, facts };
    let found: Vec<Finding> = rules().flat_map(|(_, rule)| rule(&seen)).collect();
    let has_systemd = !found.iter().any(|finding| finding.id == "LF-19");
    let is_explained = |finding: &Finding| {
        !has_systemd && !WITHOUT_SYSTEMD.contains(&finding.id) || found.iter().any(|cause| explains(cause, finding))
    };
    let mut told: Vec<Finding> = found.iter().filter(|finding| !is_explained(finding)).cloned().collect();
    told.sort_by_key(|finding| Reverse(finding.severity));
    told
}

/// Every rule with what it looks for.
pub fn rules() -> impl Iterator<Item = (&'static str, Rule)> {
    SECTIONS.iter().flat_map(|section| section.iter().copied())
}

fn explains(cause: &Finding, finding: &Finding) -> bool {
    let same_unit = cause.unit.is_none() || finding.unit.is_none() || cause.unit == finding.unit;
    same_unit && EXPLAINS.iter().any(|(id, derived)| *id == cause.id && derived.contains(&finding.id))
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
