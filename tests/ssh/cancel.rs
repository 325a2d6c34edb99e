//! What a cancel, and a connection that breaks, leave behind: nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use windlass::error::{Error, Kind};
use windlass::model::command::Command;
use windlass::transport::api::Input;
use windlass::transport::cancel::Cancel;

use crate::ssh::host::{Host, Ran, run, wait_until};
use crate::support::skip::skip;
use crate::support::sshd::{Options, is_running, signal};

/// A folder every user may write to, for files with process numbers.
fn open_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("windlass-cancel-").tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(folder.path(), mode).unwrap();
    folder
}

fn pid_in(file: &Path) -> Option<u32> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Runs a command in a thread and calls `then` with the process numbers it wrote to the files `a` and `b`.
fn interrupt(host: &Host, command: Command, then: impl FnOnce(&Cancel)) -> (Result<Ran, Error>, Duration, Vec<u32>) {
    let folder = open_folder();
    let (a, b): (PathBuf, PathBuf) = (folder.path().join("a"), folder.path().join("b"));
    let command = Command { dir: Some(folder.path().display().to_string()), ..command };
    let (cancel, transport) = (Cancel::new(), Arc::clone(&host.transport));
    let running = {
        let cancel = cancel.clone();
        thread::spawn(move || run(&*transport, &command, Input::None, &cancel))
    };
    wait_until("the command runs", || pid_in(&a).is_some() && pid_in(&b).is_some());
    let pids = vec![pid_in(&a).unwrap(), pid_in(&b).unwrap()];
    assert!(pids.iter().all(|pid| is_running(*pid)));
    let begun = Instant::now();
    then(&cancel);
    let ended = running.join().unwrap();
    (ended, begun.elapsed(), pids)
}

fn assert_cancelled(host: &Host, command: Command) {
    let mut raised = Instant::now();
    let (ended, took, pids) = interrupt(host, command, |cancel| {
        raised = Instant::now();
        cancel.raise();
    });
    let error = ended.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Cancelled, "cancelled"));
    assert!(took < Duration::from_secs(20), "took {took:?}");
    // A killed process takes a moment to vanish.
    wait_until("nothing is left", || !pids.iter().any(|pid| is_running(*pid)));
    assert!(raised.elapsed() < Duration::from_secs(20), "took {:?}", raised.elapsed());
}

#[test]
fn a_cancel_ends_the_whole_group() {
    for host in Host::each() {
        assert_cancelled(&host, Command::shell("sleep 60 & echo $! >b; echo $$ >a; sleep 60"));
    }
}

#[test]
fn a_cancel_ends_who_ignores_term() {
    for host in Host::each() {
        assert_cancelled(
            &host,
            Command::shell("trap '' TERM; echo $$ >a; (echo x; sleep 60) & echo $! >b; sleep 60; sleep 60"),
        );
    }
}

#[test]
fn a_cancel_ends_a_child_that_ignores_term_when_its_parent_does_not() {
    for host in Host::each() {
        assert_cancelled(
            &host,
            Command::shell("sh -c 'trap \"\" TERM; echo $$ >a; while :; do sleep 1; done' & echo $$ >b; wait"),
        );
    }
}

/// What cannot be promised: whoever makes a session of his own has left the group, as a daemon does on purpose.
#[test]
fn a_cancel_does_not_reach_a_child_with_a_session_of_its_own() {
    for host in Host::each() {
        let command = Command::shell("setsid sh -c 'echo $$ >b; exec sleep 60' >/dev/null 2>&1 & echo $$ >a; sleep 60");
        let (ended, _, pids) = interrupt(&host, command, Cancel::raise);
        assert_eq!(ended.unwrap_err().kind(), Kind::Cancelled);
        wait_until("the command is gone", || !is_running(pids[0]));
        assert!(is_running(pids[1]), "its child has a session of its own");
        signal(pids[1], Signal::KILL);
    }
}

#[test]
fn a_cancel_ends_a_command_of_another_user() {
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/bin/sudo").exists() {
        skip("a_cancel_ends_a_command_of_another_user", "it takes root and sudo");
        return;
    }
    for host in Host::each() {
        let command = Command {
            user: Some("nobody".into()),
            ..Command::shell("sleep 60 & echo $! >b; echo $$ >a; trap '' TERM; sleep 60")
        };
        assert_cancelled(&host, command);
    }
}

