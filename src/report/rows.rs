//! Events to rows: what is worth a line, and which number and task it has.
//!
//! Owns what is shown and what is hidden, for the reporters with and without a terminal alike; how a row looks is
//! theirs. Commands are found by their id, never by their text, so what was redacted keeps its number, and every event
//! carries its task, so what follows a nested task stands under the right heading.

use std::time::Duration;

use indexmap::{IndexMap, IndexSet};

use crate::model::event::{Event, Level, Stream};
use crate::report::console::{Shown, Verbosity};
use crate::report::ended::ended;
use crate::report::numbering::Numbering;
use crate::report::set_aside::set_aside;

/// One line, or several where its text has several.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Task it belongs to; none outside tasks.
    pub task: Option<String>,
    /// What it says.
    pub what: What,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// The run begins and changes nothing.
    DryRun,
    /// The first host begins a command. `whole` asks for its text uncut: in a dry run there is nothing else to see.
    Command { number: usize, text: String, whole: bool },
    /// A line a command printed.
    Output { number: usize, host: String, text: String },
    /// A host is done with a command; `note` says how it ended where that is not plain success.
    Done { number: usize, host: String, ok: bool, note: Option<String>, seconds: f64 },
    /// A host would have run a command.
    NotRun { number: usize, host: String },
    /// A message.
    Message { level: Level, host: Option<String>, text: String },
    /// A file arrived.
    Transferred { upload: bool, name: String, host: String, total: u64 },
    /// A connection stands.
    Connected { host: String, seconds: f64, reused: bool },
    /// A command is silent; the hint says what it seems to wait for.
    Waiting { host: String, command: String, seconds: f64, hint: Option<String> },
}

/// A command that has begun and not ended.
#[derive(Debug)]
pub(super) struct Running {
    pub task: Option<String>,
    pub host: String,
    pub text: String,
    /// None while the command is hidden.
    pub number: Option<usize>,
    pub dry_run: bool,
    /// Time of the run at which it began.
    pub since: Duration,
}

/// Turns events into rows.
#[derive(Debug)]
pub(super) struct Rows {
    shown: Shown,
    numbering: Numbering,
    running: IndexMap<u64, Running>,
    hosts: IndexSet<String>,
    /// Tasks whose steps have begun and not ended, innermost last.
    open: Vec<String>,
}

impl Rows {
    pub fn new(shown: Shown) -> Self {
        Self {
            shown,
            numbering: Numbering::default(),
            running: IndexMap::new(),
            hosts: IndexSet::new(),
            open: Vec::new(),
        }
    }

    /// Whether the run has more than one host so far, so that lines have to name theirs.
    ///
    /// Judged for the run and not for the command: while the first host of a command prints, nobody knows yet whether
    /// a second one will.
    pub fn many_hosts(&self) -> bool {
        self.hosts.len() > 1
    }

    /// The commands that have begun and not ended, oldest first.
    pub fn running(&self) -> impl Iterator<Item = &Running> {
        self.running.values()
    }

