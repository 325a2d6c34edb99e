//! Values taken of functions that give none: `set("region", ask("region"))` sets `()`.

use crate::error::Error;
use crate::recipe::check::files::Files;
use crate::recipe::check::known::Known;
use crate::recipe::check::outline::CallSite;
use crate::recipe::dsl::functions;
use crate::recipe::dsl::signature::{NOTHING, ValueKind};
use crate::recipe::dsl::table::Function;

/// Every call whose value goes somewhere, of a function that gives nothing.
#[must_use]
pub fn taken(files: &Files) -> Vec<Error> {
    let own: Vec<&str> =
        files.all().flat_map(|file| &file.bodies).filter_map(|body| body.function.as_deref()).collect();
    let mut errors = Vec::new();
    for (file, _, call) in files.own_calls() {
        if call.is_method || !call.is_taken || own.contains(&call.name.as_str()) {
            continue;
        }
        let Some(function) = functions().find(|function| function.name == call.name) else { continue };
        if gives_nothing(function, call) {
            let error = Error::recipe(format!("`{}` gives nothing", call.name)).rule("gives-nothing");
            errors.push(error.help(remedy(call)).at(file.place(call.position)).width(call.name.chars().count()));
        }
    }
    errors
}

/// Whether a call gives nothing. What may give something says so by its option `raise`, which may also stand in what is
/// only known when the recipe runs.
fn gives_nothing(function: &Function, call: &CallSite) -> bool {
    if function.gives == NOTHING {
        return true;
    }
    function.gives.contains(&ValueKind::Nothing)
        && function.options().any(|option| option.name == "raise")
        && call.args.last().is_some_and(|last| match &last.value {
            Known::Map(options) => options.iter().all(|(name, _)| name != "raise"),
            Known::Variable(_) | Known::Call(..) | Known::Made(_) | Known::Unknown => false,
            _ => true,
        })
}

/// What was meant, probably.
fn remedy(call: &CallSite) -> String {
    match call.name.as_str() {
        "ask" => {
            let name = call.first_text().unwrap_or("name");
            format!(
                "it makes the setting itself: `ask({name:?}, …);`, and `fetch({name:?})` where the answer is needed"
            )
        }
        "execute" => "`capture` gives what a command prints, `test` whether it succeeds, `run` its status and all else"
            .to_owned(),
        "set" | "set_if_empty" | "append" | "remove" => "`fetch` gives the value of a setting".to_owned(),
        name => format!("call `{name}` on a line of its own"),
    }
}
