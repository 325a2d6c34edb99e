//! What a setting is worth at a place of a recipe: what the server says, what is stored, what a closure gives, what is answered.
//!
//! Owns the order of these, and keeps what a lazy setting was worked out from. What is stored is the business of
//! [`crate::recipe::settings`].

use rhai::Dynamic;

use crate::error::Error;
use crate::model::server::Server;
use crate::recipe::callable::isolate;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::validate::{judge_new, judge_worked_out};
use crate::recipe::fetching::Fetching;
use crate::recipe::frame::Frame;
use crate::recipe::known_settings::check;
use crate::recipe::origin::origin;
use crate::recipe::settings::Stored;
use crate::recipe::validators::Candidate;
use crate::recipe::values::from_value;

/// The value of a setting, worked out if need be; none when it is not set. On a host a property of its server that is called
/// like the setting takes its place.
///
/// # Errors
/// A setting that refers to itself, and whatever a lazy value raises.
pub fn value_of(call: &Call<'_>, name: &str) -> Result<Option<Dynamic>, Error> {
    let value = match of_server(call, name)? {
        Some(value) => Some(value),
        None => stored_value_of(call, name)?,
    };
    if let (Some(outer), Some(value)) = (call.frame().fetching.last(), &value) {
        outer.reads(name, value);
    }
    Ok(value)
}

/// What the server of the call says in place of a setting.
fn of_server(call: &Call<'_>, name: &str) -> Result<Option<Dynamic>, Error> {
    let server = call.frame().server();
    let Some(value) = server.and_then(|server| server.properties.get(name)).map(from_value) else { return Ok(None) };
    check(name, &value)?;
    let place = server.and_then(|server| server.places.get(name)).cloned();
    judge_new(call, &Candidate { name, value: &value, place, server: server.map(Server::address) })?;
    Ok(Some(value))
}

/// As [`value_of`], of the setting itself.
///
/// # Errors
/// As [`value_of`].
pub fn stored_value_of(call: &Call<'_>, name: &str) -> Result<Option<Dynamic>, Error> {
    let Some(setting) = call.world().settings.get(name) else { return Ok(None) };
    let callable = match setting.stored {
        Stored::Value(value) => return Ok(Some(isolate(&value))),
        Stored::Lazy(callable) => callable,
        Stored::Question(question) => return super::prompts::answer(call, name, &question, setting.place).map(Some),
    };
    let owner = call.frame().owner();
    if let Some(memo) = call.world().settings.memo(&owner, name) {
        return Ok(Some(isolate(&memo.value)));
    }
    let chain = &call.frame().fetching;
    if let Some(from) = chain.iter().position(|outer| outer.name == name) {
        let loop_: Vec<&str> = chain[from..].iter().map(|outer| outer.name.as_str()).chain([name]).collect();
        return Err(Error::recipe(format!("the setting `{name}` refers to itself: {}", loop_.join(" → ")))
            .at(setting.place)
            .help("give one of them a value that does not need the others"));
    }
    let label = format!("setting `{name}`");
    // A setting has to be known now, so what it runs waits in no `batch` of its host.
    let file = callable.place().map(|place| place.file);
    let mut frame = call.frame().clone().for_code_of(file.as_deref())?;
    frame.batch = None;
    let fetching = Fetching::of(name);
    frame.fetching.push(fetching.clone());
    let value = call
        .call_in(&callable.isolated(), Vec::new(), frame.clone())
        .and_then(|value| unwrapped(call, value, &frame))
        .map_err(|error| error.through(label, setting.place.clone()))?;
    check(name, &value).map_err(|error| error.at(setting.place))?;
    call.world().settings.remember(owner, name, isolate(&value), fetching.read());
    judge_worked_out(call, name, &value)?;
    Ok(Some(value))
}

/// What a closure without parameters gives that is itself what a closure gave, and so on down to a value.
///
/// # Errors
/// What these closures raise.
pub fn unwrapped(call: &Call<'_>, mut value: Dynamic, frame: &Frame) -> Result<Dynamic, Error> {
    while let Some(inner) = call.callable(&value).filter(|inner| inner.arity() == Some(0)) {
        value = call.call_in(&inner.isolated(), Vec::new(), frame.clone())?;
    }
    Ok(value)
}

/// The value of a setting as text.
///
/// # Errors
/// As [`value_of`], and when it is no text.
pub fn text_of(call: &Call<'_>, name: &str) -> Result<Option<String>, Error> {
    match value_of(call, name)? {
        None => Ok(None),
        Some(value) if value.is_unit() => Ok(None),
        Some(value) => crate::recipe::values::text(&value).map(Some).ok_or_else(|| {
            Error::recipe(format!(
                "the setting `{name}` is a {}, but has to be a string",
                crate::recipe::values::kind(&value)
            ))
            .at(origin(call.frame(), name).place)
        }),
    }
}
