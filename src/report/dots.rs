//! One dot a command, and the failures at the end.

use std::sync::Mutex;

use crate::model::event::{Event, Level, Sink};
use crate::report::clean::{Colours, clean};
use crate::report::console::{Console, Shown, Verbosity, locked, write};
use crate::report::diagnostic::Options;
use crate::report::ending::Ending;
use crate::report::set_aside::set_aside;
use crate::report::style::{BAD, GOOD, Paint, WARN};
use crate::report::waiting_words::waiting;

/// The reporter that says least: `.` for a command that went well, `F` for one that failed.
///
/// Warnings and error messages wait for the end, so that they do not tear the row of dots. What is silent is told at
/// once, on lines of its own: at the end it would be of no use.
pub struct Dots {
    console: Console,
    look: Options,
    /// How the error at the end looks: it may go elsewhere.
    errors: Options,
    quiet: bool,
    state: Mutex<State>,
}

struct State {
    ending: Ending,
    dots: bool,
    /// Lines with their ends.
    warnings: Vec<String>,
}

impl Dots {
    /// A reporter with or without colour. Verbosity counts for what stands beside the dots.
    #[must_use]
    pub fn new(console: Console, shown: Shown, look: Options) -> Self {
        let state = State { ending: Ending::new(shown.verbosity), dots: false, warnings: Vec::new() };
        Self { console, look, errors: look, quiet: shown.verbosity == Verbosity::Quiet, state: Mutex::new(state) }
    }

    /// With or without colours in the error at the end, which goes to another stream.
    #[must_use]
    pub const fn errors_in_color(mut self, color: bool) -> Self {
        self.errors.color = color;
        self
    }

    /// Says who is silent, below the dots so far.
    fn tell_waiting(&self, state: &mut State, words: &str, hint: Option<&str>, paint: Paint) {
        if self.quiet && hint.is_none() {
            return;
        }
        let newline = if std::mem::take(&mut state.dots) { "\n" } else { "" };
        let hint = hint.map(|hint| format!("{} {hint}\n", paint.on(WARN, "WARN"))).unwrap_or_default();
        write(&self.console.out, &format!("{newline}{words}\n{hint}"));
    }

    fn end(&self, state: &State, exit_code: u8, seconds: f64) {
        let newline = if state.dots { "\n" } else { "" };
        write(&self.console.out, &format!("{newline}{}", state.warnings.concat()));
        write(&self.console.err, &state.ending.failure(&*self.console.sources, self.errors));
        write(&self.console.out, &state.ending.summary(exit_code, seconds, Paint { color: self.look.color }));
    }
}

