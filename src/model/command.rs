//! A command: a value until the last moment.
//!
//! Owns the one rule for every command: each argument is quoted, always; a shell line is taken as it is; both obey
//! directory, environment, umask and user. Rendering is here, running is in `transport`.

use crate::error::Error;
use crate::model::quote::{quote, quote_path};
use crate::model::secret::{Piece, Vault};

/// An argument or the value of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Reaches the program exactly as it is.
    Text(String),
    /// Left to the remote shell, which expands `$HOME`, `*` and the like.
    Raw(String),
}

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A program and its arguments.
    Program(Vec<Word>),
    /// A line, or several, in the language of a POSIX shell.
    Line(String),
    /// The same, of windlass itself: it deals with files, and leaves nothing running behind.
    Own(String),
    /// A line that reads a text on its standard input. The text stands in no argument, and may hold secrets.
    Fed {
        /// The line.
        line: String,
        /// What it reads.
        text: String,
        /// What it does, which is shown in place of it.
        title: String,
    },
}

/// A command with everything that surrounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What is to be run.
    pub body: Body,
    /// Working directory; a leading `~` is the remote user's home.
    pub dir: Option<String>,
    /// Environment, in order; a later value of a name wins.
    pub env: Vec<(String, Word)>,
    /// Octal umask.
    pub umask: Option<String>,
    /// Another user to run it as, through `sudo -n`.
    pub user: Option<String>,
    /// Another group, through `sg`.
    pub group: Option<String>,
    /// The shell that reads it, as words without `-c`; none for the host's `sh`.
    pub shell: Option<String>,
    /// What it reads on its standard input; may hold secrets.
    pub stdin: Option<String>,
}

/// Words that mean something to a shell where a command begins.
const SHELL_WORDS: &[&str] = &[
    "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then", "time",
    "until", "while",
];

impl Command {
    /// A program with arguments.
    pub fn program<I: IntoIterator<Item = S>, S: Into<String>>(words: I) -> Self {
        Self::new(Body::Program(words.into_iter().map(|word| Word::Text(word.into())).collect()))
    }

    /// A shell line.
    pub fn shell(line: impl Into<String>) -> Self {
        Self::new(Body::Line(line.into()))
    }

    /// A line of windlass itself: see [`Body::Own`].
    pub fn own(line: impl Into<String>) -> Self {
        Self::new(Body::Own(line.into()))
    }

    /// A command with nothing around it.
    #[must_use]
    pub const fn new(body: Body) -> Self {
        Self { body, dir: None, env: Vec::new(), umask: None, user: None, group: None, shell: None, stdin: None }
    }

    /// What it reads, where that goes along with it.
    #[must_use]
    pub fn fed(&self) -> Option<&str> {
        match &self.body {
            Body::Fed { text, .. } => Some(text),
            _ => self.stdin.as_deref(),
        }
    }

    /// Whether something stands between the host's `sh` and what is to be run.
    #[must_use]
    pub const fn is_wrapped(&self) -> bool {
        self.group.is_some() || self.shell.is_some() || self.stdin.is_some()
    }

    /// The line the host's shell runs, without `sudo`. A secret appears as `"$WINDLASS_SECRET_n"`.
    ///
    /// # Errors
    /// As [`Command::check`], and for a secret that was cut apart.
    pub fn inner_line(&self, vault: &Vault) -> Result<String, Error> {
        self.check()?;
        self.render(&|text| secret_as_variable(vault, text), "")
    }

    /// The same of a program, behind a word that says how it is run: `exec`, where it takes the place of the shell.
    ///
    /// # Errors
    /// As [`Command::inner_line`].
    pub fn inner_line_run_by(&self, word: &str, vault: &Vault) -> Result<String, Error> {
        self.check()?;
        self.render(&|text| secret_as_variable(vault, text), &format!("{word} "))
    }

    /// The whole line as a person would type it, `sudo` included, secrets masked. For logs, plans and errors.
    #[must_use]
    pub fn display_line(&self, vault: &Vault) -> String {
        if let Body::Fed { title, .. } = &self.body {
            return vault.redact(title).into_owned();
        }
        let line = self.render(&|text| Ok(quote(&vault.redact(text)).into_owned()), "").unwrap_or_default();
        let line = vault.redact(&line).into_owned();
        match &self.user {
            Some(user) => format!("sudo -n -u {} -- sh -c {}", quote(user), quote(&line)),
            None => line,
        }
    }

    /// The command alone, without directory, environment, umask and user; secrets masked. For headings.
    #[must_use]
    pub fn display_body(&self, vault: &Vault) -> String {
        Self::new(self.body.clone()).display_line(vault)
    }

