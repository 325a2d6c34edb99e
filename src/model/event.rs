//! What happens during a run, as data.
//!
//! Everything above prints nothing: it emits events, and reporters consume them. The JSON reporter writes these types
//! as they are, so their field names are public. Every text in an event is already redacted.

use serde::Serialize;

use crate::error::Error;
use crate::model::doctor::checkup::Told;
use crate::model::live::Live;
use crate::model::setting_row::SettingRow;
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

/// What became of a host in a run that touched releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The run switched it to the new release.
    Switched,
    /// The run did not switch it, and nothing went wrong there.
    Unchanged,
    /// It failed, and the run went on without it.
    SetAside,
    /// It failed, before or after its switch.
    Failed,
    /// It was stopped in the middle of its switch, and nobody could find out what it has.
    InDoubt,
}

/// Where one host stands at the end of a run that touched releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// `user@host`.
    pub host: String,
    /// What was current when the run began.
    pub before: Live,
    /// What is current now.
    pub now: Live,
    /// Whether this run switched it.
    pub switched: bool,
    /// What became of it.
    pub state: State,
    /// Why it was not switched, in a few words, where something went wrong.
    pub reason: Option<String>,
}

/// Where the time of a phase went. All but `seconds` are those of its slowest host: hosts work at the same time, so it
/// is the slowest one that decides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spent {
    /// The task; none outside tasks, and for the whole run.
    pub task: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The host that was busy for the longest time; none where there was no host.
    pub slowest: Option<String>,
    /// Seconds spent on connecting.
    pub connecting: f64,
    /// Seconds in which commands ran on the host.
    pub host: f64,
    /// Seconds spent on the way there and back.
    pub network: f64,
    /// How often something was sent and waited for.
    pub trips: usize,
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

/// An [`Error`] that serializes.
#[derive(Clone, Debug)]
pub struct ErrorReport(pub Error);

impl Serialize for ErrorReport {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let parts = self.0.parts();
        let mut map = serializer.serialize_struct("Error", 9)?;
        map.serialize_field("kind", parts.kind.name())?;
        map.serialize_field("message", &parts.message)?;
        map.serialize_field("place", &parts.place)?;
        map.serialize_field("trace", &parts.trace.iter().map(|step| &step.label).collect::<Vec<_>>())?;
        map.serialize_field("host", &parts.host)?;
        map.serialize_field("command", &parts.command.as_ref().map(CommandReport))?;
        map.serialize_field("help", &parts.help)?;
        map.serialize_field("notes", &parts.notes)?;
        map.serialize_field("causes", &parts.causes.iter().cloned().map(ErrorReport).collect::<Vec<_>>())?;
        map.end()
    }
}

struct CommandReport<'a>(&'a crate::error::FailedCommand);

impl Serialize for CommandReport<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut map = serializer.serialize_struct("Command", 5)?;
        map.serialize_field("line", &self.0.line)?;
        map.serialize_field("status", &self.0.status)?;
        map.serialize_field("signal", &self.0.signal)?;
        map.serialize_field("stdout", &self.0.stdout)?;
        map.serialize_field("stderr", &self.0.stderr)?;
        map.end()
    }
}

/// Takes events. Implementations lock for themselves: events come from several threads at once.
pub trait Sink: Send + Sync {
    /// Takes one event.
    fn emit(&self, event: &Event);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{FailedCommand, Kind};

    #[test]
    fn events_are_one_tagged_object() {
        let event = Event::CommandOutput { id: 3, stream: Stream::Stderr, line: "hi".into() };
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"{"event":"command_output","id":3,"stream":"stderr","line":"hi"}"#
        );
    }

    #[test]
    fn errors_keep_their_fields_apart() {
        let command = FailedCommand { line: "false".into(), status: Some(1), ..FailedCommand::default() };
        let error = Error::new(Kind::Command, "`false` ended with status 1").on("web1").command(command).help("look");
        let json = serde_json::to_value(ErrorReport(error)).unwrap();
        assert_eq!(json["kind"], "command");
        assert_eq!(json["host"], "web1");
        assert_eq!(json["command"]["status"], 1);
        assert_eq!(json["help"][0], "look");
    }
}
