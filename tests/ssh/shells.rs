//! The shell that stays: many commands over one session, whatever they do to it, whatever shell the host has.

use std::path::Path;
use std::process::{Command as Process, Stdio};

use windlass::model::command::Command;
use windlass::model::secret::Vault;
use windlass::model::trip::{PRELUDE, render};
use windlass::transport::api::{Input, Request};
use windlass::transport::cancel::Cancel;

use crate::ssh::host::Host;
use crate::support::skip::skip;
use crate::support::sshd::Options;

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
    ("sh -c 'kill -TERM $PPID'", "", 143),
    ("sleep 60 & echo begun", "begun\n", 0),
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
fn what_is_left_in_the_background_prints_into_no_other_command() {
    for host in Host::each() {
        host.shell("(sleep 0.3; while sleep 0.05; do echo noise || exit; done) &");
        let ran = host.shell("sleep 1; echo mine");
        assert_eq!(ran.out(), "mine\n");
    }
}

/// One trip through a shell of the host, which may be any `sh`.
fn through(sh: &[&str], lines: &[&str]) -> String {
    let commands: Vec<Command> = lines.iter().map(|line| Command::shell(*line)).collect();
    let script = render(commands.iter().map(|command| (command, false)), &Vault::default(), 7, false).unwrap();
    let mut child = Process::new(sh[0])
        .args(&sh[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
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
        let out = through(sh, &["echo one", "exit 3", "printf two", "cat"]);
        let (frames, over) = out.split_once("M:").unwrap();
        assert_eq!(frames, "M.0\none\nM.0:0\nM.1\nM.1:3\nM.2\ntwoM.2:0\nM.3\nM.3:0\n", "{sh:?}");
        assert!(over.starts_with("0 0 "), "{sh:?}: {over}");
        assert!(Path::new("/proc/uptime").exists());
    }
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
