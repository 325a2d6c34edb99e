//! Commands that are talked with: on a terminal, and with their prompts answered, over ssh and locally.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use windlass::error::{Error, Kind};
use windlass::model::command::{Command, Word};
use windlass::model::dialogue::{Dialogue, Prompt};
use windlass::model::event::Stream;
use windlass::model::secret::Vault;
use windlass::transport::api::{Exit, Input, Listener, Request, Transport};
use windlass::transport::cancel::Cancel;

use crate::ssh::host::{Host, Ran, run, wait_until};
use crate::support::account::{Account, PASSWORD, may_enter};
use crate::support::skip::skip;
use crate::support::sshd::{Options, Sshd, is_running};

/// Answers prompts, and keeps the lines that asked.
struct Script {
    dialogue: Dialogue,
    answers: Vec<String>,
    asked: Vec<String>,
}

impl Script {
    fn new(answers: &[(&str, &str)]) -> Self {
        let prompts = answers.iter().map(|(prompt, _)| Prompt::read(prompt).unwrap()).collect();
        let answers = answers.iter().map(|(_, answer)| format!("{answer}\n")).collect();
        Self { dialogue: Dialogue::new(prompts), answers, asked: Vec::new() }
    }
}

impl Listener for Script {
    fn hear(&mut self, stream: Stream, bytes: &[u8]) -> Result<String, Error> {
        let asked = self.dialogue.hear(stream, bytes);
        self.asked.extend(asked.iter().map(|asked| asked.line.trim_start().to_owned()));
        Ok(asked.iter().map(|asked| self.answers[asked.prompt].as_str()).collect())
    }
}

fn talk(host: &Host, command: &Command, on_terminal: bool, answers: &[(&str, &str)]) -> Result<Ran, Error> {
    let input = Input::Dialogue { on_terminal, listener: &mut Script::new(answers) };
    run(&*host.transport, command, input, &Cancel::new())
}

fn on_terminal(host: &Host, line: &str, answers: &[(&str, &str)]) -> Ran {
    talk(host, &Command::shell(line), true, answers).unwrap()
}

#[test]
fn on_a_terminal_there_is_one_of_a_usual_kind() {
    for host in Host::each() {
        let line =
            "tty >/dev/null && [ -t 1 ] && [ -t 2 ] && stty size && echo $TERM $PAGER && stty -a | grep -o ' .echo '";
        assert_eq!(on_terminal(&host, line, &[]).out(), "40 120\nxterm cat\n -echo \n");
        assert_eq!(host.shell("tty; [ -t 1 ] || echo none").out(), "not a tty\nnone\n", "and usually none");
        // It is the controlling one, and the command may read from it.
        let line = "exec 3<>/dev/tty; printf 'Name: ' >&3; read -r n <&3; echo \"hi $n\"";
        assert_eq!(on_terminal(&host, line, &[("Name:", "bob")]).out(), "Name: hi bob\n");
    }
}

#[test]
fn on_a_terminal_both_streams_are_one_and_lines_end_as_elsewhere() {
    for host in Host::each() {
        let ran = on_terminal(&host, "echo a; echo b >&2; printf 'no end'", &[]);
        assert_eq!(ran, Ran { status: 0, stdout: b"a\nb\nno end".to_vec(), stderr: Vec::new() });
        let ran = on_terminal(&host, "head -c 3000000 /dev/zero | tr '\\0' x; printf end", &[]);
        assert_eq!(ran.stdout.len(), 3_000_003);
        assert!(ran.stdout.ends_with(b"xend"));
    }
}

#[test]
fn a_status_comes_back_as_it_is() {
    for host in Host::each() {
        for with_terminal in [true, false] {
            for status in [0, 1, 126, 255] {
                let ran = talk(&host, &Command::shell(format!("exit {status}")), with_terminal, &[]).unwrap();
                assert_eq!(ran, Ran { status, stdout: Vec::new(), stderr: Vec::new() }, "{with_terminal}");
            }
            let ran = talk(&host, &Command::shell("kill -KILL $$"), with_terminal, &[]).unwrap();
            assert_eq!(Exit { status: ran.status }.signal().as_deref(), Some("KILL"), "{ran:?}");
        }
    }
}