impl Sink for Dots {
    fn emit(&self, event: &Event) {
        let paint = Paint { color: self.look.color };
        let mut state = locked(&self.state);
        state.ending.take(event);
        match event {
            Event::CommandFinished { ok, .. } => {
                state.dots = true;
                write(&self.console.out, &if *ok { paint.on(GOOD, ".") } else { paint.on(BAD, "F") });
            }
            Event::Message { level, text, host, .. } if *level >= Level::Warn => {
                let label = if *level == Level::Warn { paint.on(WARN, "WARN") } else { paint.on(BAD, "ERROR") };
                let host = host.as_ref().map(|host| format!("{host}: ")).unwrap_or_default();
                let lines = text.trim().lines().map(|line| format!("{label} {host}{}\n", clean(line, Colours::Strip)));
                state.warnings.extend(lines);
            }
            Event::Waiting { host, command, seconds, hint, .. } => {
                self.tell_waiting(&mut state, &waiting(host, command, *seconds), hint.as_deref(), paint);
            }
            Event::HostSetAside { host, reason, .. } => {
                let reason = clean(&set_aside(reason), Colours::Strip).replace('\n', " ");
                state.warnings.push(format!("{} {host}: {reason}\n", paint.on(WARN, "WARN")));
            }
            Event::RunFinished { exit_code, seconds } => self.end(&state, *exit_code, *seconds),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::model::event::Stream;
    use crate::model::format_options::Streams;
    use crate::report::sample_events::{command, done, failed_run, message};
    use crate::report::testing::Screen;

    #[test]
    fn a_dot_per_command() {
        let screen = Screen::new();
        let dots = Dots::new(screen.console(), Shown::default(), Options::default());
        for (id, ok) in [(1, true), (2, false), (3, true)] {
            dots.emit(&command(id, Some("a"), "web1", "ls"));
            dots.emit(&Event::CommandOutput { id, stream: Stream::Stdout, line: "not shown".into() });
            dots.emit(&done(id, i32::from(!ok)));
        }
        assert_eq!(screen.out(), ".F.");
        dots.emit(&Event::RunFinished { exit_code: 0, seconds: 1.0 });
        assert_eq!(screen.out(), ".F.\nrun finished in 1.0s on 1 host\n");
    }

    #[test]
    fn failures_and_warnings_come_at_the_end() {
        let screen = Screen::new();
        let dots = Dots::new(screen.console(), Shown::default(), Options::default());
        dots.emit(&message(Level::Warn, Some("web1"), "old git\nvery old"));
        dots.emit(&message(Level::Info, None, "not shown"));
        for event in failed_run() {
            dots.emit(&event);
        }
        assert_snapshot!(screen.all(), @r#"
        F.F
        WARN web1: old git
        WARN web1: very old

        output of `bundle install` on deploy@web1, deploy@web2:
          Fetching gems
          Could not locate Gemfile

        error: 2 of 3 hosts failed
         |
         = help: run it again

        on deploy@web1, deploy@web2:
          error: `bundle install` ended with exit status 7
           --> config/deploy.rhai:1:5
            |
          1 |     execute("bundle", "install");
            |     ^^^^^^^
            |
            = command: cd /srv/app && bundle install
            = result: exit status 7

        the fleet is mixed: 1 host has the new release, 2 hosts have not
        host         release before  release now     state     reason
        deploy@web1  20261121080000  20261121080000  failed    `bundle install` failed
        deploy@web2  20261121080000  20261121080000  failed    `bundle install` failed
        deploy@web3  20261121080000  20261122093936  switched

        deploy failed after 12.3s on 3 hosts
        "#);
    }

    #[test]
    fn silence_is_told_at_once() {
        let screen = Screen::new();
        let dots = Dots::new(screen.console(), Shown::default(), Options::default());
        let event = |hint: Option<&str>| Event::Waiting {
            id: Some(2),
            host: "web1".into(),
            command: "make".into(),
            seconds: 10.0,
            hint: hint.map(ToOwned::to_owned),
        };
        dots.emit(&done(1, 0));
        dots.emit(&event(None));
        dots.emit(&event(Some("say yes")));
        dots.emit(&done(2, 0));
        let line = "waiting 10 s for web1: `make`\n";
        assert_eq!(screen.out(), format!(".\n{line}{line}WARN say yes\n."));
        let screen = Screen::new();
        let quiet = Shown { verbosity: Verbosity::Quiet, output: Streams::ALL };
        let dots = Dots::new(screen.console(), quiet, Options::default());
        dots.emit(&event(None));
        assert_eq!(screen.out(), "");
    }

    #[test]
    fn a_failure_is_red() {
        let screen = Screen::new();
        let dots = Dots::new(screen.console(), Shown::default(), Options { color: true, width: 80 });
        dots.emit(&command(1, None, "web1", "ls"));
        dots.emit(&done(1, 1));
        assert_eq!(screen.out(), "\u{1b}[31mF\u{1b}[0m");
    }

    #[test]
    fn no_commands_no_dots() {
        let screen = Screen::new();
        Dots::new(screen.console(), Shown::default(), Options::default())
            .emit(&Event::RunFinished { exit_code: 3, seconds: 0.0 });
        assert_eq!(screen.out(), "run stopped with exit code 3 after 0.0s\n");
    }
}
