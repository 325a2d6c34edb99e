//! The one error type of windlass, and its exit codes.
//!
//! Owns what an error *is*: message, place, help and causes as separate fields. It must not format anything for a
//! terminal; `report::diagnostic` does that.

use std::fmt::{Display, Formatter};
use std::io;
use std::path::Path;

use crate::place::Place;

/// Everything went as asked.
pub const EXIT_OK: u8 = 0;
/// A task or a command failed.
pub const EXIT_FAILED: u8 = 1;
/// A mistake on the command line or in a recipe, found before anything ran on a host.
pub const EXIT_USAGE: u8 = 2;
/// A host could not be reached, refused us, or was lost.
pub const EXIT_UNREACHABLE: u8 = 3;
/// Another deploy holds the lock, or deploys are frozen.
pub const EXIT_LOCKED: u8 = 4;
/// The fleet is mixed: some hosts have the new release, some have not.
pub const EXIT_MIXED: u8 = 5;
/// Cancelled by Ctrl-C, SIGTERM or SIGHUP.
pub const EXIT_CANCELLED: u8 = 130;

/// What sort of thing went wrong; decides the exit code and is `e.kind` in a recipe's `catch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A mistake on the command line.
    Usage,
    /// A mistake in a recipe.
    Recipe,
    /// A recipe raised this itself, with `throw`.
    Thrown,
    /// A command ended with a status other than 0.
    Command,
    /// A command was ended by a signal.
    Signal,
    /// A host could not be reached, or did not let us in.
    Connection,
    /// The connection to a host broke while a command ran on it.
    Lost,
    /// A time-out of ours ran out.
    Timeout,
    /// The user, or the failure of another host, stopped it.
    Cancelled,
    /// A file on this machine could not be read or written.
    Io,
    /// Somebody else has the lock of the deploy, or nothing may be deployed at the moment.
    Locked,
    /// Several hosts failed; see the causes.
    Hosts,
    /// A mistake of windlass itself.
    Internal,
    /// `exit` was called in a recipe.
    Exit(u8),
}

impl Kind {
    /// The name recipes see as `e.kind`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Recipe => "recipe",
            Self::Thrown => "thrown",
            Self::Command => "command",
            Self::Signal => "signal",
            Self::Connection => "connection",
            Self::Lost => "lost",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Io => "io",
            Self::Locked => "locked",
            Self::Hosts => "hosts",
            Self::Internal => "internal",
            Self::Exit(_) => "exit",
        }
    }
}

/// A command that did not do what was asked. Every text in it is already redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedCommand {
    /// The command line as it would be typed on the host.
    pub line: String,
    /// Exit status, where there was one.
    pub status: Option<i32>,
    /// Name of the signal that ended it, for example `KILL`.
    pub signal: Option<String>,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

/// One step of the way from the command line to the error: a task, a hook or a recipe function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// For example ``task `deploy:updating` ``.
    pub label: String,
    /// Where that step was written.
    pub place: Option<Place>,
}

/// What happened, where, and what to do about it.
///
/// Messages, help and notes are lower-case fragments without a final period; names stand in backticks.
#[derive(Clone, Debug)]
pub struct Error(Box<Parts>);

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

    /// Adds an outer step in front of the trace, unless that is whole.
    #[must_use]
    pub fn through(mut self, label: impl Into<String>, place: Option<Place>) -> Self {
        if !self.0.settled {
            self.0.trace.insert(0, Step { label: label.into(), place });
        }
        self
    }

    /// Says that it happened to a command of this task that was kept back, and adds the steps to it. Those who pass the
    /// error on add nothing, up to [`Error::reopened`].
    #[must_use]
    pub fn kept_back(mut self, steps: &[Step], task: Option<String>) -> Self {
        self.0.task = task;
        self.settled(steps)
    }

    /// Adds steps, and says that the trace is whole.
    #[must_use]
    pub fn settled(mut self, steps: &[Step]) -> Self {
        self.0.trace.splice(0..0, steps.iter().cloned());
        self.0.settled = true;
        self
    }

    /// The error where the commands were kept back: steps outside of that belong to its trace again. Where several hosts
    /// failed in the same step, the steps become those of the whole.
    #[must_use]
    pub fn reopened(mut self) -> Self {
        let Some((first, rest)) = self.0.causes.split_first() else {
            self.0.settled = false;
            return self;
        };
        let steps = first.0.trace.clone();
        if first.0.settled && rest.iter().all(|cause| cause.0.settled && cause.0.trace == steps) {
            self.0.causes.iter_mut().for_each(|cause| cause.0.trace.clear());
            self.0.trace = steps;
        }
        self.0.causes = self.0.causes.into_iter().map(Self::reopened).collect();
        self.0.settled = false;
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

    /// The exit code of a run that ends with this error. Several hosts: the code they share, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.0.kind {
            Kind::Usage | Kind::Recipe => EXIT_USAGE,
            Kind::Thrown | Kind::Command | Kind::Signal | Kind::Timeout | Kind::Io | Kind::Internal => EXIT_FAILED,
            Kind::Connection | Kind::Lost => EXIT_UNREACHABLE,
            Kind::Locked => EXIT_LOCKED,
            Kind::Cancelled => EXIT_CANCELLED,
            Kind::Exit(code) => code,
            Kind::Hosts => {
                let mut codes =
                    self.0.causes.iter().filter(|cause| cause.kind() != Kind::Cancelled).map(Self::exit_code);
                let first = codes.next().unwrap_or(EXIT_FAILED);
                if codes.all(|code| code == first) { first } else { EXIT_FAILED }
            }
        }
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
    fn what_was_kept_back_has_a_trace_of_its_own() {
        let step = |label: &str| Step { label: label.into(), place: None };
        let error =
            Error::recipe("x").settled(&[step("kept")]).through("reader", None).reopened().through("outer", None);
        assert_eq!(error.parts().trace, [step("outer"), step("kept")]);
        let of_a_host = || Error::recipe("x").settled(&[step("kept")]);
        let error = Error::new(Kind::Hosts, "2 of 2").because(of_a_host()).because(of_a_host()).through("reader", None);
        let error = error.reopened().through("outer", None);
        assert_eq!(error.parts().trace, [step("outer"), step("kept")]);
        assert!(error.parts().causes.iter().all(|cause| cause.parts().trace.is_empty()));
    }

    #[test]
    fn hosts_share_a_code_only_if_all_agree() {
        let down = || Error::new(Kind::Connection, "no route");
        let failed = || Error::new(Kind::Command, "exit 1");
        let hosts =
            |causes: Vec<Error>| causes.into_iter().fold(Error::new(Kind::Hosts, "hosts failed"), Error::because);
        assert_eq!(hosts(vec![down(), down()]).exit_code(), EXIT_UNREACHABLE);
        assert_eq!(hosts(vec![down(), failed()]).exit_code(), EXIT_FAILED);
        assert_eq!(hosts(vec![down(), Error::new(Kind::Cancelled, "stopped")]).exit_code(), EXIT_UNREACHABLE);
    }

    #[test]
    fn io_errors_read_as_fragments() {
        let missing = io::Error::from_raw_os_error(2);
        let error = Error::io("could not read", Path::new("x.rhai"), &missing);
        assert_eq!(error.to_string(), "could not read `x.rhai`: no such file or directory");
    }
}
