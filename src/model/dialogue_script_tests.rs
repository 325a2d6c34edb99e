use std::io::{Read, Write};
use std::process::{Child, Command as Process, Stdio};

use super::*;

/// A shell that reads the text of a command without a terminal.
fn start(shell: &[&str], command: &Command, vault: &Vault) -> Child {
    let script = render(command, false, vault, 7).unwrap();
    assert_eq!(script.launcher[..2], ["sh", "-c"]);
    let mut child = Process::new(shell[0])
        .args(&shell[1..])
        .args(&script.launcher[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(script.text.as_bytes()).unwrap();
    child
}

/// What was printed up to these words.
fn until(stream: &mut impl Read, words: &str) -> String {
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !seen.ends_with(words.as_bytes()) && stream.read(&mut byte).unwrap() == 1 {
        seen.push(byte[0]);
    }
    String::from_utf8(seen).unwrap()
}

const SHELLS: [&[&str]; 3] = [&["sh"], &["bash"], &["busybox", "sh"]];

#[test]
fn without_a_terminal_it_asks_on_both_streams_and_reads_the_answers() {
    let line = "printf 'Name: '; read -r n; printf 'Word: ' >&2; read -r w; echo \"$n, $w\"; exit 3";
    for shell in SHELLS {
        let mut child = start(shell, &Command::shell(line), &Vault::default());
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        assert_eq!(until(&mut out, "\n"), "windlass-ready-0000000000000007 pipe\n", "{shell:?}");
        let begun = until(&mut out, "\n");
        let group = begun.strip_prefix("\u{1e}windlass-0000000000000007 ").unwrap().trim().parse::<u32>();
        assert!(group.is_ok(), "{begun:?}");
        assert_eq!(until(&mut out, "Name: "), "Name: ");
        child.stdin.as_mut().unwrap().write_all(b" b\\ob\t\n").unwrap();
        assert_eq!(until(&mut err, "Word: "), format!("{begun}Word: "));
        child.stdin.as_mut().unwrap().write_all("ünter $HOME\n".as_bytes()).unwrap();
        assert_eq!(until(&mut out, "\u{1e}"), "b\\ob, ünter $HOME\n\u{1e}");
        assert_eq!(until(&mut out, "\n"), "windlass-0000000000000007:3\n");
        assert_eq!(until(&mut err, "\n"), "\u{1e}windlass-0000000000000007:3\n");
        drop(child.stdin.take());
        assert!(child.wait().is_ok());
    }
}

#[test]
fn when_the_input_ends_the_command_is_ended() {
    for shell in SHELLS {
        let mut child =
            start(shell, &Command::shell("trap '' TERM; echo here; sleep 600; sleep 600"), &Vault::default());
        let mut out = child.stdout.take().unwrap();
        assert!(until(&mut out, "here\n").ends_with("here\n"));
        drop(child.stdin.take());
        assert_eq!(until(&mut out, "\n"), "\u{1e}windlass-0000000000000007:137\n", "{shell:?}");
        assert!(child.wait().is_ok());
    }
}

#[test]
fn secrets_come_by_the_text() {
    let vault = Vault::default();
    let command = Command::program(["printf".to_owned(), "<%s>".to_owned(), vault.seal("it's\nhunter2")]);
    let script = render(&command, true, &vault, 7).unwrap();
    assert!(!script.launcher.join(" ").contains("hunter2"));
    let mut child = start(&["sh"], &command, &vault);
    assert!(until(child.stdout.as_mut().unwrap(), ">").ends_with("<it's\nhunter2>"));
    drop(child.stdin.take());
    assert!(child.wait().is_ok());
}

#[test]
fn another_user_gets_the_launcher_and_the_terminal_comes_before_sudo() {
    let command = Command { user: Some("app".into()), ..Command::program(["id"]) };
    let script = render(&command, true, &Vault::default(), 7).unwrap();
    let words: Vec<&str> = script.launcher.iter().map(String::as_str).collect();
    assert_eq!(words[..11], ["sh", "-c", RAW, "sh", "sudo", "-n", "-u", "app", "--", "sh", "-c"]);
    assert!(!script.launcher.join(" ").contains(&script.ready));
    assert_eq!(
        ["pipe", "terminal", "bare", "x"].map(Ground::of),
        [Some(Ground::Pipe), Some(Ground::Terminal), Some(Ground::Bare), None]
    );
}
