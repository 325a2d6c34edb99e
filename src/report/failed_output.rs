//! The whole output of commands that failed, to be shown again at the end of a run.
//!
//! While a run goes on, the lines of several hosts mix; at the end the lines of the hosts that failed stand together, in
//! the order they were printed. What an error shows anyway is not repeated.

use std::collections::{HashMap, VecDeque};

use crate::error::{Error, FailedCommand};
use crate::model::event::{Event, Stream};
use crate::model::plural::plural;
use crate::report::clean::{Colours, clean};
use crate::report::failed_command::TAIL;
use crate::report::style::{Paint, STRONG};

/// Lines kept per command; of more the last ones, so that a command that prints for hours does not fill the memory.
const KEPT: usize = 5000;

/// What commands printed: of those that run, and of those that failed.
#[derive(Debug, Default)]
pub(super) struct FailedOutput {
    running: HashMap<u64, Record>,
    failed: Vec<Record>,
}

#[derive(Debug)]
struct Record {
    host: String,
    command: String,
    line: String,
    printed: VecDeque<(Stream, String)>,
    dropped: usize,
}

impl FailedOutput {
    /// Notes what belongs here.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::CommandStarted { id, host, command, line, .. } => {
                let (host, command, line) = (host.clone(), command.clone(), line.clone());
                self.running.insert(*id, Record { host, command, line, printed: VecDeque::new(), dropped: 0 });
            }
            Event::CommandOutput { id, stream, line } => {
                if let Some(record) = self.running.get_mut(id) {
                    if record.printed.len() == KEPT {
                        record.printed.pop_front();
                        record.dropped += 1;
                    }
                    record.printed.push_back((*stream, line.clone()));
                }
            }
            Event::CommandFinished { id, ok, .. } => {
                if let Some(record) = self.running.remove(id).filter(|_| !ok) {
                    self.failed.push(record);
                }
            }
            _ => {}
        }
    }

    /// The outputs that belong to an error, one block per group of hosts with the same lines, and the error without
    /// what these blocks already show.
    pub fn split(&self, error: &Error, paint: Paint) -> (String, Error) {
        let mut error = error.clone();
        let mut blocks: Vec<(&Record, Vec<&str>)> = Vec::new();
        self.cut(&mut error, None, &mut blocks);
        let text = blocks.iter().map(|(record, hosts)| record.block(hosts, paint)).collect();
        (text, error)
    }

    fn cut<'a>(&'a self, error: &mut Error, outer: Option<&str>, blocks: &mut Vec<(&'a Record, Vec<&'a str>)>) {
        let parts = error.parts_mut();
        let host = parts.host.clone().or_else(|| outer.map(ToOwned::to_owned));
        if let (Some(host), Some(command)) = (&host, &mut parts.command)
            && let Some(record) = self.find(host, command).filter(|record| record.is_more_than_an_error_shows())
        {
            command.stdout.clear();
            command.stderr.clear();
            match blocks.iter_mut().find(|(other, _)| other.same_text(record)) {
                Some((_, hosts)) if hosts.contains(&record.host.as_str()) => {}
                Some((_, hosts)) => hosts.push(&record.host),
                None => blocks.push((record, vec![&record.host])),
            }
        }
        for cause in &mut parts.causes {
            self.cut(cause, host.as_deref(), blocks);
        }
    }

    /// The last failure of a command on a host. Errors name a host with or without its user.
    fn find(&self, host: &str, command: &FailedCommand) -> Option<&Record> {
        let same =
            |record: &Record| record.host == host || record.host.rsplit_once('@').is_some_and(|(_, name)| name == host);
        self.failed.iter().rev().find(|record| same(record) && record.line == command.line)
    }
}

impl Record {
    fn is_more_than_an_error_shows(&self) -> bool {
        let has = |stream| self.printed.iter().any(|(from, line)| *from == stream && !line.trim().is_empty());
        self.printed.len() > TAIL || (has(Stream::Stdout) && has(Stream::Stderr))
    }

    fn same_text(&self, other: &Self) -> bool {
        self.line == other.line && self.dropped == other.dropped && self.printed == other.printed
    }

    fn block(&self, hosts: &[&str], paint: Paint) -> String {
        let command = self.command.lines().next().unwrap_or_default();
        let heading = format!("output of `{}` on {}:", clean(command, Colours::Strip), hosts.join(", "));
        let mut text = format!("\n{}\n", paint.on(STRONG, &heading));
        if self.dropped > 0 {
            text.push_str(&format!("  … {} before, see the log file …\n", plural(self.dropped, "line")));
        }
        for (_, line) in &self.printed {
            let colours = if paint.color { Colours::Keep } else { Colours::Strip };
            text.push_str(format!("  {}", clean(line, colours)).trim_end());
            text.push('\n');
        }
        text
    }
}
