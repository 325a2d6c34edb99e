//! Events for the tests of the reporters.

use crate::error::{Error, FailedCommand, Kind};
use crate::model::doctor::table::finding;
use crate::model::error_report::ErrorReport;
use crate::model::event::{Event, Level, Stream};
use crate::model::live::Live;
use crate::model::setting_row::{self, SetBy, SettingRow};
use crate::model::spent::Spent;
use crate::model::standing::{Standing, State};
use crate::model::value::Value;
use crate::place::Place;

pub fn started(command: &str, dry_run: bool) -> Event {
    Event::RunStarted { command: command.into(), stage: Some("production".into()), version: "0.1.0", dry_run }
}

pub fn task(name: &str) -> Event {
    Event::TaskStarted { task: name.into(), place: Some(Place::new("config/deploy.rhai", 1, 1)), depth: 0 }
}

pub fn task_done(name: &str) -> Event {
    Event::TaskFinished { task: name.into(), ok: true, stopped_by: None, seconds: 1.5 }
}

/// A task whose commands wait.
pub fn task_waits(name: &str) -> Event {
    Event::TaskWaiting { task: name.into() }
}

/// A task that came behind the failure of another one.
pub fn task_stopped(name: &str, by: &str) -> Event {
    Event::TaskFinished { task: name.into(), ok: false, stopped_by: Some(by.into()), seconds: 1.5 }
}

/// An ordinary command; its line stands in a directory.
pub fn command(id: u64, task: Option<&str>, host: &str, text: &str) -> Event {
    Event::CommandStarted {
        id,
        task: task.map(ToOwned::to_owned),
        host: host.into(),
        user: None,
        command: text.into(),
        line: format!("cd /srv/app && {text}"),
        place: Some(Place::new("config/deploy.rhai", 1, 5)),
        level: Level::Info,
        dry_run: false,
    }
}

/// The same command with another importance.
pub fn with_level(mut event: Event, new: Level) -> Event {
    if let Event::CommandStarted { level, .. } = &mut event {
        *level = new;
    }
    event
}

/// The same command in a dry run.
pub fn not_run(mut event: Event) -> Event {
    if let Event::CommandStarted { dry_run, .. } = &mut event {
        *dry_run = true;
    }
    event
}

pub fn output(id: u64, line: &str) -> Event {
    Event::CommandOutput { id, stream: Stream::Stdout, line: line.into() }
}

pub fn error_output(id: u64, line: &str) -> Event {
    Event::CommandOutput { id, stream: Stream::Stderr, line: line.into() }
}

/// A command that ended with a status, after a quarter of a second.
pub fn done(id: u64, status: i32) -> Event {
    Event::CommandFinished { id, status: Some(status), signal: None, ok: status == 0, seconds: 0.25 }
}

pub fn message(level: Level, host: Option<&str>, text: &str) -> Event {
    Event::Message {
        level,
        text: text.into(),
        host: host.map(ToOwned::to_owned),
        task: Some("deploy:check".into()),
        place: None,
    }
}

pub fn connected(host: &str) -> Event {
    Event::Connected { host: host.into(), seconds: 0.125, reused: false }
}

pub fn standing(host: &str, switched: bool, reason: Option<&str>) -> Standing {
    let state = match (switched, reason) {
        (true, _) => State::Switched,
        (false, Some(_)) => State::Failed,
        (false, None) => State::Unchanged,
    };
    Standing {
        host: host.into(),
        before: Live::Release("20261121080000".into()),
        now: Live::Release(if switched { "20261122093936" } else { "20261121080000" }.into()),
        switched,
        state,
        reason: reason.map(ToOwned::to_owned),
    }
}

pub fn spent(task: Option<&str>, seconds: f64, slowest: Option<&str>, trips: usize) -> Spent {
    let text = |text: &str| text.to_owned();
    let (task, slowest) = (task.map(text), slowest.map(text));
    Spent { task, seconds, slowest, connecting: 0.25, host: seconds / 2.0, network: seconds / 4.0, trips }
}

/// A command that is silent, and asks something.
pub fn silent(id: u64, host: &str, command: &str, seconds: f64) -> Event {
    let hint = Some("it asks yes or no and nobody can answer there".to_owned());
    Event::Waiting { id: Some(id), host: host.into(), command: command.into(), seconds, hint }
}

