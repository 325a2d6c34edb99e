//! The end of a run: what failed, where every host stands, and one last line.
//!
//! Owns what has to be remembered from events until then. Reporters decide when and where it is written.

use indexmap::IndexSet;

use crate::error::{EXIT_CANCELLED, EXIT_OK, Error, Kind};
use crate::model::event::Event;
use crate::model::plural::{plural, plural_of};
use crate::model::server::THIS_MACHINE;
use crate::model::spent::Spent;
use crate::model::standing::Standing;
use crate::report::clock::rough;
use crate::report::console::Verbosity;
use crate::report::diagnostic::{Options, Sources, render};
use crate::report::failed_output::FailedOutput;
use crate::report::fleet_table::fleet_table;
use crate::report::profile_table::profile_table;
use crate::report::style::{BAD, GOOD, Paint, WARN};

/// What the end of a run needs to know.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Whether the table of hosts is wanted in any case.
    verbose: bool,
    name: String,
    dry_run: bool,
    connected: IndexSet<String>,
    used: IndexSet<String>,
    outputs: FailedOutput,
    error: Option<Error>,
    fleet: Vec<Standing>,
    mixed: bool,
    aside: usize,
    profile: Option<(Vec<Spent>, Spent)>,
}

impl Ending {
    /// With a profile of the run, and the table of hosts even after a run in which all went well, where much is told.
    pub fn new(verbosity: Verbosity) -> Self {
        Self { verbose: verbosity == Verbosity::Verbose, ..Self::default() }
    }

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
            Event::HostSetAside { .. } => self.aside += 1,
            Event::Fleet { hosts, mixed } => {
                self.fleet.clone_from(hosts);
                self.mixed = *mixed;
            }
            Event::Profile { phases, total } if self.verbose => {
                self.profile = Some((phases.clone(), total.clone()));
            }
            Event::Failed { error } => self.error = Some(error.0.clone()),
            _ => {}
        }
        self.outputs.take(event);
    }

    /// The error of the run.
    pub const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
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
        if let Some((phases, total)) = &self.profile {
            text = format!("{}\n", profile_table(phases, total, paint));
        }
        if self.verbose || self.error.is_some() || self.mixed || exit_code != EXIT_OK {
            let table = fleet_table(&self.fleet, self.mixed, paint);
            text.push_str(&table);
            if !table.is_empty() {
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
        // Nothing is connected in a dry run, and `run_locally` is no host beside those of the stage.
        let hosts = if self.connected.is_empty() { &self.used } else { &self.connected };
        let elsewhere = hosts.iter().filter(|host| *host != THIS_MACHINE).count();
        let count = if elsewhere == 0 { hosts.len() } else { elsewhere };
        let hosts = if count == 0 { String::new() } else { format!(" on {}", plural(count, "host")) };
        let name = if self.name.is_empty() { "run" } else { &self.name };
        match (exit_code, self.error.as_ref().map(Error::kind)) {
            (EXIT_OK, _) if self.dry_run => format!("dry run of {name} finished in {time}{hosts}, nothing was changed"),
            (EXIT_OK, _) => format!("{name} finished in {time}{hosts}"),
            (EXIT_CANCELLED, _) => format!("{name} cancelled after {time}{hosts}"),
            (_, None) if self.aside > 0 => {
                format!(
                    "{name} finished in {time}{hosts}, {} set aside",
                    plural_of(self.aside, "host was", "hosts were")
                )
            }
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
    use crate::report::sample_events::{command, connected, set_aside, spent, standing};

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
        for event in [connected("web1"), connected("web1"), connected("web2"), command(1, None, "localhost", "make")] {
            ending.take(&event);
        }
        assert_eq!(ending.last_line(0, 1.0), "run finished in 1.0s on 2 hosts");
    }

    #[test]
    fn this_machine_is_no_host_beside_those_of_a_dry_run() {
        let mut ending = Ending::default();
        ending.take(&command(1, None, "localhost", "make"));
        assert_eq!(ending.last_line(0, 1.0), "run finished in 1.0s on 1 host");
        ending.take(&command(2, None, "web1", "ls"));
        ending.take(&command(3, None, "web2", "ls"));
        assert_eq!(ending.last_line(0, 1.0), "run finished in 1.0s on 2 hosts");
    }

    #[test]
    fn the_profile_is_for_those_who_want_much() {
        let total = spent(None, 1.0, Some("web1"), 2);
        let event = Event::Profile { phases: vec![spent(Some("t"), 1.0, Some("web1"), 2)], total };
        for (verbosity, lines) in [(Verbosity::Verbose, 5), (Verbosity::Normal, 1)] {
            let mut ending = Ending::new(verbosity);
            ending.take(&event);
            let text = ending.summary(0, 1.0, Paint { color: false });
            assert_eq!(text.lines().count(), lines, "{text}");
            assert!(text.ends_with("run finished in 1.0s\n"), "{text}");
        }
    }

    #[test]
    fn hosts_that_were_set_aside_are_counted() {
        let mut ending = Ending::default();
        for event in [connected("web1"), connected("web2"), set_aside("web2")] {
            ending.take(&event);
        }
        assert_eq!(ending.last_line(1, 1.0), "run finished in 1.0s on 2 hosts, 1 host was set aside");
        ending.take(&set_aside("web3"));
        assert_eq!(ending.last_line(5, 1.0), "run finished in 1.0s on 2 hosts, 2 hosts were set aside");
    }

    #[test]
    fn the_table_comes_after_trouble_and_with_everything() {
        let table = |mut ending: Ending, code| {
            ending.take(&Event::Fleet { hosts: vec![standing("web1", true, None)], mixed: false });
            ending.summary(code, 1.0, Paint { color: false }).contains("release before")
        };
        assert!(!table(Ending::new(Verbosity::Normal), 0));
        assert!(table(Ending::new(Verbosity::Verbose), 0));
        assert!(table(Ending::new(Verbosity::Quiet), 1));
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
