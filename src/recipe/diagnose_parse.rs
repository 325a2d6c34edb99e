//! What Rhai cannot read, as errors of ours: where something is missing, and what was meant.

use rhai::{LexError, ParseError, ParseErrorType, Position};

use crate::error::Error;
use crate::place::Place;
use crate::recipe::diagnose::{fragment, unknown_variable};
use crate::recipe::position::place_of;

/// An error found while a script was compiled.
#[must_use]
pub fn diagnose_parse(error: &ParseError, file: &str, text: &str) -> Error {
    parse(error.err_type(), error.position(), Some(file), text).rule("syntax")
}

/// The error for what cannot be read at a position.
#[must_use]
pub(super) fn parse(kind: &ParseErrorType, position: Position, file: Option<&str>, text: &str) -> Error {
    let place = place_of(file, position);
    match kind {
        ParseErrorType::MissingToken(token, why) if token == ";" && why.contains("terminate this statement") => {
            let (line, column) = end_of_previous_token(text, position);
            let place = file.map(|file| Place::new(file, line, column));
            Error::recipe("a `;` is missing between two statements")
                .at(place)
                .help(format!("add `;` at the end of line {line}"))
        }
        ParseErrorType::VariableUndefined(name) => unknown_variable(name).at(place),
        ParseErrorType::Reserved(name) => keyword(name).at(place),
        // `#{ in: … }` fails for a missing brace, of all things.
        _ if word_at(text, position) == "in" => keyword("in").at(place),
        ParseErrorType::VariableExpected | ParseErrorType::FnMissingName | ParseErrorType::BadInput(_)
            if KEYWORDS.contains(&word_at(text, position).as_str()) =>
        {
            keyword(&word_at(text, position)).at(place)
        }
        ParseErrorType::BadInput(LexError::MalformedChar(text)) => Error::recipe(format!("`'{text}'` is no character"))
            .at(place)
            .help(format!("strings stand in double quotes: `\"{text}\"`; single quotes hold one character")),
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            Error::recipe("a string has no closing quote on its line")
                .at(place)
                .help("add the `\"`; a text of several lines stands in back-ticks")
        }
        ParseErrorType::BadInput(LexError::UnexpectedInput(token)) if [")", "]", "}"].contains(&token.as_str()) => {
            Error::recipe(format!("unexpected `{token}`"))
                .at(place)
                .help("something before it was not closed: each `{`, `(` and `[` needs its partner")
        }
        ParseErrorType::MissingToken(token, why) if is_end(text, position) => {
            let (line, column) = end_of_previous_token(text, position);
            Error::recipe(format!("the file ends, and a `{token}` is missing {why}"))
                .at(file.map(|file| Place::new(file, line, column)))
                .help("count back from the end: each `{`, `(` and `[` needs its partner")
        }
        ParseErrorType::UnexpectedEOF => Error::recipe("the file ends in the middle of something")
            .at(place)
            .help("look for a missing `}`, `)` or `\"`"),
        other => Error::recipe(fragment(&other.to_string())).at(place),
    }
}

/// Words of the language people want to use as names.
const KEYWORDS: &[&str] = &["as", "in", "do", "until", "loop", "switch", "import", "export", "private", "fn", "const"];

fn keyword(name: &str) -> Error {
    let help = match name {
        "as" => Some("to run commands as another user write `as_user(\"name\", || { … })`"),
        "in" => Some("what Capistrano calls `in:` is `run:` here: `on(hosts, #{ run: \"sequence\" }, |host| { … })`"),
        _ => None,
    };
    Error::recipe(format!("`{name}` is a word of the language, and cannot be a name"))
        .width(name.chars().count())
        .maybe_help(help.map(str::to_owned))
}

/// The word that begins at a position; empty where there is none.
fn word_at(text: &str, position: Position) -> String {
    let line = position.line().and_then(|line| text.lines().nth(line - 1)).unwrap_or_default();
    let start = position.position().unwrap_or(1).saturating_sub(1);
    line.chars().skip(start).take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// Whether nothing but white space follows a position.
fn is_end(text: &str, position: Position) -> bool {
    let rest = text.lines().skip(position.line().map_or(0, |line| line - 1)).collect::<Vec<_>>().join("\n");
    rest.chars().skip(position.position().unwrap_or(1).saturating_sub(1)).all(char::is_whitespace)
}

/// Line and column of the last character before `position` that is neither white space nor part of a `//` comment.
fn end_of_previous_token(text: &str, position: Position) -> (u32, u32) {
    let line = position.line().unwrap_or(1);
    let column = position.position().unwrap_or(1);
    let lines: Vec<&str> = text.lines().collect();
    for number in (1..=line.min(lines.len())).rev() {
        let whole = lines[number - 1];
        let part: String =
            if number == line { whole.chars().take(column.saturating_sub(1)).collect() } else { whole.to_owned() };
        let code = part.find("//").map_or(part.as_str(), |comment| &part[..comment]).trim_end();
        if !code.is_empty() {
            let clip = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
            return (clip(number), clip(code.chars().count()));
        }
    }
    (1, 1)
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
        assert_eq!(error.to_string(), "the file ends, and a `}` is missing to terminate this block");
        assert_eq!(error.parts().place, Some(Place::new("deploy.rhai", 2, 6)));
    }
}
