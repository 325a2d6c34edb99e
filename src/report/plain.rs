//! The reporter without a terminal, for CI: one self-contained line per thing.
//!
//! ```text
//! 00:01 deploy:updating 01 $ git fetch
//! 00:01 deploy:updating 01 deploy@web1: From ssh://git.example.com/shop
//! 00:02 deploy:updating 01 deploy@web1 ✔ 0.332s
//! 00:02 deploy:updating 01 deploy@web2 ✘ 1.207s exit status 128
//! ```
//!
//! The same rows as on a terminal, but without colour, cut nowhere, and with clock, task and host on every line, so that
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
use crate::report::rows::{Row, Rows, What};
use crate::report::style::Paint;
use crate::report::waiting_words::waiting;

/// The reporter for everything that is no terminal.
pub struct Plain {
    console: Console,
    state: Mutex<(Rows, Ending)>,
}

impl Plain {
    /// A reporter that shows what is asked for.
    #[must_use]
    pub fn new(console: Console, shown: Shown) -> Self {
        Self { console, state: Mutex::new((Rows::new(shown), Ending::new(shown.verbosity))) }
    }
}

impl Sink for Plain {
    fn emit(&self, event: &Event) {
        let mut state = locked(&self.state);
        let (rows, ending) = &mut *state;
        let now = self.console.clock.elapsed();
        ending.take(event);
        let mut text: String = rows.take(event, now).iter().map(|row| lines(row, now)).collect();
        if let Event::RunFinished { exit_code, seconds } = event {
            write(&self.console.err, &ending.failure(&*self.console.sources, Options::default()));
            text.push_str(&ending.summary(*exit_code, *seconds, Paint { color: false }));
        }
        write(&self.console.out, &text);
    }
}

/// The lines of a row, each with its end.
fn lines(row: &Row, now: Duration) -> String {
    let task = row.task.as_ref().map(|task| format!(" {task}")).unwrap_or_default();
    let start = format!("{}{task}", heading_clock(now));
    let line = |text: String| format!("{}\n", format!("{start} {text}").trim_end());
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
