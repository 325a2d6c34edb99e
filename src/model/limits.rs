//! How long a command may take and be silent, who said so, and the error when it has.
//!
//! Owns the names of the limits, which of several that were given counts, and the words of the error. It measures
//! nothing; `runner::watch` does.

use std::time::Duration;

use crate::error::{Error, Kind};
use crate::model::span::shown;

/// How long the hooks of a failed deploy may take, and the look what became of its hosts: the limit of the run no longer
/// counts for them, and the lock is held until they are over.
pub const AFTER_FAILURE: Duration = Duration::from_secs(600);

/// A limit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// From the beginning of a command to its end.
    Command,
    /// From one piece of output of a command to the next.
    Idle,
    /// The whole run.
    Run,
}

/// Who gave a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command itself, in its options.
    Call,
    /// The command line.
    Line,
    /// A setting.
    Setting,
}

/// A limit that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// How long; above 0.
    pub time: Duration,
    /// Who gave it.
    pub source: Source,
}

/// The times that were given on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// For making a connection.
    pub connect: Option<Duration>,
    /// For a command.
    pub command: Option<Duration>,
    /// For a command without output.
    pub idle: Option<Duration>,
    /// For the whole run.
    pub run: Option<Duration>,
    /// For what is done after a deploy has failed; 0 is no limit, none is [`AFTER_FAILURE`].
    pub after_failure: Option<Duration>,
}

impl Times {
    /// How long may take what is done after a failure; none for no limit.
    #[must_use]
    pub fn after_failure(&self) -> Option<Duration> {
        let time = self.after_failure.unwrap_or(AFTER_FAILURE);
        (!time.is_zero()).then_some(time)
    }
}

/// The limits of one command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// From its beginning to its end.
    pub command: Option<Bound>,
    /// From one piece of output to the next.
    pub idle: Option<Bound>,
}

impl Limit {
    /// Name of the setting; the option of the command line has it with dashes.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Command => "command_timeout",
            Self::Idle => "idle_timeout",
            Self::Run => "run_timeout",
        }
    }

    /// Name of the option on the command line.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Command => "--command-timeout",
            Self::Idle => "--idle-timeout",
            Self::Run => "--run-timeout",
        }
    }

    /// Name of the option of one command; none where a command has no say.
    #[must_use]
    pub const fn of_call(self) -> Option<&'static str> {
        match self {
            Self::Command => Some("timeout"),
            Self::Idle => Some("idle_timeout"),
            Self::Run => None,
        }
    }
}

/// Which of three counts: the nearest that was given. A limit of 0 takes those behind it away.
#[must_use]
pub fn nearest(call: Option<Duration>, line: Option<Duration>, setting: Option<Duration>) -> Option<Bound> {
    let given = [(call, Source::Call), (line, Source::Line), (setting, Source::Setting)];
    let (time, source) = given.into_iter().find_map(|(time, source)| Some((time?, source)))?;
    (!time.is_zero()).then_some(Bound { time, source })
}

/// What is told of a command that must not be left half done, and has reached a limit: it goes on.
#[must_use]
pub fn outlasted(limit: Limit, bound: Bound, name: &str) -> String {
    format!("{}: it is in `shield`, so it is waited for", what_was_reached(limit, bound, name))
}

/// The error of a command, by the name it is shown under, that has reached a limit. `hint` says what it seems to wait
/// for.
#[must_use]
pub fn expired(limit: Limit, bound: Bound, name: &str, hint: Option<&str>) -> Error {
    let message = what_was_reached(limit, bound, name);
    Error::new(Kind::Timeout, message).maybe_help(hint.map(str::to_owned)).help(remedy(limit, bound))
}

fn what_was_reached(limit: Limit, bound: Bound, name: &str) -> String {
    let (time, given) = (shown(bound.time), given(limit, bound.source));
    match limit {
        Limit::Idle => format!("`{name}` printed nothing for {time}, the limit of {given}"),
        Limit::Command | Limit::Run => format!("`{name}` took longer than {time}, the limit of {given}"),
    }
}

