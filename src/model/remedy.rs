//! What to do about a command that failed, from its status and what it said.
//!
//! Matches causes, not whole sentences: wording differs between systems and versions.

use crate::error::FailedCommand;
use crate::model::command::{Body, Command, Word};
use crate::model::sudo;

/// Remedies for a failed command, most likely first; empty when nothing is known. `has_password` says whether sudo was
/// given one.
#[must_use]
pub fn remedies(command: &Command, failed: &FailedCommand, has_password: bool, host: &str) -> Vec<String> {
    let stderr = failed.stderr.to_lowercase();
    let said = |text: &str| stderr.contains(text);
    let mut remedies = sudo::remedies(command.user.as_deref(), &stderr, failed.status, has_password, host);
    if let Some(dir) = &command.dir
        && (said("can't cd to") || said("cd:"))
    {
        remedies.push(format!("the directory `{dir}` of `within` is not there, or may not be entered, on {host}"));
    } else if failed.status == Some(127)
        && let Some(shell) = command.shell.as_deref().and_then(|shell| shell.split_whitespace().next())
        && said(&format!("{}: not found", shell.to_lowercase()))
    {
        remedies.push(format!(
            "the shell `{shell}` is not installed on {host}: `set(\"shell\", …)` chooses it, `sh` is there"
        ));
    } else if failed.status == Some(127) && remedies.is_empty() {
        let program = program(command);
        remedies.extend(line_as_program(command));
        remedies.push(format!(
            "`{program}` is not installed on {host}, or not in the PATH of a shell that is not a login shell: \
             `ssh {host} 'echo $PATH'` shows it, `set(\"default_env\", #{{ path: raw(\"/opt/bin:$PATH\") }})` extends it"
        ));
    }
    if failed.status == Some(126) {
        remedies.push(format!("`{}` is there but may not be executed: `chmod +x` it", program(command)));
    }
    if said("no space left on device") {
        remedies.push(format!(
            "the disk of {host} is full: `df -h` and `df -i` show where, then make room and deploy again"
        ));
    } else if said("read-only file system") {
        remedies.push(format!("the file system is mounted read-only on {host}: `mount | grep ' ro,'` shows which"));
    } else if said("permission denied") && !said("publickey") {
        remedies.push(format!("the user that deploys may not do this on {host}: check the owner with `ls -ld`"));
    }
    if said("file exists") && program(command) == "mkdir" {
        remedies
            .push("releases are named by the second, and another deploy began in this one: deploy again".to_owned());
    }
    if said("cannot overwrite directory") {
        remedies.push(format!(
            "a folder stands where the link has to be on {host}: move it away once, for example with `mv current current.old`"
        ));
    }
    if said("bad revision")
        || said("unknown revision")
        || said("not a valid object name")
        || said("couldn't find remote ref")
    {
        remedies.push(
            "the repository has no branch, tag or commit of that name: check `branch`, and that it was pushed"
                .to_owned(),
        );
    }
    if said("host key verification failed") {
        remedies.push(format!(
            "{host} does not know the host key of the git server: log in there once, or set `GIT_SSH_COMMAND`"
        ));
    } else if said("permission denied (publickey") {
        remedies.push(format!(
            "{host} may not read the repository: give it a deploy key, or forward your agent with \
             `set(\"ssh_options\", #{{ forward_agent: true }})`"
        ));
    } else if said("dubious ownership") {
        remedies.push("the repository belongs to another user: deploy as its owner, or `chown -R` it".to_owned());
    } else if said("does not appear to be a git repository")
        || said("repository not found")
        || (said("repository '") && said("not found"))
    {
        remedies.push("check `repo_url`, and that the host may read it".to_owned());
    }
    remedies
}

/// What to write where a shell line stands in the place of a program, because arguments come behind it.
fn line_as_program(command: &Command) -> Option<String> {
    let Body::Program(words) = &command.body else { return None };
    let first = words.first().map(Word::as_str)?;
    let parts: Vec<String> = first.split_whitespace().map(|part| format!("{part:?}")).collect();
    (words.len() > 1 && parts.len() > 1).then(|| {
        format!(
            "`{first}` is taken for the name of one program, because arguments come behind it: write `execute({}, …)`, \
             or the whole line as one text",
            parts.join(", ")
        )
    })
}

fn program(command: &Command) -> String {
    match &command.body {
        Body::Program(words) => words.first().map(Word::as_str).unwrap_or_default().to_owned(),
        Body::Line(line) | Body::Own(line) | Body::Fed { line, .. } => {
            line.split_whitespace().next().unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remedy(command: &Command, status: i32, stderr: &str) -> String {
        let failed = FailedCommand { status: Some(status), stderr: stderr.into(), ..FailedCommand::default() };
        remedies(command, &failed, false, "web1").join("\n")
    }

    #[test]
    fn a_program_that_is_not_there() {
        let text = remedy(&Command::program(["bundle", "install"]), 127, "sh: 1: bundle: not found");
        assert!(text.starts_with("`bundle` is not installed on web1, or not in the PATH"), "{text}");
    }

    #[test]
    fn a_line_in_place_of_a_program() {
        let text = remedy(&Command::program(["ls -l", "x"]), 127, "sh: 1: ls -l: not found");
        assert!(
            text.starts_with("`ls -l` is taken for the name of one program") && text.contains(r#"("ls", "-l", …)"#)
        );
        assert!(remedy(&Command::program(["my program"]), 127, "").starts_with("`my program` is not installed"));
    }

    #[test]
    fn sudo_that_asks_for_a_password() {
        let command = Command { user: Some("app".into()), ..Command::program(["id"]) };
        let text = remedy(&command, 1, "sudo: a password is required");
        assert!(text.contains("LOGIN ALL=(app) NOPASSWD: ALL"), "{text}");
    }

    #[test]
    fn a_directory_that_is_not_there() {
        let command = Command { dir: Some("/nope".into()), ..Command::program(["ls"]) };
        assert!(remedy(&command, 2, "sh: 1: cd: can't cd to /nope").starts_with("the directory `/nope` of `within`"));
    }

    #[test]
    fn a_full_and_a_read_only_disk() {
        assert!(remedy(&Command::shell("x"), 1, "mkdir: cannot create: No space left on device").contains("`df -h`"));
        assert!(remedy(&Command::shell("x"), 1, "mkdir: cannot create: Read-only file system").contains("read-only"));
    }

    #[test]
    fn git_that_may_not_read() {
        assert!(
            remedy(&Command::program(["git"]), 128, "git@x: Permission denied (publickey).").contains("deploy key")
        );
        assert!(
            remedy(&Command::program(["git"]), 128, "fatal: '/x' does not appear to be a git repository")
                .contains("`repo_url`")
        );
    }

    #[test]
    fn a_folder_in_place_of_the_link_and_a_branch_that_is_not_there() {
        assert!(remedy(&Command::program(["mkdir"]), 1, "mkdir: '/x': File exists").contains("another deploy"));
        assert!(remedy(&Command::program(["mv"]), 1, "mv: cannot overwrite directory '/a'").contains("mv current"));
        assert!(remedy(&Command::program(["git"]), 128, "fatal: bad revision 'x'").contains("check `branch`"));
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        assert_eq!(remedy(&Command::shell("false"), 1, ""), "");
    }
}
