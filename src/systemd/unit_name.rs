//! Names of units.
//!
//! Owns what a unit may be called: letters, digits and `:_.@-`, with an ending that says what it is, at most 255 bytes
//! (systemd.unit(5), "String Escaping for Inclusion in Unit Names").

use std::fmt::{Display, Formatter};

use crate::error::Error;
use crate::model::suggest::did_you_mean;

/// Endings of what windlass deals with.
const ENDINGS: &[&str] = &["service", "socket", "timer", "target", "path", "mount", "slice"];

/// A name that systemd takes, ending included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnitName(String);

impl UnitName {
    /// Reads a name; without an ending it is a service.
    ///
    /// # Errors
    /// What systemd would not take, above all a `/` or a line end.
    pub fn parse(name: &str) -> Result<Self, Error> {
        let wrong = |problem: String| {
            Error::recipe(format!("`{}` cannot be the name of a unit: {problem}", name.escape_debug()))
                .help("use letters, digits, `-`, `_`, `.`, `:` and `@`, for example `my_app_worker.service`")
        };
        if name.is_empty() {
            return Err(Error::recipe("the name of a unit is empty"));
        }
        if let Some(letter) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !":_.@-".contains(*c)) {
            return Err(wrong(match letter {
                '/' => "it is a name, not a path".to_owned(),
                '\n' | '\r' => "it has a line end".to_owned(),
                ' ' => "it has a space".to_owned(),
                letter => format!("`{}` is not allowed in it", letter.escape_debug()),
            }));
        }
        if name.starts_with('-') || name.starts_with('.') {
            return Err(wrong(format!("it begins with `{}`", &name[..1])));
        }
        let whole = match name.rsplit_once('.') {
            Some((stem, ending)) if ENDINGS.contains(&ending) => {
                if stem.is_empty() {
                    return Err(wrong("nothing stands before its ending".to_owned()));
                }
                name.to_owned()
            }
            // A typed ending that is nearly one of these; anything else is a part of the name, as in `app.example.org`.
            Some((_, ending)) => match did_you_mean(ending, ENDINGS.iter().copied()) {
                Some(hint) => return Err(wrong(format!("`.{ending}` is no ending of a unit")).help(hint)),
                None => format!("{name}.service"),
            },
            None => format!("{name}.service"),
        };
        if whole.len() > 255 {
            return Err(wrong("it is longer than 255 letters".to_owned()));
        }
        Ok(Self(whole))
    }

    /// Whether what ends like this is a unit.
    #[must_use]
    pub fn is_ending(ending: &str) -> bool {
        ENDINGS.contains(&ending)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its ending.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.0.rsplit_once('.').map_or(&*self.0, |(stem, _)| stem)
    }
}

impl Display for UnitName {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_ending_it_is_a_service() {
        let name = |text: &str| UnitName::parse(text).unwrap().to_string();
        assert_eq!(name("app_sidekiq_production"), "app_sidekiq_production.service");
        assert_eq!(name("app.example.org_puma"), "app.example.org_puma.service");
        assert_eq!(name("app_puma.socket"), "app_puma.socket");
        assert_eq!(name("worker@1.service"), "worker@1.service");
        assert_eq!(UnitName::parse("app_puma.socket").unwrap().stem(), "app_puma");
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        let reason = |text: &str| UnitName::parse(text).unwrap_err().to_string();
        assert_eq!(reason("a/b"), "`a/b` cannot be the name of a unit: it is a name, not a path");
        assert_eq!(reason("a\nb"), "`a\\nb` cannot be the name of a unit: it has a line end");
        assert_eq!(reason("a b"), "`a b` cannot be the name of a unit: it has a space");
        assert_eq!(reason("$HOME"), "`$HOME` cannot be the name of a unit: `$` is not allowed in it");
        assert_eq!(reason("-x"), "`-x` cannot be the name of a unit: it begins with `-`");
        assert_eq!(reason(".service"), "`.service` cannot be the name of a unit: it begins with `.`");
        assert_eq!(reason("a.servce"), "`a.servce` cannot be the name of a unit: `.servce` is no ending of a unit");
        assert_eq!(reason(""), "the name of a unit is empty");
        assert!(reason(&"x".repeat(250)).ends_with("it is longer than 255 letters"));
    }
}
