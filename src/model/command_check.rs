//! What no shell could run, found before anything is sent.

use crate::error::Error;
use crate::model::command::{Body, Command, Word};
use crate::model::secret::Vault;

impl Command {
    /// Refuses what no shell could run.
    ///
    /// # Errors
    /// An empty command, a NUL, a name that no variable can have, a umask that is not octal, a secret in a shell line.
    pub fn check(&self) -> Result<(), Error> {
        let texts = match &self.body {
            Body::Line(line) | Body::Own(line) if line.trim().is_empty() => {
                return Err(empty());
            }
            Body::Line(line) | Body::Own(line) | Body::Fed { line, .. } if Vault::is_sealed(line) => {
                return Err(Error::recipe("a secret stands inside a shell line, where its quoting cannot be known")
                    .help("give it as an argument of its own: `execute(\"prog\", secret)`")
                    .help(
                        "or as a variable: `with(#{ TOKEN: secret }, || execute(\"prog --token \\\"$TOKEN\\\"\"))`",
                    ));
            }
            Body::Line(line) | Body::Own(line) => vec![line.as_str()],
            Body::Fed { line, text, .. } => vec![line.as_str(), text.as_str()],
            Body::Program(words) => match words.first() {
                None => return Err(empty()),
                Some(Word::Text(program) | Word::Raw(program)) if program.trim().is_empty() => {
                    return Err(Error::recipe("the name of the program is empty")
                        .help("the first argument is the program: `execute(\"ls\", \"-l\")`"));
                }
                Some(_) => words.iter().map(Word::as_str).collect(),
            },
        };
        let around =
            self.env.iter().map(|(_, value)| value.as_str()).chain(self.dir.as_deref()).chain(self.user.as_deref());
        if texts.into_iter().chain(around).any(|text| text.contains('\0')) {
            return Err(Error::recipe("a NUL character cannot be part of a command"));
        }
        for (what, value) in [
            ("directory", &self.dir),
            ("umask", &self.umask),
            ("user", &self.user),
            ("group", &self.group),
            ("shell", &self.shell),
        ] {
            if value.as_deref().is_some_and(Vault::is_sealed) {
                return Err(Error::recipe(format!("the {what} of a command cannot be a secret")));
            }
        }
        for (name, _) in &self.env {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if name.is_empty() || !name.bytes().all(letters) || name.as_bytes()[0].is_ascii_digit() {
                return Err(Error::recipe(format!("`{name}` cannot be the name of an environment variable"))
                    .help("names are letters, digits and `_`, and do not begin with a digit"));
            }
        }
        if let Some(umask) = &self.umask
            && (umask.is_empty() || umask.len() > 4 || !umask.bytes().all(|byte| (b'0'..=b'7').contains(&byte)))
        {
            return Err(
                Error::recipe(format!("`{umask}` is not a umask")).help("write it in octal, for example \"027\"")
            );
        }
        for (what, name) in [("user", &self.user), ("group", &self.group)] {
            if let Some(name) = name
                && (name.is_empty() || name.starts_with('-') || name.contains(char::is_whitespace))
            {
                return Err(Error::recipe(format!("`{name}` cannot be the name of a {what}")));
            }
        }
        if let Some(shell) = self.shell.as_ref().filter(|shell| shell.trim().is_empty() || shell.contains('\0')) {
            return Err(
                Error::recipe(format!("{shell:?} cannot be a shell")).help("for example \"bash\", or \"bash -l\"")
            );
        }
        Ok(())
    }
}

/// The error for a command without a word in it.
fn empty() -> Error {
    Error::recipe("the command is empty")
        .help("a variable or a setting it is made of may be empty: look at it with `info(…)`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_shell_could_run_is_refused() {
        let vault = Vault::default();
        let env =
            |name: &str| Command { env: vec![(name.into(), Word::Text(String::new()))], ..Command::program(["x"]) };
        let umask = |umask: &str| Command { umask: Some(umask.into()), ..Command::program(["x"]) };
        for (command, message) in [
            (Command::shell("  "), "the command is empty"),
            (Command::program([""]), "the name of the program is empty"),
            (Command::program(["a", "b\0"]), "a NUL character cannot be part of a command"),
            (env("A-B"), "`A-B` cannot be the name of an environment variable"),
            (env("1A"), "`1A` cannot be the name of an environment variable"),
            (umask("rwx"), "`rwx` is not a umask"),
            (umask("098"), "`098` is not a umask"),
            (Command { user: Some("-x".into()), ..Command::shell("a") }, "`-x` cannot be the name of a user"),
            (
                Command { dir: Some(format!("/srv/{}", vault.seal("hunter2"))), ..Command::shell("a") },
                "the directory of a command cannot be a secret",
            ),
            (
                Command::shell(format!("echo {}", vault.seal("hunter2"))),
                "a secret stands inside a shell line, where its quoting cannot be known",
            ),
        ] {
            assert_eq!(command.inner_line(&vault).unwrap_err().to_string(), message);
        }
    }
}
