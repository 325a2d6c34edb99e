//! Real logins whose shell is dash, bash, zsh, fish or busybox ash, and whose start-up files are noisy.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use windlass::model::command::Command;
use windlass::model::secret::Vault;
use windlass::transport::api::{Input, Request};
use windlass::transport::cancel::Cancel;

use crate::ssh::host::Host;
use crate::support::account::Account;
use crate::support::skip::skip;
use crate::support::sshd::{Options, Sshd};

/// What a start-up file has to say: lines on both streams, bytes that are no text, something that looks like a frame,
/// and no line end at the end.
const NOISE: &str = "echo 'Welcome!'\necho 'stty: not a terminal' >&2\nprintf 'windlass-0123456789abcdef.0\\n'\n\
                     printf '\\000\\377\\376 and no end'\nprintf 'oops \\377' >&2\n";

/// The shells: name, program, and the file each reads first.
const SHELLS: &[(&str, &str, &str)] = &[
    ("dash", "dash", ""),
    ("bash", "bash", ".bashrc"),
    ("zsh", "zsh", ".zshenv"),
    ("fish", "fish", ".config/fish/config.fish"),
    ("ash", "busybox", ""),
];

/// A host for each shell there is here, and the account that goes with it.
fn logins(test: &str) -> Vec<(&'static str, Account, Host)> {
    let path = std::env::var_os("PATH").unwrap();
    let mut logins = Vec::new();
    for (name, program, file) in SHELLS {
        let Some(program) = std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.exists()) else {
            skip(test, &format!("there is no {program} here"));
            continue;
        };
        let Some(sshd) = Sshd::with(&Options::default()) else { continue };
        // busybox goes by the name it is called.
        let shell: PathBuf = if *name == "ash" { sshd.path(name) } else { program.clone() };
        if *name == "ash" {
            symlink(&program, &shell).unwrap();
        }
        // `.ssh/rc` is run by sshd before the shell, for every shell.
        for file in [*file, ".ssh/rc"].into_iter().filter(|file| !file.is_empty()) {
            let file = sshd.home().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, NOISE).unwrap();
        }
        let Some(account) = Account::login(test, &sshd, &shell) else { continue };
        let host = Host::login(sshd, &account.name);
        logins.push((*name, account, host));
    }
    logins
}

#[test]
fn every_login_shell_starts_the_shell_that_stays_and_its_noise_is_not_heard() {
    for (name, account, host) in logins("every_login_shell_starts_the_shell_that_stays_and_its_noise_is_not_heard") {
        let ran = host.shell("echo out; echo err >&2; exit 3");
        assert_eq!((ran.out(), ran.err(), ran.status), ("out\n", "err\n", 3), "{name}");
        assert_eq!(host.shell("id -un").out(), format!("{}\n", account.name), "{name}");
        let login = fs::read_to_string("/etc/passwd").unwrap();
        let login = login.lines().find(|line| line.starts_with(&format!("{}:", account.name))).unwrap();
        assert!(Path::new(login.rsplit(':').next().unwrap()).ends_with(name), "{login}");
        let (ran, round_trips) = host.trip(&[
            "echo one",
            "exit 7",
            "cat <<EOF\n$HOME it's \\ fine\nEOF",
            "printf '\\377\\000'; kill -9 $$",
            "set -e; false",
        ]);
        let home = host.sshd.as_ref().unwrap().home();
        assert_eq!((ran[0].out(), ran[1].status, round_trips), ("one\n", 7, 1), "{name}");
        assert_eq!(ran[2].out(), format!("{} it's \\ fine\n", home.display()), "{name}");
        assert_eq!((ran[3].stdout.as_slice(), ran[3].status, ran[4].status), (b"\xff\0".as_slice(), 137, 1), "{name}");
        assert!(ran.iter().all(|ran| ran.stderr.is_empty()), "{name}: {ran:?}");
    }
}

#[test]
fn every_login_shell_hands_on_a_command_that_reads_input() {
    for (name, _account, host) in logins("every_login_shell_hands_on_a_command_that_reads_input") {
        for argument in
            ["plain", "it's", "a\\nb", "back\\\\slash\\", "'\\''", "$HOME `id` \"x\" *", "two\nlines", "é漢"]
        {
            let command = Command::program(["sh", "-c", "printf '%s|' \"$1\"; cat", "sh", argument]);
            let ran = host.feed(&command, b"\0input\xff");
            let expected = [argument.as_bytes(), b"|\0input\xff"].concat();
            assert_eq!(
                (ran.stdout, ran.stderr.as_slice(), ran.status),
                (expected, b"".as_slice(), 0),
                "{name}: {argument}"
            );
        }
    }
}

#[test]
fn a_secret_arrives_through_every_login_shell() {
    for (name, _account, host) in logins("a_secret_arrives_through_every_login_shell") {
        let vault = Vault::default();
        let command = Command::program(["printf".to_owned(), "%s".to_owned(), vault.seal("it's $HOME\\")]);
        let mut out = Vec::new();
        let request = Request { command: &command, input: Input::None, vault: &vault };
        host.transport.run(request, &mut |_, bytes| out.extend_from_slice(bytes), &Cancel::new()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "it's $HOME\\", "{name}");
    }
}
