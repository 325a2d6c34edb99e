use insta::assert_snapshot;

use super::tests::{WIDE, finished, shown, shown_as, verbosity};
use super::*;
use crate::error::{Error, Kind};
use crate::model::error_report::ErrorReport;
use crate::report::sample_events::{
    bundle_failed, command, done, error_output, failed_run, output, standing, started, task, with_level,
};
use crate::report::testing::Screen;

#[test]
fn two_failed_hosts_are_told_at_the_end() {
    assert_snapshot!(shown(&failed_run()), @r#"
    00:06 bundler:install
          01 bundle install
          01 web3: Fetching gems
          01 web1: Fetching gems
          01 web2: Fetching gems
          01 web2: Could not locate Gemfile
          01 web1: Could not locate Gemfile
        ✘ 01 deploy@web2 0.250s exit status 7
        ✔ 01 deploy@web3 0.250s
        ✘ 01 deploy@web1 0.250s exit status 7

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
fn the_error_goes_to_the_other_stream() {
    let screen = Screen::new();
    let terminal = Terminal::new(screen.console(), Shown::default(), WIDE);
    for event in failed_run() {
        terminal.emit(&event);
    }
    assert!(screen.err().starts_with("\noutput of `bundle install` on deploy@web"), "{}", screen.err());
    assert!(screen.err().contains("\nerror: 2 of 3 hosts failed\n"));
    assert!(!screen.out().contains("error:"));
    assert!(screen.out().ends_with("\ndeploy failed after 12.3s on 3 hosts\n"));
}

#[test]
fn debug_commands_are_hidden_until_they_fail() {
    let events = [
        task("a"),
        with_level(command(1, Some("a"), "web1", "test -d /srv"), Level::Debug),
        output(1, "hidden"),
        Event::CommandFinished { id: 1, status: Some(1), signal: None, ok: true, seconds: 0.1 },
        with_level(command(2, Some("a"), "web1", "cat REVISION"), Level::Debug),
        Event::CommandFinished { id: 2, status: Some(1), signal: None, ok: false, seconds: 0.1 },
    ];
    assert_snapshot!(shown(&events), @r#"
    00:05 a
          01 cat REVISION
        ✘ 01 web1 0.100s exit status 1
    "#);
    assert_snapshot!(shown_as(verbosity(Verbosity::Verbose), WIDE, &events), @r#"
    00:01 a
          01 test -d /srv
          01 hidden
        ✔ 01 web1 0.100s exit status 1
          02 cat REVISION
        ✘ 02 web1 0.100s exit status 1
    "#);
    assert_eq!(shown_as(verbosity(Verbosity::Quiet), WIDE, &events), "");
}

#[test]
fn quiet_still_tells_the_end() {
    let mut events = failed_run();
    let text = shown_as(verbosity(Verbosity::Quiet), WIDE, &events);
    assert!(text.starts_with("\noutput of `bundle install` on "), "{text}");
    assert!(text.ends_with("\ndeploy failed after 12.3s on 3 hosts\n"));
    events = vec![started("production deploy", false), finished()];
    assert_eq!(shown_as(verbosity(Verbosity::Quiet), WIDE, &events), "deploy finished in 12.3s\n");
}

#[test]
fn signals_and_lost_commands_are_told_apart() {
    let ended = |id, signal: Option<&str>| Event::CommandFinished {
        id,
        status: None,
        signal: signal.map(ToOwned::to_owned),
        ok: false,
        seconds: f64::NAN,
    };
    let events = [
        command(1, None, "web1", "a"),
        ended(1, Some("KILL")),
        command(2, None, "web1", "b"),
        ended(2, None),
        ended(99, None),
        output(99, "nobody began this"),
    ];
    assert_snapshot!(shown(&events), @r#"
      01 a
    ✘ 01 web1 0.000s killed by SIGKILL
      02 b
    ✘ 02 web1 0.000s no exit status
    "#);
}

#[test]
fn a_long_output_stands_above_the_error_and_not_in_it() {
    let mut events = vec![command(1, None, "deploy@web1", "bundle install")];
    events.extend((1..=30).map(|n| error_output(1, &format!("line {n}"))));
    let mut error = bundle_failed("web1");
    error.parts_mut().command.as_mut().unwrap().stderr = "line 30".into();
    events.extend([
        done(1, 7),
        Event::Failed { error: ErrorReport(error) },
        Event::RunFinished { exit_code: 1, seconds: 1.0 },
    ]);
    let text = shown(&events);
    let end = text.split_once("output of").unwrap().1;
    assert!(end.starts_with(" `bundle install` on deploy@web1:\n  line 1\n  line 2\n"), "{end}");
    assert_eq!(end.matches("line 30\n").count(), 1, "{end}");
    assert!(end.contains("= result: exit status 7\n\nrun failed after 1.0s on 1 host\n"), "{end}");
}

#[test]
fn a_short_output_stands_in_the_error_alone() {
    let events = [
        command(1, None, "deploy@web1", "bundle install"),
        error_output(1, "Could not locate Gemfile"),
        done(1, 7),
        Event::Failed { error: ErrorReport(bundle_failed("deploy@web1")) },
        Event::RunFinished { exit_code: 1, seconds: 1.0 },
    ];
    assert_snapshot!(shown(&events), @r#"
          01 bundle install
          01 Could not locate Gemfile
        ✘ 01 deploy@web1 0.250s exit status 7

    error: `bundle install` ended with exit status 7
     --> config/deploy.rhai:1:5
      |
    1 |     execute("bundle", "install");
      |     ^^^^^^^
      |
      = host: deploy@web1
      = command: cd /srv/app && bundle install
      = result: exit status 7
      = stderr: Could not locate Gemfile

    run failed after 1.0s on 1 host
    "#);
}

#[test]
fn a_failure_that_was_caught_is_not_told_again() {
    let events =
        [command(1, None, "web1", "bundle install"), output(1, "a"), error_output(1, "b"), done(1, 7), finished()];
    assert_snapshot!(shown(&events), @r#"
          01 bundle install
          01 a
          01 b
        ✘ 01 web1 0.250s exit status 7
    run finished in 12.3s on 1 host
    "#);
}

#[test]
fn endings() {
    let end = |exit_code, error: Option<Error>, dry_run| {
        let mut events = vec![started("production deploy branch=x", dry_run), command(1, None, "web1", "ls")];
        events.extend(error.map(|error| Event::Failed { error: ErrorReport(error) }));
        events.push(Event::RunFinished { exit_code, seconds: 61.0 });
        shown_as(verbosity(Verbosity::Quiet), WIDE, &events).lines().last().unwrap().to_owned()
    };
    let error = |kind| Some(Error::new(kind, "x"));
    assert_eq!(end(0, None, false), "deploy branch=x finished in 1m 01s on 1 host");
    assert_eq!(end(0, None, true), "dry run of deploy branch=x finished in 1m 01s on 1 host, nothing was changed");
    assert_eq!(end(1, error(Kind::Command), false), "deploy branch=x failed after 1m 01s on 1 host");
    assert_eq!(end(130, error(Kind::Cancelled), false), "deploy branch=x cancelled after 1m 01s on 1 host");
    assert_eq!(end(3, error(Kind::Exit(3)), false), "deploy branch=x stopped with exit code 3 after 1m 01s on 1 host");
}

#[test]
fn a_fleet_in_order_needs_no_table() {
    let fleet = |mixed| Event::Fleet { hosts: vec![standing("web1", true, None)], mixed };
    assert_eq!(shown(&[fleet(false), finished()]), "run finished in 12.3s\n");
    assert!(
        shown(&[fleet(true), finished()])
            .starts_with("the fleet is mixed: 1 host has the new release, 0 hosts have not\n")
    );
}

#[test]
fn failures_are_red() {
    let events = [command(1, None, "web1", "ls"), done(1, 2)];
    let text = shown_as(Shown::default(), Options { color: true, width: 0 }, &events);
    assert_eq!(
        text,
        "      01 \u{1b}[33mls\u{1b}[0m\n    \u{1b}[31m✘ 01 web1\u{1b}[0m 0.250s\u{1b}[31m exit status 2\u{1b}[0m\n"
    );
}
