//! Patterns for names of roles and hosts.
//!
//! Owns how a list such as `web,worker*,/^db\d/` is read, on the command line and in `roles("…")` alike. It must not
//! know what a name stands for.

use regex::Regex;

use crate::error::Error;
use crate::model::name_list;

/// Matches names.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// `all`: everything, nameless things too.
    All,
    /// One name, character by character: `web` does not match `webdb`.
    Exact(String),
    /// `web*` or `web?`, always for the whole name.
    Glob(String, Regex),
    /// `/web\d/`, anywhere in the name, as in Ruby.
    Regex(String, Regex),
}

impl Pattern {
    /// Reads a comma-separated list. Spaces around elements and empty elements do not count. Inside the slashes of a
    /// regular expression a comma is an ordinary character.
    ///
    /// `origin` is how the reader knows the place, for example `-r`. The errors are of kind recipe; a caller that reads
    /// the command line turns them into usage errors.
    ///
    /// # Errors
    /// A list that names nothing at all, and a regular expression that does not compile.
    pub fn list(text: &str, origin: &str) -> Result<Vec<Self>, Error> {
        Self::elements(text, origin)?.into_iter().map(|element| Self::element(element, origin)).collect()
    }

    /// The elements of such a list, not yet read.
    ///
    /// # Errors
    /// A list that names nothing at all.
    pub fn elements<'a>(text: &'a str, origin: &str) -> Result<Vec<&'a str>, Error> {
        let elements = split(text);
        if elements.is_empty() {
            return Err(Error::recipe(format!("`{origin}` is empty"))
                .help(format!("name something, `all` for everything, or leave `{origin}` out")));
        }
        Ok(elements)
    }

    /// Whether a name is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Exact(exact) => exact == name,
            Self::Glob(_, regex) | Self::Regex(_, regex) => regex.is_match(name),
        }
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Exact(text) | Self::Glob(text, _) | Self::Regex(text, _) => text,
        }
    }

    /// Reads one element of such a list.
    ///
    /// # Errors
    /// A regular expression that does not compile.
    pub fn element(element: &str, origin: &str) -> Result<Self, Error> {
        let compile = |source: &str| {
            Regex::new(source).map_err(|error| {
                Error::recipe(format!("`{element}` of `{origin}` is not a regular expression: {}", reason(&error)))
            })
        };
        if element == "all" {
            Ok(Self::All)
        } else if let Some(source) = element.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            Ok(Self::Regex(element.to_owned(), compile(source)?))
        } else if element.contains(['*', '?']) {
            let source = regex::escape(element).replace(r"\*", ".*").replace(r"\?", ".");
            Ok(Self::Glob(element.to_owned(), compile(&format!("^(?:{source})$"))?))
        } else {
            Ok(Self::Exact(element.to_owned()))
        }
    }
}

/// Whether any of the patterns means this name.
#[must_use]
pub fn any_matches(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

/// The patterns as written, for messages.
#[must_use]
pub fn shown(patterns: &[Pattern]) -> String {
    name_list::quoted(patterns.iter().map(Pattern::text))
}

/// Splits at the commas that are not inside `/…/`. A regular expression ends at the first slash that ends an element.
fn split(text: &str) -> Vec<&str> {
    let mut elements = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = match rest.strip_prefix('/') {
            Some(inside) => closing_slash(inside).map(|slash| slash + 2),
            None => None,
        };
        let end = end.or_else(|| rest.find(',')).unwrap_or(rest.len());
        elements.push(rest[..end].trim());
        rest = rest[end..].trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    elements.retain(|element| !element.is_empty());
    elements
}

/// Where the slash is that a comma or the end of the text follows.
fn closing_slash(inside: &str) -> Option<usize> {
    inside.match_indices('/').map(|(at, _)| at).find(|at| {
        let after = inside[at + 1..].trim_start();
        after.is_empty() || after.starts_with(',')
    })
}

/// The last line of the regex crate's message, which alone says what is wrong.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        Pattern::list(text, "-r").unwrap().iter().map(|pattern| pattern.text().to_owned()).collect()
    }

    fn matches(text: &str, name: &str) -> bool {
        any_matches(&Pattern::list(text, "-r").unwrap(), name)
    }

    #[test]
    fn lists_are_split_at_commas_but_not_inside_slashes() {
        assert_eq!(texts("web,db"), ["web", "db"]);
        assert_eq!(texts(" web , db ,,"), ["web", "db"]);
        assert_eq!(texts("web_1,web_2"), ["web_1", "web_2"]);
        assert_eq!(texts("/w{1,2}/,db"), ["/w{1,2}/", "db"]);
        assert_eq!(texts("/a/, /b,c/ ,d"), ["/a/", "/b,c/", "d"]);
        assert_eq!(texts("/a/b/,c"), ["/a/b/", "c"]);
        assert_eq!(texts("/open,db"), ["/open", "db"]);
    }

    /// Capistrano 3.7.0: `web` matched `webdb` (#1766).
    #[test]
    fn a_name_matches_itself_alone() {
        assert!(matches("web", "web"));
        assert!(!matches("web", "webdb") && !matches("web", "myweb") && !matches("web", "Web"));
        assert!(!matches("a.b", "axb"));
    }

    #[test]
    fn globs_match_whole_names() {
        assert!(matches("web*", "web") && matches("web*", "web12") && matches("web?", "web1"));
        assert!(!matches("web*", "myweb") && !matches("web?", "web") && !matches("web?", "web12"));
        assert!(matches("web*.example.com", "web1.example.com") && !matches("web*.example.com", "web1xexample.com"));
    }

    #[test]
    fn regular_expressions_match_anywhere() {
        assert!(matches(r"/^web\d/", "web1.example.com") && matches("/eb/", "web"));
        assert!(!matches(r"/^web\d$/", "web12"));
        assert!(matches("all", "anything"));
    }

    #[test]
    fn a_list_without_names_is_an_error() {
        for text in ["", " ", ",", " , "] {
            let error = Pattern::list(text, "ROLES").unwrap_err();
            assert_eq!(error.to_string(), "`ROLES` is empty", "{text:?}");
            assert_eq!(error.parts().help, ["name something, `all` for everything, or leave `ROLES` out"]);
        }
    }

    #[test]
    fn a_broken_expression_names_its_place() {
        let error = Pattern::list("web,/we[b/", "-z").unwrap_err();
        assert_eq!(error.to_string(), "`/we[b/` of `-z` is not a regular expression: unclosed character class");
    }

    #[test]
    fn shows_as_written() {
        assert_eq!(shown(&Pattern::list("web, all,/x/", "-r").unwrap()), "`web`, `all`, `/x/`");
    }

    proptest! {
        #[test]
        fn a_list_means_what_its_elements_mean(names in prop::collection::vec("[a-z_.-]{1,6}", 1..5), name in "[a-z_.-]{1,6}") {
            prop_assume!(!names.contains(&"all".to_owned()));
            prop_assert_eq!(matches(&names.join(","), &name), names.contains(&name));
            prop_assert!(matches(&names.join(", "), &names[0]));
        }

        #[test]
        fn no_list_panics(text in "\\PC{0,24}") {
            if let Ok(patterns) = Pattern::list(&text, "-r") {
                prop_assert!(!patterns.is_empty());
            }
        }
    }
}
