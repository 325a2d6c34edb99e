//! What happens during a run, as data.
//!
//! Everything above prints nothing: it emits events, and reporters consume them. The JSON reporter writes these types
//! as they are, so their field names are public. Every text in an event is already redacted.

use serde::Serialize;

use crate::model::doctor::checkup::Told;
use crate::model::error_report::ErrorReport;
use crate::model::setting_row::SettingRow;
use crate::model::spent::Spent;
use crate::model::standing::Standing;
use crate::model::value::Value;
use crate::place::Place;

/// How important a message or a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Only in the log, or with `-v`.
    Debug,
    /// Ordinary.
    Info,
    /// Something to look at.
    Warn,
    /// Something failed.
    Error,
}

/// One of the two output streams of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// The command line without the program, for example `production deploy`.
        command: String,
        /// The stage.
        stage: Option<String>,
        /// Version of windlass.
        version: &'static str,
        /// Whether nothing is changed.
        dry_run: bool,
    },
    /// A setting, as it is when the run begins; told with `-p`.
    Setting(Box<SettingRow>),
    /// A host was looked at by `doctor`.
    HostExamined {
        /// `user@host`.
        host: String,
        /// Its roles.
        roles: Vec<String>,
        /// What is shown of it, whether anything is wrong there or not; none where it could not be asked.
        facts: Option<Value>,
    },
    /// Something that `doctor` found.
    HostFinding {
        /// `user@host`; none where it is about the recipes.
        host: Option<String>,
        /// What it is.
        #[serde(flatten)]
        finding: Box<Told>,
    },
    /// A task's own steps begin; its prerequisites and `before` hooks are done, or wait in a `batch` before it.
    TaskStarted {
        /// Full name, for example `deploy:updating`.
        task: String,
        /// Where it was defined.
        place: Option<Place>,
        /// How many tasks are open above it.
        depth: usize,
    },
    /// A task's steps are over, its `after` hooks included, but commands of them wait in a `batch`: `TaskFinished` comes
    /// later.
    TaskWaiting {
        /// Full name.
        task: String,
    },
    /// A task is over, its `after` hooks included, and so is every command of theirs that had waited.
    TaskFinished {
        /// Full name.
        task: String,
        /// Whether it succeeded.
        ok: bool,
        /// The task whose command had waited and failed, where this kept it from its end and nothing else has failed.
        stopped_by: Option<String>,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// A connection stands.
    Connected {
        /// `user@host`.
        host: String,
        /// How long it took, in seconds.
        seconds: f64,
        /// Whether an earlier run had made it.
        reused: bool,
    },
    /// A command begins on a host.
    CommandStarted {
        /// Number of this execution, unique in the run.
        id: u64,
        /// Task it belongs to; none outside tasks.
        task: Option<String>,
        /// `user@host`.
        host: String,
        /// User it runs as, if another one than the login.
        user: Option<String>,
        /// The command alone.
        command: String,
        /// The whole line with directory, environment, umask and sudo.
        line: String,
        /// Recipe place that runs it.
        place: Option<Place>,
        /// How important; `test` and `capture` are `debug`.
        level: Level,
        /// True when it is only shown, by `--dry-run`.
        dry_run: bool,
    },
    /// A line a command printed.
    CommandOutput {
        /// Number of the execution.
        id: u64,
        /// Which stream.
        stream: Stream,
        /// The line without its end.
        line: String,
    },
    /// A command is over.
    CommandFinished {
        /// Number of the execution.
        id: u64,
        /// Exit status; none when the connection broke or it was cancelled.
        status: Option<i32>,
        /// Signal that ended it, for example `KILL`.
        signal: Option<String>,
        /// Whether it did what was asked; a `test` that says no is ok.
        ok: bool,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// A command has been silent for a while.
    Waiting {
        /// Number of the execution; none where it has not begun, because the host has not answered yet.
        id: Option<u64>,
        /// `user@host`.
        host: String,
        /// The command alone.
        command: String,
        /// How long it has been silent, in seconds.
        seconds: f64,
        /// What it seems to wait for, and what to do about that.
        hint: Option<String>,
    },
    /// Commands have gone to a host together, and what they gave has come back.
    Trip {
        /// `user@host`.
        host: String,
        /// How many commands of it have run.
        commands: usize,
        /// Round trips it took; more than one where the commands are of several users, or long.
        round_trips: usize,
        /// How long it took, in seconds.
        seconds: f64,
        /// How long it took by the host's own clock, in seconds; none where the host does not say.
        host_seconds: Option<f64>,
    },
    /// Part of a file went over the line, or of several that go together. One that goes as a whole is told nothing of; of
    /// any other the last one has as many `bytes` as `total`, unless the transfer fails.
    Transfer {
        /// Number of the execution it belongs to.
        id: u64,
        /// `user@host`.
        host: String,
        /// True towards the host.
        upload: bool,
        /// Name of the file.
        name: String,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Something a recipe or windlass itself says.
    Message {
        /// How important.
        level: Level,
        /// The text, one line or several.
        text: String,
        /// `user@host`, inside `on`.
        host: Option<String>,
        /// Task it belongs to.
        task: Option<String>,
        /// Recipe place.
        place: Option<Place>,
    },
    /// A host failed, and the run goes on without it, as `max_fail` allows.
    HostSetAside {
        /// `user@host`.
        host: String,
        /// Task in which it failed.
        task: Option<String>,
        /// Why, in a few words.
        reason: String,
        /// The whole error, as in `Failed`.
        error: ErrorReport,
    },
    /// Where every host stands, after a run that switched or meant to switch releases.
    Fleet {
        /// One entry per host.
        hosts: Vec<Standing>,
        /// True when some hosts have the new release and some have not.
        mixed: bool,
    },
    /// Where the time of the run went.
    Profile {
        /// One entry per top-level task, and per task directly below one, that did anything on a host.
        phases: Vec<Spent>,
        /// The whole run.
        total: Spent,
    },
    /// The run failed.
    Failed {
        /// The error; in JSON its fields are `kind`, `message`, `place`, `host`, `command`, `help`, `notes`, `causes`.
        error: ErrorReport,
    },
    /// The run is over; nothing comes after it.
    RunFinished {
        /// Exit code of the process.
        exit_code: u8,
        /// How long it took, in seconds.
        seconds: f64,
    },
}

/// Takes events. Implementations lock for themselves: events come from several threads at once.
pub trait Sink: Send + Sync {
    /// Takes one event.
    fn emit(&self, event: &Event);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_one_tagged_object() {
        let event = Event::CommandOutput { id: 3, stream: Stream::Stderr, line: "hi".into() };
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"{"event":"command_output","id":3,"stream":"stderr","line":"hi"}"#
        );
    }
}
