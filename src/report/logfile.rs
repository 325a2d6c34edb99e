//! The log file: everything that happened, whatever the terminal showed, for the day somebody asks.
//!
//! ```text
//! 2026-11-22T09:39:18.123Z 4711  INFO [7] running git fetch on deploy@web1 (task deploy:updating, config/deploy.rhai:12:5)
//! 2026-11-22T09:39:18.123Z 4711 DEBUG [7] command: cd /srv/shop/repo && git fetch
//! 2026-11-22T09:39:18.455Z 4711 DEBUG [7] deploy@web1 stdout: From ssh://git.example.com/shop
//! 2026-11-22T09:39:18.456Z 4711  INFO [7] deploy@web1 finished in 0.332s: exit status 0
//! ```
//!
//! One line each, with the time in UTC, the number of the process (runs may share the file), the importance and, in
//! brackets, the number of the command. Nothing secret gets here: events are redacted before they are emitted.

use std::mem;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::model::event::{Event, Level, Sink};
use crate::report::clock::{Clock, stamp};
use crate::report::console::locked;
use crate::report::diagnostic::Sources;
use crate::report::log_lines::LogLines;
use crate::report::rotating_file::RotatingFile;

/// Bytes from which on the file is renamed to `windlass.log.1`: 20 MiB, as Capistrano does.
pub const LIMIT: u64 = 20 * 1024 * 1024;

/// The reporter that writes the log.
pub struct LogFile {
    process: u32,
    sources: Arc<dyn Sources + Send + Sync>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    lines: LogLines,
    target: Target,
    failure: Option<Error>,
}

/// Where lines go.
enum Target {
    /// Nobody knows yet: the recipe says where the log is, and is being read.
    Waiting(Vec<String>),
    /// The log.
    File(PathBuf, RotatingFile),
    /// There is no log.
    Nowhere,
}

impl LogFile {
    /// A log that keeps its lines until it is known where they go.
    #[must_use]
    pub fn waiting(sources: Arc<dyn Sources + Send + Sync>, clock: Arc<dyn Clock>) -> Self {
        let state = State { lines: LogLines::default(), target: Target::Waiting(Vec::new()), failure: None };
        Self { process: process::id(), sources, clock, state: Mutex::new(state) }
    }

    /// Opens the log, usually `log/windlass.log`, makes its folder, and writes what has been waiting.
    ///
    /// # Errors
    ///
    /// When it cannot be opened. That is worth a warning and no more: a deploy can do without.
    pub fn begin(&self, path: &Path) -> Result<(), Error> {
        let mut state = locked(&self.state);
        let waiting = match mem::replace(&mut state.target, Target::Nowhere) {
            Target::Waiting(lines) => lines,
            _ => Vec::new(),
        };
        let file = RotatingFile::open(path, LIMIT).map_err(|cause| {
            Error::io("could not open the log file", path, &cause).note("the run goes on without a log")
        })?;
        state.target = Target::File(path.to_owned(), file);
        for line in waiting {
            state.write(line);
        }
        Ok(())
    }

    /// There is to be no log.
    pub fn leave(&self) {
        locked(&self.state).target = Target::Nowhere;
    }

    /// Whether lines wait for a place.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(&locked(&self.state).target, Target::Waiting(lines) if !lines.is_empty())
    }

    /// The first thing that went wrong while writing, for example a full disk; the log has a gap then.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        locked(&self.state).failure.clone()
    }
}

impl Sink for LogFile {
    fn emit(&self, event: &Event) {
        let mut state = locked(&self.state);
        let time = self.clock.wall();
        for (level, text) in state.lines.take(event, &*self.sources, time) {
            let line = format!("{} {} {:>5} {text}", stamp(time), self.process, label(level));
            state.write(format!("{}\n", line.trim_end()));
        }
    }
}

impl State {
    fn write(&mut self, line: String) {
        match &mut self.target {
            Target::Waiting(lines) => lines.push(line),
            Target::File(path, file) => {
                if let Err(cause) = file.write_line(&line) {
                    self.failure.get_or_insert_with(|| Error::io("could not write to the log file", path, &cause));
                }
            }
            Target::Nowhere => {}
        }
    }
}