pub fn set_aside(host: &str) -> Event {
    let error = bundle_failed(host);
    let reason = error.to_string();
    Event::HostSetAside { host: host.into(), task: Some("bundler:install".into()), reason, error: ErrorReport(error) }
}

/// What a failed `bundle install` leaves on a host.
pub fn bundle_failed(host: &str) -> Error {
    Error::new(Kind::Command, "`bundle install` ended with exit status 7")
        .at(Some(Place::new("config/deploy.rhai", 1, 5)))
        .on(host)
        .command(FailedCommand {
            line: "cd /srv/app && bundle install".into(),
            status: Some(7),
            signal: None,
            stdout: "Fetching gems\n".into(),
            stderr: "Could not locate Gemfile\n".into(),
        })
}

/// Three hosts, interleaved; the command fails on two of them, and the fleet is mixed in the end.
pub fn failed_run() -> Vec<Event> {
    let hosts = ["deploy@web1", "deploy@web2", "deploy@web3"];
    let mut events = vec![started("production deploy", false)];
    events.extend(hosts.map(connected));
    events.push(task("deploy"));
    events.push(task("bundler:install"));
    events.extend(hosts.iter().zip(1..).map(|(host, id)| command(id, Some("bundler:install"), host, "bundle install")));
    events.extend([3, 1, 2].map(|id| output(id, "Fetching gems")));
    events.extend([error_output(2, "Could not locate Gemfile"), error_output(1, "Could not locate Gemfile")]);
    events.extend([done(2, 7), done(3, 0), done(1, 7)]);
    let error = Error::new(Kind::Hosts, "2 of 3 hosts failed").because(bundle_failed("deploy@web1"));
    let error = error.because(bundle_failed("deploy@web2")).help("run it again");
    let reason = Some("`bundle install` failed");
    let hosts = vec![
        standing("deploy@web1", false, reason),
        standing("deploy@web2", false, reason),
        standing("deploy@web3", true, None),
    ];
    events.push(Event::Fleet { hosts, mixed: true });
    events.push(Event::Failed { error: ErrorReport(error) });
    events.push(Event::RunFinished { exit_code: 5, seconds: 12.34 });
    events
}

/// A setting that a stock recipe has set.
pub fn setting(name: &str, value: i64) -> Event {
    Event::Setting(Box::new(SettingRow {
        name: name.to_owned(),
        state: setting_row::State::Set,
        value: Some(Value::Int(value)),
        error: None,
        set_by: SetBy::Stock,
        place: Some(Place::new("stdlib/defaults.rhai", 6, 1)),
        variables: Vec::new(),
        servers: Vec::new(),
        option: None,
    }))
}

/// One event of each sort, in the order of their declaration.
pub fn every_event() -> Vec<Event> {
    vec![
        started("production deploy", false),
        setting("keep_releases", 5),
        Event::HostExamined { host: "deploy@web1".into(), roles: vec!["web".into()], facts: Some(Value::Unit) },
        Event::HostFinding {
            host: Some("deploy@web1".into()),
            finding: Box::new(finding("disk-full", "only 1 B is free").then("it stops").repair("du").into()),
        },
        task("deploy"),
        task_waits("deploy"),
        task_done("deploy"),
        connected("deploy@web1"),
        command(7, Some("deploy"), "deploy@web1", "git fetch"),
        output(7, "From ssh://git.example.com"),
        Event::CommandFinished { id: 7, status: None, signal: Some("KILL".into()), ok: false, seconds: 1.0 },
        silent(7, "deploy@web1", "git fetch", 10.0),
        Event::Trip { host: "deploy@web1".into(), commands: 3, round_trips: 1, seconds: 0.25, host_seconds: Some(0.2) },
        Event::Transfer {
            id: 9,
            host: "deploy@web1".into(),
            upload: true,
            name: "a.tar.gz".into(),
            bytes: 5,
            total: 5,
        },
        message(Level::Warn, Some("deploy@web1"), "old git\nvery old"),
        set_aside("deploy@web2"),
        Event::Fleet { hosts: vec![standing("deploy@web1", false, Some("killed"))], mixed: false },
        Event::Profile {
            phases: vec![spent(Some("deploy"), 12.0, Some("deploy@web1"), 4)],
            total: spent(None, 12.3, Some("deploy@web1"), 4),
        },
        Event::Failed { error: ErrorReport(bundle_failed("deploy@web1")) },
        Event::RunFinished { exit_code: 1, seconds: 12.34 },
    ]
}
