//! The default reporter, for people: headings with a clock, numbered commands, a mark per host.
//!
//! ```text
//! 00:01 deploy:updating
//!       01 git fetch
//!       01 web1: From ssh://git.example.com/shop
//!     ✔ 01 deploy@web1 0.332s
//!     ✘ 01 deploy@web2 1.207s exit status 128
//! ```
//!
//! Owns how rows look on a terminal, and the status line below them. It knows no stream of its own and decides nothing
//! about colour or width: both come from the cli.

use std::sync::Mutex;
use std::time::Duration;

use crate::model::event::{Event, Level, Sink};
use crate::model::size::size;
use crate::report::clean::{Colours, clean};
use crate::report::clock::{heading_clock, precise};
use crate::report::console::{Console, Shown, Verbosity, locked, write};
use crate::report::diagnostic::Options;
use crate::report::ending::Ending;
use crate::report::rows::{Row, Rows, What};
use crate::report::status_line::StatusLine;
use crate::report::style::{BAD, COMMAND, FAINT, GOOD, Paint, TASK, WARN};
use crate::report::truncate::{expand_tabs, truncate};
use crate::report::waiting_words::waiting;

/// Columns in front of everything but headings.
const MARGIN: &str = "      ";
/// Columns in front of marks.
const MARK_MARGIN: &str = "    ";

/// The reporter for terminals.
pub struct Terminal {
    console: Console,
    quiet: bool,
    look: Options,
    /// Columns at which lines are cut; 0 is nowhere.
    cut: usize,
    /// How the error at the end looks: it may go elsewhere.
    errors: Options,
    state: Mutex<State>,
}

struct State {
    rows: Rows,
    ending: Ending,
    /// The task the last row belonged to.
    heading: Option<String>,
    status: StatusLine,
}

impl Terminal {
    /// A reporter for a terminal of `look.width` columns. Lines are cut to it, but for what must be read whole: lines
    /// of a dry run, errors, the table of hosts.
    #[must_use]
    pub fn new(console: Console, shown: Shown, look: Options) -> Self {
        let ending = Ending::new(shown.verbosity);
        let state = State { rows: Rows::new(shown), ending, heading: None, status: StatusLine::default() };
        Self {
            console,
            quiet: shown.verbosity == Verbosity::Quiet,
            look,
            cut: look.width,
            errors: look,
            state: Mutex::new(state),
        }
    }

    /// Cuts lines elsewhere than at the width of the terminal; 0 is nowhere.
    #[must_use]
    pub const fn cut_at(mut self, columns: usize) -> Self {
        self.cut = columns;
        self
    }

    /// With or without colours in the error at the end, which goes to another stream.
    #[must_use]
    pub const fn errors_in_color(mut self, color: bool) -> Self {
        self.errors.color = color;
        self
    }

    /// Draws the status line anew: what commands have been running for a while, and on which hosts.
    ///
    /// To be called about once a second, and only if `out` is a terminal that understands escapes: the line is written
    /// over in place. Without it there is no such line, and nothing else is missing.
    pub fn tick(&self) {
        if self.quiet || self.look.width == 0 {
            return;
        }
        let mut state = locked(&self.state);
        let State { rows, status, .. } = &mut *state;
        let text = status.draw(rows.running(), self.console.clock.elapsed(), self.look.width);
        write(&self.console.out, &text);
    }

    fn paint(&self) -> Paint {
        Paint { color: self.look.color }
    }

    /// The lines of a row, each with its end, under a heading where the task is another one than before.
    fn lines(&self, row: &Row, heading: &mut Option<String>, many_hosts: bool, now: Duration) -> String {
        let whole = matches!(row.what, What::Command { whole: true, .. } | What::Waiting { .. });
        let mut text = String::new();
        if row.task != *heading && !self.quiet {
            let name = row.task.as_deref().unwrap_or("outside tasks");
            let line = format!("{} {}", heading_clock(now), self.paint().on(TASK, name));
            text.push_str(&truncate(&line, self.cut));
            text.push('\n');
            heading.clone_from(&row.task);
        }
        for line in self.look_of(&row.what, many_hosts) {
            let line = if self.quiet { line.strip_prefix(MARGIN).unwrap_or(&line) } else { &line };
            text.push_str(if whole { line.into() } else { truncate(line, self.cut) }.trim_end());
            text.push('\n');
        }
        text
    }