#[test]
fn what_a_cancelled_command_still_said_is_kept() {
    for host in Host::each() {
        let command = Command::shell("trap 'echo bye; exit 9' TERM; echo begun; echo $$ >/dev/null; sleep 60 & wait");
        let (cancel, transport) = (Cancel::new(), Arc::clone(&host.transport));
        host.shell("true");
        let raising = {
            let cancel = cancel.clone();
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(400));
                cancel.raise();
            })
        };
        let (vault, mut output) = (windlass::model::secret::Vault::default(), Vec::new());
        let request = windlass::transport::api::Request { command: &command, input: Input::None, vault: &vault };
        let error = transport.run(request, &mut |_, bytes| output.extend_from_slice(bytes), &cancel).unwrap_err();
        raising.join().unwrap();
        assert_eq!(error.kind(), Kind::Cancelled);
        assert_eq!(String::from_utf8(output).unwrap(), "begun\nbye\n");
    }
}

/// Gives a little, raises the cancel, and goes on giving.
struct Endless(Cancel, u32);

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 += 1;
        if self.1 == 200 {
            self.0.raise();
        }
        let count = buffer.len().min(1000);
        buffer[..count].fill(b'x');
        thread::sleep(Duration::from_millis(1));
        Ok(count)
    }
}

#[test]
fn a_cancelled_command_with_input_never_takes_half_for_the_whole() {
    for host in Host::each() {
        let folder = open_folder();
        let command = Command {
            dir: Some(folder.path().display().to_string()),
            ..Command::shell("echo $$ >a; cat >taken; echo whole >b")
        };
        let cancel = Cancel::new();
        let begun = Instant::now();
        let error =
            run(&*host.transport, &command, Input::Bytes(&mut Endless(cancel.clone(), 0)), &cancel).unwrap_err();
        assert_eq!(error.kind(), Kind::Cancelled);
        assert!(begun.elapsed() < Duration::from_secs(20), "took {:?}", begun.elapsed());
        let pid = pid_in(&folder.path().join("a")).unwrap();
        wait_until("the command is gone", || !is_running(pid));
        assert!(!folder.path().join("b").exists(), "it did not see an end of the input");
    }
}

/// Gives a little and fails.
struct Failing(u32);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0 += 1;
        if self.0 > 300 {
            return Err(std::io::Error::other("the disk is gone"));
        }
        buffer[0] = b'x';
        thread::sleep(Duration::from_millis(1));
        Ok(1)
    }
}

#[test]
fn input_that_cannot_be_read_to_its_end_ends_the_command_too() {
    for host in Host::each() {
        let folder = open_folder();
        let command =
            Command { dir: Some(folder.path().display().to_string()), ..Command::shell("cat >taken; echo whole >b") };
        let error = run(&*host.transport, &command, Input::Bytes(&mut Failing(0)), &Cancel::new()).unwrap_err();
        assert_eq!(error.to_string(), "could not read the input of the command: the disk is gone");
        assert!(!folder.path().join("b").exists());
    }
}

#[test]
fn a_raised_cancel_starts_nothing() {
    for host in Host::each() {
        let cancel = Cancel::new();
        cancel.raise();
        let folder = open_folder();
        let command = Command::program(["touch".to_owned(), folder.path().join("x").display().to_string()]);
        assert_eq!(run(&*host.transport, &command, Input::None, &cancel).unwrap_err().kind(), Kind::Cancelled);
        assert!(!folder.path().join("x").exists());
    }
}

#[test]
fn a_connection_that_breaks_is_an_error_and_leaves_nothing() {
    let Some(host) = Host::ssh(&Options::default()) else { return };
    let command = Command::shell("sleep 60 & echo $! >b; echo $$ >a; sleep 60");
    let sshd = host.sshd.as_ref().unwrap();
    let (ended, took, pids) = interrupt(&host, command, |_| sshd.kill_sessions());
    let error = ended.unwrap_err();
    let label = host.transport.label();
    assert_eq!(error.kind(), Kind::Lost);
    assert_eq!(error.to_string(), format!("the connection to `{label}` broke while the command ran"));
    assert_eq!(error.parts().host.as_deref(), Some(label.as_str()));
    assert!(took < Duration::from_secs(20), "took {took:?}");
    wait_until("the watchdog has ended the command", || !pids.iter().any(|pid| is_running(*pid)));
    assert_eq!(host.shell("echo again").out(), "again\n", "the next command connects anew");
}
