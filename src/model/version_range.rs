//! Which versions a recipe says it works with: `"~> 1.2"`, `">= 1.0"`, `"= 1.2.3"`, as `RubyGems` writes them.
//!
//! Owns what these mean, and on which side of them a version lies. It must not know which version this is.

use std::cmp::Ordering;
use std::fmt::{Display, Formatter, Result as Written};

use crate::model::version::Version;

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Not,
    Above,
    Below,
    AtLeast,
    AtMost,
    Compatible,
}

/// The longer sign first, so that it is found first.
const SIGNS: &[(&str, Comparison)] = &[
    ("~>", Comparison::Compatible),
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    ("!=", Comparison::Not),
    (">", Comparison::Above),
    ("<", Comparison::Below),
    ("=", Comparison::Equal),
];

/// One condition, such as `~> 1.2`; a number alone means exactly this version.
#[derive(Clone, Debug)]
pub struct Condition {
    comparison: Comparison,
    version: Version,
}

/// On which side of a condition a version lies that does not meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// It is too old.
    Old,
    /// It is too new.
    New,
    /// It is the very one that is left out.
    Excluded,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (comparison, version) = SIGNS
            .iter()
            .find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?)))
            .unwrap_or((Comparison::Equal, text));
        Ok(Self { comparison, version: Version::parse(version)? })
    }

    /// How a version misses this condition; none when it meets it.
    #[must_use]
    pub fn miss(&self, version: &Version) -> Option<Miss> {
        let wanted = &self.version;
        let above = |limit: &Version| (version >= limit).then_some(Miss::New);
        match self.comparison {
            Comparison::Equal => match version.cmp(wanted) {
                Ordering::Less => Some(Miss::Old),
                Ordering::Equal => None,
                Ordering::Greater => Some(Miss::New),
            },
            Comparison::Not => (version == wanted).then_some(Miss::Excluded),
            Comparison::Above => (version <= wanted).then_some(Miss::Old),
            Comparison::AtLeast => (version < wanted).then_some(Miss::Old),
            Comparison::Below => above(wanted),
            Comparison::AtMost => (version > wanted).then_some(Miss::New),
            Comparison::Compatible if version < wanted => Some(Miss::Old),
            // A version on its way to 2.0 is no 1.x any more.
            Comparison::Compatible => (version.released() >= wanted.bump()).then_some(Miss::New),
        }
    }

    /// The version it names.
    #[must_use]
    pub const fn version(&self) -> &Version {
        &self.version
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        let sign = SIGNS.iter().find(|(_, known)| *known == self.comparison).map_or("=", |(sign, _)| sign);
        write!(f, "{sign} {}", self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn miss(condition: &str, text: &str) -> Option<Miss> {
        Condition::parse(condition).unwrap().miss(&version(text))
    }

    #[test]
    fn what_is_no_condition_is_said() {
        assert_eq!(Condition::parse("=> 1.2").unwrap_err(), "`> 1.2` is no version");
        assert_eq!(Condition::parse("~>").unwrap_err(), "`` is no version");
    }

    #[test]
    fn every_sign_means_what_it_means_to_rubygems() {
        use Miss::{Excluded, New, Old};
        for (condition, met, missed) in [
            ("1.2.0", &["1.2", "1.2.0"][..], &[("1.1", Old), ("1.2.1", New)][..]),
            ("= 1.2", &["1.2.0"], &[("1.2.0.rc1", Old), ("1.3", New)]),
            ("!= 1.2", &["1.1", "1.2.1"], &[("1.2.0", Excluded)]),
            ("> 1.2", &["1.2.1", "2"], &[("1.2", Old), ("1.1", Old)]),
            (">= 1.2", &["1.2", "7"], &[("1.2.0.rc1", Old), ("1.1.9", Old)]),
            ("< 1.2", &["1.1.9", "1.2.0.rc1"], &[("1.2", New)]),
            ("<= 1.2", &["1.2.0", "0.1"], &[("1.2.1", New)]),
            ("~> 1.2", &["1.2", "1.99.3"], &[("1.1.9", Old), ("2.0", New), ("2.0.0-rc1", New)]),
            ("~> 1.2.3", &["1.2.3", "1.2.99"], &[("1.2.2", Old), ("1.3", New)]),
            ("~> 1", &["1.0", "1.9"], &[("0.9", Old), ("2", New)]),
            ("~>0.1.0", &["0.1.7"], &[("0.2", New)]),
            ("~> 1.2.0.rc1", &["1.2.0.rc2", "1.2.5"], &[("1.2.0.beta", Old), ("1.3.0", New)]),
        ] {
            for text in met {
                assert_eq!(miss(condition, text), None, "{text} meets {condition}");
            }
            for (text, how) in missed {
                assert_eq!(miss(condition, text), Some(*how), "{text} misses {condition}");
            }
        }
    }

    #[test]
    fn a_condition_is_shown_with_its_sign() {
        for (text, shown) in [("~>1.2", "~> 1.2"), ("1.2.3", "= 1.2.3"), (" >=  2 ", ">= 2")] {
            assert_eq!(Condition::parse(text).unwrap().to_string(), shown);
        }
    }
}