    /// The rows an event leads to, in order; often none. `now` is the time since the run began.
    pub fn take(&mut self, event: &Event, now: Duration) -> Vec<Row> {
        match event {
            Event::RunStarted { dry_run: true, .. } if self.verbosity() > Verbosity::Quiet => row(None, What::DryRun),
            Event::TaskStarted { task, .. } => {
                self.numbering.restart(task);
                self.open.push(task.clone());
                Vec::new()
            }
            Event::TaskWaiting { task } | Event::TaskFinished { task, .. } => {
                if let Some(position) = self.open.iter().rposition(|open| open == task) {
                    self.open.remove(position);
                }
                Vec::new()
            }
            Event::Connected { host, seconds, reused } => {
                self.hosts.insert(host.clone());
                let what = What::Connected { host: host.clone(), seconds: *seconds, reused: *reused };
                if self.verbosity() == Verbosity::Verbose { row(self.open.last(), what) } else { Vec::new() }
            }
            Event::CommandStarted { .. } => self.started(event, now),
            Event::CommandOutput { id, stream, line } => self.printed(*id, *stream, line),
            Event::CommandFinished { .. } => self.finished(event),
            Event::Waiting { id, host, command, seconds, hint } => {
                let task = id.and_then(|id| self.running.get(&id)).map_or(self.open.last(), |run| run.task.as_ref());
                let (host, command) = (host.clone(), command.clone());
                let what = What::Waiting { host, command, seconds: *seconds, hint: hint.clone() };
                // That somebody is asked and nobody can answer is worth a warning.
                let least = if hint.is_some() { Verbosity::Quiet } else { Verbosity::Normal };
                if self.verbosity() >= least { row(task, what) } else { Vec::new() }
            }
            Event::Transfer { host, upload, name, bytes, total, .. } => {
                let what = What::Transferred { upload: *upload, name: name.clone(), host: host.clone(), total: *total };
                if bytes >= total && self.verbosity() > Verbosity::Quiet {
                    row(self.open.last(), what)
                } else {
                    Vec::new()
                }
            }
            Event::Message { level, text, host, task, .. } => {
                let least = match level {
                    Level::Debug => Verbosity::Verbose,
                    Level::Info => Verbosity::Normal,
                    Level::Warn | Level::Error => Verbosity::Quiet,
                };
                let what = What::Message { level: *level, host: host.clone(), text: text.trim().to_owned() };
                if self.verbosity() >= least && !text.trim().is_empty() { row(task.as_ref(), what) } else { Vec::new() }
            }
            Event::HostSetAside { host, task, reason, .. } => {
                let what = What::Message { level: Level::Warn, host: Some(host.clone()), text: set_aside(reason) };
                row(task.as_ref(), what)
            }
            _ => Vec::new(),
        }
    }

    fn verbosity(&self) -> Verbosity {
        self.shown.verbosity
    }

    fn started(&mut self, event: &Event, now: Duration) -> Vec<Row> {
        let Event::CommandStarted { id, task, host, command, line, level, dry_run, .. } = event else {
            return Vec::new();
        };
        self.hosts.insert(host.clone());
        let text = if *dry_run { line } else { command.strip_prefix("/usr/bin/env ").unwrap_or(command) };
        let mut running = Running {
            task: task.clone(),
            host: host.clone(),
            text: text.to_owned(),
            number: None,
            dry_run: *dry_run,
            since: now,
        };
        let least = if *level == Level::Debug { Verbosity::Verbose } else { Verbosity::Normal };
        let rows = if self.verbosity() >= least { self.show(&mut running) } else { Vec::new() };
        self.running.insert(*id, running);
        rows
    }

    /// Gives a command its number, and a row where it is new.
    fn show(&mut self, running: &mut Running) -> Vec<Row> {
        let (number, new) = self.numbering.number(running.task.as_deref(), &running.text);
        running.number = Some(number);
        let mut rows = Vec::new();
        if new {
            rows.extend(row(
                running.task.as_ref(),
                What::Command { number, text: running.text.clone(), whole: running.dry_run },
            ));
        }
        if running.dry_run {
            rows.extend(row(running.task.as_ref(), What::NotRun { number, host: running.host.clone() }));
        }
        rows
    }

    fn printed(&self, id: u64, stream: Stream, line: &str) -> Vec<Row> {
        let Some(Running { task, host, number: Some(number), .. }) = self.running.get(&id) else { return Vec::new() };
        if !self.shown.output.has(stream) {
            return Vec::new();
        }
        row(task.as_ref(), What::Output { number: *number, host: host.clone(), text: line.to_owned() })
    }

    fn finished(&mut self, event: &Event) -> Vec<Row> {
        let Event::CommandFinished { id, status, signal, ok, seconds } = event else { return Vec::new() };
        let Some(mut running) = self.running.shift_remove(id) else { return Vec::new() };
        let mut rows = Vec::new();
        // A hidden command that fails is hidden no longer: otherwise its failure would come out of nowhere.
        if running.number.is_none() && !ok && self.verbosity() > Verbosity::Quiet {
            rows = self.show(&mut running);
        }
        if let (Some(number), false) = (running.number, running.dry_run) {
            let note = ended(*status, signal.as_deref());
            let what = What::Done { number, host: running.host, ok: *ok, note, seconds: *seconds };
            rows.extend(row(running.task.as_ref(), what));
        }
        rows
    }
}

fn row(task: Option<&String>, what: What) -> Vec<Row> {
    vec![Row { task: task.cloned(), what }]
}
