//! The reporter without a terminal, for CI: one self-contained line per thing.
//!
//! ```text
//! 00:01 deploy:updating 01 $ git fetch
//! 00:01 deploy:updating 01 deploy@web1: From ssh://git.example.com/shop
//! 00:02 deploy:updating 01 deploy@web1 ✔ 0.332s
//! 00:02 deploy:updating 01 deploy@web2 ✘ 1.207s exit status 128
//! ```
//!
//! The same rows as on a terminal, but without colour, cut nowhere unless the recipe wishes it, and with clock, task and host on every line, so that
//! a search in the log of a CI job finds what it needs.

use std::sync::Mutex;
use std::time::Duration;

use crate::model::event::{Event, Level, Sink};
use crate::model::size::size;
use crate::report::clean::{Colours, clean};
use crate::report::clock::{heading_clock, precise};
use crate::report::console::{Console, Shown, locked, write};
use crate::report::diagnostic::Options;
use crate::report::ending::Ending;
use crate::report::folding::Folding;
use crate::report::rows::{Row, Rows, What};
use crate::report::style::Paint;
use crate::report::truncate::truncate;
use crate::report::waiting_words::waiting;

/// The reporter for everything that is no terminal.
pub struct Plain {
    console: Console,
    /// Columns at which lines are cut; 0 is nowhere.
    cut: usize,
    state: Mutex<State>,
}

struct State {
    rows: Rows,
    ending: Ending,
    folding: Option<Folding>,
}

impl Plain {
    /// A reporter that shows what is asked for.
    #[must_use]
    pub fn new(console: Console, shown: Shown) -> Self {
        Self::folded(console, shown, None)
    }

    /// The same for the log of a CI job that can be folded.
    #[must_use]
    pub fn folded(console: Console, shown: Shown, folding: Option<Folding>) -> Self {
        let state = State { rows: Rows::new(shown), ending: Ending::new(shown.verbosity), folding };
        Self { console, cut: 0, state: Mutex::new(state) }
    }

    /// Cuts lines at so many columns, but for what must be read whole: lines of a dry run, errors, the table of hosts.
    #[must_use]
    pub const fn cut_at(mut self, columns: usize) -> Self {
        self.cut = columns;
        self
    }
}

impl Sink for Plain {
    fn emit(&self, event: &Event) {
        let mut state = locked(&self.state);
        let State { rows, ending, folding } = &mut *state;
        let (now, second) = (self.console.clock.elapsed(), self.console.clock.wall().as_second());
        ending.take(event);
        let mut text = String::new();
        for row in rows.take(event, now) {
            if let Some(folding) = folding {
                text.push_str(&folding.before(row.task.as_deref(), second));
            }
            text.push_str(&lines(&row, now, self.cut));
        }
        if let (Some(folding), Event::Message { level: Level::Warn, text: said, place: Some(place), .. }) =
            (&folding, event)
        {
            text.push_str(&folding.annotation("warning", Some(place), said));
        }
        if let Event::RunFinished { exit_code, seconds } = event {
            let failure = ending.failure(&*self.console.sources, Options::default());
            if let Some(folding) = folding {
                write(&self.console.out, &folding.close(second));
                let marks = ending.error().map(|error| folding.annotations(error)).unwrap_or_default();
                write(&self.console.err, &(folding.failure(&failure) + &marks));
            } else {
                write(&self.console.err, &failure);
            }
            text.push_str(&ending.summary(*exit_code, *seconds, Paint { color: false }));
        }
        write(&self.console.out, &text);
    }
}

/// The lines of a row, each with its end.
fn lines(row: &Row, now: Duration, cut: usize) -> String {
    let whole = matches!(row.what, What::Command { whole: true, .. } | What::Waiting { .. });
    let cut = if whole { 0 } else { cut };
    let task = row.task.as_ref().map(|task| format!(" {task}")).unwrap_or_default();
    let start = format!("{}{task}", heading_clock(now));
    let line = |text: String| format!("{}\n", truncate(&format!("{start} {text}"), cut).trim_end());
    let each = |prefix: &str, text: &str| -> String {
        text.lines().map(|part| line(format!("{prefix}{}", clean(part, Colours::Strip)))).collect()
    };
    match &row.what {
        What::DryRun => line("dry run: nothing is changed on any host".to_owned()),
        What::Command { number, text, .. } => each(&format!("{number:02} $ "), text),
        What::Output { number, host, text } => line(format!("{number:02} {host}: {}", clean(text, Colours::Strip))),
        What::Done { number, host, ok, note, seconds } => {
            let mark = if *ok { '✔' } else { '✘' };
            line(format!("{number:02} {host} {mark} {} {}", precise(*seconds), note.as_deref().unwrap_or_default()))
        }
        What::NotRun { number, host } => line(format!("{number:02} {host} ○ not run")),
        What::Message { level, host, text } => {
            let label = match level {
                Level::Debug | Level::Info => "",
                Level::Warn => "WARN ",
                Level::Error => "ERROR ",
            };
            let host = host.as_ref().map(|host| format!("{host}: ")).unwrap_or_default();
            each(&format!("{label}{host}"), text)
        }
        What::Transferred { upload, name, host, total } => {
            let verb = if *upload { "uploaded" } else { "downloaded" };
            line(format!("{host}: {verb} {}, {}", clean(name, Colours::Strip), size(*total)))
        }
        What::Connected { host, seconds, reused } => {
            let word = if *reused { "connected again" } else { "connected" };
            line(format!("{host}: {word} in {}", precise(*seconds)))
        }
        What::Waiting { host, command, seconds, hint } => {
            let hint = hint.iter().map(|hint| line(format!("WARN {host}: {hint}")));
            std::iter::once(line(waiting(host, command, *seconds))).chain(hint).collect()
        }
    }
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
