//! How many hosts of a run may fail.
//!
//! Owns how that is written, and what it comes to. Which hosts have failed is `runner::roster`'s.

use std::fmt::{Display, Formatter};

use crate::model::value::Value;

/// A number of hosts, or a part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxFail {
    /// This many.
    Hosts(usize),
    /// This many of a hundred, rounded down.
    Percent(u8),
}

/// What is expected, for messages.
const EXPECTED: &str = "has to be a whole number of at least 0, or a part of the hosts such as \"20%\"";

impl MaxFail {
    /// As it is written on the command line: `2`, `20%`.
    ///
    /// # Errors
    /// Anything else; the text says what is wrong with it, without the name of the option.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(part) = text.strip_suffix('%') {
            let part = part.trim_end();
            return match part.parse::<u8>() {
                Ok(percent) if digits(part) && percent <= 100 => Ok(Self::Percent(percent)),
                _ if digits(part) => Err(format!("is `{text}`, which is more than all hosts")),
                _ => Err(format!("is `{text}`, but {EXPECTED}")),
            };
        }
        match text.parse() {
            Ok(hosts) if digits(text) => Ok(Self::Hosts(hosts)),
            _ => Err(format!("is `{text}`, but {EXPECTED}")),
        }
    }

    /// As it is written in a recipe: `2`, `"2"`, `"20%"`.
    ///
    /// # Errors
    /// As [`MaxFail::parse`].
    pub fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Self::parse(text),
            Value::Int(hosts) if *hosts >= 0 => Ok(Self::Hosts(usize::try_from(*hosts).unwrap_or(usize::MAX))),
            other => Err(format!("is `{other}`, but {EXPECTED}")),
        }
    }

    /// How many that is where the run has so many hosts.
    #[must_use]
    pub fn of_hosts(self, hosts: usize) -> usize {
        match self {
            Self::Hosts(allowed) => allowed,
            Self::Percent(percent) => hosts.saturating_mul(usize::from(percent)) / 100,
        }
    }
}

impl Display for MaxFail {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hosts(hosts) => write!(f, "{hosts}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_parts() {
        for (text, max_fail) in [
            ("0", MaxFail::Hosts(0)),
            ("12", MaxFail::Hosts(12)),
            (" 20% ", MaxFail::Percent(20)),
            ("100 %", MaxFail::Percent(100)),
        ] {
            assert_eq!(MaxFail::parse(text), Ok(max_fail));
            assert_eq!(MaxFail::of(&text.into()), Ok(max_fail));
        }
        assert_eq!(MaxFail::of(&Value::Int(3)), Ok(MaxFail::Hosts(3)));
    }

    #[test]
    fn parts_are_rounded_down() {
        let of = |percent, hosts| MaxFail::Percent(percent).of_hosts(hosts);
        assert_eq!((of(20, 5), of(20, 9), of(20, 4), of(10, 5), of(100, 5)), (1, 1, 0, 0, 5));
        assert_eq!(MaxFail::Hosts(3).of_hosts(2), 3);
    }

    #[test]
    fn what_is_neither_is_told() {
        for text in ["", "-1", "+1", "1.5", "%", "-5%", "many", "99999999999999999999999"] {
            let expected = format!("is `{text}`, but {EXPECTED}");
            assert_eq!(MaxFail::parse(text), Err(expected), "{text:?}");
        }
        assert_eq!(MaxFail::parse("101%"), Err("is `101%`, which is more than all hosts".to_owned()));
        assert_eq!(MaxFail::parse("1000%"), Err("is `1000%`, which is more than all hosts".to_owned()));
        assert_eq!(MaxFail::of(&Value::Int(-1)), Err(format!("is `-1`, but {EXPECTED}")));
        assert_eq!(MaxFail::of(&Value::Float(0.2)), Err(format!("is `0.2`, but {EXPECTED}")));
        assert_eq!(MaxFail::of(&Value::Bool(true)), Err(format!("is `true`, but {EXPECTED}")));
    }
}
