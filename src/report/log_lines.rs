//! Events to lines of the log: everything, whole, in words.
//!
//! Owns what the log says; time stamps and the file are `logfile`'s.

use std::collections::HashMap;
use std::slice::from_ref;

use jiff::Timestamp;

use crate::model::event::{Event, Level, Stream};
use crate::model::host_finding::Severity;
use crate::model::plural::plural;
use crate::model::size::size;
use crate::report::clean::{Colours, clean};
use crate::report::clock::{precise, rough, stamp};
use crate::report::diagnostic::{Options, Sources, render};
use crate::report::doctor::told;
use crate::report::ended::ended;
use crate::report::fleet_table::fleet_table;
use crate::report::profile_table::profile_table;
use crate::report::set_aside::set_aside;
use crate::report::settings::list;
use crate::report::style::Paint;
use crate::report::waiting_words::waiting;

/// Length of the rule above and below the start of a run, as in Capistrano's log.
const RULE: usize = 75;
/// Stands for the host of a command whose beginning was never told.
const UNKNOWN: &str = "unknown host";

/// Turns events into lines without their ends.
#[derive(Debug, Default)]
pub(super) struct LogLines {
    /// Host and importance of the commands that run.
    running: HashMap<u64, (String, Level)>,
}

impl LogLines {
    /// The lines of an event with their importance.
    pub fn take(&mut self, event: &Event, sources: &dyn Sources, time: Timestamp) -> Vec<(Level, String)> {
        match event {
            Event::RunStarted { command, stage, version, dry_run } => {
                let stage = stage.as_ref().map(|stage| format!(", stage {stage}")).unwrap_or_default();
                let dry_run = if *dry_run { ", dry run: nothing is changed" } else { "" };
                let text = format!(
                    "{rule}\nSTART {} windlass {command}\n{rule}\nwindlass {version}{stage}{dry_run}",
                    stamp(time),
                    rule = "-".repeat(RULE),
                );
                lines(Level::Info, "", &text)
            }
            Event::Setting(row) => lines(Level::Info, "setting ", &list(from_ref(&**row))),
            Event::HostExamined { host, facts, .. } => {
                let facts = facts.as_ref().map_or_else(|| "did not answer".to_owned(), ToString::to_string);
                lines(Level::Info, &format!("{host}: "), &facts)
            }
            Event::HostFinding { host, finding } => {
                let host = host.as_ref().map(|host| format!("{host}: ")).unwrap_or_default();
                let level = match finding.severity {
                    Severity::Error => Level::Error,
                    Severity::Warning => Level::Warn,
                    Severity::Note => Level::Info,
                };
                lines(level, &host, &told(finding, "", Paint { color: false }))
            }
            Event::TaskStarted { task, place, .. } => {
                let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
                lines(Level::Info, "", &format!("task {task} begins{place}"))
            }
            Event::TaskWaiting { task } => {
                lines(Level::Info, "", &format!("task {task} waits: a batch sends its commands later"))
            }
            Event::TaskFinished { task, stopped_by: Some(by), seconds, .. } => lines(
                Level::Warn,
                "",
                &format!("task {task} was stopped after {} by the failure of task {by}", precise(*seconds)),
            ),
            Event::TaskFinished { task, ok, seconds, .. } => {
                let (level, word) = if *ok { (Level::Info, "finished in") } else { (Level::Error, "failed after") };
                lines(level, "", &format!("task {task} {word} {}", precise(*seconds)))
            }
            Event::Connected { host, seconds, reused } => {
                let again = if *reused { ", over the connection of an earlier run" } else { "" };
                lines(Level::Info, "", &format!("connected to {host} in {}{again}", precise(*seconds)))
            }
            Event::CommandStarted { .. } => self.started(event),
            Event::CommandOutput { id, stream, line } => {
                let stream = if *stream == Stream::Stdout { "stdout" } else { "stderr" };
                let host = self.running.get(id).map_or(UNKNOWN, |(host, _)| host);
                vec![(Level::Debug, format!("[{id}] {host} {stream}: {}", clean(line, Colours::Strip)))]
            }
            Event::CommandFinished { .. } => self.finished(event),
            Event::Waiting { id, host, command, seconds, hint } => {
                let id = id.map(|id| format!("[{id}] ")).unwrap_or_default();
                let mut all = lines(Level::Info, &id, &waiting(host, command, *seconds));
                all.extend(hint.iter().flat_map(|hint| lines(Level::Warn, &id, &format!("{host}: {hint}"))));
                all
            }
            Event::Profile { phases, total } => {
                lines(Level::Debug, "", &profile_table(phases, total, Paint { color: false }))
            }
            Event::Trip { host, commands, round_trips, seconds, .. } => {
                let (commands, round_trips) = (plural(*commands, "command"), plural(*round_trips, "round trip"));
                lines(Level::Debug, "", &format!("{host}: {commands} in {round_trips}, {}", precise(*seconds)))
            }
            Event::Transfer { host, upload, name, bytes, total, .. } if bytes >= total => {
                let (verb, to) = if *upload { ("uploaded", "to") } else { ("downloaded", "from") };
                lines(Level::Info, "", &format!("{verb} {name} {to} {host}, {}", size(*total)))
            }
            Event::Transfer { .. } => Vec::new(),
            Event::Message { level, text, host, .. } => {
                let host = host.as_ref().map(|host| format!("{host}: ")).unwrap_or_default();
                lines(*level, &host, text.trim())
            }
            Event::HostSetAside { host, reason, error, .. } => {
                let mut all = lines(Level::Warn, &format!("{host}: "), &set_aside(reason));
                all.extend(lines(Level::Warn, "", &render(&error.0, sources, Options::default())));
                all
            }
            Event::Fleet { hosts, mixed } => {
                let level = if *mixed { Level::Error } else { Level::Info };
                lines(level, "", &fleet_table(hosts, *mixed, Paint { color: false }))
            }
            Event::Failed { error } => lines(Level::Error, "", &render(&error.0, sources, Options::default())),
            Event::RunFinished { exit_code, seconds } => {
                lines(Level::Info, "", &format!("END exit code {exit_code} after {}", rough(*seconds)))
            }
        }
    }

