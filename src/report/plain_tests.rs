use insta::assert_snapshot;

use super::*;
use crate::model::ci::Service;
use crate::model::format_options::Streams;
use crate::report::console::Verbosity;
use crate::report::sample_events::{command, done, every_event, failed_run, message, not_run, output, started, task};
use crate::report::testing::Screen;

fn shown(shown: Shown, events: &[Event]) -> String {
    let screen = Screen::new();
    let plain = Plain::new(screen.console(), shown);
    for (event, second) in events.iter().zip(0..) {
        screen.pass(Duration::from_secs(second));
        plain.emit(event);
    }
    screen.all()
}

#[test]
fn a_failed_run() {
    assert_snapshot!(shown(Shown::default(), &failed_run()), @r#"
    00:06 bundler:install 01 $ bundle install
    00:09 bundler:install 01 deploy@web3: Fetching gems
    00:10 bundler:install 01 deploy@web1: Fetching gems
    00:11 bundler:install 01 deploy@web2: Fetching gems
    00:12 bundler:install 01 deploy@web2: Could not locate Gemfile
    00:13 bundler:install 01 deploy@web1: Could not locate Gemfile
    00:14 bundler:install 01 deploy@web2 ✘ 0.250s exit status 7
    00:15 bundler:install 01 deploy@web3 ✔ 0.250s
    00:16 bundler:install 01 deploy@web1 ✘ 0.250s exit status 7

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
fn every_event_with_all_there_is() {
    assert_snapshot!(shown(Shown { verbosity: Verbosity::Verbose, output: Streams::ALL }, &every_event()), @r#"
    00:07 deploy@web1: connected in 0.125s
    00:08 deploy 01 $ git fetch
    00:09 deploy 01 deploy@web1: From ssh://git.example.com
    00:10 deploy 01 deploy@web1 ✘ 1.000s killed by SIGKILL
    00:11 waiting 10 s for deploy@web1: `git fetch`
    00:11 WARN deploy@web1: it asks yes or no and nobody can answer there
    00:13 deploy@web1: uploaded a.tar.gz, 5 B
    00:14 deploy:check WARN deploy@web1: old git
    00:14 deploy:check WARN deploy@web1: very old
    00:15 bundler:install WARN deploy@web2: set aside: `bundle install` ended with exit status 7; the run goes on without it

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

    where the time went    wall  connecting  on the host  network  trips  slowest host
    deploy               12.00s       0.25s        6.00s    3.00s      4  deploy@web1
    the whole run        12.30s       0.25s        6.15s    3.08s      4  deploy@web1

    host         release before  release now     state   reason
    deploy@web1  20261121080000  20261121080000  failed  killed

    deploy failed after 12.3s on 1 host
    "#);
}

#[test]
fn nothing_is_cut_and_nothing_is_coloured() {
    let long = "y".repeat(5000);
    let events = [command(1, None, "web1", "a\nb"), output(1, &format!("\u{1b}[31m{long}\u{1b}[0m\r\n")), done(1, 0)];
    assert_eq!(
        shown(Shown::default(), &events),
        format!("00:00 01 $ a\n00:00 01 $ b\n00:01 01 web1: {long}\n00:02 01 web1 ✔ 0.250s\n")
    );
}

#[test]
fn a_dry_run() {
    let events = [
        started("production deploy", true),
        task("deploy"),
        not_run(command(1, Some("deploy"), "web1", "ls")),
        done(1, 0),
        Event::RunFinished { exit_code: 0, seconds: 3.0 },
    ];
    assert_snapshot!(shown(Shown::default(), &events), @r#"
    00:00 dry run: nothing is changed on any host
    00:02 deploy 01 $ cd /srv/app && ls
    00:02 deploy 01 web1 ○ not run
    dry run of deploy finished in 3.0s on 1 host, nothing was changed
    "#);
}

#[test]
fn messages_of_several_lines_say_each_time_where_they_are_from() {
    let events = [message(Level::Warn, Some("web1"), "first\nsecond"), message(Level::Error, None, "bad")];
    assert_snapshot!(shown(Shown { verbosity: Verbosity::Quiet, output: Streams::ALL }, &events), @r#"
    00:00 deploy:check WARN web1: first
    00:00 deploy:check WARN web1: second
    00:01 deploy:check ERROR bad
    "#);
}

#[test]
fn threads_do_not_tear_lines() {
    let screen = Screen::new();
    let plain = Plain::new(screen.console(), Shown::default());
    std::thread::scope(|scope| {
        for id in 0..8 {
            let plain = &plain;
            scope.spawn(move || {
                plain.emit(&command(id, None, &format!("web{id}"), "make"));
                for _ in 0..50 {
                    plain.emit(&output(id, &id.to_string().repeat(60)));
                }
            });
        }
    });
    let text = screen.out();
    for id in 0..8 {
        let line = format!("00:00 01 web{id}: {}", id.to_string().repeat(60));
        assert_eq!(text.lines().filter(|other| **other == line).count(), 50);
    }
    assert_eq!(text.lines().count(), 1 + 8 * 50);
}

#[test]
fn lines_are_cut_where_it_is_wished_but_not_what_must_be_read_whole() {
    let screen = Screen::new();
    let plain = Plain::new(screen.console(), Shown::default()).cut_at(30);
    for event in [
        command(1, Some("a"), "web1", &"x".repeat(50)),
        output(1, "short"),
        not_run(command(2, Some("a"), "web1", &"y".repeat(50))),
    ] {
        plain.emit(&event);
    }
    let lines: Vec<String> = screen.out().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], format!("00:00 a 01 $ {}…", "x".repeat(16)));
    assert_eq!(lines[1], "00:00 a 01 web1: short");
    assert!(lines.iter().any(|line| line.ends_with(&"y".repeat(50))), "{lines:?}");
}

#[test]
fn a_failed_run_in_a_job_of_github() {
    let screen = Screen::new();
    let folding = Folding::new(Service::GitHub, "apps/shop", "word".to_owned());
    let plain = Plain::folded(screen.console(), Shown::default(), Some(folding));
    for event in &failed_run() {
        plain.emit(event);
    }
    assert_snapshot!(screen.all(), @r#"
    ::group::bundler:install
    00:00 bundler:install 01 $ bundle install
    00:00 bundler:install 01 deploy@web3: Fetching gems
    00:00 bundler:install 01 deploy@web1: Fetching gems
    00:00 bundler:install 01 deploy@web2: Fetching gems
    00:00 bundler:install 01 deploy@web2: Could not locate Gemfile
    00:00 bundler:install 01 deploy@web1: Could not locate Gemfile
    00:00 bundler:install 01 deploy@web2 ✘ 0.250s exit status 7
    00:00 bundler:install 01 deploy@web3 ✔ 0.250s
    00:00 bundler:install 01 deploy@web1 ✘ 0.250s exit status 7
    ::endgroup::
    ::stop-commands::word

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

    ::word::
    ::error file=apps/shop/config/deploy.rhai,line=1,col=5::`bundle install` ended with exit status 7 (deploy@web1, deploy@web2)
    the fleet is mixed: 1 host has the new release, 2 hosts have not
    host         release before  release now     state     reason
    deploy@web1  20261121080000  20261121080000  failed    `bundle install` failed
    deploy@web2  20261121080000  20261121080000  failed    `bundle install` failed
    deploy@web3  20261121080000  20261122093936  switched

    deploy failed after 12.3s on 3 hosts
    "#);
}