    fn render(&self, quoted: &dyn Fn(&str) -> Result<String, Error>, before: &str) -> Result<String, Error> {
        let mut parts = Vec::new();
        if let Some(dir) = &self.dir {
            let guarded = if dir.starts_with('-') { format!("./{dir}") } else { dir.clone() };
            parts.push(format!("cd {}", quote_path(&guarded)));
        }
        if let Some(umask) = &self.umask {
            parts.push(format!("umask {umask}"));
        }
        if !self.env.is_empty() {
            let mut exports = String::from("export");
            for (name, value) in self.effective_env() {
                exports.push_str(&match value {
                    Word::Text(text) => format!(" {name}={}", quoted(text)?),
                    Word::Raw(text) => format!(" {name}=\"{}\"", text.replace('"', "\\\"")),
                });
            }
            parts.push(exports);
        }
        parts.push(match &self.body {
            Body::Line(line) | Body::Own(line) if parts.is_empty() || is_one_command(line) => line.trim().to_owned(),
            // The newline ends a comment or a here-document in the user's line before the brace.
            Body::Line(line) | Body::Own(line) | Body::Fed { line, .. } => format!("{{ {line}\n}}"),
            Body::Program(words) => {
                let mut rendered = Vec::with_capacity(words.len());
                for (i, word) in words.iter().enumerate() {
                    rendered.push(match word {
                        Word::Text(text) if i == 0 && (text.contains('=') || SHELL_WORDS.contains(&text.as_str())) => {
                            format!("'{}'", text.replace('\'', r"'\''"))
                        }
                        Word::Text(text) => quoted(text)?,
                        Word::Raw(text) => text.clone(),
                    });
                }
                format!("{before}{}", rendered.join(" "))
            }
        });
        let mut line = parts.join(" && ");
        if let Some(shell) = &self.shell {
            // A login shell may set what it likes first, so what surrounds the command is inside.
            let words: Vec<_> = shell.split_whitespace().map(quote).collect();
            line = format!("{} -c {}", words.join(" "), quote(&line));
        }
        if let Some(group) = &self.group {
            line = format!("sg {} -c {}", quote(group), quote(&line));
        }
        Ok(line)
    }

    /// The environment with only the last value of each name, in order of first appearance.
    fn effective_env(&self) -> Vec<(&str, &Word)> {
        let mut effective: Vec<(&str, &Word)> = Vec::new();
        for (name, value) in &self.env {
            match effective.iter_mut().find(|(known, _)| known == name) {
                Some(slot) => slot.1 = value,
                None => effective.push((name, value)),
            }
        }
        effective
    }

    /// Numbers of the secrets this command needs.
    ///
    /// # Errors
    /// For a secret that was cut apart.
    pub fn secrets(&self, vault: &Vault) -> Result<Vec<usize>, Error> {
        let mut numbers = Vec::new();
        let words = match &self.body {
            Body::Program(words) => words.as_slice(),
            Body::Line(_) | Body::Own(_) | Body::Fed { .. } => &[],
        };
        for word in words.iter().chain(self.env.iter().map(|(_, value)| value)) {
            for piece in vault.pieces(word.as_str())? {
                if let Piece::Secret(number) = piece
                    && !numbers.contains(&number)
                {
                    numbers.push(number);
                }
            }
        }
        Ok(numbers)
    }
}

impl Word {
    /// The text, quoted or not.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let (Self::Text(text) | Self::Raw(text)) = self;
        text
    }
}

/// Whether a shell line is nothing but words, so that it needs no braces to be one part of a longer line.
fn is_one_command(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _-./:,+@%$\"*?".contains(&byte);
    line.trim().bytes().all(is_plain) && !SHELL_WORDS.contains(&first) && first != "export"
}

/// Name of the variable that carries secret number `n` to the host's shell.
#[must_use]
pub fn secret_variable(number: usize) -> String {
    format!("WINDLASS_SECRET_{number}")
}

