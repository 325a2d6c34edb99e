//! The shell that stays: many commands over one session, whatever they do to it, whatever shell the host has.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::{Arc, Mutex};

use windlass::model::command::Command;
use windlass::model::secret::Vault;
use windlass::model::trip::{PRELUDE, render};
use windlass::transport::api::{Input, Request};
use windlass::transport::cancel::Cancel;

use crate::ssh::host::{Host, Ran, pool_told, trip};
use crate::support::skip::skip;
use crate::support::sshd::{Options, Sshd, is_running, signal};

/// What a careless command does, and what it prints and ends with.
const CARELESS: &[(&str, &str, i32)] = &[
    ("exit 3", "", 3),
    ("echo 'unbalanced", "", 2),
    ("cat <<EOF\nin a document $((1 + 1))\nEOF", "in a document 2\n", 0),
    ("cat <<EOF\nnever ended", "never ended", 0),
    ("set -e; false; echo never", "", 1),
    ("cat; read -r line; echo \"<$line>\"", "<>\n", 0),
    ("printf 'no end'", "no end", 0),
    ("exec 1>&-; echo lost; true", "", 0),
    ("cd /; umask 077; export PATH=; X=1", "", 0),
    ("trap 'echo trapped' EXIT", "trapped\n", 0),
    ("windlass() { exit 9; }; windlass_say() { :; }; unset -f printf; true", "", 0),
    ("kill -9 $$", "", 137),
    ("sleep 60 & echo begun", "begun\n", 0),
    ("printf '\\xff\\0\\n' | od -An -tx1", " 5c 78 66 66 00 0a\n", 0),
    ("set | grep -c ^windlass; env | grep -c ^windlass; true", "0\n0\n", 0),
    ("tr '\\0' ' ' </proc/$PPID/cmdline", "sh ", 0),
    ("exec </dev/full >&2; exec nosuchprogram", "", 127),
    ("kill() { :; }; wait() { :; }; read() { :; }; printf() { :; }; true", "", 0),
];

#[test]
fn whatever_a_command_does_the_next_one_is_not_touched() {
    for host in Host::each() {
        for (line, out, status) in CARELESS {
            let ran = host.shell(line);
            assert_eq!((ran.out(), ran.status), (*out, *status), "{line}");
            let next = host.shell("echo next; pwd; echo \"$X\"; type windlass 2>&1 | head -1");
            assert!(next.out().starts_with("next\n"), "after {line}: {}", next.out());
            assert!(!next.out().contains("function"), "after {line}: {}", next.out());
        }
    }
}

#[test]
fn nor_is_the_next_one_of_the_same_trip() {
    for host in Host::each() {
        let lines: Vec<&str> = CARELESS.iter().map(|(line, _, _)| *line).collect();
        let (ran, round_trips) = host.trip(&lines);
        assert_eq!(ran.len(), lines.len());
        for (ran, (line, out, status)) in ran.iter().zip(CARELESS) {
            assert_eq!((ran.out(), ran.status), (*out, *status), "{line}");
        }
        // Only the one that leaves something behind costs another one.
        assert_eq!(round_trips, 2);
    }
}

#[test]
fn what_is_left_in_the_background_prints_into_no_other_command() {
    for host in Host::each() {
        host.shell("(sleep 0.3; while sleep 0.05; do echo noise || exit; done) &");
        let ran = host.shell("sleep 1; echo mine");
        assert_eq!(ran.out(), "mine\n");
    }
}

#[test]
fn nor_into_those_behind_it_in_the_same_trip() {
    const NOISY: &str = "(while sleep 0.05; do echo noise || exit; echo noise >&2 || exit; done) & echo begun";
    for host in Host::each() {
        let (ran, round_trips) = host.trip(&["echo before", NOISY, "sleep 0.4; echo mine", "echo end"]);
        let out: Vec<&str> = ran.iter().map(Ran::out).collect();
        assert_eq!(out, ["before\n", "begun\n", "mine\n", "end\n"]);
        assert_eq!((ran[2].err(), ran[3].err(), round_trips), ("", "", 2));
    }
}

#[test]
fn what_is_left_behind_lives_on() {
    for host in Host::each() {
        let (ran, _) = host.trip(&["sleep 60 & echo $!", "true"]);
        let pid: u32 = ran[0].out().trim().parse().unwrap();
        host.shell("true");
        assert!(is_running(pid), "as a server that a recipe starts");
        signal(pid, rustix::process::Signal::KILL);
    }
}

#[test]
fn a_shielded_trip_is_one_trip_whatever_is_left() {
    for host in Host::each() {
        let steps = [("sleep 1 & echo begun", true), ("kill -9 $$", false), ("echo end", true)];
        let (ran, measured) = trip(&*host.transport, &steps, true);
        assert_eq!(ran.iter().map(|ran| ran.status).collect::<Vec<_>>(), [0, 137, 0]);
        assert_eq!((ran[0].out(), ran[2].out(), measured.round_trips), ("begun\n", "end\n", 1));
        // Signals are heeded again afterwards.
        assert_eq!(host.shell("kill -TERM $$").status, 143);
    }
}

