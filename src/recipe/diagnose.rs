//! Rhai's errors as ours.
//!
//! Finds the file, line and column, keeps the chain of recipe functions, and adds help for what everybody gets wrong.

use std::sync::Arc;

use rhai::{EvalAltResult, Position};

use crate::error::{Error, Kind};
use crate::model::suggest::did_you_mean;
use crate::recipe::diagnose_parse::parse;
use crate::recipe::dsl::functions;
use crate::recipe::failure::Failure;
use crate::recipe::later::{LATER, Later, too_early};
use crate::recipe::old_words;
use crate::recipe::position::place_of;
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
    if let Some(there) = old_words::function(name) {
        return unknown.help(there);
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

/// The error for a variable there is not.
#[must_use]
pub(super) fn unknown_variable(name: &str) -> Error {
    let error = Error::recipe(format!("there is no variable `{name}`")).width(name.chars().count());
    if let Some(instead) = old_words::variable(name).or_else(|| old_words::function(name)) {
        return error.help(instead);
    }
    if functions().any(|function| function.name == name) {
        return error.help(format!("`{name}` is a function: call it with parentheses, `{name}(…)`"));
    }
    error
        .help(format!("a setting is read with `fetch(\"{name}\")`"))
        .note("a function sees its parameters only, not the variables around it; a closure sees them")
}

/// A sentence of Rhai's as a fragment of ours.
pub(super) fn fragment(text: &str) -> String {
    let text = text.trim().trim_end_matches('.').replace('\'', "`");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn ruby_values_are_answered_in_rhai() {
        let error = unknown_variable("nil");
        assert_eq!(
            (error.to_string(), error.parts().help.clone()),
            ("there is no variable `nil`".to_owned(), vec!["write `()`".to_owned()])
        );
    }
}