/// Prompts on both streams, in pieces, behind a line and without one; answers with anything in them.
#[test]
fn prompts_are_answered_wherever_they_come() {
    let line = "printf 'Na'; sleep 0.2; printf 'me: '; read -r n; printf 'Word for %s? ' \"$n\" >&2; read -r w
        echo 'More [y/N]'; read -r m; printf '<%s>' \"$n\" \"$w\" \"$m\"";
    let answers = [("Name:", " b\\ob ' $HOME "), (r"/Word for .*\?/", "wört"), (r"/\[y.N\]/", "y")];
    for host in Host::each() {
        for with_terminal in [true, false] {
            let mut script = Script::new(&answers);
            let input = Input::Dialogue { on_terminal: with_terminal, listener: &mut script };
            let ran = run(&*host.transport, &Command::shell(line), input, &Cancel::new()).unwrap();
            assert_eq!(ran.status, 0, "{ran:?}");
            assert!(ran.out().ends_with("<b\\ob ' $HOME><wört><y>"), "{:?}", ran.out());
            assert_eq!(ran.err().is_empty(), with_terminal, "{ran:?}");
            assert_eq!(script.asked, ["Name:", "Word for b\\ob ' $HOME?", "More [y/N]"]);
        }
    }
}

#[test]
fn a_program_in_raw_mode_is_given_the_key() {
    for host in Host::each() {
        let line = "stty -icanon -icrnl min 3; printf 'key: '; dd bs=3 count=1 2>/dev/null | od -An -c";
        assert_eq!(
            on_terminal(&host, line, &[("key:", "ab")]).out().split_whitespace().collect::<Vec<_>>(),
            ["key:", "a", "b", "\\r"]
        );
    }
}

#[test]
fn a_command_that_does_not_read_is_no_trouble() {
    for host in Host::each() {
        for with_terminal in [true, false] {
            let line = "exec </dev/null; echo 'Name: '; sleep 0.3; echo end";
            let ran = talk(&host, &Command::shell(line), with_terminal, &[("Name:", "bob")]).unwrap();
            assert_eq!((ran.status, ran.out()), (0, "Name: \nend\n"));
        }
    }
}

#[test]
fn secrets_reach_it_and_stand_in_no_argument() {
    for host in Host::each() {
        for with_terminal in [true, false] {
            let vault = Vault::default();
            let token = vault.seal("s3cret-t0ken's end");
            let line = "printf 'Password: '; read -r p
                for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep -c 's3cre[t]'
                printf %s \"$p\" \"$TOKEN\" | od -An -c | tr -d ' \\n'";
            let command = Command { env: vec![("TOKEN".to_owned(), Word::Text(token))], ..Command::shell(line) };
            let mut script = Script::new(&[("Password:", "typed-s3cret")]);
            let input = Input::Dialogue { on_terminal: with_terminal, listener: &mut script };
            let mut out = Vec::new();
            let request = Request { command: &command, input, vault: &vault };
            host.transport.run(request, &mut |_, bytes| out.extend_from_slice(bytes), &Cancel::new()).unwrap();
            // `od` shows it letter by letter.
            assert_eq!(
                String::from_utf8(out).unwrap(),
                "Password: 0\ntyped-s3crets3cret-t0ken'send",
                "{with_terminal}"
            );
        }
    }
}

/// A command that says where its processes are, and heeds no polite request.
const STUBBORN: &str = "trap '' HUP TERM; (sleep 600; sleep 600) & echo $! >b; echo $$ >a; sleep 600; sleep 600";

