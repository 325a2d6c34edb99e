//! Words of the language where a name is expected.

use rhai::ParseErrorType;

use crate::error::Error;
use crate::recipe::diagnose::around::Around;

/// Words of the language people want to use as names.
const KEYWORDS: &[&str] = &["as", "in", "do", "until", "loop", "switch", "import", "export", "private", "fn", "const"];

/// A word of the language where a name is expected.
pub(super) fn keyword_at(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    let word = around.word();
    let before = around.before().trim_end();
    match kind {
        ParseErrorType::Reserved(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => Some(keyword(name)),
        ParseErrorType::MissingToken(..) | ParseErrorType::BadInput(_) | ParseErrorType::PropertyExpected
            if is_key(around) && (KEYWORDS.contains(&word) || MORE_KEYWORDS.contains(&word)) =>
        {
            Some(
                keyword(word).maybe_help(
                    (word != "in").then(|| format!("as a key of a map it stands in quotes: `\"{word}\": …`")),
                ),
            )
        }
        _ if word == "in" && before.rfind('(').is_some_and(|at| before[..at].trim_end().ends_with("for")) => Some(
            Error::recipe("`for` has no parentheses")
                .help(format!("write `for {} in … {{ … }}`", before.rsplit('(').next().unwrap_or_default().trim())),
        ),
        _ if word == "in" && around.rest()[2..].trim_start().starts_with(':') => Some(keyword("in")),
        ParseErrorType::VariableExpected | ParseErrorType::FnMissingName | ParseErrorType::BadInput(_)
            if KEYWORDS.contains(&word) =>
        {
            Some(keyword(word))
        }
        _ => None,
    }
}

/// Words of the language that begin a statement, and are wanted as keys of maps alone.
const MORE_KEYWORDS: &[&str] =
    &["for", "if", "else", "while", "return", "throw", "try", "catch", "let", "true", "false"];

/// Whether the place is that of a key of a map.
fn is_key(around: Around<'_>) -> bool {
    let before = around.before().trim_end();
    (before.ends_with("#{") || before.ends_with(','))
        && around.rest()[around.word().len()..].trim_start().starts_with(':')
}

fn keyword(name: &str) -> Error {
    let help = match name {
        "as" => Some("to run commands as another user write `as_user(\"name\", || { … })`"),
        "in" => Some("what Capistrano calls `in:` is `run:` here: `on(hosts, #{ run: \"sequence\" }, |host| { … })`"),
        "until" => Some("write `while !(…) { … }`, or `do { … } until …`"),
        "fn" => Some("a function without a name is a closure: `|one, two| { … }`"),
        _ => None,
    };
    Error::recipe(format!("`{name}` is a word of the language, and cannot be a name"))
        .width(name.chars().count())
        .maybe_help(help.map(str::to_owned))
}
