use std::num::NonZero;

use insta::assert_snapshot;

use super::*;
use crate::model::format_options::Streams;
use crate::report::sample_events::{
    command, connected, done, error_output, failed_run, message, not_run, output, started, task, task_done, task_waits,
};
use crate::report::testing::Screen;

pub(super) const WIDE: Options = Options { color: false, width: 80 };

/// Everything that is written, both streams, for events that come one second after the other.
pub(super) fn shown_as(shown: Shown, look: Options, events: &[Event]) -> String {
    let screen = Screen::new();
    let terminal = Terminal::new(screen.console(), shown, look);
    for (event, second) in events.iter().zip(0..) {
        screen.pass(Duration::from_secs(second));
        terminal.emit(event);
    }
    screen.all()
}

pub(super) fn shown(events: &[Event]) -> String {
    shown_as(Shown::default(), WIDE, events)
}

pub(super) fn verbosity(verbosity: Verbosity) -> Shown {
    Shown { verbosity, output: Streams::ALL }
}

pub(super) fn finished() -> Event {
    Event::RunFinished { exit_code: 0, seconds: 12.34 }
}

#[test]
fn one_host_reads_like_airbrussh() {
    let events = [
        started("production deploy", false),
        connected("deploy@web1"),
        task("deploy:check"),
        task_done("deploy:check"),
        task("deploy:updating"),
        command(1, Some("deploy:updating"), "deploy@web1", "/usr/bin/env git fetch"),
        output(1, "From ssh://git.example.com/shop"),
        error_output(1, "   1f2e3d..4c5b6a  master -> master"),
        done(1, 0),
        command(2, Some("deploy:updating"), "deploy@web1", "git archive master"),
        done(2, 0),
        command(3, Some("deploy:updating"), "deploy@web1", "/usr/bin/env git fetch"),
        done(3, 0),
        task_done("deploy:updating"),
        finished(),
    ];
    assert_snapshot!(shown(&events), @r#"
    00:05 deploy:updating
          01 git fetch
          01 From ssh://git.example.com/shop
          01    1f2e3d..4c5b6a  master -> master
        ✔ 01 deploy@web1 0.250s
          02 git archive master
        ✔ 02 deploy@web1 0.250s
        ✔ 01 deploy@web1 0.250s
    deploy finished in 12.3s on 1 host
    "#);
}

#[test]
fn three_hosts_at_once_name_their_lines() {
    let name = Some("deploy:updating");
    let events = [
        started("production deploy", false),
        connected("deploy@web1"),
        connected("deploy@web2"),
        connected("deploy@web3:2222"),
        task("deploy:updating"),
        command(1, name, "deploy@web1", "git fetch"),
        command(2, name, "deploy@web2", "git fetch"),
        output(1, "one"),
        command(3, name, "deploy@web3:2222", "git fetch"),
        output(2, "two"),
        done(1, 0),
        command(4, name, "deploy@web1", "make"),
        output(3, "three"),
        output(4, "built"),
        done(2, 0),
        done(4, 0),
        done(3, 0),
        finished(),
    ];
    assert_snapshot!(shown(&events), @r#"
    00:05 deploy:updating
          01 git fetch
          01 web1: one
          01 web2: two
        ✔ 01 deploy@web1 0.250s
          02 make
          01 web3:2222: three
          02 web1: built
        ✔ 01 deploy@web2 0.250s
        ✔ 02 deploy@web1 0.250s
        ✔ 01 deploy@web3:2222 0.250s
    deploy finished in 12.3s on 3 hosts
    "#);
}

#[test]
fn commands_after_a_nested_task_stand_under_their_own() {
    let events = [
        task("outer"),
        command(1, Some("outer"), "web1", "first"),
        done(1, 0),
        task("inner"),
        command(2, Some("inner"), "web1", "nested"),
        done(2, 0),
        task_done("inner"),
        command(3, Some("outer"), "web1", "second"),
        done(3, 0),
        task_done("outer"),
        command(4, None, "web1", "last"),
        done(4, 0),
    ];
    assert_snapshot!(shown(&events), @r#"
    00:01 outer
          01 first
        ✔ 01 web1 0.250s
    00:04 inner
          01 nested
        ✔ 01 web1 0.250s
    00:07 outer
          02 second
        ✔ 02 web1 0.250s
    00:10 outside tasks
          01 last
        ✔ 01 web1 0.250s
    "#);
}

#[test]
fn a_task_that_runs_again_starts_at_one() {
    let twice = |id| [task("a"), command(id, Some("a"), "web1", "ls"), done(id, 0), task_done("a")];
    assert_snapshot!(shown(&[twice(1), twice(2)].concat()), @r#"
    00:01 a
          01 ls
        ✔ 01 web1 0.250s
    00:05 a
          01 ls
        ✔ 01 web1 0.250s
    "#);
}

#[test]
fn a_dry_run_shows_whole_lines_and_that_nothing_ran() {
    let long = format!("echo {}\n  second line", "x".repeat(100));
    let events = [
        started("production deploy", true),
        task("deploy"),
        not_run(command(1, Some("deploy"), "web1", "rm -r releases/1")),
        done(1, 0),
        not_run(command(2, Some("deploy"), "web2", "rm -r releases/1")),
        done(2, 0),
        not_run(command(3, Some("deploy"), "web2", &long)),
        done(3, 0),
        finished(),
    ];
    assert_snapshot!(shown(&events), @r#"
    dry run: nothing is changed on any host
    00:02 deploy
          01 cd /srv/app && rm -r releases/1
        ○ 01 web1 not run
        ○ 01 web2 not run
          02 cd /srv/app && echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
               second line
        ○ 02 web2 not run
    dry run of deploy finished in 12.3s on 2 hosts, nothing was changed
    "#);
}

#[test]
fn messages_have_labels_and_hosts() {
    let events = [
        connected("deploy@web1"),
        message(Level::Info, Some("deploy@web1"), "  one host needs no name\n"),
        connected("deploy@web2"),
        message(Level::Info, Some("deploy@web2"), "first\n  second"),
        message(Level::Warn, None, "look"),
        message(Level::Error, Some("deploy@web1"), "bad"),
        message(Level::Debug, None, "hidden"),
        message(Level::Info, None, " \n"),
    ];
    assert_snapshot!(shown(&events), @r#"
    00:01 deploy:check
          one host needs no name
          web2: first
          web2:   second
          WARN  look
          ERROR web1: bad
    "#);
    assert_snapshot!(shown_as(verbosity(Verbosity::Quiet), WIDE, &events), @r#"
    WARN  look
    ERROR web1: bad
    "#);
    assert_snapshot!(shown_as(verbosity(Verbosity::Verbose), WIDE, &events), @r#"
          connected to deploy@web1 0.125s
    00:01 deploy:check
          one host needs no name
    00:02 outside tasks
          connected to deploy@web2 0.125s
    00:03 deploy:check
          web2: first
          web2:   second
          WARN  look
          ERROR web1: bad
          hidden
    "#);
}

#[test]
fn output_can_be_switched_off() {
    let events = [command(1, None, "web1", "ls"), output(1, "hidden"), done(1, 0)];
    let shown = Shown { output: Streams::NONE, ..Shown::default() };
    assert_eq!(shown_as(shown, WIDE, &events), "      01 ls\n    ✔ 01 web1 0.250s\n");
}

#[test]
fn one_stream_can_be_switched_off() {
    let events = [command(1, None, "web1", "ls"), output(1, "out"), error_output(1, "err"), done(1, 0)];
    for (output, expected) in
        [(Streams { stderr: false, ..Streams::ALL }, "01 out"), (Streams { stdout: false, ..Streams::ALL }, "01 err")]
    {
        let text = shown_as(Shown { output, ..Shown::default() }, WIDE, &events);
        assert_eq!(text, format!("      01 ls\n      {expected}\n    ✔ 01 web1 0.250s\n"));
    }
}

#[test]
fn where_lines_are_cut_need_not_be_the_width() {
    let at = |columns| {
        let screen = Screen::new();
        let terminal = Terminal::new(screen.console(), Shown::default(), Options { color: false, width: 20 });
        terminal.cut_at(columns).emit(&message(Level::Info, None, "twenty-one characters"));
        screen.out().lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!([0, 10].map(at), ["      twenty-one characters", "      twe…"]);
}

#[test]
fn lines_are_cut_to_the_width() {
    let name = "deploy:日本語:check";
    let events = [
        task(name),
        command(1, Some(name), "deploy@web1", "echo 日本語日本語"),
        output(1, &"y".repeat(200)),
        output(1, "tab\there"),
        done(1, 0),
    ];
    let at = |width| shown_as(Shown::default(), Options { width, ..WIDE }, &events);
    assert_snapshot!(at(20), @r#"
    00:01 deploy:日本語…
          01 echo 日本…
          01 yyyyyyyyyy…
          01 tab     he…
        ✔ 01 deploy@web…
    "#);
    assert_eq!(at(80).lines().nth(2).unwrap(), format!("      01 {}…", "y".repeat(70)));
    assert_eq!(at(0).lines().nth(2).unwrap(), format!("      01 {}", "y".repeat(200)));
    assert_eq!(at(0).lines().nth(3).unwrap(), "      01 tab     here");
    assert_eq!(at(1).lines().collect::<Vec<_>>(), ["…"; 5]);
}

#[test]
fn scripts_show_their_first_line() {
    let events = [command(1, None, "web1", "\nset -e\nmake\n"), command(2, None, "web1", "ls\n")];
    assert_eq!(shown(&events), "      01 set -e …\n      02 ls\n");
}

#[test]
fn a_clock_that_goes_backwards_is_shown_as_it_is() {
    let screen = Screen::new();
    let terminal = Terminal::new(screen.console(), Shown::default(), WIDE);
    for (seconds, name) in [(4000, "a"), (0, "b")] {
        screen.pass(Duration::from_secs(seconds));
        terminal.emit(&command(seconds, Some(name), "web1", "ls"));
    }
    assert_eq!(screen.out(), "1:06:40 a\n      01 ls\n00:00 b\n      01 ls\n");
}

#[test]
fn uploads_are_told_when_they_are_done_and_under_their_task() {
    let transfer = |upload, bytes| Event::Transfer {
        id: 9,
        host: "deploy@web1".into(),
        upload,
        name: "app.tar.gz".into(),
        bytes,
        total: 2048,
    };
    let events = [
        task("outer"),
        task("inner"),
        transfer(true, 1024),
        transfer(true, 2048),
        task_done("inner"),
        transfer(false, 2048),
        task("waits"),
        task_waits("waits"),
        transfer(false, 2048),
        task_done("waits"),
    ];
    assert_snapshot!(shown(&events), @r#"
    00:03 inner
          uploaded app.tar.gz to deploy@web1, 2.0 KiB
    00:05 outer
          downloaded app.tar.gz from deploy@web1, 2.0 KiB
          downloaded app.tar.gz from deploy@web1, 2.0 KiB
    "#);
}

#[test]
fn the_status_line_gives_way_to_every_other_line() {
    const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
    const COLUMNS: NonZero<u16> = NonZero::new(40).unwrap();
    let screen = Screen::new();
    let terminal = Terminal::new(screen.console(), Shown::default(), Options { color: true, width: 40 });
    let picture = || {
        let mut picture = vt100::Parser::new(ROWS, COLUMNS, 0);
        picture.process(screen.out().replace('\n', "\r\n").as_bytes());
        picture
    };
    let at = |seconds| screen.pass(Duration::from_secs(seconds));
    terminal.emit(&command(1, Some("a"), "web1", "bundle install"));
    terminal.tick();
    at(5);
    terminal.tick();
    assert_eq!(picture().screen().contents(), "00:00 a\n      01 bundle install\n      … 00:05 bundle install on web1");

    terminal.emit(&output(1, "\u{1b}[31mred\u{1b}[2J\u{1b}[H"));
    at(6);
    terminal.tick();
    terminal.emit(&done(1, 0));
    terminal.tick();
    let picture = picture();
    let expected = "00:00 a\n      01 bundle install\n      01 red\n    ✔ 01 web1 0.250s";
    assert_eq!(picture.screen().contents(), expected);

    let color = |row, column| picture.screen().cell(row, column).unwrap().fgcolor();
    assert_eq!(color(0, 6), vt100::Color::Idx(4), "task: blue");
    assert_eq!(color(1, 9), vt100::Color::Idx(3), "command: yellow");
    assert_eq!(color(2, 9), vt100::Color::Idx(1), "the command's own red");
    assert_eq!(color(3, 4), vt100::Color::Idx(2), "mark: green");
    assert_eq!(color(3, 15), vt100::Color::Default, "time: plain");
}

#[test]
fn without_a_width_there_is_no_status_line() {
    let screen = Screen::new();
    let terminal = Terminal::new(screen.console(), Shown::default(), Options::default());
    terminal.emit(&command(1, None, "web1", "sleep 60"));
    screen.pass(Duration::from_secs(9));
    terminal.tick();
    assert_eq!(screen.out(), "      01 sleep 60\n");
}

#[test]
fn a_closed_stream_does_not_stop_the_run() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let screen = Screen::new();
    let console = Console { out: std::sync::Arc::new(Mutex::new(Closed)), ..screen.console() };
    let terminal = Terminal::new(console, Shown::default(), WIDE);
    for event in failed_run() {
        terminal.emit(&event);
    }
    assert!(screen.err().contains("error: 2 of 3 hosts failed"));
}