    /// How a row looks, line by line.
    fn look_of(&self, what: &What, many_hosts: bool) -> Vec<String> {
        let paint = self.paint();
        let prefix =
            |host: &str| if many_hosts { paint.on(FAINT, &format!("{}: ", short(host))) } else { String::new() };
        match what {
            What::DryRun => vec![paint.on(WARN, "dry run: nothing is changed on any host")],
            What::Command { number, text, whole: true } => {
                let mut lines = text.lines().map(|line| paint.on(COMMAND, &self.readable(line)));
                let first = format!("{MARGIN}{number:02} {}", lines.next().unwrap_or_default());
                std::iter::once(first).chain(lines.map(|line| format!("{MARGIN}   {line}"))).collect()
            }
            What::Command { number, text, whole: false } => {
                let mut lines = text.lines().filter(|line| !line.trim().is_empty());
                let first = clean(&expand_tabs(lines.next().unwrap_or_default()), Colours::Strip);
                let more = if lines.next().is_some() { " …" } else { "" };
                vec![format!("{MARGIN}{number:02} {}{more}", paint.on(COMMAND, &first))]
            }
            What::Output { number, host, text } => {
                vec![format!("{MARGIN}{number:02} {}{}", prefix(host), self.readable(text))]
            }
            What::Done { number, host, ok, note, seconds } => {
                let (mark, style) = if *ok { ("✔", GOOD) } else { ("✘", BAD) };
                let note = note.as_ref().map(|note| format!(" {note}")).unwrap_or_default();
                let note = if *ok { note } else { paint.on(BAD, &note) };
                let who = paint.on(style, &format!("{mark} {number:02} {host}"));
                vec![format!("{MARK_MARGIN}{who} {}{note}", precise(*seconds))]
            }
            What::NotRun { number, host } => {
                vec![format!("{MARK_MARGIN}{} not run", paint.on(FAINT, &format!("○ {number:02} {host}")))]
            }
            What::Message { level, host, text } => {
                let label = match level {
                    Level::Debug | Level::Info => String::new(),
                    Level::Warn => format!("{}  ", paint.on(WARN, "WARN")),
                    Level::Error => format!("{} ", paint.on(BAD, "ERROR")),
                };
                let prefix = host.as_deref().map(prefix).unwrap_or_default();
                text.lines().map(|line| format!("{MARGIN}{label}{prefix}{}", self.readable(line))).collect()
            }
            What::Transferred { upload, name, host, total } => {
                let (verb, to) = if *upload { ("uploaded", "to") } else { ("downloaded", "from") };
                vec![format!("{MARGIN}{verb} {} {to} {host}, {}", clean(name, Colours::Strip), size(*total))]
            }
            What::Connected { host, seconds, reused } => {
                let word = if *reused { "connected again" } else { "connected" };
                vec![format!("{MARGIN}{word} to {host} {}", precise(*seconds))]
            }
            What::Waiting { host, command, seconds, hint } => {
                let words = paint.on(FAINT, &waiting(host, command, *seconds));
                let hint = hint.iter().map(|hint| format!("{MARGIN}{}  {hint}", paint.on(WARN, "WARN")));
                std::iter::once(format!("{MARGIN}{words}")).chain(hint).collect()
            }
        }
    }

    /// A line of somebody else, safe to show: its own colours only where there are colours at all.
    fn readable(&self, line: &str) -> String {
        let line = clean(line, if self.look.color { Colours::Keep } else { Colours::Strip });
        expand_tabs(&line).into_owned()
    }
}

impl Sink for Terminal {
    fn emit(&self, event: &Event) {
        let mut state = locked(&self.state);
        let State { rows, ending, heading, status } = &mut *state;
        let now = self.console.clock.elapsed();
        if let Event::TaskStarted { task, .. } = event
            && heading.as_ref() == Some(task)
        {
            // The same task once more deserves a heading of its own.
            *heading = None;
        }
        status.take(event);
        ending.take(event);
        let taken = rows.take(event, now);
        let mut text: String = taken.iter().map(|row| self.lines(row, heading, rows.many_hosts(), now)).collect();
        if let Event::RunFinished { exit_code, seconds } = event {
            write(&self.console.out, status.clear());
            write(&self.console.err, &ending.failure(&*self.console.sources, self.errors));
            text.push_str(&ending.summary(*exit_code, *seconds, self.paint()));
        }
        if !text.is_empty() {
            text.insert_str(0, status.clear());
            write(&self.console.out, &text);
        }
    }
}

/// A host without its user: on a line of output there is little room, and the lines with marks have both.
fn short(host: &str) -> &str {
    host.rsplit_once('@').map_or(host, |(_, name)| name)
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "terminal_ending_tests.rs"]
mod ending_tests;