fn label(level: Level) -> &'static str {
    match level {
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir, read_to_string};
    use std::time::Duration;

    use insta::assert_snapshot;
    use tempfile::tempdir;

    use super::*;
    use crate::report::sample_events::{
        command, done, every_event, message, not_run, output, task_stopped, with_level,
    };
    use crate::report::testing::{HandClock, OneRecipe};

    fn open(path: &Path) -> (LogFile, Arc<HandClock>) {
        let clock = Arc::new(HandClock::default());
        let log = waiting(&clock);
        log.begin(path).unwrap();
        (log, clock)
    }

    fn waiting(clock: &Arc<HandClock>) -> LogFile {
        LogFile { process: 4711, ..LogFile::waiting(Arc::new(OneRecipe), clock.clone()) }
    }

    fn logged(events: &[Event]) -> String {
        let root = tempdir().unwrap();
        let path = root.path().join("log/windlass.log");
        let (log, clock) = open(&path);
        for (event, n) in events.iter().zip(1..) {
            clock.set(Duration::from_millis(n * 100));
            log.emit(event);
        }
        assert!(log.failure().is_none());
        read_to_string(path).unwrap()
    }

    #[test]
    fn every_event_has_its_lines() {
        assert_snapshot!(logged(&every_event()), @r#"
        2026-11-22T09:39:18.100Z 4711  INFO ---------------------------------------------------------------------------
        2026-11-22T09:39:18.100Z 4711  INFO START 2026-11-22T09:39:18.100Z windlass production deploy
        2026-11-22T09:39:18.100Z 4711  INFO ---------------------------------------------------------------------------
        2026-11-22T09:39:18.100Z 4711  INFO windlass 0.1.0, stage production
        2026-11-22T09:39:18.200Z 4711  INFO setting keep_releases = 5  # stock, stdlib/defaults.rhai:6
        2026-11-22T09:39:18.300Z 4711  INFO deploy@web1: ()
        2026-11-22T09:39:18.400Z 4711 ERROR deploy@web1: error[disk-full]: only 1 B is free
        2026-11-22T09:39:18.400Z 4711 ERROR deploy@web1:   it stops
        2026-11-22T09:39:18.400Z 4711 ERROR deploy@web1:   repair: du
        2026-11-22T09:39:18.500Z 4711  INFO task deploy begins (config/deploy.rhai:1:1)
        2026-11-22T09:39:18.600Z 4711  INFO task deploy waits: a batch sends its commands later
        2026-11-22T09:39:18.700Z 4711  INFO task deploy finished in 1.500s
        2026-11-22T09:39:18.800Z 4711  INFO connected to deploy@web1 in 0.125s
        2026-11-22T09:39:18.900Z 4711  INFO [7] running git fetch on deploy@web1 (task deploy, config/deploy.rhai:1:5)
        2026-11-22T09:39:18.900Z 4711 DEBUG [7] command: cd /srv/app && git fetch
        2026-11-22T09:39:19.000Z 4711 DEBUG [7] deploy@web1 stdout: From ssh://git.example.com
        2026-11-22T09:39:19.100Z 4711 ERROR [7] deploy@web1 failed after 1.000s: killed by SIGKILL
        2026-11-22T09:39:19.200Z 4711  INFO [7] waiting 10 s for deploy@web1: `git fetch`
        2026-11-22T09:39:19.200Z 4711  WARN [7] deploy@web1: it asks yes or no and nobody can answer there
        2026-11-22T09:39:19.300Z 4711 DEBUG deploy@web1: 3 commands in 1 round trip, 0.250s
        2026-11-22T09:39:19.400Z 4711  INFO uploaded a.tar.gz to deploy@web1, 5 B
        2026-11-22T09:39:19.500Z 4711  WARN deploy@web1: old git
        2026-11-22T09:39:19.500Z 4711  WARN deploy@web1: very old
        2026-11-22T09:39:19.600Z 4711  WARN deploy@web2: set aside: `bundle install` ended with exit status 7; the run goes on without it
        2026-11-22T09:39:19.600Z 4711  WARN error: `bundle install` ended with exit status 7
        2026-11-22T09:39:19.600Z 4711  WARN  --> config/deploy.rhai:1:5
        2026-11-22T09:39:19.600Z 4711  WARN   |
        2026-11-22T09:39:19.600Z 4711  WARN 1 |     execute("bundle", "install");
        2026-11-22T09:39:19.600Z 4711  WARN   |     ^^^^^^^
        2026-11-22T09:39:19.600Z 4711  WARN   |
        2026-11-22T09:39:19.600Z 4711  WARN   = host: deploy@web2
        2026-11-22T09:39:19.600Z 4711  WARN   = command: cd /srv/app && bundle install
        2026-11-22T09:39:19.600Z 4711  WARN   = result: exit status 7
        2026-11-22T09:39:19.600Z 4711  WARN   = stderr: Could not locate Gemfile
        2026-11-22T09:39:19.700Z 4711  INFO host         release before  release now     state   reason
        2026-11-22T09:39:19.700Z 4711  INFO deploy@web1  20261121080000  20261121080000  failed  killed
        2026-11-22T09:39:19.800Z 4711 DEBUG where the time went    wall  connecting  on the host  network  trips  slowest host
        2026-11-22T09:39:19.800Z 4711 DEBUG deploy               12.00s       0.25s        6.00s    3.00s      4  deploy@web1
        2026-11-22T09:39:19.800Z 4711 DEBUG the whole run        12.30s       0.25s        6.15s    3.08s      4  deploy@web1
        2026-11-22T09:39:19.900Z 4711 ERROR error: `bundle install` ended with exit status 7
        2026-11-22T09:39:19.900Z 4711 ERROR  --> config/deploy.rhai:1:5
        2026-11-22T09:39:19.900Z 4711 ERROR   |
        2026-11-22T09:39:19.900Z 4711 ERROR 1 |     execute("bundle", "install");
        2026-11-22T09:39:19.900Z 4711 ERROR   |     ^^^^^^^
        2026-11-22T09:39:19.900Z 4711 ERROR   |
        2026-11-22T09:39:19.900Z 4711 ERROR   = host: deploy@web1
        2026-11-22T09:39:19.900Z 4711 ERROR   = command: cd /srv/app && bundle install
        2026-11-22T09:39:19.900Z 4711 ERROR   = result: exit status 7
        2026-11-22T09:39:19.900Z 4711 ERROR   = stderr: Could not locate Gemfile
        2026-11-22T09:39:20.000Z 4711  INFO END exit code 1 after 12.3s
        "#);
    }

    #[test]
    fn debug_commands_and_scripts_are_whole() {
        let script = "set -e\n  make\n";
        let events = [
            with_level(command(1, None, "web1", script), Level::Debug),
            output(1, "\u{1b}[32mok\u{1b}[0m\ttab"),
            output(1, &"x".repeat(3000)),
            done(1, 0),
            not_run(command(2, Some("a"), "web1", "rm -r /srv")),
            message(Level::Debug, Some("web1"), "\nfirst\nsecond\n"),
        ];
        assert_snapshot!(logged(&events).replace(&"x".repeat(3000), "[3000 x]"), @r#"
        2026-11-22T09:39:18.100Z 4711 DEBUG [1] running set -e on web1 (config/deploy.rhai:1:5)
        2026-11-22T09:39:18.100Z 4711 DEBUG [1] command: cd /srv/app && set -e
        2026-11-22T09:39:18.100Z 4711 DEBUG [1] command:   make
        2026-11-22T09:39:18.200Z 4711 DEBUG [1] web1 stdout: ok	tab
        2026-11-22T09:39:18.300Z 4711 DEBUG [1] web1 stdout: [3000 x]
        2026-11-22T09:39:18.400Z 4711 DEBUG [1] web1 finished in 0.250s: exit status 0
        2026-11-22T09:39:18.500Z 4711  INFO [2] not running rm -r /srv on web1 (task a, config/deploy.rhai:1:5)
        2026-11-22T09:39:18.500Z 4711 DEBUG [2] command: cd /srv/app && rm -r /srv
        2026-11-22T09:39:18.600Z 4711 DEBUG web1: first
        2026-11-22T09:39:18.600Z 4711 DEBUG web1: second
        "#);
    }

    #[test]
    fn an_event_nobody_began_is_logged_all_the_same() {
        let text = logged(&[done(9, 1)]);
        assert_eq!(text, "2026-11-22T09:39:18.100Z 4711 ERROR [9] unknown host failed after 0.250s: exit status 1\n");
    }

    #[test]
    fn a_task_that_was_stopped_has_not_failed() {
        let expected = "2026-11-22T09:39:18.100Z 4711  WARN task b was stopped after 1.500s by the failure of task a\n";
        assert_eq!(logged(&[task_stopped("b", "a")]), expected);
    }

    #[test]
    fn runs_follow_each_other_in_one_file() {
        let root = tempdir().unwrap();
        let path = root.path().join("windlass.log");
        for _ in 0..2 {
            open(&path).0.emit(&message(Level::Info, None, "hello"));
        }
        assert_eq!(read_to_string(path).unwrap(), "2026-11-22T09:39:18.000Z 4711  INFO hello\n".repeat(2));
    }

    #[test]
    fn it_is_renamed_at_twenty_mebibytes() {
        let root = tempdir().unwrap();
        let path = root.path().join("windlass.log");
        File::create(&path).unwrap().set_len(LIMIT - 1).unwrap();
        let (log, _) = open(&path);
        log.emit(&message(Level::Info, None, "one"));
        assert!(!root.path().join("windlass.log.1").exists());
        log.emit(&message(Level::Info, None, "two"));
        assert!(root.path().join("windlass.log.1").exists());
        assert_eq!(read_to_string(path).unwrap(), "2026-11-22T09:39:18.000Z 4711  INFO two\n");
    }

    #[test]
    fn a_log_that_cannot_be_opened_is_an_error_to_warn_about() {
        let root = tempdir().unwrap();
        let path = root.path().join("windlass.log");
        create_dir(&path).unwrap();
        let log = waiting(&Arc::default());
        let error = log.begin(&path).unwrap_err();
        log.emit(&message(Level::Info, None, "nobody reads it"));
        assert_eq!(error.to_string(), format!("could not open the log file `{}`: is a directory", path.display()));
        assert_eq!(error.parts().notes, ["the run goes on without a log"]);
    }

    #[test]
    fn what_is_said_before_the_place_is_known_has_its_own_time() {
        let root = tempdir().unwrap();
        let path = root.path().join("log/windlass.log");
        let clock = Arc::new(HandClock::default());
        let log = waiting(&clock);
        assert!(!log.is_waiting());
        log.emit(&message(Level::Info, None, "early"));
        assert!(log.is_waiting() && !path.exists());
        clock.set(Duration::from_secs(2));
        log.begin(&path).unwrap();
        log.emit(&message(Level::Info, None, "late"));
        assert!(!log.is_waiting());
        let expected = "2026-11-22T09:39:18.000Z 4711  INFO early\n2026-11-22T09:39:20.000Z 4711  INFO late\n";
        assert_eq!(read_to_string(path).unwrap(), expected);
    }

    #[test]
    fn a_log_nobody_wants_keeps_nothing() {
        let log = waiting(&Arc::default());
        log.emit(&message(Level::Info, None, "early"));
        log.leave();
        log.emit(&message(Level::Info, None, "late"));
        assert!(!log.is_waiting() && log.failure().is_none());
    }

    #[test]
    fn a_full_disk_is_remembered() {
        let (log, _) = open(Path::new("/dev/full"));
        log.emit(&message(Level::Info, None, "lost"));
        let message = log.failure().unwrap().to_string();
        assert_eq!(message, "could not write to the log file `/dev/full`: no space left on device");
    }
}
