//! Commands of a trip that share one process.
//!
//! A process of its own costs the host a session, a shell and a watchdog for each command: milliseconds, where the
//! command itself takes less than one. Programs that are known to leave nothing running behind, and that do nothing to
//! the shell they run in, need none. Owns which these are, and the text that runs several of them one after the other,
//! each with its marks. The frame around that is `model::trip`'s.

use crate::error::Error;
use crate::model::command::{Body, Command, Word};
use crate::model::quote::quote;
use crate::model::secret::Vault;
use crate::model::sudo::is_called_in;

/// Programs that end when their work is done, and whose work is files.
const TAME: &[&str] = &[
    "[", "cat", "chgrp", "chmod", "chown", "cp", "false", "ln", "mkdir", "mv", "printf", "readlink", "rm", "rmdir",
    "tar", "test", "touch", "true",
];

/// Tame programs that may start another one: to end them takes a process group.
const FORKING: &[&str] = &["find", "git", "tar"];

/// Tame programs that shells have of their own, under the same name.
const BUILT_IN: &[&str] = &["[", "false", "printf", "test", "true"];

/// Commands of git of which the same is true: they reach no other host, and tidy up nothing in the background.
const TAME_GIT: &[&str] = &["archive", "config", "get-tar-commit-id", "init", "rev-list", "rev-parse"];

/// What the shell may be left to do with a word of a tame program: where its input comes from and its output goes.
const REDIRECTIONS: &[&str] = &["<", ">", ">>"];

/// How the shell may be left to choose whether a tame program runs, by how the one before it has ended.
const CHOICES: &[&str] = &["&&", "||"];

/// Longest text of a row, in bytes, quotes included: it is one argument of a program, for which Linux allows 128 KiB.
const LONGEST: usize = 60 * 1024;

/// Commands that follow each other.
#[derive(Debug, Default)]
pub(super) struct Row {
    commands: Vec<Member>,
    length: usize,
}

/// A command of a row.
#[derive(Debug)]
pub(super) struct Member {
    /// Its number in the trip.
    number: usize,
    /// Whether its failure stops the rest.
    must_succeed: bool,
    line: String,
    /// Whether the line changes the shell it runs in, and needs one of its own.
    changes_shell: bool,
    /// For a program that needs no shell of its own, should it be the only one in its row.
    alone: Option<Alone>,
}

/// How a program runs that has no neighbours.
#[derive(Debug)]
struct Alone {
    /// `here`: as a child of the staying shell, which costs the host least, because a shell need not be copied for it.
    /// `bare`: in place of a copy of that shell.
    how: &'static str,
    line: String,
}

impl Member {
    /// # Errors
    /// As [`Command::inner_line`].
    pub(super) fn of(command: &Command, vault: &Vault, number: usize, must_succeed: bool) -> Result<Self, Error> {
        let condition = unless_there(command);
        let conditional = |line: String| match &condition {
            Some(condition) => format!("{condition} || {line}"),
            None => line,
        };
        let is_program = matches!(&command.body, Body::Program(_));
        let changes_shell = !is_program || command.dir.is_some() || command.umask.is_some() || !command.env.is_empty();
        let alone = match &command.body {
            Body::Program(words) if FORKING.contains(&words[0].as_str()) || words.iter().any(is_choice) => None,
            Body::Program(words) => {
                let is_left_to_shell = |word: &Word| matches!(word, Word::Raw(_));
                let needs_copy =
                    changes_shell || BUILT_IN.contains(&words[0].as_str()) || words.iter().any(is_left_to_shell);
                let (how, runner) = if needs_copy { ("bare", "exec") } else { ("here", "windlass_do") };
                Some(Alone { how, line: conditional(command.inner_line_run_by(runner, vault)?) })
            }
            Body::Line(_) | Body::Own(_) | Body::Fed { .. } => None,
        };
        Ok(Self { number, must_succeed, line: conditional(command.inner_line(vault)?), changes_shell, alone })
    }

    fn word(&self) -> &'static str {
        if self.must_succeed { "must" } else { "may" }
    }
}

