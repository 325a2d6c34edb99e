//! How host functions are called: with how many arguments, and which options.

use crate::error::Error;
use crate::model::plural::plural;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::check::outline::{CallSite, Outline};
use crate::recipe::dsl::functions;
use crate::recipe::dsl::signature::ValueKind;
use crate::recipe::dsl::table::Function;

/// Functions that Rhai has as well, for other arguments.
const OF_RHAI_TOO: &[&str] = &["append", "remove", "debug", "sleep", "any"];

/// Calls that no function of that name takes.
#[must_use]
pub fn wrong(files: &Files) -> Vec<Error> {
    let own: Vec<&str> =
        files.all().flat_map(|file| &file.bodies).filter_map(|body| body.function.as_deref()).collect();
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls() {
        if call.is_method || call.is_operator || own.contains(&call.name.as_str()) {
            continue;
        }
        let Some(function) = functions().find(|function| function.name == call.name) else { continue };
        errors.extend(wrong_count(file, call, function));
        errors.extend(unknown_options(file, call, function));
    }
    errors
}

fn wrong_count(file: &Outline, call: &CallSite, function: &Function) -> Option<Error> {
    let name = function.name;
    if function.arity().contains(&call.args.len()) || OF_RHAI_TOO.contains(&name) {
        return None;
    }
    let error = Error::recipe(format!("`{name}` cannot be called with {}", plural(call.args.len(), "argument")))
        .rule("argument-count")
        .help(format!("call it as `{}`", function.usage));
    Some(error.at(file.place(call.position)).width(name.chars().count()))
}

fn unknown_options(file: &Outline, call: &CallSite, function: &Function) -> Vec<Error> {
    let given = match function.takes.iter().position(|parameter| parameter.kinds == [ValueKind::Options]) {
        None => return Vec::new(),
        Some(place) if place + 1 < function.takes.len() => call.args.get(place),
        Some(_) => call.args.last(),
    };
    let Some(Arg { value: Known::Map(options), position }) = given else { return Vec::new() };
    let unknown = options.iter().filter(|(name, _)| function.options().all(|option| option.name != name.as_str()));
    let error = |(name, _): &(String, Arg)| {
        function.no_option(name).rule("unknown-option").at(file.place(*position)).width("#{".len())
    };
    unknown.map(error).collect()
}
