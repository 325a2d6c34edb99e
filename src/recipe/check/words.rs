//! Words of commands that do not arrive as they were meant: a variable of the shell that is quoted, and so stays a text,
//! and a program with its arguments in one word.

use crate::error::Error;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::check::outline::{CallSite, Outline};
use crate::recipe::check::secrets::COMMANDS;

/// Programs with a language of their own, in which `$NAME` may well be meant for them.
const INTERPRETERS: &[&str] = &[
    "sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox", "awk", "gawk", "mawk", "perl", "ruby", "php", "node",
    "python", "python3", "envsubst", "make", "ssh", "su", "psql", "mysql", "mongo", "mongosh", "jq", "eval",
];
/// Options behind which a text for the program itself stands.
const CODE_FOLLOWS: &[&str] = &["-c", "-e", "-lc", "-ic", "-r", "--eval", "--command", "--execute"];

/// All such words.
#[must_use]
pub fn mistaken(files: &Files) -> Vec<Error> {
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls().filter(|(_, _, call)| !call.is_method) {
        match call.name.as_str() {
            name if COMMANDS.contains(&name) => {
                errors.extend(line_as_program(file, call));
                errors.extend(variables_in_arguments(file, call));
            }
            "with" => errors.extend(call.args.first().into_iter().flat_map(|map| variables_in_map(file, map, "with"))),
            "set" | "set_if_empty" if call.first_text() == Some("default_env") => {
                let map = call.args.get(1).into_iter();
                errors.extend(map.flat_map(|map| variables_in_map(file, map, "default_env")));
            }
            _ => {}
        }
    }
    errors
}

/// The words of a program that is called with arguments, or as a list; none for a shell line.
fn words(call: &CallSite) -> Option<Vec<&Arg>> {
    let words: Vec<&Arg> = call.args.iter().filter(|arg| !matches!(arg.value, Known::Map(_))).collect();
    match &words[..] {
        [Arg { value: Known::List(items), .. }] => Some(items.iter().collect()),
        [] | [_] => None,
        _ => Some(words),
    }
}

fn line_as_program(file: &Outline, call: &CallSite) -> Option<Error> {
    let words = words(call)?;
    let (program, more) = words.split_first()?;
    let text = program.text()?;
    if !text.trim().contains(char::is_whitespace) {
        return None;
    }
    let parts: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
    let dots = if more.is_empty() { "" } else { ", …" };
    let error = Error::recipe(format!("`{text}` is taken for the name of one program, blanks and all"))
        .rule("line-as-program")
        .note("one string alone is a shell line; with arguments behind it, the first one is the program")
        .help(format!("give each word by itself: `{}({}{dots})`", call.name, parts.join(", ")));
    Some(error.at(file.place(program.position)).width(text.escape_default().count() + 2))
}

fn variables_in_arguments(file: &Outline, call: &CallSite) -> Vec<Error> {
    let Some(words) = words(call) else { return Vec::new() };
    let texts = || words.iter().filter_map(|word| word.text());
    let is_interpreter = |text: &str| {
        let name = text.rsplit('/').next().unwrap_or(text);
        INTERPRETERS.contains(&name)
    };
    if texts().any(|text| is_interpreter(text) || CODE_FOLLOWS.contains(&text)) {
        return Vec::new();
    }
    let error = |word: &&Arg| {
        let written = written(&word.value);
        let variable = written.iter().find_map(|text| variable(text))?;
        let error = Error::recipe(format!("`{variable}` stays as it is: each argument is quoted"))
            .rule("quoted-variable")
            .help(match word.text() {
                Some(text) => format!("leave it to the shell of the host: `raw({text:?})`"),
                None => "leave it to the shell of the host: `raw(…)`".to_owned(),
            });
        Some(error.at(file.place(word.position)))
    };
    words.iter().filter_map(error).collect()
}

fn variables_in_map(file: &Outline, map: &Arg, of: &str) -> Vec<Error> {
    let Known::Map(entries) = &map.value else { return Vec::new() };
    let error = |(name, value): &(String, Arg)| {
        let variable = written(&value.value).into_iter().find_map(variable)?;
        let fix = match value.text() {
            Some(text) => format!("leave it to the shell of the host: `{name}: raw({text:?})`"),
            None => format!("leave it to the shell of the host: `{name}: raw(…)`"),
        };
        let error = Error::recipe(format!("`{variable}` stays as it is in the variable `{name}` of `{of}`"))
            .rule("quoted-variable")
            .help(fix);
        Some(error.at(file.place(value.position)))
    };
    entries.iter().filter_map(error).collect()
}

/// What is written out of a text.
fn written(value: &Known) -> Vec<&str> {
    match value {
        Known::Text(text) => vec![text],
        Known::Parts { written, .. } => written.iter().map(String::as_str).collect(),
        Known::Made(values) => values.iter().flat_map(written).collect(),
        _ => Vec::new(),
    }
}

/// The first variable of the shell in a text, `$NAME` or `${NAME}`. Names in lower case, and what else begins with `$`, is
/// more often something else.
fn variable(text: &str) -> Option<&str> {
    for (at, _) in text.match_indices('$') {
        let rest = &text[at + 1..];
        let (name, braces) = match rest.strip_prefix('{') {
            Some(inner) => (inner, 2),
            None => (rest, 0),
        };
        let length =
            name.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_').unwrap_or(name.len());
        let is_name = length > 1 && name.starts_with(|c: char| c.is_ascii_uppercase());
        if is_name && (braces == 0 || name[length..].starts_with('}')) {
            return Some(&text[at..at + 1 + length + braces]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn variables_of_the_shell_are_told_from_other_dollars() {
        assert_eq!(variable("$HOME/x"), Some("$HOME"));
        assert_eq!(variable("/opt/bin:${PATH}"), Some("${PATH}"));
        assert_eq!(variable("a$5 b$LANG"), Some("$LANG"));
        for text in ["$", "5$", "s/x$/y/", "$1", "$(date)", "${x}", "$X", "^a$|^b$", "${PATH:-x}"] {
            assert!(variable(text).is_none(), "{text}");
        }
    }
}
