//! One object a line, for programs.
//!
//! Everything is written, whatever the verbosity: a program picks for itself. Fields are added in later versions, never
//! renamed or taken away.
//!
#![doc = include_str!("events.md")]

use serde::Serialize;

use crate::model::event::{Event, Sink};
use crate::report::clock::stamp;
use crate::report::console::{Console, write};

/// The page about the events, as it is printed by `windlass docs events`.
pub const EVENTS_PAGE: &str = include_str!("events.md");

/// The same as a JSON Schema of one line: `windlass docs events --schema`.
pub const EVENTS_SCHEMA: &str = include_str!("events.schema.json");

/// The reporter for programs; writes to `out` only.
pub struct Json {
    console: Console,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    elapsed: f64,
    #[serde(flatten)]
    event: &'a Event,
}

impl Json {
    /// A reporter on `console.out`.
    #[must_use]
    pub fn new(console: Console) -> Self {
        Self { console }
    }
}

impl Sink for Json {
    fn emit(&self, event: &Event) {
        let clock = &self.console.clock;
        // Milliseconds are what `time` has; more digits would only look exact.
        let elapsed = (clock.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let line = Line { time: stamp(clock.wall()), elapsed, event };
        let text = serde_json::to_string(&line).expect("events have string keys and serialize without errors");
        write(&self.console.out, &(text + "\n"));
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod schema_tests;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::report::sample_events::every_event;
    use crate::report::testing::Screen;

    fn lines(screen: &Screen, events: &[Event]) -> Vec<Value> {
        let reporter = Json::new(screen.console());
        for event in events {
            reporter.emit(event);
        }
        screen.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The words in backticks of a table cell.
    fn words(cell: &str) -> BTreeSet<String> {
        cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
    }

    fn keys(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    /// A new event does not compile until it is named here, and then it has to be on the page and in `every_event`.
    fn name(event: &Event) -> &'static str {
        match event {
            Event::RunStarted { .. } => "run_started",
            Event::Setting(_) => "setting",
            Event::HostExamined { .. } => "host_examined",
            Event::HostFinding { .. } => "host_finding",
            Event::TaskStarted { .. } => "task_started",
            Event::TaskWaiting { .. } => "task_waiting",
            Event::TaskFinished { .. } => "task_finished",
            Event::Connected { .. } => "connected",
            Event::CommandStarted { .. } => "command_started",
            Event::CommandOutput { .. } => "command_output",
            Event::CommandFinished { .. } => "command_finished",
            Event::Waiting { .. } => "waiting",
            Event::Trip { .. } => "trip",
            Event::Transfer { .. } => "transfer",
            Event::Message { .. } => "message",
            Event::HostSetAside { .. } => "host_set_aside",
            Event::Fleet { .. } => "fleet",
            Event::Profile { .. } => "profile",
            Event::Failed { .. } => "failed",
            Event::RunFinished { .. } => "run_finished",
        }
    }

    #[test]
    fn names_are_stable() {
        let events = every_event();
        for (event, line) in events.iter().zip(lines(&Screen::new(), &events)) {
            assert_eq!(line["event"], name(event));
        }
    }

    #[test]
    fn the_page_lists_every_event_with_exactly_its_fields() {
        let page = EVENTS_PAGE.rsplit_once("| event | fields | when |").unwrap().1;
        let documented: Vec<(String, BTreeSet<String>)> = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(|line| {
                let cells: Vec<&str> = line.split('|').collect();
                (words(cells[1]).into_iter().next().unwrap(), words(cells[2]))
            })
            .collect();
        let written: Vec<(String, BTreeSet<String>)> = lines(&Screen::new(), &every_event())
            .iter()
            .map(|line| {
                let mut fields = keys(line);
                for common in ["time", "elapsed", "event"] {
                    assert!(fields.remove(common), "{common} is missing in {line}");
                }
                (line["event"].as_str().unwrap().to_owned(), fields)
            })
            .collect();
        assert_eq!(documented, written);
    }

    #[test]
    fn the_page_lists_the_fields_inside_of_fleet_and_failed() {
        let row = |event: &str| EVENTS_PAGE.lines().find(|line| line.starts_with(&format!("| `{event}`"))).unwrap();
        let written = lines(&Screen::new(), &every_event());
        let find = |event: &str| written.iter().find(|line| line["event"] == event).unwrap();

        let mut fleet = keys(&find("fleet")["hosts"][0]);
        fleet.insert("hosts".into());
        assert_eq!(words(row("fleet").split('|').nth(3).unwrap()), fleet);

        let mut profile = keys(&find("profile")["total"]);
        assert_eq!(profile, keys(&find("profile")["phases"][0]));
        profile.extend(["phases".into(), "total".into()]);
        assert_eq!(words(row("profile").split('|').nth(3).unwrap()), profile);

        let error = &find("failed")["error"];
        let mut failed: BTreeSet<String> = keys(error).union(&keys(&error["command"])).cloned().collect();
        failed.insert("error".into());
        assert_eq!(words(row("failed").split('|').nth(3).unwrap()), failed);
    }

    #[test]
    fn a_line_is_one_object_with_the_time() {
        let screen = Screen::new();
        screen.pass(Duration::from_micros(1_234_567));
        let event = Event::TaskFinished { task: "déploy\n".into(), ok: true, stopped_by: None, seconds: 0.5 };
        lines(&screen, &[event]);
        assert_eq!(
            screen.out(),
            "{\"time\":\"2026-11-22T09:39:19.234Z\",\"elapsed\":1.235,\"event\":\"task_finished\",\
             \"task\":\"déploy\\n\",\"ok\":true,\"stopped_by\":null,\"seconds\":0.5}\n"
        );
    }

    #[test]
    fn impossible_durations_are_null() {
        let event = Event::RunFinished { exit_code: 0, seconds: f64::NAN };
        assert_eq!(lines(&Screen::new(), &[event])[0]["seconds"], Value::Null);
    }
}
