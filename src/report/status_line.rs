//! The line at the bottom of a terminal that says what is going on while nothing is printed.
//!
//! Owns its text and whether it stands on the screen; it is drawn over in place and gone before any other line.

use std::time::Duration;

use indexmap::IndexMap;

use crate::model::event::Event;
use crate::model::size::size;
use crate::report::clean::{Colours, clean};
use crate::report::clock::heading_clock;
use crate::report::rows::Running;
use crate::report::truncate::truncate;

/// Commands younger than this are not worth a word: most are over before anybody has read it.
const PATIENCE: Duration = Duration::from_secs(2);
/// To the first column, and everything behind it away.
const ERASE: &str = "\r\u{1b}[2K";

/// The line, and what it needs to know about transfers.
#[derive(Debug, Default)]
pub(super) struct StatusLine {
    drawn: bool,
    /// Transfers by the number of their execution.
    transfers: IndexMap<u64, Transfer>,
}

/// A transfer that goes on.
#[derive(Debug)]
struct Transfer {
    upload: bool,
    host: String,
    name: String,
    /// Bytes so far, fewer than in all.
    bytes: u64,
    total: u64,
}

impl StatusLine {
    /// Notes transfers that begin, go on and end, one way or the other.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Transfer { id, host, upload, name, bytes, total } if bytes < total => {
                let (host, name) = (host.clone(), name.clone());
                let transfer = Transfer { upload: *upload, host, name, bytes: *bytes, total: *total };
                self.transfers.insert(*id, transfer);
            }
            Event::Transfer { id, .. } | Event::CommandFinished { id, .. } => {
                self.transfers.shift_remove(id);
            }
            _ => {}
        }
    }

    /// What takes the line off the screen; nothing when it is not there.
    pub fn clear(&mut self) -> &'static str {
        if std::mem::take(&mut self.drawn) { ERASE } else { "" }
    }

    /// What puts the line on the screen, in place of the one before; nothing when there is nothing to say.
    pub fn draw<'a>(&mut self, running: impl Iterator<Item = &'a Running>, now: Duration, width: usize) -> String {
        let mut text = self.clear().to_owned();
        let parts: Vec<String> = commands(running, now).into_iter().chain(self.transfers()).collect();
        if !parts.is_empty() {
            // One column stays free: a full line would make some terminals go to the next one.
            let line = format!("      … {}", parts.join(" · "));
            text.push_str(&truncate(&line, width.saturating_sub(1).max(1)));
            self.drawn = true;
        }
        text
    }

    fn transfers(&self) -> impl Iterator<Item = String> {
        self.transfers.values().map(|Transfer { upload, host, name, bytes, total }| {
            // bytes < total, so total is not 0 and the result is below 100.
            let percent = u128::from(*bytes) * 100 / u128::from(*total);
            let (verb, to) = if *upload { ("uploading", "to") } else { ("downloading", "from") };
            format!("{verb} {} {to} {host} {percent}% of {}", clean(name, Colours::Strip), size(*total))
        })
    }
}

/// `00:12 bundle install on web1, web2`, one entry per command that has been running for a while.
fn commands<'a>(running: impl Iterator<Item = &'a Running>, now: Duration) -> Vec<String> {
    let mut groups: IndexMap<&str, Vec<&Running>> = IndexMap::new();
    for command in running {
        groups.entry(&command.text).or_default().push(command);
    }
    let long = groups.into_iter().filter_map(|(text, runs)| {
        let age = runs.iter().map(|run| now.saturating_sub(run.since)).max().filter(|age| *age >= PATIENCE)?;
        let text = clean(text.lines().next().unwrap_or_default(), Colours::Strip);
        let hosts: Vec<&str> = runs.iter().map(|run| run.host.as_str()).collect();
        Some(format!("{} {text} on {}", heading_clock(age), hosts.join(", ")))
    });
    long.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(host: &str, text: &str, since: u64) -> Running {
        Running {
            task: None,
            host: host.into(),
            text: text.into(),
            number: None,
            dry_run: false,
            since: Duration::from_secs(since),
        }
    }

    fn transfer(bytes: u64, total: u64) -> Event {
        Event::Transfer { id: 9, host: "web1".into(), upload: true, name: "app.tar.gz".into(), bytes, total }
    }

    #[test]
    fn only_what_takes_long_is_told() {
        let mut line = StatusLine::default();
        let commands =
            [running("web1", "bundle install", 1), running("web2", "bundle install", 3), running("db", "ls", 12)];
        let now = Duration::from_secs(13);
        assert_eq!(line.draw(commands.iter(), now, 80), "      … 00:12 bundle install on web1, web2");
        assert_eq!(line.draw(commands.iter(), now, 24), "\r\u{1b}[2K      … 00:12 bundle i…");
        assert_eq!(line.draw([].iter(), now, 80), "\r\u{1b}[2K");
        assert_eq!(line.draw([].iter(), now, 80), "");
    }

    #[test]
    fn a_clock_that_goes_backwards_is_no_age() {
        assert_eq!(StatusLine::default().draw([running("a", "x", 9)].iter(), Duration::from_secs(1), 80), "");
    }

    #[test]
    fn transfers_have_a_percentage_until_they_end() {
        let mut line = StatusLine::default();
        let shown = |line: &mut StatusLine| line.draw([].iter(), Duration::ZERO, 80);
        line.take(&transfer(1024, 3072));
        assert_eq!(shown(&mut line), "      … uploading app.tar.gz to web1 33% of 3.0 KiB");
        line.take(&transfer(3072, 3072));
        assert_eq!(shown(&mut line), "\r\u{1b}[2K");
        line.take(&transfer(0, 0));
        assert_eq!(shown(&mut line), "");
    }

    #[test]
    fn a_transfer_that_fails_has_ended_as_well() {
        let mut line = StatusLine::default();
        line.take(&transfer(1, 2));
        let done = |id| Event::CommandFinished { id, status: None, signal: None, ok: false, seconds: 1.0 };
        line.take(&done(8));
        assert!(!line.draw([].iter(), Duration::ZERO, 80).is_empty());
        line.take(&done(9));
        assert_eq!(line.draw([].iter(), Duration::ZERO, 80), "\r\u{1b}[2K");
    }

    #[test]
    fn it_is_cleared_once() {
        let mut line = StatusLine::default();
        assert_eq!(line.clear(), "");
        line.take(&transfer(1, 2));
        line.draw([].iter(), Duration::ZERO, 80);
        assert_eq!(line.clear(), "\r\u{1b}[2K");
        assert_eq!(line.clear(), "");
    }
}
