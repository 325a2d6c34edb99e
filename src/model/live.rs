//! Which release is current on a host, as far as anybody has looked.

use serde::{Serialize, Serializer};

/// What is current on a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Live {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// No release is.
    Nothing,
    /// This release is.
    Release(String),
}

impl Live {
    /// What was found by looking.
    #[must_use]
    pub fn found(release: Option<String>) -> Self {
        release.map_or(Self::Nothing, Self::Release)
    }

    /// As it stands in a table.
    #[must_use]
    pub fn shown(&self) -> &str {
        match self {
            Self::Unknown => "?",
            Self::Nothing => "-",
            Self::Release(name) => name,
        }
    }
}

/// Null for what is not known, an empty text for no release.
impl Serialize for Live {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_none(),
            Self::Nothing => serializer.serialize_str(""),
            Self::Release(name) => serializer.serialize_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_release_and_nobody_looked_are_two_things() {
        let all = [Live::default(), Live::found(None), Live::found(Some("20261122093936".to_owned()))];
        assert_eq!(all.each_ref().map(Live::shown), ["?", "-", "20261122093936"]);
        assert_eq!(serde_json::to_string(&all).unwrap(), r#"[null,"","20261122093936"]"#);
    }
}
