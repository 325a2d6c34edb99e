//! The end of a run: what failed, where every host stands, and one last line.
//!
//! Owns what has to be remembered from events until then. Reporters decide when and where it is written.

use indexmap::IndexSet;

use crate::error::{EXIT_CANCELLED, EXIT_OK, Error, Kind};
use crate::model::event::{Event, Standing};
use crate::model::plural::plural;
use crate::report::clock::rough;
use crate::report::diagnostic::{Options, Sources, render};
use crate::report::failed_output::FailedOutput;
use crate::report::fleet_table::fleet_table;
use crate::report::style::{BAD, GOOD, Paint, WARN};

/// What the end of a run needs to know.
#[derive(Debug, Default)]
pub(super) struct Ending {
    name: String,
    dry_run: bool,
    connected: IndexSet<String>,
    used: IndexSet<String>,
    outputs: FailedOutput,
    error: Option<Error>,
    fleet: Vec<Standing>,
    mixed: bool,
}

impl Ending {
    /// Notes what belongs here.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted { command, stage, dry_run, .. } => {
                run_name(command, stage.as_deref()).clone_into(&mut self.name);
                self.dry_run = *dry_run;
            }
            Event::Connected { host, .. } => {
                self.connected.insert(host.clone());
            }
            Event::CommandStarted { host, .. } => {
                self.used.insert(host.clone());
            }
            Event::Fleet { hosts, mixed } => {
                self.fleet.clone_from(hosts);
                self.mixed = *mixed;
            }
            Event::Failed { error } => self.error = Some(error.0.clone()),
            _ => {}
        }
        self.outputs.take(event);
    }

    /// The whole outputs of the failed hosts and the error; empty after a run that did not fail.
    pub fn failure(&self, sources: &dyn Sources, look: Options) -> String {
        let Some(error) = &self.error else { return String::new() };
        let (outputs, error) = self.outputs.split(error, Paint { color: look.color });
        format!("{outputs}\n{}\n", render(&error, sources, look))
    }

    /// The table of hosts, where something went wrong, and the last line.
    pub fn summary(&self, exit_code: u8, seconds: f64, paint: Paint) -> String {
        let mut text = String::new();
        if self.error.is_some() || self.mixed || exit_code != EXIT_OK {
            text = fleet_table(&self.fleet, self.mixed, paint);
            if !text.is_empty() {
                text.push('\n');
            }
        }
        let style = match exit_code {
            EXIT_OK => GOOD,
            EXIT_CANCELLED => WARN,
            _ => BAD,
        };
        text.push_str(&paint.on(style, &self.last_line(exit_code, seconds)));
        text.push('\n');
        text
    }

    fn last_line(&self, exit_code: u8, seconds: f64) -> String {
        let time = rough(seconds);
        // Work on this machine emits no `Connected`, so it counts only in runs that went nowhere else.
        let count = if self.connected.is_empty() { self.used.len() } else { self.connected.len() };
        let hosts = if count == 0 { String::new() } else { format!(" on {}", plural(count, "host")) };
        let name = if self.name.is_empty() { "run" } else { &self.name };
        match (exit_code, self.error.as_ref().map(Error::kind)) {
            (EXIT_OK, _) if self.dry_run => format!("dry run of {name} finished in {time}{hosts}, nothing was changed"),
            (EXIT_OK, _) => format!("{name} finished in {time}{hosts}"),
            (EXIT_CANCELLED, _) => format!("{name} cancelled after {time}{hosts}"),
            (code, None | Some(Kind::Exit(_))) => format!("{name} stopped with exit code {code} after {time}{hosts}"),
            _ => format!("{name} failed after {time}{hosts}"),
        }
    }
}

/// The command line without its stage: the reader knows where he deploys, and wants to know what.
fn run_name<'a>(command: &'a str, stage: Option<&str>) -> &'a str {
    let command = command.trim();
    match stage.and_then(|stage| command.strip_prefix(stage)) {
        Some(rest) if rest.starts_with(' ') => rest.trim_start(),
        _ => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::diagnostic::NoSources;
    use crate::report::testing::command;

    #[test]
    fn runs_are_called_by_what_they_do() {
        assert_eq!(run_name("production deploy", Some("production")), "deploy");
        assert_eq!(run_name("production deploy branch=x", Some("production")), "deploy branch=x");
        assert_eq!(run_name("production", Some("production")), "production");
        assert_eq!(run_name("productions deploy", Some("production")), "productions deploy");
        assert_eq!(run_name("check", None), "check");
    }

    #[test]
    fn hosts_are_those_that_were_reached() {
        let mut ending = Ending::default();
        let connected = |host: &str| Event::Connected { host: host.into(), seconds: 0.1, reused: false };
        for event in [connected("web1"), connected("web1"), connected("web2"), command(1, None, "localhost", "make")] {
            ending.take(&event);
        }
        assert_eq!(ending.last_line(0, 1.0), "run finished in 1.0s on 2 hosts");
    }

    #[test]
    fn a_run_without_hosts_names_none() {
        assert_eq!(Ending::default().last_line(0, 1.0), "run finished in 1.0s");
        assert_eq!(Ending::default().failure(&NoSources, Options::default()), "");
    }

    #[test]
    fn the_last_line_has_the_colour_of_the_outcome() {
        let line = |code| Ending::default().summary(code, 1.0, Paint { color: true });
        assert_eq!(line(0), "\u{1b}[32mrun finished in 1.0s\u{1b}[0m\n");
        assert_eq!(line(130), "\u{1b}[33mrun cancelled after 1.0s\u{1b}[0m\n");
        assert_eq!(line(4), "\u{1b}[31mrun stopped with exit code 4 after 1.0s\u{1b}[0m\n");
    }
}
