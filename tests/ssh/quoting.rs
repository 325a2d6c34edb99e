//! Arbitrary arguments through real shells, under every combination of what can surround a command.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use windlass::model::command::{Command, Word};

use crate::ssh::host::Host;
use crate::support::skip::skip;

/// What surrounds a command: which of directory, environment, umask, shell and user.
#[expect(clippy::struct_excessive_bools, reason = "each is there or not, independently")]
#[derive(Clone, Copy, Debug)]
struct Around {
    dir: bool,
    env: bool,
    umask: bool,
    shell: bool,
    user: bool,
}

fn combinations() -> Vec<Around> {
    let users: &[bool] = if rustix::process::geteuid().is_root() && Path::new("/usr/bin/sudo").exists() {
        &[false, true]
    } else {
        skip("quoting as another user", "it takes root and sudo");
        &[false]
    };
    let mut all = Vec::new();
    let shells = if Path::new("/bin/bash").exists() { 2 } else { 1 };
    for number in 0..8 * shells {
        for user in users {
            let (dir, env, umask, shell) = (number & 1 > 0, number & 2 > 0, number & 4 > 0, number & 8 > 0);
            all.push(Around { dir, env, umask, shell, user: *user });
        }
    }
    all
}

fn arguments() -> impl Strategy<Value = Vec<String>> {
    let nasty = prop::sample::select(vec![
        "",
        " ",
        "'",
        "\"",
        "\\",
        "$",
        "$HOME",
        "`id`",
        "$(id)",
        "*",
        "~",
        "\n",
        "a\nb\n",
        "-n",
        "--",
        "#",
        "!",
        "&",
        ";",
        "|",
        "ü€😀",
        "\t",
        "\r",
        "'\\''",
        "%s",
        "=",
        "{a,b}",
        "[a]",
        "<",
        ">",
        ":~",
        "a:~/b",
        "a=~",
        "\u{1b}[0m",
        "\u{7f}",
    ])
    .prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![nasty, "[^\0]{0,10}", "[ -~]{0,12}"], 1..8)
}

/// `printf` with its arguments, each ended by a NUL, in the given surroundings.
fn command(around: Around, args: &[String], folder: &Path) -> Command {
    let words = ["printf".to_owned(), "%s\\0".to_owned()].into_iter().chain(args.iter().cloned());
    Command {
        dir: around.dir.then(|| folder.display().to_string()),
        env: if around.env { vec![("WORD".into(), Word::Text(args[0].clone()))] } else { Vec::new() },
        umask: around.umask.then(|| "027".into()),
        user: around.user.then(|| "nobody".into()),
        shell: around.shell.then(|| "bash".into()),
        ..Command::program(words)
    }
}

#[test]
fn arguments_arrive_as_they_are_in_all_surroundings() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let dir = folder.path().join("it's a $dir");
    fs::create_dir(&dir).unwrap();
    for host in Host::each() {
        for around in combinations() {
            let mut runner = TestRunner::new(Config { cases: 10, failure_persistence: None, ..Config::default() });
            let case = |args: Vec<String>| {
                let ran = host.run(&command(around, &args, &dir));
                let expected = args.join("\0") + "\0";
                prop_assert_eq!(String::from_utf8_lossy(&ran.stdout), expected.as_str(), "{:?} {:?}", around, ran);
                let variable =
                    Command { body: Command::shell("printf '%s\\0' \"$WORD\"").body, ..command(around, &args, &dir) };
                if around.env {
                    let ran = host.run(&variable);
                    let expected = format!("{}\0", args[0]);
                    prop_assert_eq!(String::from_utf8_lossy(&ran.stdout), expected, "{:?} {:?}", around, ran);
                }
                let ran = host.feed(&command(around, &args, &dir), b"ignored");
                prop_assert_eq!(
                    String::from_utf8_lossy(&ran.stdout),
                    expected.as_str(),
                    "with input: {:?} {:?}",
                    around,
                    ran
                );
                Ok(())
            };
            runner
                .run(&arguments(), case)
                .unwrap_or_else(|failure| panic!("{around:?} on {}: {failure}", host.transport.label()));
        }
    }
}

#[test]
fn surroundings_hold_for_programs_and_for_lines() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let dir = folder.path().join("it's a $dir");
    fs::create_dir(&dir).unwrap();
    let line = "pwd; umask; printf '%s\\n' \"$WORD\"; id -un";
    for host in Host::each() {
        let me = host.shell("id -un").out().to_owned();
        for around in combinations() {
            let args = ["it's \"$WORD\"".to_owned()];
            for body in [Command::shell(line), Command::program(["sh", "-c", line])] {
                let ran = host.run(&Command { body: body.body.clone(), ..command(around, &args, &dir) });
                let lines: Vec<&str> = ran.out().lines().collect();
                assert_eq!(lines.len(), 4, "{around:?} {ran:?}");
                assert_eq!(lines[0] == dir.display().to_string(), around.dir, "{around:?} {ran:?}");
                assert_eq!(lines[1] == "0027", around.umask, "{around:?} {ran:?}");
                assert_eq!(lines[2], if around.env { "it's \"$WORD\"" } else { "" }, "{around:?}");
                assert_eq!(lines[3], if around.user { "nobody" } else { me.trim() }, "{around:?}");
            }
        }
    }
}

#[test]
fn a_directory_that_is_not_there_runs_nothing() {
    for host in Host::each() {
        let ran = host.run(&Command { dir: Some("/no such/dir".into()), ..Command::shell("echo ran; echo again") });
        assert_eq!((ran.out(), ran.status), ("", 2));
        assert!(ran.err().contains("/no such/dir"), "{}", ran.err());
    }
}