/// Runs it in a thread and gives its processes.
fn start(
    host: &Host,
    command: Command,
    with_terminal: bool,
) -> (Cancel, thread::JoinHandle<Result<Ran, Error>>, [u32; 2]) {
    let folder = tempfile::Builder::new().prefix("windlass-talk-").tempdir().unwrap();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let command = Command { dir: Some(folder.path().display().to_string()), ..command };
    let (cancel, transport): (Cancel, Arc<dyn Transport>) = (Cancel::new(), Arc::clone(&host.transport));
    let running = {
        let cancel = cancel.clone();
        thread::spawn(move || {
            let input = Input::Dialogue { on_terminal: with_terminal, listener: &mut Script::new(&[("x:", "y")]) };
            run(&*transport, &command, input, &cancel)
        })
    };
    let pid = |name: &str| fs::read_to_string(folder.path().join(name)).ok().and_then(|text| text.trim().parse().ok());
    wait_until("the command runs", || pid("a").is_some() && pid("b").is_some());
    let pids = [pid("a").unwrap(), pid("b").unwrap()];
    assert!(pids.iter().all(|pid| is_running(*pid)));
    (cancel, running, pids)
}

fn gone(pids: [u32; 2]) {
    wait_until("nothing is left", || !pids.iter().any(|pid| is_running(*pid)));
}

#[test]
fn a_cancel_ends_it() {
    for host in Host::each() {
        for with_terminal in [true, false] {
            let (cancel, running, pids) = start(&host, Command::shell(STUBBORN), with_terminal);
            cancel.raise();
            assert_eq!(running.join().unwrap().unwrap_err().kind(), Kind::Cancelled);
            gone(pids);
        }
    }
}

#[test]
fn a_cancel_ends_it_as_another_user() {
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/bin/sudo").exists() {
        return skip("a_cancel_ends_it_as_another_user", "it takes root and sudo");
    }
    for host in Host::each() {
        for with_terminal in [true, false] {
            let command = Command { user: Some("nobody".into()), ..Command::shell(STUBBORN) };
            let (cancel, running, pids) = start(&host, command, with_terminal);
            cancel.raise();
            assert_eq!(running.join().unwrap().unwrap_err().kind(), Kind::Cancelled);
            gone(pids);
        }
    }
}

#[test]
fn a_connection_that_breaks_ends_it() {
    for user in [None, Some("nobody".to_owned())] {
        for with_terminal in [true, false] {
            let Some(host) = Host::ssh(&Options::default()) else { return };
            let command = Command { user: user.clone(), ..Command::shell(STUBBORN) };
            let (_, running, pids) = start(&host, command, with_terminal);
            host.sshd.as_ref().unwrap().kill_sessions();
            let error = running.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), Kind::Lost, "{error}");
            assert!(!format!("{:?}", error.parts().notes).contains("tcgetattr"), "{:?}", error.parts().notes);
            gone(pids);
            assert_eq!(on_terminal(&host, "echo again", &[]).out(), "again\n", "the next one connects anew");
        }
    }
}

/// What is left in the background goes with the terminal when the command ends, unless it has seen to that.
#[test]
fn what_stays_behind_does_not_hold_it_up() {
    for host in Host::each() {
        // That one has to have begun to take no notice before the command ends.
        let line = "sleep 600 & echo $!; nohup sleep 600 >/dev/null 2>&1 & echo $!
            until [ $((0x$(sed -n 's/^SigIgn:[^0-9a-f]*//p' /proc/$!/status) & 1)) = 1 ]; do sleep 0.01; done";
        let ran = on_terminal(&host, line, &[]);
        let pids: Vec<u32> = ran.out().lines().map(|line| line.parse().unwrap()).collect();
        wait_until("it has hung up", || !is_running(pids[0]));
        assert!(is_running(pids[1]));
        crate::support::sshd::signal(pids[1], rustix::process::Signal::KILL);
        let ran = talk(&host, &Command::shell("sleep 600 & echo $!"), false, &[]).unwrap();
        let pid: u32 = ran.out().trim().parse().unwrap();
        assert!(is_running(pid), "without one it stays, as elsewhere");
        crate::support::sshd::signal(pid, rustix::process::Signal::KILL);
    }
}

