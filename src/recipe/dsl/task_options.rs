//! The options of `task`.

use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::task_confirm::{Confirm, Message};
use crate::model::task_ending::{Ending, When};
use crate::place::Place;
use crate::recipe::callable::Callable;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{CLOSURE, Parameter, TEXTS, ValueKind, maybe};
use crate::recipe::values::text;

/// What they are called, and what they may be.
pub(super) const TASK_OPTIONS: &[Parameter] = &[
    maybe("args", TEXTS),
    maybe("needs", TEXTS),
    maybe("alias", TEXTS),
    maybe("confirm", &[ValueKind::Text, ValueKind::Closure]),
    maybe("on_failure", CLOSURE),
    maybe("always", CLOSURE),
];

/// What they say.
#[derive(Default)]
pub(super) struct TaskOptions {
    pub args: Vec<String>,
    pub needs: Vec<String>,
    /// In the namespace being declared.
    pub aliases: Vec<String>,
    pub confirm: Option<Confirm<Callable>>,
    pub endings: Vec<Ending<Callable>>,
}

impl TaskOptions {
    /// Reads them.
    ///
    /// # Errors
    /// An option there is none of, and a value that it cannot have.
    pub(super) fn read(call: &Call<'_>, options: &Map, place: &Place) -> Result<Self, Error> {
        call.check_options(options)?;
        let aliases = names(call, options, "alias")?.iter().map(|alias| call.frame().qualified(alias)).collect();
        let mut endings = Vec::new();
        for when in [When::Failure, When::Always] {
            if let Some(value) = options.get(when.option()) {
                let expected = "a closure such as `|error| { … }`";
                let body = closure(call, when.option(), expected, value)?;
                endings.push(Ending { when, body, place: place.clone() });
            }
        }
        Ok(Self {
            args: names(call, options, "args")?,
            needs: names(call, options, "needs")?,
            aliases,
            confirm: options.get("confirm").map(|value| confirm(call, value, place)).transpose()?,
            endings,
        })
    }
}

/// An option that is a name or a list of names; none where it is not given.
pub(super) fn names(call: &Call<'_>, options: &Map, option: &str) -> Result<Vec<String>, Error> {
    let Some(value) = options.get(option) else { return Ok(Vec::new()) };
    let list = value.clone().try_cast::<Array>().unwrap_or_else(|| vec![value.clone()]);
    list.iter()
        .map(|item| text(item).ok_or_else(|| call.wrong(&format!("`{option}`"), "a list of strings", item)))
        .collect()
}

fn confirm(call: &Call<'_>, value: &Dynamic, place: &Place) -> Result<Confirm<Callable>, Error> {
    let message = match text(value) {
        Some(text) if text.trim().is_empty() => {
            return Err(Error::recipe("the question of `confirm` is empty")
                .help("write what is asked: `confirm: \"Really drop the database?\"`"));
        }
        Some(text) => Message::Text(text),
        None => Message::Made(closure(call, "confirm", "the text of a question, or a closure that gives it", value)?),
    };
    Ok(Confirm { message, place: place.clone() })
}

fn closure(call: &Call<'_>, option: &str, expected: &str, value: &Dynamic) -> Result<Callable, Error> {
    let body = call.callable(value).ok_or_else(|| call.wrong(&format!("`{option}`"), expected, value))?;
    match body.arity() {
        Some(arity) if arity > 1 => {
            Err(Error::recipe(format!("the closure of `{option}` takes {arity} parameters, but gets one")))
        }
        _ => Ok(body),
    }
}