#[test]
fn a_command_that_kills_the_shell_around_it_is_the_one_that_failed() {
    for host in Host::each() {
        let steps = [("echo before", true), ("kill -9 $PPID", false), ("echo after", true)];
        let (ran, _) = trip(&*host.transport, &steps, false);
        assert!(ran[1].status >= 128, "{ran:?}");
        assert_eq!((ran[0].out(), ran[2].out(), ran[2].status), ("before\n", "after\n", 0));
        let steps = [("kill -9 $PPID", true), ("echo never", true)];
        assert_eq!(trip(&*host.transport, &steps, false).0.len(), 1);
    }
}

#[test]
fn a_command_finds_no_stream_but_its_own_three() {
    // Here only: what runs the tests may have left others open.
    let Some(host) = Host::ssh(&Options::default()) else { return };
    let (ran, _) = host.trip(&["ls /proc/self/fd | tr '\\n' ' '"; 2]);
    assert_eq!(ran.iter().map(Ran::out).collect::<Vec<_>>(), ["0 1 2 3 "; 2]);
}

#[test]
fn messages_of_the_shell_are_those_of_an_sh_alone() {
    let host = Host::local();
    for line in ["echo )", "nosuchprogram", "echo \"unbalanced", "cd /nosuchfolder"] {
        let alone = Process::new("sh").args(["-c", line]).stdin(Stdio::null()).output().unwrap();
        assert_eq!(host.shell(line).err(), String::from_utf8(alone.stderr).unwrap(), "{line}");
    }
}

/// One trip through a shell of the host, which may be any `sh`. It leads its process group, as below sshd, or is one of
/// many, as below sudo: that makes no difference.
fn through(sh: &[&str], commands: &[Command]) -> String {
    let [leading, following] = [true, false].map(|leads| through_one(sh, leads, commands));
    let frames = |out: &str| out.split_once("M:").unwrap().0.to_owned();
    assert_eq!(frames(&leading), frames(&following), "{sh:?}");
    leading
}

fn through_one(sh: &[&str], leads: bool, commands: &[Command]) -> String {
    let script = render(commands.iter().map(|command| (command, false)), &Vault::default(), 7, false).unwrap();
    let mut process = Process::new(sh[0]);
    if leads {
        process.process_group(0);
    }
    let mut child =
        process.args(&sh[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, format!("{PRELUDE}{}", script.text).as_bytes()).unwrap();
    // Held open until the trip is over: its end is what the watchdog waits for.
    let mut out = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    while !out.contains(&format!("{}:", script.marker)) {
        assert!(std::io::BufRead::read_line(&mut stdout, &mut out).unwrap() > 0, "{sh:?}: {out}");
    }
    drop(stdin);
    child.wait().unwrap();
    out.replace(&script.marker, "M")
}

#[test]
fn every_kind_of_sh_runs_a_trip() {
    let shells: &[&[&str]] = &[&["dash"], &["bash", "--posix"], &["busybox", "sh"], &["zsh", "--emulate", "sh"]];
    for sh in shells {
        if !std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|dir| dir.join(sh[0]).exists()) {
            skip("every_kind_of_sh_runs_a_trip", &format!("there is no {} here", sh[0]));
            continue;
        }
        let out = through(sh, &["echo one", "exit 3", "printf two", "cat"].map(Command::shell));
        let (frames, over) = out.split_once("M:").unwrap();
        assert_eq!(frames, "M.0\none\nM.0:0\nM.1\nM.1:3\nM.2\ntwoM.2:0\nM.3\nM.3:0\n", "{sh:?}");
        assert!(over.starts_with("0 0 "), "{sh:?}: {over}");
        // Three that share a process, between two that do not.
        let row = [&["printf", "a b"][..], &["cat", "/nonexistent"], &["printf", "it's $x\n"]].map(program);
        let [first, last] = ["echo first", "echo last"].map(Command::shell);
        let [one, two, three] = row;
        let out = through(sh, &[first, one, two, three, last]);
        let (frames, _) = out.split_once("M:").unwrap();
        let expected = "M.0\nfirst\nM.0:0\nM.1\na bM.1:0\nM.2\nM.2:1\nM.3\nit's $x\nM.3:0\nM.4\nlast\nM.4:0\n";
        assert_eq!(frames, expected, "{sh:?}");
        // Lines of our own among them: whatever they do to their shell ends with them.
        let own = ["cd /; set -e; x=1; false", "echo \"${x-unset}\"; exit 4 # said\n", "cat <<END\nhere\nEND"]
            .map(Command::own);
        let out = through(sh, &own);
        let (frames, over) = out.split_once("M:").unwrap();
        assert_eq!(frames, "M.0\nM.0:1\nM.1\nunset\nM.1:4\nM.2\nhere\nM.2:0\n", "{sh:?}");
        assert!(over.starts_with("0 0 "), "{sh:?}: {over}");
        // One alone, which takes the place of the shell, in a folder that is not there and in one that is.
        for (dir, expected) in [("/nonexistent", "M.0\nM.0:"), ("/", "M.0\na b\nM.0:0\n")] {
            let one = Command { dir: Some(dir.into()), ..program(&["printf", "%s\\n", "a b"]) };
            let out = through(sh, &[one]);
            assert!(out.starts_with(expected) && !out.starts_with("M.0\nM.0:0"), "{sh:?}: {out}");
        }
        assert!(Path::new("/proc/uptime").exists());
    }
}