#[test]
fn a_host_that_gives_no_terminal_says_so() {
    let Some(host) = Host::ssh(&Options { config: &["PermitTTY no"], ..Options::default() }) else { return };
    let error = talk(&host, &Command::shell("echo on"), true, &[]).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Connection, "the host gives this login no terminal"));
    assert!(error.parts().help[0].contains("PermitTTY yes"), "{:?}", error.parts().help);
    assert_eq!(talk(&host, &Command::shell("echo on"), false, &[]).unwrap().out(), "on\n");
    let Some(host) = Host::ssh(&Options { config: &["ForceCommand echo hello"], ..Options::default() }) else { return };
    for with_terminal in [true, false] {
        let error = talk(&host, &Command::shell("echo on"), with_terminal, &[]).unwrap_err();
        assert!(error.to_string().contains("runs no `sh` of ours"), "{error}");
    }
}

#[test]
fn a_login_that_chatters_is_no_trouble() {
    let login_script = "echo Welcome; echo warning >&2; stty echo 2>/dev/null";
    let Some(host) = Host::ssh(&Options { login_script, ..Options::default() }) else { return };
    assert_eq!(on_terminal(&host, "printf 'a: '; read -r a; echo $a", &[("a:", "b")]).out(), "a: b\n");
}

#[test]
fn more_terminals_than_the_host_allows_wait_for_each_other() {
    let Some(host) = Host::ssh(&Options { config: &["MaxSessions 2"], ..Options::default() }) else { return };
    let threads: Vec<_> = (0..6)
        .map(|number| {
            let transport = Arc::clone(&host.transport);
            thread::spawn(move || {
                let command = Command::shell(format!("echo {number}; sleep 0.2"));
                let input = Input::Dialogue { on_terminal: number % 2 == 0, listener: &mut Script::new(&[]) };
                run(&*transport, &command, input, &Cancel::new()).unwrap()
            })
        })
        .collect();
    for (number, thread) in threads.into_iter().enumerate() {
        assert_eq!(thread.join().unwrap().out(), format!("{number}\n"));
    }
}

/// A user with a password, who logs in with a key.
fn account(test: &str, rules: &str) -> Option<(Account, Host)> {
    let sshd = Sshd::start()?;
    let account = Account::new(test, rules)?;
    may_enter(&sshd);
    let host = Host::login(sshd, &account.name);
    Some((account, host))
}

#[test]
fn sudo_is_given_its_password_on_a_terminal() {
    for rules in ["USER ALL=(ALL) ALL", "Defaults:USER use_pty, requiretty\nUSER ALL=(ALL) ALL"] {
        let Some((_account, host)) = account("sudo_is_given_its_password_on_a_terminal", rules) else { return };
        let line = "sudo -k; sudo id -un; sudo -u nobody tty";
        let ran = on_terminal(&host, line, &[("/^\\[sudo.*:/", PASSWORD)]);
        assert!(ran.out().contains("root\n") && ran.out().contains("/dev/pts/"), "{rules}: {ran:?}");
        let ran = on_terminal(&host, "sudo -k id -un", &[("/^\\[sudo.*:/", "wrong")]);
        assert_eq!(ran.status, 1);
        assert_eq!(ran.out().matches("[sudo").count(), 3, "{ran:?}");
    }
}

/// The way through `sudo` that `as_user` takes, with its password and without, with a terminal of its own and without.
#[test]
fn another_user_is_talked_with_behind_sudo() {
    for rules in [
        "USER ALL=(ALL) ALL",
        "Defaults:USER use_pty\nUSER ALL=(ALL) ALL",
        "USER ALL=(ALL) NOPASSWD: ALL",
        "Defaults:USER use_pty\nUSER ALL=(ALL) NOPASSWD: ALL",
    ] {
        let Some((_account, host)) = account("another_user_is_talked_with_behind_sudo", rules) else { return };
        for with_terminal in [true, false] {
            let vault = Vault::default();
            vault.keep_sudo_password(PASSWORD).unwrap();
            let line = "id -un; [ -t 0 ] && echo terminal; printf 'Name: '; read -r n; echo \"hi $n\"; exit 4";
            let command = Command { user: Some("nobody".into()), ..Command::shell(line) };
            let mut script = Script::new(&[("Name:", "bob")]);
            let input = Input::Dialogue { on_terminal: with_terminal, listener: &mut script };
            let mut out = Vec::new();
            let request = Request { command: &command, input, vault: &vault };
            let exit =
                host.transport.run(request, &mut |_, bytes| out.extend_from_slice(bytes), &Cancel::new()).unwrap();
            let expected = if with_terminal { "nobody\nterminal\nName: hi bob\n" } else { "nobody\nName: hi bob\n" };
            assert_eq!((exit.status, String::from_utf8(out).unwrap().as_str()), (4, expected), "{rules}");
        }
    }
}

