//! What is sent to a host for one command.
//!
//! Owns the launcher (what sshd is asked to start) and the script the launched `sh` reads on its standard input. The
//! command never stands in the launcher, so nothing of it is in any argument list on this machine, and secrets travel
//! as variables that the script sets. It runs in a session of its own beside a watchdog that reads the rest of the
//! standard input: when that ends, because the command was cancelled, windlass was killed or the connection broke, the
//! watchdog ends the whole process group, with TERM and a second later KILL. The watchdog runs as the command's user,
//! inside `sudo`, because nobody else may signal it.
//!
//! Both output streams are framed: a line `MARKER` (or `MARKER GROUP`) before the command's first byte, and
//! `MARKER:STATUS` with a line end after its last. What stands before is noise of a login script. The end is framed
//! too because nothing else tells it: an ssh master cuts off output that is still on its way once it has handed over
//! the exit status, and a child left in the background keeps the streams open for as long as it lives.

use crate::error::Error;
use crate::model::command::{Command, secret_variable};
use crate::model::quote::quote;
use crate::model::secret::Vault;

/// A rendered command, ready for a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The program to start, as words: `["sh"]` or `["sudo", "-n", "-u", USER, "--", "sh"]`, and what `sh` is given.
    pub launcher: Vec<String>,
    /// What that `sh` reads on standard input; empty where the standard input is the command's own.
    pub text: String,
    /// The word that frames both output streams.
    pub marker: String,
}

/// Renders a command that reads nothing.
///
/// `nonce` makes the marker unique, so that no output can imitate it.
///
/// # Errors
/// As [`Command::inner_line`].
pub fn render(command: &Command, vault: &Vault, nonce: u64) -> Result<Script, Error> {
    let line = command.inner_line(vault)?;
    let marker = marker(nonce);
    let mut text = String::new();
    for number in command.secrets(vault)? {
        let name = secret_variable(number);
        text.push_str(&format!("{name}={}; export {name}\n", quote(&vault.reveal_number(number))));
    }
    // All of it is one function, so that sh has read its whole standard input before the watchdog reads on from there.
    // Where the group was told to go, the watchdog no longer heeds TERM: it has to stay until all of it is gone, not
    // only the leader. Where the input ends at once the group may not be there yet, and it is the child that has to go,
    // or the command would begin after all. The shell's own streams are set aside while it waits, because it would report a killed command
    // with the whole command line.
    text.push_str(&format!(
        "windlass() {{\n\
         marker={marker}\n\
         printf '%s\\n' \"$marker\"; printf '%s\\n' \"$marker\" >&2\n\
         exec 3<&0\n\
         if command -v setsid >/dev/null 2>&1; then setsid sh -c {quoted} </dev/null 3<&- & group=-$!\n\
         else sh -c {quoted} </dev/null 3<&- & group=$!; fi\n\
         child=$!\n\
         end() {{ kill -$1 \"$group\" || kill -$1 \"$child\"; }}\n\
         {{ while read -r _; do :; done; trap '' HUP TERM; end TERM; i=0\n\
         while [ $i -lt 10 ] && end 0; do sleep 0.1 || sleep 1; i=$((i + 1)); done\n\
         end KILL; }} <&3 3<&- >/dev/null 2>&1 &\n\
         watchdog=$!\n\
         exec 3<&- 4>&1 5>&2 >/dev/null 2>&1\n\
         wait \"$child\"; status=$?\n\
         kill \"$watchdog\"; wait \"$watchdog\"\n\
         printf '%s:%s\\n' \"$marker\" \"$status\" >&4; printf '%s:%s\\n' \"$marker\" \"$status\" >&5\n\
         exit \"$status\"\n\
         }}\n\
         windlass\n",
        quoted = quote(&line),
    ));
    Ok(Script { launcher: launcher(command), text, marker })
}

/// Renders a command whose standard input is the caller's: the line is part of the launcher, and must hold no secret.
///
/// There is no watchdog, because the standard input is taken. Instead the first line of each stream tells the process
/// group, for [`render_ending`]. When the connection breaks, the command sees the end of its input.
///
/// # Errors
/// As [`Command::inner_line`], and for a secret.
pub fn render_with_input(command: &Command, vault: &Vault, nonce: u64) -> Result<Script, Error> {
    if !command.secrets(vault)?.is_empty() {
        return Err(Error::recipe("a command that reads input cannot have a secret among its arguments")
            .help("put the secret into the input instead"));
    }
    let marker = marker(nonce);
    let line =
        format!("printf '%s %s\\n' {marker} $$; printf '%s %s\\n' {marker} $$ >&2\n{}", command.inner_line(vault)?);
    let text = format!(
        "exec 3<&0\n\
         if command -v setsid >/dev/null 2>&1; then setsid sh -c {quoted} <&3 3<&- & else sh -c {quoted} <&3 3<&- & fi\n\
         exec </dev/null 3<&- 4>&1 5>&2 >/dev/null 2>&1\n\
         wait $!; status=$?\n\
         printf '%s:%s\\n' {marker} $status >&4; printf '%s:%s\\n' {marker} $status >&5\n\
         exit $status",
        quoted = quote(&line),
    );
    let mut words = launcher(command);
    words.extend(["-c".to_owned(), text]);
    Ok(Script { launcher: words, text: String::new(), marker })
}

