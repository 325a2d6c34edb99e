//! The PATTERN of `-T`, `-D`, `-W` and `-P`.

use regex::Regex;

/// Selects names of tasks.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Every name.
    All,
    /// Names in which this is found.
    Regex(Regex),
    /// Names that have this text in them, because it is no regular expression.
    Plain(String),
}

impl Pattern {
    /// Reads a regular expression; what is none is taken for a plain text. An empty one selects every name.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        if pattern.is_empty() {
            return Self::All;
        }
        Regex::new(pattern).map_or_else(|_| Self::Plain(pattern.to_owned()), Self::Regex)
    }

    /// Whether the name is selected.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Regex(regex) => regex.is_match(name),
            Self::Plain(text) => name.contains(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(pattern: &str) -> Vec<&'static str> {
        let pattern = Pattern::new(pattern);
        ["deploy", "deploy:check", "db:dump", "a+b"].into_iter().filter(|name| pattern.matches(name)).collect()
    }

    #[test]
    fn a_regular_expression_is_found_anywhere_in_the_name() {
        assert_eq!(selected("check"), ["deploy:check"]);
        assert_eq!(selected("^d.*:"), ["deploy:check", "db:dump"]);
        assert_eq!(selected("nothing"), Vec::<&str>::new());
    }

    #[test]
    fn what_is_no_regular_expression_is_a_plain_text() {
        assert!(matches!(Pattern::new("+b"), Pattern::Plain(_)));
        assert_eq!(selected("+b"), ["a+b"]);
    }

    #[test]
    fn nothing_selects_everything() {
        assert_eq!(selected("").len(), 4);
    }
}