/// The password windlass has for `sudo` serves a command that calls it, as everywhere.
#[test]
fn sudo_in_the_command_has_the_password_of_the_setting() {
    let test = "sudo_in_the_command_has_the_password_of_the_setting";
    let Some((_account, host)) = account(test, "USER ALL=(ALL) ALL") else { return };
    for with_terminal in [true, false] {
        let vault = Vault::default();
        vault.keep_sudo_password(PASSWORD).unwrap();
        let command = Command::shell("sudo id -un; printf 'Go: '; read -r go; sudo -u nobody id -un");
        let mut script = Script::new(&[("Go:", "on")]);
        let input = Input::Dialogue { on_terminal: with_terminal, listener: &mut script };
        let mut out = Vec::new();
        let request = Request { command: &command, input, vault: &vault };
        host.transport.run(request, &mut |_, bytes| out.extend_from_slice(bytes), &Cancel::new()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "root\nGo: nobody\n", "{with_terminal}");
    }
}

/// Where sudo gives the command a terminal of its own.
#[test]
fn a_broken_connection_is_seen_behind_a_terminal_of_sudo() {
    let rules = "Defaults:USER use_pty\nUSER ALL=(ALL) NOPASSWD: ALL";
    for with_terminal in [true, false] {
        let test = "a_broken_connection_is_seen_behind_a_terminal_of_sudo";
        let Some((_account, host)) = account(test, rules) else { return };
        let command = Command { user: Some("nobody".into()), ..Command::shell(STUBBORN) };
        let (_, running, pids) = start(&host, command.clone(), with_terminal);
        host.sshd.as_ref().unwrap().kill_sessions();
        assert_eq!(running.join().unwrap().unwrap_err().kind(), Kind::Lost);
        gone(pids);
        let (cancel, running, pids) = start(&host, command, with_terminal);
        cancel.raise();
        assert_eq!(running.join().unwrap().unwrap_err().kind(), Kind::Cancelled);
        gone(pids);
    }
}

#[test]
fn sudo_that_refuses_says_why() {
    let Some((_account, host)) = account("sudo_that_refuses_says_why", "USER ALL=(root) ALL") else { return };
    for with_terminal in [true, false] {
        let command = Command { user: Some("nobody".into()), ..Command::program(["id"]) };
        let ran = talk(&host, &command, with_terminal, &[]).unwrap();
        assert_ne!(ran.status, 0);
        assert!(ran.err().contains("sudo: a password is required"), "{ran:?}");
    }
}

#[test]
fn a_password_is_changed_by_passwd_itself() {
    let Some((account, host)) = account("a_password_is_changed_by_passwd_itself", "USER ALL=(ALL) ALL") else { return };
    let hash = || {
        let shadow = fs::read_to_string("/etc/shadow").unwrap();
        shadow.lines().find(|line| line.starts_with(&format!("{}:", account.name))).unwrap().to_owned()
    };
    let before = hash();
    let answers = [("/(?i)current.*password:/", PASSWORD), ("/(?i)new password:/", "Zw3ig am Baum, 7 Vögel")];
    let ran = on_terminal(&host, "passwd", &answers);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!ran.out().contains("Baum") && !ran.out().contains(PASSWORD), "{ran:?}");
    assert_ne!(hash(), before);
    let ran = on_terminal(&host, "sudo -k id -un", &[("/^\\[sudo.*:/", "Zw3ig am Baum, 7 Vögel")]);
    assert!(ran.out().contains("root"), "{ran:?}");
}