/// The command that ends the process group of a command with input, as the user it runs as.
#[must_use]
pub fn render_ending(command: &Command, group: u32) -> Command {
    // Where the host has no setsid the number is only a process, not a group.
    let line = format!(
        "end() {{ kill -$1 -{group} 2>/dev/null || kill -$1 {group} 2>/dev/null; }}\n\
         end TERM; i=0; while [ $i -lt 10 ] && end 0; do sleep 0.1 || sleep 1; i=$((i + 1)); done; end KILL; :"
    );
    Command { user: command.user.clone(), ..Command::shell(line) }
}

fn marker(nonce: u64) -> String {
    format!("windlass-{nonce:016x}")
}

fn launcher(command: &Command) -> Vec<String> {
    let words: &[&str] = match &command.user {
        Some(user) => &["sudo", "-n", "-u", user, "--", "sh"],
        None => &["sh"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command as Process, Stdio};

    use super::*;
    use crate::model::command::Word;

    fn run(command: &Command, vault: &Vault) -> (String, String, Option<i32>) {
        let script = render(command, vault, 7).unwrap();
        let mut child = Process::new(&script.launcher[0])
            .args(&script.launcher[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(script.text.as_bytes()).unwrap();
        let status = child.wait_with_output().unwrap();
        drop(stdin);
        let clean = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            let text = text.strip_prefix("windlass-0000000000000007\n").unwrap();
            text.rsplit_once("windlass-0000000000000007:").unwrap().0.to_owned()
        };
        (clean(status.stdout), clean(status.stderr), status.status.code())
    }

    #[test]
    fn output_and_status_come_back() {
        let vault = Vault::default();
        assert_eq!(
            run(&Command::shell("echo out; echo err >&2; exit 3"), &vault),
            ("out\n".into(), "err\n".into(), Some(3))
        );
    }

    #[test]
    fn a_command_that_reads_gets_nothing() {
        assert_eq!(run(&Command::program(["cat"]), &Vault::default()), (String::new(), String::new(), Some(0)));
    }

    #[test]
    fn a_syntax_error_is_the_commands_own() {
        let (_, stderr, status) = run(&Command::shell("echo 'unbalanced"), &Vault::default());
        assert_eq!(status, Some(2), "{stderr}");
    }

    #[test]
    fn a_killed_command_has_128_and_the_signal() {
        let killed = run(&Command::shell("kill -9 $$"), &Vault::default());
        assert_eq!(killed, (String::new(), String::new(), Some(137)), "and the shell says nothing about it");
    }

    /// The input ends before the command has begun, as it does when a Ctrl-C comes at that moment.
    #[test]
    fn a_command_that_is_cancelled_before_it_begins_never_runs() {
        let begun = std::time::Instant::now();
        let runs = (0..40).map(|_| {
            let script = render(&Command::shell("sleep 30"), &Vault::default(), 7).unwrap();
            let mut child =
                Process::new("sh").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(script.text.as_bytes()).unwrap();
            child
        });
        for child in runs.collect::<Vec<_>>() {
            // Ends when nobody holds the output any more, the command included.
            child.wait_with_output().unwrap();
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn secrets_are_set_by_the_script_and_stand_in_no_argument() {
        let vault = Vault::default();
        let command = Command {
            env: vec![("TOKEN".into(), Word::Text(vault.seal("it's")))],
            ..Command::shell("echo \"<$TOKEN>\"")
        };
        let script = render(&command, &vault, 7).unwrap();
        assert!(!script.launcher.join(" ").contains("it"));
        assert_eq!(run(&command, &vault).0, "<it's>\n");
    }

    #[test]
    fn another_user_gets_the_shell_not_the_command() {
        let command = Command { user: Some("app".into()), ..Command::program(["id"]) };
        assert_eq!(render(&command, &Vault::default(), 1).unwrap().launcher, ["sudo", "-n", "-u", "app", "--", "sh"]);
        let with_input = render_with_input(&command, &Vault::default(), 1).unwrap();
        assert_eq!(with_input.launcher[..7], ["sudo", "-n", "-u", "app", "--", "sh", "-c"]);
        assert_eq!(render_ending(&command, 12).user.as_deref(), Some("app"));
    }

    #[test]
    fn a_secret_beside_input_is_refused() {
        let vault = Vault::default();
        let command = Command::program(["login".to_owned(), vault.seal("hunter2")]);
        let error = render_with_input(&command, &vault, 1).unwrap_err();
        assert_eq!(error.to_string(), "a command that reads input cannot have a secret among its arguments");
    }

    #[test]
    fn a_command_with_input_reads_it_and_tells_its_group() {
        let script = render_with_input(&Command::program(["cat"]), &Vault::default(), 7).unwrap();
        let mut child = Process::new(&script.launcher[0])
            .args(&script.launcher[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"hello").unwrap();
        let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let (first, rest) = output.split_once('\n').unwrap();
        assert!(first.strip_prefix("windlass-0000000000000007 ").unwrap().parse::<u32>().is_ok(), "{first}");
        assert_eq!(rest, "hellowindlass-0000000000000007:0\n");
    }

    #[test]
    fn no_output_can_hold_the_end_by_showing_the_script() {
        let script = render_with_input(&Command::program(["ps"]), &Vault::default(), 7).unwrap();
        assert!(!script.launcher.join(" ").contains(&format!("{}:", script.marker)));
        let script = render(&Command::program(["ps"]), &Vault::default(), 7).unwrap();
        assert!(!script.text.contains(&format!("{}:", script.marker)));
    }
}
