//! Commands of a trip that share one process.
//!
//! A process of its own costs the host a session, a shell and a watchdog for each command: milliseconds, where the
//! command itself takes less than one. Programs that are known to leave nothing running behind, and that do nothing to
//! the shell they run in, need none. Owns which these are, and the text that runs several of them one after the other,
//! each with its marks. The frame around that is `model::trip`'s.

use crate::model::command::{Body, Command, Word};
use crate::model::quote::quote;

/// Programs that end when their work is done, and whose work is files.
const TAME: &[&str] = &[
    "[", "cat", "chgrp", "chmod", "chown", "cp", "false", "ln", "mkdir", "mv", "printf", "readlink", "rm", "rmdir",
    "tar", "test", "touch", "true",
];

/// Longest text of a row, in bytes, quotes included: it is one argument of a program, for which Linux allows 128 KiB.
const LONGEST: usize = 60 * 1024;

/// What runs before the commands of a row. It takes the marker from the environment, where it does not stay: no program
/// may print it.
const HEAD: &str = r#"windlass_m=$WINDLASS_MARK; unset WINDLASS_MARK
windlass_say() { printf '%s\n' "$windlass_m$1"; printf '%s\n' "$windlass_m$1" >&2; }
windlass_run() { windlass_say ".$1"; (eval "$3"); windlass_s=$?; windlass_say ".$1:$windlass_s"; [ $windlass_s = 0 ] || [ $2 = may ] || exit $windlass_s; }
"#;

/// Commands that follow each other.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Each with its number in the trip, and whether its failure stops the rest.
    commands: Vec<(usize, bool, String)>,
    length: usize,
}

/// Whether a command may be one of a row: a program with plain arguments; what a shell would make of others is not known.
#[must_use]
pub fn is_tame(command: &Command) -> bool {
    let Body::Program(words) = &command.body else { return false };
    let is_text = |word: &Word| matches!(word, Word::Text(_));
    words.iter().all(is_text) && words.first().is_some_and(|program| TAME.contains(&program.as_str()))
}

impl Row {
    /// Takes another command, or gives it back where it has no room.
    pub(super) fn push(&mut self, number: usize, must_succeed: bool, line: String) -> Result<(), String> {
        let own = quote(&quote(&line)).len() + 40;
        if !self.commands.is_empty() && self.length + own > LONGEST {
            return Err(line);
        }
        self.length += own;
        self.commands.push((number, must_succeed, line));
        Ok(())
    }

    /// What the staying shell is given for it, empty where there is nothing: how it is to be run, and a line. The row is
    /// empty then.
    pub(super) fn take(&mut self) -> String {
        self.length = 0;
        let commands = std::mem::take(&mut self.commands);
        let word = |must_succeed| if must_succeed { "must" } else { "may" };
        match commands.as_slice() {
            [] => String::new(),
            [(_, must_succeed, line)] => format!(" {} {}", word(*must_succeed), quote(line)),
            several => {
                let mut text = HEAD.to_owned();
                for (number, must_succeed, line) in several {
                    text.push_str(&format!("windlass_run {number} {} {}\n", word(*must_succeed), quote(line)));
                }
                text.push_str("exit 0");
                format!(" row-{} {}", several.len(), quote(&text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_that_leave_nothing_behind_are_tame() {
        for tame in [&["mkdir", "-p", "a b"][..], &["ln", "-s", "$x", "y"], &["test", "-d", "x"]] {
            assert!(is_tame(&Command::program(tame.iter().copied())), "{tame:?}");
        }
        assert!(!is_tame(&Command::program(["git", "fetch"])));
        assert!(!is_tame(&Command::program(["sh", "-c", "mkdir x"])));
        assert!(!is_tame(&Command::shell("mkdir x")));
        let raw = Command::new(Body::Program(vec![Word::Text("rm".into()), Word::Raw("$(x &)".into())]));
        assert!(!is_tame(&raw));
    }

    #[test]
    fn one_command_alone_is_no_row() {
        let mut row = Row::default();
        assert_eq!(row.take(), "");
        row.push(3, false, "rm -f x".into()).unwrap();
        assert_eq!(row.take(), " may 'rm -f x'");
        row.push(3, true, "rm x".into()).unwrap();
        row.push(4, false, "rm y".into()).unwrap();
        let call = row.take();
        assert!(call.starts_with(" row-2 'windlass_m=$WINDLASS_MARK; unset WINDLASS_MARK\n"), "{call}");
        assert!(
            call.ends_with("windlass_run 3 must '\\''rm x'\\''\nwindlass_run 4 may '\\''rm y'\\''\nexit 0'"),
            "{call}"
        );
        assert_eq!(row.take(), "");
    }

    #[test]
    fn a_row_ends_where_it_would_be_too_long() {
        let mut row = Row::default();
        row.push(0, true, "'".repeat(20_000)).unwrap();
        let back = row.push(1, true, "x".repeat(60_000)).unwrap_err();
        assert_eq!(back.len(), 60_000);
    }
}
