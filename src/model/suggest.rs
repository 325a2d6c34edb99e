//! Did you mean.
//!
//! Owns the rule for which known name a mistyped one most likely stands for. It must not decide what is unknown, and
//! it stays silent rather than guess wildly.

use std::cmp::Reverse;

use strsim::damerau_levenshtein;

/// A name of fewer characters than this is not completed to a longer one: `db` says nothing about `dbus`.
const SHORTEST_PREFIX: usize = 3;

/// The candidate that `name` most likely stands for, if one is close enough.
///
/// Case does not count. A name without a namespace is compared with the last part of a namespaced one as well, so
/// `updaing` finds `deploy:updating`. The beginning of a candidate finds it when nothing is closer: `prod` finds
/// `production`. Between equally close ones, the longer common beginning wins, then the one listed first. `name` itself
/// is never the answer.
pub fn closest<'a, I>(name: &str, candidates: I) -> Option<&'a str>
where
    I: IntoIterator<Item = &'a str>,
{
    let wanted = name.trim().to_lowercase();
    let mut best: Option<(Rank, &'a str)> = None;
    for candidate in candidates.into_iter().filter(|candidate| *candidate != name && !candidate.is_empty()) {
        if let Some(rank) = rank(&wanted, &candidate.to_lowercase())
            && best.as_ref().is_none_or(|(known, _)| rank < *known)
        {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether `name` is `known` with one slip of the fingers for certain: one letter more, less or other, or two that have
/// changed places. One name in the singular and one in the plural are two names.
#[must_use]
pub fn is_slip(name: &str, known: &str) -> bool {
    const SHORTEST: usize = 5;
    let is_plural = |one: &str, other: &str| one.strip_suffix('s') == Some(other);
    name.chars().count() >= SHORTEST
        && damerau_levenshtein(name, known) == 1
        && !is_plural(name, known)
        && !is_plural(known, name)
        && !name.ends_with(|c: char| c.is_ascii_digit())
}

/// The same as help text: "did you mean `x`?".
pub fn did_you_mean<'a, I>(name: &str, candidates: I) -> Option<String>
where
    I: IntoIterator<Item = &'a str>,
{
    closest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// How well a candidate fits; smaller is better.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    edits: usize,
    way: Way,
    common: Reverse<usize>,
    length: usize,
}

/// In what way a candidate fits, better ones first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Whole,
    LastPart,
    Beginning,
}

fn rank(wanted: &str, candidate: &str) -> Option<Rank> {
    let length = candidate.chars().count();
    let allowed = allowed_edits(wanted.chars().count());
    let fit = |text: &str, way: Way| {
        let edits = damerau_levenshtein(wanted, text);
        (edits <= allowed).then(|| Rank { edits, way, common: Reverse(common_beginning(wanted, text)), length })
    };
    let whole = fit(candidate, Way::Whole);
    let last_part = match candidate.rsplit_once(':') {
        Some((_, last)) if !wanted.contains(':') => fit(last, Way::LastPart),
        _ => None,
    };
    let long_enough = wanted.chars().count() >= SHORTEST_PREFIX;
    // Ranks after everything that is a plain typing mistake.
    let beginning = (long_enough && candidate.starts_with(wanted)).then(|| Rank {
        edits: allowed + 1,
        way: Way::Beginning,
        common: Reverse(0),
        length,
    });
    [whole, last_part, beginning].into_iter().flatten().min()
}

/// How many typing mistakes a name of this length may hold before it is a different name.
const fn allowed_edits(length: usize) -> usize {
    match length {
        0 | 1 => 0,
        2..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

fn common_beginning(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_one_letter_and_no_other_word() {
        assert!(is_slip("brnch", "branch") && is_slip("branhc", "branch") && is_slip("repo_urk", "repo_url"));
        assert!(!is_slip("user", "users") && !is_slip("worker", "workers") && !is_slip("branch", "branch"));
        assert!(!is_slip("queue2", "queue1") && !is_slip("bra", "bar") && !is_slip("keep_relase", "keep_releases"));
    }

    const TASKS: [&str; 6] =
        ["deploy", "deploy:updating", "deploy:updated", "deploy:starting", "deploy:started", "doctor"];

    #[test]
    fn typing_mistakes_find_the_name() {
        for (typed, meant) in [
            ("deploy:updaing", "deploy:updating"),
            ("updating", "deploy:updating"),
            ("updaing", "deploy:updating"),
            ("deply:updating", "deploy:updating"),
            ("deploy.updated", "deploy:updated"),
            ("Deploy", "deploy"),
            ("dpeloy", "deploy"),
            ("docter", "doctor"),
            ("deploy:start", "deploy:started"),
        ] {
            assert_eq!(closest(typed, TASKS), Some(meant), "{typed}");
        }
    }

    #[test]
    fn short_names_allow_little() {
        assert_eq!(closest("wbe", ["web", "db"]), Some("web"));
        assert_eq!(closest("dv", ["web", "db"]), Some("db"));
        assert_eq!(closest("x", ["y", "web"]), None);
        assert_eq!(closest("app", ["web", "db"]), None);
    }

    #[test]
    fn a_beginning_counts_when_nothing_is_closer() {
        assert_eq!(closest("prod", ["staging", "production"]), Some("production"));
        assert_eq!(closest("prod", ["production", "prof"]), Some("prof"));
        assert_eq!(closest("pr", ["staging", "production"]), None);
        assert_eq!(closest("web", ["webhooks", "webdb"]), Some("webdb"));
    }

    #[test]
    fn the_common_beginning_decides_then_the_order() {
        assert_eq!(closest("web1", ["seb1", "web2"]), Some("web2"));
        assert_eq!(closest("web9", ["web1", "web2"]), Some("web1"));
    }

    #[test]
    fn a_namespace_typed_is_not_dropped() {
        assert_eq!(closest("puma:updating", ["deploy:updating"]), None);
    }

    #[test]
    fn the_name_itself_and_nothing_are_no_answers() {
        assert_eq!(closest("web", ["web"]), None);
        assert_eq!(closest("", ["web"]), None);
        assert_eq!(closest("web", []), None);
        assert_eq!(closest("web", [""]), None);
    }

    #[test]
    fn help_text_is_a_question() {
        assert_eq!(did_you_mean("wbe", ["web"]).as_deref(), Some("did you mean `web`?"));
        assert_eq!(did_you_mean("wbe", ["worker"]), None);
    }
}