/// Whether a command may be one of a row: a line of our own, or a program that is known, with plain arguments and in
/// plain surroundings. What a shell would make of others is not known, and one that it cannot read would spoil the row.
#[must_use]
pub fn is_tame(command: &Command) -> bool {
    let has_plain_surroundings = command.env.iter().all(|(_, value)| match value {
        Word::Text(_) => true,
        Word::Raw(text) => is_plain(text),
    });
    has_plain_surroundings
        && !command.is_wrapped()
        && match &command.body {
            // `sudo` may need its password, which no row hands on.
            Body::Own(line) => !is_called_in(line),
            Body::Line(_) | Body::Fed { .. } => false,
            Body::Program(words) => words.split(is_choice).all(is_tame_program),
        }
}

fn is_choice(word: &Word) -> bool {
    matches!(word, Word::Raw(text) if CHOICES.contains(&text.as_str()))
}

fn is_tame_program(words: &[Word]) -> bool {
    let Some((Word::Text(program), arguments)) = words.split_first() else { return false };
    let is_understood = |word: &Word| match word {
        Word::Text(_) => true,
        Word::Raw(text) => REDIRECTIONS.contains(&text.as_str()),
    };
    arguments.iter().all(is_understood)
        && match program.as_str() {
            "find" => is_tame_find(arguments),
            "git" => is_tame_git(arguments),
            program => TAME.contains(&program),
        }
}

/// What it starts itself must be tame too.
fn is_tame_find(arguments: &[Word]) -> bool {
    arguments.iter().enumerate().all(|(number, word)| match word.as_str() {
        "-exec" => arguments.get(number + 1).is_some_and(|program| TAME.contains(&program.as_str())),
        "-execdir" | "-ok" | "-okdir" => false,
        _ => true,
    })
}

/// Options before the command may name programs to run.
fn is_tame_git(arguments: &[Word]) -> bool {
    let is_remote = |word: &Word| word.as_str().starts_with("--remote");
    let is_tame = |command: &Word| match command.as_str() {
        // Where signatures are shown, gpg leaves its agent behind.
        "log" => arguments.iter().any(|word| word.as_str() == "--no-show-signature"),
        command => TAME_GIT.contains(&command),
    };
    arguments.first().is_some_and(is_tame) && !arguments.iter().any(is_remote)
}

/// Whether the shell does nothing with a text between double quotes but put the values of variables into it.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-./:,+@%=$".contains(&byte))
}

/// What the shell can find out by itself where `mkdir -p` would have nothing to do, as it mostly has in a deploy.
fn unless_there(command: &Command) -> Option<String> {
    let Command { dir: None, umask: None, env, body: Body::Program(words), .. } = command else { return None };
    let folders = words.strip_prefix(&[Word::Text("mkdir".into()), Word::Text("-p".into())])?;
    let is_there = |word: &Word| match word {
        Word::Text(path) if !path.starts_with('-') => Some(format!("[ -d {} ]", quote(path))),
        Word::Text(_) | Word::Raw(_) => None,
    };
    let tests = folders.iter().map(is_there).collect::<Option<Vec<_>>>()?;
    (env.is_empty() && !tests.is_empty()).then(|| tests.join(" && "))
}

impl Row {
    /// Takes another command, or gives it back where it has no room.
    pub(super) fn push(&mut self, member: Member) -> Result<(), Member> {
        let own = quote(&member.line).len() + 80;
        if !self.commands.is_empty() && self.length + own > LONGEST {
            return Err(member);
        }
        self.length += own;
        self.commands.push(member);
        Ok(())
    }

    /// What the staying shell is given for it, empty where there is nothing: how it is to be run, and a line. The row is
    /// empty then.
    pub(super) fn take(&mut self) -> String {
        self.length = 0;
        let commands = std::mem::take(&mut self.commands);
        match commands.as_slice() {
            [] => String::new(),
            [Member { alone: Some(Alone { how, line }), .. }] => {
                format!(" {}-{how} {}", commands[0].word(), quote(line))
            }
            several => {
                let mut text =
                    format!("windlass_both \"$windlass_due$windlass_m.{}$windlass_line\"\n", several[0].number);
                for (at, member) in several.iter().enumerate() {
                    let Member { number, line, .. } = member;
                    text.push_str(&if member.changes_shell { format!("({line}\n)\n") } else { format!("{line}\n") });
                    text.push_str(&format!("windlass_over {number} {}", member.word()));
                    text.push_str(&several.get(at + 1).map_or_else(String::new, |next| format!(" {}", next.number)));
                    text.push('\n');
                }
                text.push_str("exit 0");
                format!(" row-{} {}", several.len(), quote(&text))
            }
        }
    }
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
