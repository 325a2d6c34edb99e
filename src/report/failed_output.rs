//! The whole output of commands that failed, to be shown again at the end of a run.
//!
//! While a run goes on, the lines of several hosts mix; at the end the lines of the hosts that failed stand together, in
//! the order they were printed. What an error shows anyway is not repeated.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;

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
                    // Only the last one counts: a recipe may try the same a thousand times.
                    self.failed.retain(|other| other.host != record.host || other.line != record.line);
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

    /// The failure of a command on a host. Errors name a host with or without its user.
    fn find(&self, host: &str, command: &FailedCommand) -> Option<&Record> {
        let same =
            |record: &Record| record.host == host || record.host.rsplit_once('@').is_some_and(|(_, name)| name == host);
        self.failed.iter().find(|record| same(record) && record.line == command.line)
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
            let _ = writeln!(text, "  … {} before, see the log file …", plural(self.dropped, "line"));
        }
        for (_, line) in &self.printed {
            let colours = if paint.color { Colours::Keep } else { Colours::Strip };
            text.push_str(format!("  {}", clean(line, colours)).trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::report::sample_events::{bundle_failed, command, done, error_output, output};

    const PLAIN: Paint = Paint { color: false };

    fn taken(events: &[Event]) -> FailedOutput {
        let mut outputs = FailedOutput::default();
        for event in events {
            outputs.take(event);
        }
        outputs
    }

    /// A failed run of `bundle install` that printed on both streams.
    fn failed(id: u64, host: &str, line: &str) -> Vec<Event> {
        vec![command(id, None, host, "bundle install"), output(id, line), error_output(id, "no"), done(id, 7)]
    }

    fn hosts(names: &[&str]) -> Error {
        names.iter().fold(Error::new(Kind::Hosts, "hosts failed"), |error, host| error.because(bundle_failed(host)))
    }

    #[test]
    fn hosts_with_the_same_output_share_a_block() {
        let outputs = taken(&[failed(1, "web1", "a"), failed(2, "web2", "b"), failed(3, "web3", "a")].concat());
        let (text, _) = outputs.split(&hosts(&["web1", "web2", "web3"]), PLAIN);
        assert_eq!(
            text,
            "\noutput of `bundle install` on web1, web3:\n  a\n  no\n\
             \noutput of `bundle install` on web2:\n  b\n  no\n"
        );
    }

    #[test]
    fn the_error_loses_what_is_shown_and_nothing_else() {
        let outputs = taken(&failed(1, "web1", "a"));
        let (_, error) = outputs.split(&hosts(&["web1", "web2"]), PLAIN);
        let stderr = |n: usize| error.parts().causes[n].parts().command.as_ref().unwrap().stderr.clone();
        assert_eq!((stderr(0).as_str(), stderr(1).as_str()), ("", "Could not locate Gemfile\n"));
    }

    #[test]
    fn errors_may_leave_out_the_user() {
        let outputs = taken(&failed(1, "deploy@web1", "a"));
        assert!(outputs.split(&bundle_failed("web1"), PLAIN).0.contains(" on deploy@web1:\n"));
        assert_eq!(outputs.split(&bundle_failed("eb1"), PLAIN).0, "");
    }

    #[test]
    fn a_cause_without_a_host_is_on_the_host_of_its_error() {
        let mut inner = bundle_failed("x");
        inner.parts_mut().host = None;
        let error = Error::new(Kind::Thrown, "it went wrong").on("web1").because(inner);
        assert!(taken(&failed(1, "web1", "a")).split(&error, PLAIN).0.contains(" on web1:\n"));
    }

    #[test]
    fn only_the_last_attempt_counts() {
        let outputs = taken(&[failed(1, "web1", "first"), failed(2, "web1", "second")].concat());
        let (text, _) = outputs.split(&bundle_failed("web1"), PLAIN);
        assert_eq!(text, "\noutput of `bundle install` on web1:\n  second\n  no\n");
    }

    #[test]
    fn what_went_well_is_forgotten() {
        let outputs =
            taken(&[command(1, None, "web1", "bundle install"), output(1, "a"), error_output(1, "b"), done(1, 0)]);
        assert_eq!(outputs.split(&bundle_failed("web1"), PLAIN).0, "");
        assert!(outputs.running.is_empty() && outputs.failed.is_empty());
    }

    #[test]
    fn endless_output_keeps_its_end() {
        let mut events = vec![command(1, None, "web1", "bundle install")];
        events.extend((1..=KEPT + 1).map(|n| output(1, &n.to_string())));
        events.push(done(1, 7));
        let (text, _) = taken(&events).split(&bundle_failed("web1"), PLAIN);
        assert!(
            text.starts_with("\noutput of `bundle install` on web1:\n  … 1 line before, see the log file …\n  2\n")
        );
        assert_eq!(text.lines().count(), KEPT + 3);
    }
}
