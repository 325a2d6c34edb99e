//! What a line typed into the console is: a command for every host, or code.
//!
//! Capistrano's console takes every line as a command. Here a line is code where it looks like it: it begins with a word
//! of the language, a literal, a variable that is there, or a name with its bracket right behind it, as `fetch("x")`.

use crate::model::brackets::{State, state};

/// A line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing to do: empty, or a comment.
    Nothing,
    /// The end.
    Leave,
    /// The few words about the console itself.
    Help,
    /// A shell line for every host.
    Command(String),
    /// Statements of the recipe language.
    Code(String),
}

/// Words that statements begin with.
const STATEMENTS: &[&str] = &[
    "let", "const", "if", "for", "while", "loop", "do", "switch", "try", "throw", "fn", "return", "import", "true",
    "false",
];

impl Line {
    /// Understands what was typed; `is_variable` knows the variables of earlier lines.
    #[must_use]
    pub fn read(text: &str, is_variable: impl Fn(&str) -> bool) -> Self {
        let text = text.trim();
        if let Some(command) = text.strip_prefix('!') {
            let command = command.trim();
            return if command.is_empty() { Self::Nothing } else { Self::Command(command.to_owned()) };
        }
        match text {
            "" => Self::Nothing,
            "quit" | "exit" | "q" => Self::Leave,
            "help" | "?" => Self::Help,
            _ if is_comment(text) => Self::Nothing,
            _ if is_code(text, is_variable) => Self::Code(text.to_owned()),
            _ => Self::Command(text.to_owned()),
        }
    }

    /// Whether all of it is there. What is not goes on in the next line: code up to its last bracket, a command behind a
    /// `\` at the end of the line.
    #[must_use]
    pub fn is_whole(text: &str, is_variable: impl Fn(&str) -> bool) -> bool {
        match Self::read(text, is_variable) {
            Self::Code(code) => state(&code) != State::Open,
            Self::Command(command) => !command.ends_with('\\'),
            Self::Nothing | Self::Leave | Self::Help => true,
        }
    }
}

/// A line that says nothing. A shell's comment is one, too; `#{` begins a map.
fn is_comment(text: &str) -> bool {
    let one_line = !text.contains('\n');
    one_line && (text.starts_with("//") || (text.starts_with('#') && !text.starts_with("#{")))
}

fn is_code(text: &str, is_variable: impl Fn(&str) -> bool) -> bool {
    let name = name_at_start(text);
    let rest = &text[name.len()..];
    if name.is_empty() {
        // What begins with a path, a variable of the shell or a redirection is none.
        return text.starts_with(['"', '`', '[', '(', '{', '#', '|', '-', '+']) || text.starts_with("//") || {
            text.starts_with("/*") || text.starts_with(|c: char| c.is_ascii_digit())
        };
    }
    STATEMENTS.contains(&name)
        || is_variable(name)
        || rest.starts_with('(')
        || rest.starts_with("::")
        // No shell has blanks around the `=`: somebody has forgotten the `let`.
        || rest.starts_with(" = ")
}

/// The name a text begins with; empty where it begins with none.
pub(super) fn name_at_start(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..end] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Line {
        Line::read(text, |name| name == "hosts")
    }

    #[test]
    fn a_line_of_a_shell_is_a_command() {
        for text in [
            "uptime",
            "ls -l",
            "df -h | head -3",
            "/usr/bin/id",
            "./run",
            "~/bin/x",
            "$SHELL -c id",
            "RAILS_ENV=x rake",
            "test -f /etc/passwd",
            "env",
            "set -e; false",
            "capture it",
            "systemctl --user status shop",
            "whoami && id",
        ] {
            assert_eq!(read(text), Line::Command(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_looks_like_code_is_code() {
        for text in [
            "fetch(\"branch\")",
            "let x = 1;",
            "hosts",
            "hosts.len()",
            "hosts += 1",
            "1 + 1",
            "\"a\" + 1",
            "`a`",
            "[1, 2]",
            "#{ a: 1 }",
            "-1",
            "(1 + 2) * 3",
            "if true { 1 }",
            "on(roles(\"web\"), |host| execute(\"id\"))",
            "x = 5",
            "lib::call()",
            "true",
            "test(\"true\")",
            "/* words */ 1",
            "{ 1 }",
            "fn f(x) { x }",
        ] {
            assert_eq!(read(text), Line::Code(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_exclamation_mark_makes_it_a_command() {
        assert_eq!(read("!if true; then id; fi"), Line::Command("if true; then id; fi".to_owned()));
        assert_eq!(read(" ! hosts"), Line::Command("hosts".to_owned()));
        assert_eq!(read("!"), Line::Nothing);
    }

    #[test]
    fn words_of_the_console() {
        for text in ["quit", "exit", "q", " exit "] {
            assert_eq!(read(text), Line::Leave);
        }
        assert_eq!((read("help"), read("?")), (Line::Help, Line::Help));
        for text in ["", "   ", "// words", "# words"] {
            assert_eq!(read(text), Line::Nothing);
        }
        assert_eq!(read("exit(3)"), Line::Code("exit(3)".to_owned()));
        assert_eq!(read("quit_smoking"), Line::Command("quit_smoking".to_owned()));
    }

    #[test]
    fn what_is_open_goes_on_in_the_next_line() {
        let whole = |text: &str| Line::is_whole(text, |name| name == "hosts");
        assert!(whole("on(roles(\"web\"), |host| execute(\"id\"))") && whole("echo {") && whole("uptime"));
        assert!(!whole("on(roles(\"web\"), |host| {") && !whole("let x = [1,") && !whole("echo a \\"));
        assert!(whole("echo a \\\n  b"));
    }
}