/// The message of a run that has reached its limit.
#[must_use]
pub fn run_expired(bound: Bound) -> String {
    format!("the run took longer than {}, the limit of {}", shown(bound.time), given(Limit::Run, bound.source))
}

/// What to do about it.
#[must_use]
pub fn remedy(limit: Limit, bound: Bound) -> String {
    let more = (bound.time.as_secs().max(1) * 3).to_string();
    let (setting, option) = (limit.setting(), limit.option());
    match (bound.source, limit.of_call()) {
        (Source::Call, Some(own)) => format!("give it more time here, `{own}: {more}`, or none to heed, `{own}: 0`"),
        (Source::Line, Some(own)) => {
            format!(
                "give it more time with `{option} {more}`, or this command alone, `#{{ {own}: {more} }}` at its end"
            )
        }
        (_, Some(own)) => format!(
            "give it more time with `set(\"{setting}\", {more})` or `{option} {more}`, or this command alone, \
             `#{{ {own}: {more} }}` at its end"
        ),
        (Source::Line, None) => format!("give it more time with `{option} {more}`"),
        (_, None) => format!("give it more time with `set(\"{setting}\", {more})` or `{option} {more}`"),
    }
}

fn given(limit: Limit, source: Source) -> String {
    match (source, limit.of_call()) {
        (Source::Call, Some(own)) => format!("its own `{own}`"),
        (Source::Line, _) => format!("`{}`", limit.option()),
        _ => format!("the setting `{}`", limit.setting()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_nearest_counts_and_nothing_takes_it_away() {
        let bound = |time, source| Some(Bound { time: secs(time), source });
        assert_eq!(nearest(None, None, None), None);
        assert_eq!(nearest(None, None, Some(secs(3))), bound(3, Source::Setting));
        assert_eq!(nearest(None, Some(secs(2)), Some(secs(3))), bound(2, Source::Line));
        assert_eq!(nearest(Some(secs(1)), Some(secs(2)), Some(secs(3))), bound(1, Source::Call));
        assert_eq!(nearest(Some(secs(0)), Some(secs(2)), Some(secs(3))), None);
    }

    #[test]
    fn the_error_says_which_limit_and_how_to_change_it() {
        let of = |limit, source| expired(limit, Bound { time: secs(90), source }, "make", None);
        let error = of(Limit::Command, Source::Setting);
        assert_eq!(error.kind(), Kind::Timeout);
        assert_eq!(error.to_string(), "`make` took longer than 1 min 30 s, the limit of the setting `command_timeout`");
        assert_eq!(
            error.parts().help,
            [
                "give it more time with `set(\"command_timeout\", 270)` or `--command-timeout 270`, or this command alone, \
                 `#{ timeout: 270 }` at its end"
            ]
        );
        let error = of(Limit::Idle, Source::Line);
        assert_eq!(error.to_string(), "`make` printed nothing for 1 min 30 s, the limit of `--idle-timeout`");
        assert_eq!(
            error.parts().help,
            ["give it more time with `--idle-timeout 270`, or this command alone, `#{ idle_timeout: 270 }` at its end"]
        );
        let error = of(Limit::Idle, Source::Call);
        assert_eq!(error.to_string(), "`make` printed nothing for 1 min 30 s, the limit of its own `idle_timeout`");
        assert_eq!(
            error.parts().help,
            ["give it more time here, `idle_timeout: 270`, or none to heed, `idle_timeout: 0`"]
        );
    }

    #[test]
    fn a_run_has_no_command_to_change() {
        let bound = Bound { time: secs(3600), source: Source::Line };
        assert_eq!(run_expired(bound), "the run took longer than 1 h, the limit of `--run-timeout`");
        assert_eq!(remedy(Limit::Run, bound), "give it more time with `--run-timeout 10800`");
    }

    #[test]
    fn what_it_seems_to_wait_for_is_the_first_remedy() {
        let bound = Bound { time: secs(1), source: Source::Call };
        assert_eq!(expired(Limit::Idle, bound, "x", Some("say yes")).parts().help[0], "say yes");
    }
}
