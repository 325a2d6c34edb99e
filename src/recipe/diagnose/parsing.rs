//! What Rhai cannot read, as errors of ours: where something is missing, and what was meant.

use rhai::{LexError, ParseError, ParseErrorType, Position};

use crate::error::Error;
use crate::place::Place;
use crate::recipe::diagnose::around::Around;
use crate::recipe::diagnose::brackets::Brackets;
use crate::recipe::diagnose::declarations;
use crate::recipe::diagnose::foreign;
use crate::recipe::diagnose::running::{constant, fragment, unknown_import, unknown_variable};
use crate::recipe::position::place_of;

/// An error found while a script was compiled.
#[must_use]
pub fn diagnose_parse(error: &ParseError, file: &str, text: &str) -> Error {
    parse(error.err_type(), error.position(), Some(file), text).rule("syntax")
}

/// A comment without an end, in which Rhai loses the rest of a file without a word.
///
/// # Errors
/// The place where it begins.
pub fn check_comments(file: &str, text: &str) -> Result<(), Error> {
    if !text.contains("/*") {
        return Ok(());
    }
    let Some(line) = Brackets::before(text, usize::MAX, 1).open_comment() else { return Ok(()) };
    let column = text.lines().nth(line - 1).and_then(|line| line.find("/*")).unwrap_or_default() + 1;
    let clip = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Err(Error::recipe("a comment has no end, and takes the rest of the file with it")
        .at(Some(Place::new(file, clip(line), clip(column))))
        .width(2)
        .rule("syntax")
        .help("write `*/` behind it; a comment in a comment needs an end of its own"))
}

/// The error for what cannot be read at a position.
#[must_use]
pub(super) fn parse(kind: &ParseErrorType, position: Position, file: Option<&str>, text: &str) -> Error {
    let around = Around::new(text, position);
    let end = || {
        let (line, column) = around.end_before();
        file.map(|file| Place::new(file, line, column))
    };
    let error = keyword_at(kind, around)
        .or_else(|| declarations::mistaken(kind, around))
        .or_else(|| foreign::meant(kind, around))
        .unwrap_or_else(|| match kind {
            ParseErrorType::MissingToken(token, why) => missing(token, why, around).at(end()),
            ParseErrorType::BadInput(error) => unreadable(error, around),
            other => told(other, around),
        });
    error.at(place_of(file, position))
}

/// Words of the language people want to use as names.
const KEYWORDS: &[&str] = &["as", "in", "do", "until", "loop", "switch", "import", "export", "private", "fn", "const"];

/// A word of the language where a name is expected.
fn keyword_at(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
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

/// The error for a sign that is missing; `why` are Rhai's words for what it is needed for.
fn missing(token: &str, why: &str, around: Around<'_>) -> Error {
    let note = |error: Error| match brackets(around) {
        Some(note) => error.note(note),
        None => error,
    };
    if around.is_at_end() && ["}", ")", "]", ",", ";"].contains(&token) {
        let token = if token == "," { closing(why) } else { token };
        let (text, line, column) = around.parts();
        let open = Brackets::before(text, line, column).note();
        return open.into_iter().fold(Error::recipe(format!("the file ends, and a `{token}` is missing")), Error::note);
    }
    if token == ";" && around.rest().starts_with([')', ']', '}']) {
        return unexpected(&around.rest()[..1], around);
    }
    if token == ";" {
        let (line, _) = around.end_before();
        return Error::recipe("a `;` is missing between two statements")
            .help(format!("add `;` at the end of line {line}"));
    }
    if token == "{" && why.contains("statement block") {
        return Error::recipe("a `{` is missing, which begins a block")
            .help("blocks stand in braces: `if … { … }`, `for item in list { … }`, `catch (error) { … }`");
    }
    let Some(inside) = inside(why) else {
        return Error::recipe(format!("a `{token}` is missing {why}").replace('\'', "`"));
    };
    if token == "," {
        return note(Error::recipe(format!("a `,` or `{}` is missing {inside}", closing(why))));
    }
    if token == ":" {
        let key = around.word_before();
        let error = Error::recipe(format!("a `:` is missing behind the key `{key}` of a map"));
        return if around.rest().starts_with('-') {
            error.help("a key that is no plain name stands in quotes: `\"my-key\": value`")
        } else {
            error.help(format!("write `#{{ {key}: value }}`"))
        };
    }
    if token == "}" && inside.ends_with("map") {
        return note(
            Error::recipe("a key of a map, or the `}` at its end, is missing")
                .help("a key is a name or a string: `#{ name: 1, \"1\": 2 }`"),
        );
    }
    if token == "=>" {
        return Error::recipe("a `=>` is missing in a `switch`").help("write `switch value { 1 => …, _ => … }`");
    }
    note(Error::recipe(format!("a `{token}` is missing {inside}")))
}

/// What Rhai calls the surroundings of a missing sign.
fn inside(why: &str) -> Option<String> {
    let name = why.split('\'').nth(1);
    Some(match name {
        Some(name) if why.contains("function call") => format!("in the call of `{name}`"),
        Some(name) if why.contains("parameters") => format!("among the parameters of `{name}`"),
        _ if why.contains("parameters") => "among the parameters of a closure".to_owned(),
        _ if why.contains("array") => "in a list".to_owned(),
        _ if why.contains("map") => "in a map".to_owned(),
        _ if why.contains("switch") => "in a `switch`".to_owned(),
        _ if why.contains("block") => "at the end of a block".to_owned(),
        _ => return None,
    })
}

/// The bracket at the end of what Rhai names.
fn closing(why: &str) -> &'static str {
    match why {
        _ if why.contains("anonymous") => "|",
        _ if why.contains("array") => "]",
        _ if why.contains("map") || why.contains("switch") => "}",
        _ => ")",
    }
}