/// There everything runs in the group of the shell that stays, and that group must not be ended as a whole.
#[test]
fn without_setsid_a_cancelled_row_leaves_alone_what_others_have_started() {
    let top = tempfile::tempdir().unwrap();
    let programs = top.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    for name in ["cat", "mkfifo", "sh", "sleep"] {
        let program = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|program| program.exists()).unwrap();
        std::os::unix::fs::symlink(program, programs.join(name)).unwrap();
    }
    let mut shell = Process::new("/bin/sh")
        .env("PATH", &programs)
        .current_dir(top.path())
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = shell.stdin.take().unwrap();
    let mut stdout = std::io::BufReader::new(shell.stdout.take().unwrap());
    let mut send = |text: &str| std::io::Write::write_all(&mut stdin, text.as_bytes()).unwrap();
    let mut until = |mark: &str| {
        let mut line = String::new();
        while !line.contains(mark) {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut stdout, &mut line).unwrap() > 0, "no {mark}");
        }
    };
    let trip = |commands: &[Command], nonce| {
        render(commands.iter().map(|command| (command, true)), &Vault::default(), nonce, false).unwrap()
    };
    let daemon = trip(&[Command::shell("mkfifo fifo; sleep 60 >/dev/null 2>&1 & echo $! >daemon")], 1);
    send(PRELUDE);
    send(&daemon.text);
    until(&format!("{}:", daemon.marker));
    let row = trip(&[program(&["cat", "/dev/null"]), program(&["cat", "fifo"])], 2);
    send(&row.text);
    until(&format!("{}.1\n", row.marker));
    drop(stdin);
    shell.wait().unwrap();
    let daemon: u32 = std::fs::read_to_string(top.path().join("daemon")).unwrap().trim().parse().unwrap();
    assert!(is_running(daemon));
    signal(daemon, rustix::process::Signal::KILL);
}

fn program(words: &[&str]) -> Command {
    Command::program(words.iter().copied())
}

/// A login that lets only some commands through, as `command=` in `authorized_keys` does.
const GATE: &str = r#"ForceCommand case "$SSH_ORIGINAL_COMMAND" in "exec sh") echo "no shell for you" >&2; exit 1;; *) eval "$SSH_ORIGINAL_COMMAND";; esac"#;

#[test]
fn a_login_without_a_shell_gets_a_session_for_each_command() {
    for gate in [GATE, r#"ForceCommand bash -r -c "$SSH_ORIGINAL_COMMAND""#] {
        let Some(host) = Host::ssh(&Options { config: &[gate], ..Options::default() }) else { return };
        let ran = host.shell("echo out; echo err >&2; false");
        assert_eq!((ran.out(), ran.err(), ran.status), ("out\n", "err\n", 1), "{gate}");
        assert_eq!(host.shell("cat; echo end").out(), "end\n", "{gate}");
        let vault = Vault::default();
        let secret = Command::program(["echo".to_owned(), vault.seal("hunter2")]);
        let request = Request { command: &secret, input: Input::None, vault: &vault };
        let error = host.transport.run(request, &mut |_, _| (), &Cancel::new()).unwrap_err();
        assert!(error.to_string().contains("so no secret can be brought there safely"), "{error}");
    }
}

#[test]
fn a_login_without_a_shell_is_told_of_once() {
    let Some(sshd) = Sshd::with(&Options { config: &[GATE], ..Options::default() }) else { return };
    let notes: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&notes);
    let pool = pool_told(Arc::new(move |label, note| told.lock().unwrap().push(format!("{label}: {note}"))));
    let transport = pool.transport(&sshd.server()).unwrap();
    let lines = [("echo one", true), ("exit 3", false), ("echo two", true)];
    for _ in 0..2 {
        let (ran, _) = trip(&*transport, &lines, false);
        assert_eq!((ran[0].out(), ran[1].status, ran[2].out()), ("one\n", 3, "two\n"));
    }
    let said = "the login begins no `sh`: every command gets a session of its own, and nothing ends it when the connection breaks";
    assert_eq!(*notes.lock().unwrap(), [format!("{}: {said}", transport.label())]);
}
