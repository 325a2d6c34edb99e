//! The command of a call: its words, and what surrounds it.

use rhai::{Array, Dynamic, Engine, Map};

use crate::error::Error;
use crate::model::command::{Body, Command, Word};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::command_map::translated;
use crate::recipe::dsl::setting_values::{text_of, value_of};
use crate::recipe::dsl::surroundings::environment;
use crate::recipe::values::{kind, text};

/// A text that is not quoted.
#[derive(Clone, Debug)]
pub struct Raw(pub(super) String);

/// Registers the type of unquoted text.
pub fn register_types(engine: &mut Engine) {
    engine.register_type_with_name::<Raw>("raw").register_fn("to_string", |raw: &mut Raw| raw.0.clone());
}

/// The command of a call, from what is left of its arguments.
///
/// # Errors
/// Outside `on`, and arguments that are no words.
pub fn command(call: &mut Call<'_>) -> Result<Command, Error> {
    call.here()?;
    let words = call.rest();
    let body = translated(call, body(call, words)?)?;
    surrounded(call, body)
}

/// A command body with the surroundings of the call.
///
/// # Errors
/// A `default_env` that is no map.
pub fn surrounded(call: &Call<'_>, body: Body) -> Result<Command, Error> {
    let frame = call.frame();
    let mut env = Vec::new();
    if let Some(default) = value_of(call, "default_env")?.filter(|value| !value.is_unit()) {
        let map = default.clone().try_cast::<Map>().ok_or_else(|| {
            Error::recipe(format!("the setting `default_env` is a {}, but has to be a map", kind(&default)))
                .help("for example `set(\"default_env\", #{ rails_env: \"production\" })`")
        })?;
        env = environment(call, &map)?;
    }
    env.extend(frame.env.iter().cloned());
    let mut umask = frame.umask.clone();
    if umask.is_none() {
        umask = text_of(call, "umask")?;
    }
    Ok(Command {
        dir: frame.dir.clone(),
        env,
        umask,
        user: frame.user.clone(),
        group: frame.group.clone(),
        ..Command::new(body)
    })
}

/// The body of a command from the arguments of a call: one string alone is a shell line, anything else a program.
fn body(call: &Call<'_>, args: Vec<Dynamic>) -> Result<Body, Error> {
    if let [only] = args.as_slice()
        && let Some(line) = text(only)
    {
        return Ok(Body::Line(line));
    }
    let mut words = Vec::new();
    for (i, arg) in args.into_iter().enumerate() {
        flatten(call, arg, i + 1, &mut words)?;
    }
    Ok(Body::Program(words))
}

fn flatten(call: &Call<'_>, value: Dynamic, number: usize, words: &mut Vec<Word>) -> Result<(), Error> {
    match value.try_cast_result::<Array>() {
        Ok(list) => list.into_iter().try_for_each(|item| flatten(call, item, number, words)),
        Err(single) => {
            words.push(word(call, &single, &format!("argument {number}"))?);
            Ok(())
        }
    }
}

/// A value as a word of a command.
///
/// # Errors
/// For `()`, which would silently become an empty argument in other tools, and for anything that is no text.
pub fn word(call: &Call<'_>, value: &Dynamic, what: &str) -> Result<Word, Error> {
    if let Some(text) = text(value) {
        return Ok(Word::Text(text));
    }
    if let Some(raw) = value.clone().try_cast::<Raw>() {
        return Ok(Word::Raw(raw.0));
    }
    if value.is_int() || value.is_bool() || value.is_float() {
        return Ok(Word::Text(value.to_string()));
    }
    if value.is_unit() {
        return Err(Error::recipe(format!("{what} of `{}` is ()", call.name()))
            .help("a setting that is not set gives (): give it a default, `fetch(\"name\", \"default\")`")
            .help("an argument that is meant to be empty is \"\""));
    }
    Err(call.wrong(what, "text or a number", value))
}