/// What to tell about brackets before a place.
fn brackets(around: Around<'_>) -> Option<String> {
    let (text, line, column) = around.parts();
    Brackets::before(text, line, column).note_above(line)
}

/// The error for what is no token.
fn unreadable(error: &LexError, around: Around<'_>) -> Error {
    match error {
        LexError::MalformedChar(text) => Error::recipe(format!("`'{text}'` is no character"))
            .help(format!("strings stand in double quotes: `\"{text}\"`; single quotes hold one character")),
        LexError::UnterminatedString if around.rest().starts_with('`') => {
            Error::recipe("a text in back-ticks has no end").help("add the back-tick behind it")
        }
        LexError::UnterminatedString => Error::recipe("a string has no closing quote on its line")
            .help("add the `\"`; a text of several lines stands in back-ticks"),
        LexError::MalformedEscapeSequence(sequence) => {
            Error::recipe(format!("`{sequence}` means nothing in double quotes"))
                .help(format!("write `\\{sequence}`, or put the text into back-ticks, where `\\` stands for itself"))
                .note("there are `\\n`, `\\t`, `\\r`, `\\\"`, `\\\\`, `\\x41` and `\\u2713`")
        }
        LexError::MalformedNumber(_) => Error::recipe("a number cannot be read")
            .help("numbers are written as `42`, `1_000`, `2.5`, `0x1f`, `0o755` or `0b101`"),
        LexError::ImproperSymbol(_, words) if words.contains("typo of '=='") => {
            Error::recipe("`=` gives a variable a value, and compares nothing").width(1).help("compare with `==`")
        }
        LexError::ImproperSymbol(sign, _) => Error::recipe(format!("`{sign}` means nothing here")).width(sign.len()),
        LexError::UnexpectedInput(token) => unexpected(token, around),
        other => Error::recipe(fragment(&other.to_string())),
    }
}

fn unexpected(token: &str, around: Around<'_>) -> Error {
    let before = around.before().trim_end();
    let error = Error::recipe(format!("unexpected `{token}`")).width(token.chars().count());
    if [")", "]", "}", ";", ","].contains(&token) {
        if before.ends_with('|') && token != "}" {
            return error.help("a closure does something: `|host| { … }`, or `|host| ()` for nothing");
        }
        if let Some(sign) = before.chars().last().filter(|sign| "+-*/%=<>&!.".contains(*sign)) {
            return error.help(format!("a value is missing behind `{sign}`"));
        }
    }
    if [")", "]", "}"].contains(&token) {
        let note = brackets(around);
        let error = if note.is_some() {
            error.help("something before it was not closed: each `{`, `(` and `[` needs its partner")
        } else {
            error.help("nothing is open that it would close: take it away")
        };
        return note.into_iter().fold(error, Error::note);
    }
    if token == "." {
        return error.help("a value is missing before the dot");
    }
    match token.chars().next() {
        Some(sign) if !sign.is_ascii() => {
            error.help("names are letters without accents, digits and `_`; a text stands in quotes")
        }
        _ => error,
    }
}