    fn started(&mut self, event: &Event) -> Vec<(Level, String)> {
        let Event::CommandStarted { id, task, host, user, command, line, place, level, dry_run } = event else {
            return Vec::new();
        };
        self.running.insert(*id, (host.clone(), *level));
        let verb = if *dry_run { "not running" } else { "running" };
        let user = user.as_ref().map(|user| format!(" as {user}")).unwrap_or_default();
        let mut origin: Vec<String> = task.iter().map(|task| format!("task {task}")).collect();
        origin.extend(place.iter().map(ToString::to_string));
        let origin = if origin.is_empty() { String::new() } else { format!(" ({})", origin.join(", ")) };
        // A script of many lines is named by its first one here; all of it follows.
        let first = command.lines().next().unwrap_or_default();
        let mut all = lines(*level, "", &format!("[{id}] {verb} {first} on {host}{user}{origin}"));
        all.extend(lines(Level::Debug, &format!("[{id}] command: "), line));
        all
    }

    fn finished(&mut self, event: &Event) -> Vec<(Level, String)> {
        let Event::CommandFinished { id, status, signal, ok, seconds } = event else { return Vec::new() };
        let (host, level) = self.running.remove(id).unwrap_or((UNKNOWN.to_owned(), Level::Info));
        let (level, word) = if *ok { (level, "finished in") } else { (Level::Error, "failed after") };
        let note = ended(*status, signal.as_deref()).unwrap_or_else(|| "exit status 0".to_owned());
        lines(level, "", &format!("[{id}] {host} {word} {}: {note}", precise(*seconds)))
    }
}

/// Every line of a text behind the same prefix.
fn lines(level: Level, prefix: &str, text: &str) -> Vec<(Level, String)> {
    text.lines().map(|line| (level, format!("{prefix}{}", clean(line, Colours::Strip)))).collect()
}