fn secret_as_variable(vault: &Vault, text: &str) -> Result<String, Error> {
    if !Vault::is_sealed(text) {
        return Ok(quote(text).into_owned());
    }
    Ok(vault
        .pieces(text)?
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => quote(plain).into_owned(),
            Piece::Secret(number) => format!("\"${}\"", secret_variable(number)),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &Command) -> String {
        command.inner_line(&Vault::default()).unwrap()
    }

    fn around(body: Command) -> Command {
        Command {
            dir: Some("/srv/my app".into()),
            env: vec![("A".into(), Word::Text("x y".into())), ("P".into(), Word::Raw("/opt:$PATH".into()))],
            umask: Some("027".into()),
            ..body
        }
    }

    #[test]
    fn arguments_are_quoted_always() {
        assert_eq!(line(&Command::program(["echo", "a b", "$HOME", ""])), "echo 'a b' '$HOME' ''");
    }

    #[test]
    fn raw_is_left_to_the_shell() {
        let command = Command::new(Body::Program(vec![Word::Text("ls".into()), Word::Raw("$HOME/*".into())]));
        assert_eq!(line(&command), "ls $HOME/*");
    }

    #[test]
    fn a_program_obeys_its_surroundings() {
        assert_eq!(
            line(&around(Command::program(["git", "fetch"]))),
            r#"cd '/srv/my app' && umask 027 && export A='x y' P="/opt:$PATH" && git fetch"#
        );
        let last = Command { dir: Some("/srv".into()), ..Command::program(["git", "fetch"]) };
        assert_eq!(last.inner_line_run_by("exec", &Vault::default()).unwrap(), "cd /srv && exec git fetch");
    }

    #[test]
    fn a_shell_line_obeys_its_surroundings_as_a_whole() {
        assert_eq!(
            line(&around(Command::shell("a; b || c # why"))),
            "cd '/srv/my app' && umask 027 && export A='x y' P=\"/opt:$PATH\" && { a; b || c # why\n}"
        );
        assert_eq!(line(&Command::shell("a | b")), "a | b");
        let simple = Command { dir: Some("/srv".into()), ..Command::shell("ls -l \"$HOME\"/*.log") };
        assert_eq!(line(&simple), "cd /srv && ls -l \"$HOME\"/*.log");
        let word = Command { dir: Some("/srv".into()), ..Command::shell("if x") };
        assert_eq!(line(&word), "cd /srv && { if x\n}", "a word of the shell's is its own business");
    }

    #[test]
    fn the_last_value_of_a_variable_wins() {
        let env = vec![
            ("A".into(), Word::Text("1".into())),
            ("B".into(), Word::Text("2".into())),
            ("A".into(), Word::Text("3".into())),
        ];
        assert_eq!(line(&Command { env, ..Command::program(["x"]) }), "export A=3 B=2 && x");
    }

    #[test]
    fn a_program_named_like_a_shell_word_is_still_a_program() {
        assert_eq!(line(&Command::program(["if", "x"])), "'if' x");
        assert_eq!(line(&Command::program(["A=1"])), "'A=1'");
    }

    #[test]
    fn sudo_is_shown_with_the_line_it_runs() {
        let command = Command { user: Some("app".into()), ..Command::program(["echo", "it's"]) };
        assert_eq!(line(&command), r"echo 'it'\''s'");
        assert_eq!(command.display_line(&Vault::default()), r"sudo -n -u app -- sh -c 'echo '\''it'\''\'\'''\''s'\'''");
    }

    #[test]
    fn group_and_shell_stand_around_everything_else() {
        let command = Command { shell: Some("bash -l".into()), ..around(Command::shell("[[ a ]]")) };
        let inner = r#"cd '/srv/my app' && umask 027 && export A='x y' P="/opt:$PATH" && { [[ a ]]"#;
        let expected = format!("bash -l -c {}", quote(&format!("{inner}\n}}")));
        assert_eq!(line(&command), expected);
        let command = Command { group: Some("www".into()), ..command };
        assert_eq!(line(&command), format!("sg www -c {}", quote(&expected)));
        let as_user =
            Command { user: Some("app".into()), group: Some("www".into()), ..Command::program(["id", "-gn"]) };
        let shown = format!("sudo -n -u app -- sh -c {}", quote("sg www -c 'id -gn'"));
        assert_eq!(as_user.display_line(&Vault::default()), shown);
        assert!(!around(Command::program(["id"])).is_wrapped() && as_user.is_wrapped());
        for wrong in
            [Command { group: Some("-x".into()), ..as_user.clone() }, Command { shell: Some(" ".into()), ..as_user }]
        {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn secrets_travel_as_variables_and_show_as_masks() {
        let vault = Vault::default();
        let command = Command {
            env: vec![("TOKEN".into(), Word::Text(vault.seal("hunter2")))],
            ..Command::program(["mysql".to_owned(), format!("-p{}", vault.seal("pa ss"))])
        };
        assert_eq!(
            command.inner_line(&vault).unwrap(),
            r#"export TOKEN="$WINDLASS_SECRET_0" && mysql -p"$WINDLASS_SECRET_1""#
        );
        assert_eq!(command.display_line(&vault), "export TOKEN='[secret]' && mysql '-p[secret]'");
        assert_eq!(command.secrets(&vault).unwrap(), [1, 0]);
    }
}