/// The error for everything else.
fn told(kind: &ParseErrorType, around: Around<'_>) -> Error {
    match kind {
        ParseErrorType::VariableUndefined(name) => unknown_variable(name),
        ParseErrorType::ModuleUndefined(name) => unknown_import(name),
        ParseErrorType::AssignmentToConstant(name) if name.is_empty() => unassignable(),
        ParseErrorType::AssignmentToConstant(name) => constant(name),
        ParseErrorType::Reserved(sign) => Error::recipe(format!("`{sign}` means nothing here")).width(sign.len()),
        ParseErrorType::UnknownOperator(sign) => {
            Error::recipe(format!("`{sign}` is no operator here")).width(sign.len())
        }
        ParseErrorType::UnexpectedEOF => match brackets(around) {
            Some(note) => Error::recipe("the file ends in the middle of something").note(note),
            None => Error::recipe("the file ends in the middle of something"),
        }
        .help("look for a missing `}`, `)` or `\"`"),
        ParseErrorType::PropertyExpected if around.rest().starts_with(|c: char| c.is_ascii_digit()) => {
            Error::recipe("a number has one point at the most").help("a version is a string: `\"1.2.3\"`")
        }
        ParseErrorType::PropertyExpected => Error::recipe("a name is missing behind the dot, or as a key of a map"),
        ParseErrorType::VariableExpected => Error::recipe("the name of a variable is missing")
            .help("names begin with a letter or `_`: `let name = value;`"),
        ParseErrorType::DuplicatedProperty(name) => Error::recipe(format!("the key `{name}` stands in a map twice"))
            .width(name.chars().count())
            .help("take one of them away"),
        ParseErrorType::MismatchedType(expected, found) => mismatched(expected, found, around),
        ParseErrorType::AssignmentToInvalidLHS(_) => unassignable(),
        ParseErrorType::ExprTooDeep => Error::recipe("brackets stand in brackets too deeply")
            .help("keep what is inside in a variable: `let part = …;`"),
        ParseErrorType::LoopBreak => {
            let word = if around.word().is_empty() { "break" } else { around.word() };
            Error::recipe(format!("`{word}` stands outside of a loop"))
                .width(word.len())
                .help("a task, a function or a closure is left with `return`")
        }
        other => Error::recipe(fragment(&other.to_string())),
    }
}

fn unassignable() -> Error {
    Error::recipe("what stands before the `=` cannot be given a value")
        .help("a variable can, `x = 1`, an element, `x[0] = 1`, and a key of a map, `x.name = 1`")
}

/// A value of another kind than the language takes at a place; the kinds are Rhai's words.
fn mismatched(expected: &str, found: &str, around: Around<'_>) -> Error {
    let word = |text: &str| match text {
        "a boolean expression" => "true or false".to_owned(),
        "an iterable value" => "a list, a range such as `1..5` or a string".to_owned(),
        "an object map" => "a map".to_owned(),
        "an array" => "a list".to_owned(),
        "a character" => "a string".to_owned(),
        other => other.to_owned(),
    };
    let error = Error::recipe(format!("expected {}, and got {}", word(expected), word(found)));
    let rest = around.rest();
    let is_argument = around.before().trim_end().ends_with(['(', ',']);
    if is_argument && rest.contains("||") {
        return error.help("between an argument and the closure behind it stands a `,`: `\"name\", || …`");
    }
    match (expected, found) {
        ("an iterable value", "an object map") => error.help("go through its keys: `for name in map.keys() { … }`"),
        ("an iterable value", "a number") => error.help("count with a range: `for i in 0..5 { … }`"),
        ("a boolean expression", _) => error.help("compare it with something: `value == 5`, `value != \"\"`"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_error(text: &str) -> Error {
        let error = rhai::Engine::new().compile(text).unwrap_err();
        diagnose_parse(&error, "deploy.rhai", text)
    }

    #[test]
    fn a_missing_semicolon_is_shown_where_it_is_missing() {
        let error = parse_error("let a = 1 // one\n\nlet b = 2;");
        assert_eq!(error.to_string(), "a `;` is missing between two statements");
        assert_eq!(error.parts().place, Some(Place::new("deploy.rhai", 1, 9)));
        assert_eq!(error.parts().help, ["add `;` at the end of line 1"]);
    }

    #[test]
    fn in_is_explained() {
        let error = parse_error("on(hosts, #{ in: \"sequence\" }, |h| 1);");
        assert_eq!(error.to_string(), "`in` is a word of the language, and cannot be a name");
        assert!(error.parts().help[0].contains("`run:`"));
    }

    #[test]
    fn as_is_explained() {
        for text in ["let as = 1;", "f(); as(\"x\", 1);", "fn as() {}"] {
            let error = parse_error(text);
            assert_eq!(error.to_string(), "`as` is a word of the language, and cannot be a name", "{text}");
            assert_eq!(error.parts().help, ["to run commands as another user write `as_user(\"name\", || { … })`"]);
        }
    }

    #[test]
    fn single_quotes_are_explained() {
        let error = parse_error("set('application', 1);");
        assert_eq!(error.to_string(), "`'application'` is no character");
        assert!(error.parts().help[0].contains("`\"application\"`"));
    }

    #[test]
    fn a_missing_brace_is_told_at_the_end_of_what_is_there() {
        let error = parse_error("f(|| {\n  g();\n\n");
        assert_eq!(error.to_string(), "the file ends, and a `}` is missing");
        assert_eq!(error.parts().notes, ["the `{` of line 1 is still open, and 1 more bracket around it"]);
        assert_eq!(error.parts().place, Some(Place::new("deploy.rhai", 2, 6)));
    }
}
