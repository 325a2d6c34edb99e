//! Commands of a trip that share a process, or need no shell.

use std::path::Path;
use std::thread;

use rustix::process::Signal;

use windlass::error::Kind;
use windlass::model::command::{Body, Command, Word};
use windlass::model::secret::Vault;
use windlass::transport::api::{Step, Told, Trip};
use windlass::transport::cancel::Cancel;

use crate::faults::running::with_argument;
use crate::ssh::host::{Host, Ran, trip_of, wait_until};
use crate::support::sshd;

fn program(words: &[&str]) -> Command {
    Command::program(words.iter().copied())
}

#[test]
fn programs_that_share_a_process_show_and_fail_one_by_one() {
    for host in Host::each() {
        let top = tempfile::tempdir().unwrap();
        let path = |name: &str| top.path().join(name).display().to_string();
        let steps = [
            (program(&["mkdir", &path("a b")]), true),
            (program(&["printf", "no end"]), true),
            (program(&["rmdir", &path("not there")]), false),
            (Command { dir: Some(path("a b")), umask: Some("077".into()), ..program(&["touch", "in it"]) }, true),
            (program(&["ln", &path("not there"), &path("x")]), true),
            (program(&["touch", &path("never")]), true),
        ];
        let (ran, measured) = trip_of(&*host.transport, &steps, false);
        assert_eq!(ran.iter().map(|ran| ran.status).collect::<Vec<_>>(), [0, 0, 1, 0, 1]);
        assert_eq!((ran[1].out(), ran[2].out(), ran[3].err()), ("no end", "", ""));
        assert!(ran[2].err().contains("not there") && ran[4].err().contains("not there"));
        assert!(top.path().join("a b/in it").exists() && !top.path().join("never").exists());
        assert_eq!(measured.round_trips, 1);
        assert_eq!(host.shell("echo next").out(), "next\n");
    }
}

#[test]
fn programs_that_share_a_process_are_what_they_are_known_for() {
    for host in Host::each() {
        let top = tempfile::tempdir().unwrap();
        let here = |command: Command| (Command { dir: Some(top.path().display().to_string()), ..command }, true);
        let word = |text: &str| Word::Text(text.into());
        let line = |text: &str| {
            Command::new(Body::Program(vec![
                word("printf"),
                word("%s\\n"),
                word(text),
                Word::Raw(">>".into()),
                word("log"),
            ]))
        };
        let steps = [
            program(&["git", "init", "--quiet", "--bare", "repo"]),
            program(&["git", "config", "--file", "repo/config", "remote.origin.url", "a b"]),
            line("one; $two"),
            line("three"),
            program(&["touch", "repo/x.lock"]),
            program(&["find", "repo", "-name", "*.lock", "-exec", "rm", "-f", "{}", "+"]),
            Command::own("[ -e log ] && cat <log"),
        ];
        let (ran, measured) = trip_of(&*host.transport, &steps.map(here), false);
        assert!(ran.iter().all(|ran| ran.status == 0), "{:?}", ran.iter().map(Ran::err).collect::<Vec<_>>());
        assert_eq!((ran[6].out(), measured.round_trips), ("one; $two\nthree\n", 1));
        assert!(!top.path().join("repo/x.lock").exists());
        assert!(std::fs::read_to_string(top.path().join("repo/config")).unwrap().contains("url = a b"));
    }
}

#[test]
fn a_program_that_needs_no_shell_is_ended_with_the_run() {
    for host in Host::each() {
        let top = tempfile::tempdir().unwrap();
        let fifo = fifo_in(&host, top.path());
        is_ended(&host, &[program(&["cat", &fifo])], 0, &fifo);
    }
}

#[test]
fn a_program_that_shares_a_process_is_ended_with_the_run() {
    for host in Host::each() {
        let top = tempfile::tempdir().unwrap();
        let fifo = fifo_in(&host, top.path());
        let commands = [program(&["true"]), program(&["cat", &fifo]), program(&["touch", &format!("{fifo}.never")])];
        is_ended(&host, &commands, 1, &fifo);
        assert!(!top.path().join("fifo.never").exists());
    }
}

#[test]
fn a_program_that_needs_no_shell_ends_by_itself_as_it_would_in_one() {
    for host in Host::each() {
        let top = tempfile::tempdir().unwrap();
        let fifo = fifo_in(&host, top.path());
        let killed = thread::scope(|scope| {
            scope.spawn(|| {
                wait_until("the program runs", || !with_argument(&fifo).is_empty());
                let cat = with_argument(&fifo)[0].strip_prefix("cat ").unwrap().parse().unwrap();
                sshd::signal(cat, Signal::KILL);
            });
            host.run(&program(&["cat", &fifo]))
        });
        assert_eq!((killed.status, killed.out()), (128 + 9, ""));
        // The program has printed nothing, but some shells say how it has ended.
        assert!(killed.err().is_empty() || killed.err().contains("Killed"), "{}", killed.err());
        let failed = host.run(&program(&["cat", "/not there"]));
        assert_eq!((failed.status, failed.out()), (1, ""));
        assert!(failed.err().starts_with("cat: ") && failed.err().contains("/not there"), "{}", failed.err());
        let input = host.run(&program(&["cat", "/dev/stdin"]));
        assert_eq!((input.status, input.out(), input.err()), (0, "", ""), "it has nothing to read");
        let open = host.run(&program(&["readlink", "/proc/self/fd/3", "/proc/self/fd/4", "/proc/self/fd/5"]));
        assert_eq!((open.status, open.out()), (1, ""), "the streams of the staying shell are none of its own");
    }
}

/// Who reads from it hangs: nobody ever writes into it.
fn fifo_in(host: &Host, folder: &Path) -> String {
    let fifo = folder.join("fifo").display().to_string();
    assert_eq!(host.shell(&format!("mkfifo {fifo}")).status, 0);
    fifo
}

/// Cancels when the command with this number has begun, which has the mark among its arguments.
fn is_ended(host: &Host, commands: &[Command], hangs: usize, mark: &str) {
    let steps: Vec<Step> = commands.iter().map(|command| Step { command, must_succeed: true }).collect();
    let (vault, cancel, mut begun) = (Vault::default(), Cancel::new(), Vec::new());
    let mut tell = |number: usize, told: Told<'_>| {
        if told == Told::Begun {
            begun.push(number);
            if number == hangs {
                cancel.raise();
            }
        }
    };
    let error = host.transport.trip(&Trip { steps: &steps, vault: &vault, shielded: false }, &mut tell, &cancel);
    assert_eq!(error.unwrap_err().kind(), Kind::Cancelled);
    assert_eq!(begun, (0..=hangs).collect::<Vec<_>>());
    wait_until("the program is gone", || with_argument(mark).is_empty());
}
