//! `info`, `warn`, `error`: what a recipe says; `fail`, `exit`: how it stops.

use rhai::{Array, Dynamic, Map};

use crate::error::{Error, Kind};
use crate::model::event::Level;
use crate::model::suggest::did_you_mean;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{ANY, NEVER, NOTHING, OPTIONS, Parameter, TEXTS, WHOLE, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "info",
        usage: "info(text)",
        about: "Say something.",
        takes: &[one("text", ANY)],
        options: &[],
        gives: NOTHING,
        run: |call| say(call, Level::Info),
    },
    Function {
        name: "warn",
        usage: "warn(text)",
        about: "Say something that should be looked at.",
        takes: &[one("text", ANY)],
        options: &[],
        gives: NOTHING,
        run: |call| say(call, Level::Warn),
    },
    Function {
        name: "error",
        usage: "error(text)",
        about: "Say that something failed. To stop, use `throw`.",
        takes: &[one("text", ANY)],
        options: &[],
        gives: NOTHING,
        run: |call| say(call, Level::Error),
    },
    Function {
        name: "debug",
        usage: "debug(text)",
        about: "Say something that only the log and `-v` show.",
        takes: &[one("text", ANY)],
        options: &[],
        gives: NOTHING,
        run: |call| say(call, Level::Debug),
    },
    Function {
        name: "fail",
        usage: "fail(text, #{ help: \"…\", notes: [\"…\"], typed: word, known: [\"…\"] })",
        about: "Stop with an error that says what to do: `help` and `notes` are a text or a list of texts. With `typed` and \
                `known` it asks whether one of these words was meant, or names them.",
        takes: &[one("text", ANY), OPTIONS],
        options: &[EXPLANATIONS],
        gives: NEVER,
        run: fail,
    },
    Function {
        name: "exit",
        usage: "exit() or exit(code)",
        about: "End the run here with this exit code, 0 without one. No `try` catches it.",
        takes: &[maybe("code", WHOLE)],
        options: &[],
        gives: NEVER,
        run: exit,
    },
];

/// Takes the place of Rhai's own, which at the top of a recipe would only end that one file.
fn exit(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let value = call.any();
    let code = if value.is_unit() {
        Ok(0)
    } else {
        value.as_int().map_err(|_| ()).and_then(|n| u8::try_from(n).map_err(|_| ()))
    };
    let code = code.map_err(|()| call.wrong("the exit code", "a whole number from 0 to 255", &value))?;
    Err(Error::new(Kind::Exit(code), format!("the recipe called `exit({code})`")))
}

fn fail(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let text = call.any();
    let error = Error::new(Kind::Thrown, call.shown(&text));
    Err(explained(call, error, &options))
}

/// The options of an error a recipe raises.
pub const EXPLANATIONS: &[Parameter] =
    &[maybe("help", TEXTS), maybe("notes", TEXTS), maybe("typed", ANY), maybe("known", TEXTS)];

/// An error with what these options say.
pub fn explained(call: &Call<'_>, error: Error, options: &Map) -> Error {
    let known = texts(call, options.get("known"));
    let all = (!known.is_empty()).then(|| format!("there are {}", known.join(", ")));
    let meant =
        options.get("typed").and_then(text).and_then(|typed| did_you_mean(&typed, known.iter().map(String::as_str)));
    let error = texts(call, options.get("notes")).into_iter().fold(error.maybe_help(meant.or(all)), Error::note);
    texts(call, options.get("help")).into_iter().fold(error, Error::help)
}

fn texts(call: &Call<'_>, value: Option<&Dynamic>) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    match value.read_lock::<Array>() {
        Some(list) => list.iter().map(|item| call.shown(item)).collect(),
        None => vec![call.shown(value)],
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the table wants every function to be able to fail")]
fn say(call: &mut Call<'_>, level: Level) -> Result<Dynamic, Error> {
    let text = call.any();
    let text = call.shown(&text);
    call.world().say(level, &text, call.frame(), call.place());
    Ok(Dynamic::UNIT)
}
