//! Version numbers, and which of two is newer, as `RubyGems` sees it.

use std::cmp::Ordering;
use std::fmt::{Display, Formatter, Result as Written};

/// A version number of any number of parts. `1.2` and `1.2.0` are the same; a part that is a word, as in `2.0.0.rc1` or
/// `2.0.0-rc1`, comes before the release it leads to.
#[derive(Clone, Debug)]
pub struct Version {
    parts: Vec<Part>,
    written: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Word(String),
    Number(u64),
}

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written = text.trim().to_owned();
        let wrong = || format!("`{written}` is no version");
        let mut parts = Vec::new();
        for piece in written.split(['.', '-']) {
            if piece.is_empty() || !piece.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(wrong());
            }
            split(piece, &mut parts).ok_or_else(wrong)?;
        }
        if !matches!(parts.first(), Some(Part::Number(_))) {
            return Err(wrong());
        }
        Ok(Self { parts, written })
    }

    /// The first number.
    #[must_use]
    pub fn major(&self) -> u64 {
        if let Some(Part::Number(number)) = self.parts.first() { *number } else { 0 }
    }

    /// The line to write for this version and what is compatible with it.
    #[must_use]
    pub fn compatible(&self) -> String {
        let second = if let Some(Part::Number(number)) = self.parts.get(1) { *number } else { 0 };
        format!("~> {}.{second}", self.major())
    }

    /// The first version that `~>` this one leaves out: without words and the last part, the new last one raised.
    pub(super) fn bump(&self) -> Self {
        let mut numbers: Vec<u64> =
            self.parts.iter().map_while(|part| if let Part::Number(n) = part { Some(*n) } else { None }).collect();
        if numbers.len() > 1 {
            numbers.pop();
        }
        if let Some(last) = numbers.last_mut() {
            *last = last.saturating_add(1);
        }
        let written = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        Self { parts: numbers.into_iter().map(Part::Number).collect(), written }
    }

    /// The same without the words of a version that is not released yet.
    pub(super) fn released(&self) -> Self {
        Self {
            parts: self.parts.iter().take_while(|part| matches!(part, Part::Number(_))).cloned().collect(),
            written: self.written.clone(),
        }
    }
}

/// Digits and letters beside each other are parts of their own: `rc1` is `rc` and `1`.
fn split(piece: &str, parts: &mut Vec<Part>) -> Option<()> {
    let mut rest = piece;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (word, others) = rest.split_at(end);
        parts.push(if is_number { Part::Number(word.parse().ok()?) } else { Part::Word(word.to_owned()) });
        rest = others;
    }
    Some(())
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Part::Number(0);
        let length = self.parts.len().max(other.parts.len());
        (0..length)
            .map(|i| (self.parts.get(i).unwrap_or(&zero), other.parts.get(i).unwrap_or(&zero)))
            .map(|pair| match pair {
                (Part::Number(a), Part::Number(b)) => a.cmp(b),
                (Part::Word(a), Part::Word(b)) => a.cmp(b),
                (Part::Word(_), Part::Number(_)) => Ordering::Less,
                (Part::Number(_), Part::Word(_)) => Ordering::Greater,
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_are_compared_by_number() {
        for (less, more) in [
            ("1.9", "1.10"),
            ("1.2", "1.2.1"),
            ("2.0.0.rc1", "2.0.0"),
            ("2.0.0-rc1", "2.0.0"),
            ("2.0.0.rc2", "2.0.0.rc10"),
            ("2.0.0.alpha", "2.0.0.beta"),
            ("1.99", "2.0.0-rc1"),
        ] {
            assert!(version(less) < version(more), "{less} < {more}");
        }
        assert_eq!(version("1.2"), version("1.2.0"));
        assert_eq!(version(" 1 "), version("1.0.0"));
    }

    #[test]
    fn what_is_no_version_is_said() {
        for text in ["", "x", "1..2", "1.", "v1", "1,2", "latest", "99999999999999999999"] {
            assert_eq!(Version::parse(text).unwrap_err(), format!("`{text}` is no version"));
        }
    }

    #[test]
    fn what_is_compatible_goes_by_two_numbers() {
        assert_eq!(version("1.4.2").compatible(), "~> 1.4");
        assert_eq!(version("2").compatible(), "~> 2.0");
        for (text, next) in [("1.2.3", "1.3"), ("1.2", "2"), ("1", "2"), ("1.2.0.rc1", "1.3")] {
            assert_eq!(version(text).bump().to_string(), next);
        }
    }
}
