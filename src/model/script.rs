//! What is sent to a host for one command.
//!
//! Owns the launcher (what sshd is asked to start) and the script the launched `sh` reads on its standard input. The
//! command never stands in the launcher, so nothing of it is in any argument list on this machine, and secrets travel
//! as variables that the script sets. It runs in a session of its own beside a watchdog that reads the rest of the
//! standard input: when that ends, because the command was cancelled, windlass was killed or the connection broke, the
//! watchdog ends the whole process group, with TERM and a second later KILL. The watchdog runs as the command's user,
//! inside `sudo`, because nobody else may signal it.

use crate::error::Error;
use crate::model::command::{Command, secret_variable};
use crate::model::quote::quote;
use crate::model::secret::Vault;

/// A rendered command, ready for a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The program to start, as words: `["sh"]` or `["sudo", "-n", "-u", USER, "--", "sh"]`.
    pub launcher: Vec<String>,
    /// What that `sh` reads on standard input.
    pub text: String,
    /// The line both output streams begin with; whatever comes before it is noise of a login script.
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
    let marker = format!("windlass-{nonce:016x}");
    let mut text = String::new();
    for number in command.secrets(vault)? {
        let name = secret_variable(number);
        text.push_str(&format!("{name}={}; export {name}\n", quote(&vault.reveal_number(number))));
    }
    // All of it is one function, so that sh has read its whole standard input before the watchdog reads on from there.
    text.push_str(&format!(
        "windlass() {{\n\
         printf '%s\\n' {marker}; printf '%s\\n' {marker} >&2\n\
         exec 3<&0\n\
         if command -v setsid >/dev/null 2>&1; then setsid sh -c {quoted} </dev/null 3<&- & group=-$!\n\
         else sh -c {quoted} </dev/null 3<&- & group=$!; fi\n\
         child=$!\n\
         {{ while read -r _; do :; done; kill -TERM \"$group\"; sleep 1; kill -KILL \"$group\"; }} <&3 3<&- >/dev/null 2>&1 &\n\
         watchdog=$!\n\
         exec 3<&-\n\
         wait \"$child\"; status=$?\n\
         kill \"$watchdog\" 2>/dev/null\n\
         exit \"$status\"\n\
         }}\n\
         windlass\n",
        quoted = quote(&line),
    ));
    Ok(Script { launcher: launcher(command), text, marker })
}

/// Renders a command whose standard input is the caller's: the line is part of the launcher, and must hold no secret.
///
/// # Errors
/// As [`Command::inner_line`], and for a secret.
pub fn render_with_input(command: &Command, vault: &Vault) -> Result<Vec<String>, Error> {
    if !command.secrets(vault)?.is_empty() {
        return Err(Error::recipe("a command that reads input cannot have a secret among its arguments")
            .help("put the secret into the input instead"));
    }
    let mut words = launcher(command);
    words.extend(["-c".to_owned(), command.inner_line(vault)?]);
    Ok(words)
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
        let clean = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replacen("windlass-0000000000000007\n", "", 1);
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
        assert_eq!(run(&Command::shell("kill -9 $$"), &Vault::default()).2, Some(137));
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
        assert_eq!(
            render_with_input(&command, &Vault::default()).unwrap(),
            ["sudo", "-n", "-u", "app", "--", "sh", "-c", "id"]
        );
    }
}
