//! What is sent to a host for a command that reads input.
//!
//! Owns the launcher (what sshd is asked to start) and the two helpers that end such a command. Its standard input is
//! the caller's, so the command stands in the launcher, and no secret may stand in it. What reads nothing goes by
//! `model::trip`.
//!
//! Both output streams are framed: a line `MARKER GROUP` before the command's first byte, and `MARKER:STATUS` with a
//! line end after its last. What stands before is noise of a login script. The end is framed too because nothing else
//! tells it: an ssh master cuts off output that is still on its way once it has handed over the exit status, and a child
//! left in the background keeps the streams open for as long as it lives.

use crate::error::Error;
use crate::model::command::Command;
use crate::model::quote::quote;
use crate::model::secret::Vault;
use crate::model::sudo::Gate;

/// A rendered command that reads input, ready for a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The program to start, as words: `["sh", "-c", …]` or `["sudo", "-n", "-u", USER, "--", "sh", "-c", …]`.
    pub launcher: Vec<String>,
    /// The word that frames both output streams.
    pub marker: String,
    /// What has to be passed before the input may be written.
    pub gate: Option<Gate>,
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
    let gate = Gate::of(command, vault, nonce);
    let launcher = match (&command.user, &gate) {
        (Some(user), Some(gate)) => gate.launcher(user, &text),
        _ => launcher(command, None).into_iter().chain(["-c".to_owned(), text]).collect(),
    };
    Ok(Script { launcher, marker, gate })
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

/// The program to start for a command, as words: `sh`, or `sudo` and an `sh` of the command's user, behind the gate where
/// there is a password.
#[must_use]
pub fn launcher(command: &Command, gate: Option<&Gate>) -> Vec<String> {
    if let (Some(user), Some(gate)) = (&command.user, gate) {
        return gate.launcher(user, "exec sh");
    }
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

    #[test]
    fn another_user_gets_the_shell_not_the_command() {
        let command = Command { user: Some("app".into()), ..Command::program(["id"]) };
        assert_eq!(launcher(&command, None), ["sudo", "-n", "-u", "app", "--", "sh"]);
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
    }
}
