//! What an error is: message, place, help and causes as separate fields, and how one is put together.

use std::fmt::{Display, Formatter};
use std::io;
use std::path::Path;

use crate::error::{FailedCommand, Kind, Step};
use crate::place::Place;

/// What happened, where, and what to do about it.
///
/// Messages, help and notes are lower-case fragments without a final period; names stand in backticks.
#[derive(Clone, Debug)]
pub struct Error(pub(super) Box<Parts>);

/// The fields of an [`Error`].
#[derive(Clone, Debug)]
pub struct Parts {
    /// The sort of error.
    pub kind: Kind,
    /// What happened.
    pub message: String,
    /// The recipe place to look at.
    pub place: Option<Place>,
    /// How many characters of the line belong to the mistake; 0 when unknown.
    pub width: usize,
    /// Outermost step first.
    pub trace: Vec<Step>,
    /// The host it happened on, as `user@host` or `host`.
    pub host: Option<String>,
    /// The command it happened in.
    pub command: Option<FailedCommand>,
    /// What to do, most likely remedy first.
    pub help: Vec<String>,
    /// Facts that help to understand, for example what there is to choose from.
    pub notes: Vec<String>,
    /// What led to it; one per host where several hosts failed.
    pub causes: Vec<Error>,
    /// The value a recipe threw that is not an error of ours, printed.
    pub thrown: Option<String>,
    /// Whether the trace is whole: it happened to a command that was kept back, and whoever passes it on had no part
    /// in it.
    pub settled: bool,
    /// The task whose command it was, where that was kept back.
    pub task: Option<String>,
    /// The rule of `check` it breaks, see [`crate::model::finding_rules`]; none where it is not told apart.
    pub rule: Option<&'static str>,
}

impl Error {
    /// An error with a kind and a message; everything else is added by the methods below.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            message: message.into(),
            place: None,
            width: 0,
            trace: Vec::new(),
            host: None,
            command: None,
            help: Vec::new(),
            notes: Vec::new(),
            causes: Vec::new(),
            thrown: None,
            settled: false,
            task: None,
            rule: None,
        }))
    }

    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A mistake in a recipe.
    pub fn recipe(message: impl Into<String>) -> Self {
        Self::new(Kind::Recipe, message)
    }

    /// A file of this machine that could not be used: `what` is for example "could not read".
    #[must_use]
    pub fn io(what: &str, path: &Path, cause: &io::Error) -> Self {
        Self::new(Kind::Io, format!("{what} `{}`: {}", path.display(), io_reason(cause)))
    }

    /// Says which rule of `check` it breaks.
    #[must_use]
    pub fn rule(mut self, rule: &'static str) -> Self {
        self.0.rule = Some(rule);
        self
    }

    /// Adds a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// Adds a remedy where there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.0.help.extend(help);
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    /// Says where; a place that is already there stays, because the innermost one is the most exact. Who passes on an error
    /// of what was kept back stands at no place of it.
    #[must_use]
    pub fn at(mut self, place: Option<Place>) -> Self {
        if self.0.place.is_none() && !self.0.settled {
            self.0.place = place;
        }
        self
    }

    /// Says how many characters at the place belong to the mistake.
    #[must_use]
    pub fn width(mut self, width: usize) -> Self {
        self.0.width = width;
        self
    }

    /// Says on which host; the innermost one stays.
    #[must_use]
    pub fn on(mut self, host: impl Into<String>) -> Self {
        if self.0.host.is_none() {
            self.0.host = Some(host.into());
        }
        self
    }

    /// Says in which command.
    #[must_use]
    pub fn command(mut self, command: FailedCommand) -> Self {
        self.0.command = Some(command);
        self
    }

    /// Adds what led to it.
    #[must_use]
    pub fn because(mut self, cause: Self) -> Self {
        self.0.causes.push(cause);
        self
    }

    /// Read access to every field.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.0
    }

    /// Write access to every field, for the layer that completes an error.
    #[must_use]
    pub fn parts_mut(&mut self) -> &mut Parts {
        &mut self.0
    }

    /// The sort of error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
}

impl Display for Error {
    /// The message alone.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

/// The operating system's words without Rust's "(os error 2)", in lower case.
fn io_reason(cause: &io::Error) -> String {
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn innermost_place_and_host_win() {
        let inner = Place::new("a.rhai", 1, 1);
        let error =
            Error::recipe("x").at(Some(inner.clone())).at(Some(Place::new("b.rhai", 2, 2))).on("web1").on("web2");
        assert_eq!(error.parts().place.as_ref(), Some(&inner));
        assert_eq!(error.parts().host.as_deref(), Some("web1"));
    }

    #[test]
    fn io_errors_read_as_fragments() {
        let missing = io::Error::from_raw_os_error(2);
        let error = Error::io("could not read", Path::new("x.rhai"), &missing);
        assert_eq!(error.to_string(), "could not read `x.rhai`: no such file or directory");
    }
}
