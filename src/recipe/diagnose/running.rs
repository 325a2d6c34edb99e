//! Rhai's errors as ours.
//!
//! Finds the file, line and column, and keeps the chain of recipe functions. What went wrong is told by
//! `calls`, `values` and `parsing`.

use std::sync::Arc;

use rhai::{AST, EvalAltResult, Position};

use crate::error::{Error, Kind};
use crate::recipe::diagnose::calls::{Declared, unknown_function};
use crate::recipe::diagnose::kinds::signature;
use crate::recipe::diagnose::of_rhai;
use crate::recipe::diagnose::parsing::parse;
use crate::recipe::diagnose::values::{self, Spot};
use crate::recipe::dsl::functions;
use crate::recipe::failure::Failure;
use crate::recipe::later::{LATER, Later, too_early};
use crate::recipe::old_words;
use crate::recipe::position::place_of;
use crate::recipe::scripts::Scripts;
use crate::recipe::stdlib::is_stock;

/// An error that came out of a running script. `file` is where the script began.
#[must_use]
pub fn diagnose(error: EvalAltResult, scripts: &Scripts, file: Option<Arc<str>>) -> Error {
    let mut file = file;
    let mut steps = Vec::new();
    let mut error = error;
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(name, source, inner, position) => {
                let is_of_the_language = name.starts_with("anon$") || of_rhai::has(&name);
                if !is_of_the_language && functions().all(|function| function.name != name) {
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
    let spot_text = || file.and_then(|file| scripts.text(file)).unwrap_or_default();
    let position = error.position();
    match error {
        EvalAltResult::ErrorMismatchDataType(_, ref found, _)
            if found == LATER || found == std::any::type_name::<Later>() =>
        {
            too_early()
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) if takes_later(&signature) => too_early(),
        EvalAltResult::ErrorRuntime(value, _) => match value.clone().try_cast::<Failure>() {
            Some(failure) => failure.error().clone(),
            None => values::thrown_without_words(&value).unwrap_or_else(|| Error::new(Kind::Thrown, value.to_string())),
        },
        EvalAltResult::ErrorTerminated(value, _) => match value.try_cast::<Failure>() {
            Some(failure) => failure.error().clone(),
            None => Error::new(Kind::Cancelled, "cancelled"),
        },
        EvalAltResult::ErrorFunctionNotFound(signature, _) => unknown_function(&signature, &declared(scripts, file)),
        EvalAltResult::ErrorVariableNotFound(name, _) => unknown_variable(&name),
        EvalAltResult::ErrorModuleNotFound(name, _) => unknown_import(&name),
        EvalAltResult::ErrorParsing(kind, position) => parse(&kind, position, file, &spot_text()),
        EvalAltResult::ErrorDataRace(name, _) => in_use(&name),
        EvalAltResult::ErrorStackOverflow(_) => Error::recipe("the recipe calls itself too deeply")
            .help("a function that calls itself needs a case in which it does not"),
        EvalAltResult::ErrorDotExpr(words, _) if words.contains("ter is not registered") => values::property(&words),
        EvalAltResult::ErrorIndexingType(words, _) => values::no_elements(&words),
        EvalAltResult::ErrorArrayBounds(count, index, _) => values::beyond("list", "element", count, index),
        EvalAltResult::ErrorStringBounds(count, index, _) => values::beyond("string", "character", count, index),
        EvalAltResult::ErrorBitFieldBounds(count, index, _) => values::beyond_bits(count, index),
        EvalAltResult::ErrorMismatchDataType(expected, found, _) => {
            values::mismatch(&expected, &found, &Spot { text: &spot_text(), position })
        }
        EvalAltResult::ErrorFor(_) => values::not_iterable(&Spot { text: &spot_text(), position }),
        EvalAltResult::ErrorArithmetic(words, _) => values::arithmetic(&words),
        EvalAltResult::ErrorUnboundThis(_) => Error::recipe("`this` is nothing here")
            .note("it is what stands before the dot where a function is called as `value.name()`")
            .help("give the value as a parameter"),
        EvalAltResult::ErrorAssignmentToConstant(name, _) => constant(&name),
        EvalAltResult::ErrorNonPureMethodCallOnConstant(name, _) => changed_constant(&name),
        mut other => {
            other.set_position(Position::NONE);
            Error::recipe(fragment(&other.to_string()))
        }
    }
}

/// The functions the recipes declare, or the stock modules where the file is one of them.
fn declared(scripts: &Scripts, file: Option<&str>) -> Vec<Declared> {
    let of_stock = file.is_some_and(is_stock);
    let asts = scripts.asts();
    let files = asts.iter().filter(|(name, _)| is_stock(name) == of_stock);
    files.flat_map(|(_, ast)| declared_in(ast)).collect()
}

/// The functions and closures one file declares.
#[must_use]
pub fn declared_in(ast: &AST) -> Vec<Declared> {
    let functions = ast.iter_functions().map(|function| Declared {
        name: function.name.to_owned(),
        parameters: function.params.iter().map(ToString::to_string).collect(),
    });
    functions.collect()
}

/// Whether a signature of Rhai, for example `trim (later)`, has a value in it that is not known yet.
fn takes_later(called: &str) -> bool {
    signature(called).1.is_some_and(|kinds| kinds.contains(&LATER))
}

/// The error for what stands before `::` and was not imported.
pub(super) fn unknown_import(name: &str) -> Error {
    let error = Error::recipe(format!("nothing is imported as `{name}`")).width(name.chars().count());
    match old_words::variable(name) {
        Some(instead) => error.help(instead),
        None => error
            .note("functions of windlass and of files that are required have no `::` before them")
            .help(format!("`import \"./file\" as {name};` brings what a file exports")),
    }
}

/// The error for a constant that is assigned to.
pub(super) fn constant(name: &str) -> Error {
    Error::recipe(format!("the constant `{name}` cannot be changed"))
        .width(name.chars().count())
        .help("declare what changes with `let`")
}

/// The error for a constant that a method or an assignment behind its dot would change; `name` is Rhai's for either.
fn changed_constant(name: &str) -> Error {
    let what = match name.split_once('$') {
        Some((_, rest)) => format!("`.{}` of a constant is assigned to", rest.rsplit('$').next().unwrap_or(rest)),
        None => format!("`{name}` would change a constant"),
    };
    Error::recipe(what).help("declare what changes with `let`")
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
    fn ruby_values_are_answered_in_rhai() {
        let error = unknown_variable("nil");
        assert_eq!(
            (error.to_string(), error.parts().help.clone()),
            ("there is no variable `nil`".to_owned(), vec!["write `()`".to_owned()])
        );
    }
}
