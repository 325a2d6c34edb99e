//! Rhai's errors as ours.
//!
//! Finds the file, line and column, keeps the chain of recipe functions, and adds help for what everybody gets wrong.

use std::sync::Arc;

use rhai::{EvalAltResult, LexError, ParseError, ParseErrorType, Position};

use crate::error::{Error, Kind};
use crate::model::suggest::did_you_mean;
use crate::place::Place;
use crate::recipe::dsl::functions;
use crate::recipe::failure::Failure;
use crate::recipe::later::{LATER, Later, too_early};
use crate::recipe::position::place_of;
use crate::recipe::ruby_words;
use crate::recipe::scripts::Scripts;

/// An error that came out of a running script. `file` is where the script began.
#[must_use]
pub fn diagnose(error: EvalAltResult, scripts: &Scripts, file: Option<Arc<str>>) -> Error {
    let mut file = file;
    let mut steps = Vec::new();
    let mut error = error;
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(name, source, inner, position) => {
                if !name.starts_with("anon$") && functions().all(|function| function.name != name) {
                    steps.push((format!("function `{name}`"), place_of(file.as_deref(), position)));
                }
                if !source.is_empty() {
                    file = Some(source.into());
                }
                error = *inner;
            }
            EvalAltResult::ErrorInModule(_, inner, _) => error = *inner,
            _ => break,
        }
    }
    let position = error.position();
    let place = place_of(file.as_deref(), position);
    let mut ours = translate(error, scripts, file.as_deref()).at(place);
    for (label, place) in steps.into_iter().rev() {
        ours = ours.through(label, place);
    }
    ours
}

/// An error found while a script was compiled.
#[must_use]
pub fn diagnose_parse(error: &ParseError, file: &str, text: &str) -> Error {
    parse(error.err_type(), error.position(), Some(file), text).rule("syntax")
}

fn translate(error: EvalAltResult, scripts: &Scripts, file: Option<&str>) -> Error {
    match error {
        EvalAltResult::ErrorMismatchDataType(_, ref found, _)
            if found == LATER || found == std::any::type_name::<Later>() =>
        {
            too_early()
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) if takes_later(&signature) => too_early(),
        EvalAltResult::ErrorRuntime(value, _) => match value.clone().try_cast::<Failure>() {
            Some(failure) => failure.error().clone(),
            None => Error::new(Kind::Thrown, value.to_string()),
        },
        EvalAltResult::ErrorTerminated(value, _) => match value.try_cast::<Failure>() {
            Some(failure) => failure.error().clone(),
            None => Error::new(Kind::Cancelled, "cancelled"),
        },
        EvalAltResult::ErrorFunctionNotFound(signature, _) => unknown_function(&signature),
        EvalAltResult::ErrorVariableNotFound(name, _) => unknown_variable(&name),
        EvalAltResult::ErrorParsing(kind, position) => {
            let text = file.and_then(|file| scripts.text(file)).unwrap_or_default();
            parse(&kind, position, file, &text)
        }
        EvalAltResult::ErrorDataRace(name, _) => in_use(&name),
        EvalAltResult::ErrorStackOverflow(_) => Error::recipe("the recipe calls itself too deeply")
            .help("a function that calls itself needs a case in which it does not"),
        mut other => {
            other.set_position(Position::NONE);
            Error::recipe(fragment(&other.to_string()))
        }
    }
}

/// Whether a signature of Rhai, for example `trim (later)`, has a value in it that is not known yet.
fn takes_later(signature: &str) -> bool {
    let (_, arguments) = signature.split_once(" (").unwrap_or_default();
    arguments.trim_end_matches(')').split(", ").any(|argument| argument == LATER)
}

/// The error for a call of a function there is not; `signature` is Rhai's, for example `set (&str, i64)`.
#[must_use]
pub fn unknown_function(signature: &str) -> Error {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let name = name.trim();
    if let Some(function) = functions().find(|function| function.name == name) {
        let count = if arguments == ")" || arguments.is_empty() { 0 } else { arguments.split(", ").count() };
        let given = crate::model::plural::plural(count, "argument");
        return Error::recipe(format!("`{name}` cannot be called with {given}"))
            .width(name.chars().count())
            .help(format!("call it as `{}`", function.usage));
    }
    if name.starts_with("anon$") {
        return Error::recipe("the closure is called with another number of arguments than it takes");
    }
    let unknown = Error::recipe(format!("there is no function `{name}`")).width(name.chars().count());
    if let Some(instead) = ruby_words::instead(name) {
        return unknown.help(instead);
    }
    if !arguments.is_empty() && rhai_knows(name) {
        let kinds = arguments
            .trim_end_matches(')')
            .replace("&str | ImmutableString | String", "string")
            .replace("i64", "number")
            .replace("f64", "number")
            .replace("bool", "truth value")
            .replace("array", "list");
        return Error::recipe(format!("`{name}` cannot be called with ({kinds})")).width(name.chars().count());
    }
    unknown.maybe_help(did_you_mean(name, functions().map(|function| function.name)))
}

/// The error for a variable that a closure uses while it stands before the dot; `name` is that of the variable, or
/// Rhai's words for an argument, for example `argument #2 of function 'map'`.
fn in_use(name: &str) -> Error {
    match name.rsplit_once("function '") {
        Some((_, function)) => {
            let function = function.trim_end_matches('\'');
            Error::recipe(format!("the closure of `{function}` uses the variable that `{function}` is called on"))
                .help(format!(
                    "put what is before the dot into a variable of its own: `let list = …; list.{function}(…)`"
                ))
                .help("or use a loop: `for item in … { … }`")
        }
        None => Error::recipe(format!("`{name}` is used while it is being changed"))
            .help("give it as an argument, `on(hosts, |host| …)`, not as the thing before the dot, `hosts.on(…)`"),
    }
}

fn rhai_knows(name: &str) -> bool {
    name.chars().all(|c| !c.is_alphanumeric())
        || ["len", "push", "pop", "contains", "split", "trim", "replace", "keys", "values", "sub_string", "index_of"]
            .contains(&name)
}

fn unknown_variable(name: &str) -> Error {
    let error = Error::recipe(format!("there is no variable `{name}`")).width(name.chars().count());
    if functions().any(|function| function.name == name) {
        return error.help(format!("`{name}` is a function: call it with parentheses, `{name}(…)`"));
    }
    error
        .help(format!("a setting is read with `fetch(\"{name}\")`"))
        .note("a function sees its parameters only, not the variables around it; a closure sees them")
}

fn parse(kind: &ParseErrorType, position: Position, file: Option<&str>, text: &str) -> Error {
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

/// A sentence of Rhai's as a fragment of ours.
fn fragment(text: &str) -> String {
    let text = text.trim().trim_end_matches('.').replace('\'', "`");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
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
    fn a_known_function_with_a_wrong_count_shows_its_usage() {
        let error = unknown_function("set (&str | ImmutableString | String)");
        assert_eq!(error.to_string(), "`set` cannot be called with 1 argument");
        assert_eq!(error.parts().help, ["call it as `set(name, value)`"]);
    }

    #[test]
    fn an_unknown_function_gets_a_suggestion() {
        let error = unknown_function("exeucte (&str | ImmutableString | String)");
        assert_eq!(error.to_string(), "there is no function `exeucte`");
        assert_eq!(error.parts().help, ["did you mean `execute`?"]);
    }

    #[test]
    fn ruby_words_are_answered_in_rhai() {
        assert_eq!(unknown_function("puts (&str)").parts().help, ["print a line with `info(\"…\")`"]);
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
