//! `command_map`, `command_prefix`: what really runs where a recipe says `rake`.

use rhai::{Array, Dynamic};

use crate::error::Error;
use crate::model::command::{Body, Word};
use crate::model::command_map::{program, replaced, words};
use crate::recipe::command_map::{Entry, Mapped};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::word;
use crate::recipe::dsl::setting_values::unwrapped;
use crate::recipe::dsl::signature::{NOTHING, OPTIONS, TEXT, TRUTH, ValueKind, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::fetching::Fetching;
use crate::recipe::values::text;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "command_map",
        usage: "command_map(program, command)",
        about: "Run something else where this program is called, by name and as the first word of a shell line: a text, whose \
                words are arguments of their own, a list of words, `raw(…)`, or a closure that is asked each time. `()` takes \
                it back. Stock recipes obey it as well.",
        takes: &[
            one("program", TEXT),
            one("command", &[ValueKind::Text, ValueKind::List, ValueKind::Raw, ValueKind::Closure, ValueKind::Nothing]),
        ],
        options: &[],
        gives: NOTHING,
        run: map,
    },
    Function {
        name: "command_prefix",
        usage: "command_prefix(program, words, #{ first: true })",
        about: "Put words in front of a program: `command_prefix(\"rake\", \"bundle exec\")`. Given again, more of them, behind \
                those that are there unless `first` is true. What `command_map` says of the program counts as well.",
        takes: &[
            one("program", TEXT),
            one("words", &[ValueKind::Text, ValueKind::List, ValueKind::Raw, ValueKind::Closure]),
            OPTIONS,
        ],
        options: &[&[maybe("first", TRUTH)]],
        gives: NOTHING,
        run: prefix,
    },
];

/// What a circle is called in messages.
fn label(program: &str) -> String {
    format!("the command map of {program}")
}

fn map(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let program = name(call)?;
    let value = call.any();
    let command = if value.is_unit() { None } else { Some(mapped(call, &value)?) };
    call.world().command_map.map(&program, command);
    Ok(Dynamic::UNIT)
}

fn prefix(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let program = name(call)?;
    let value = call.any();
    let words = mapped(call, &value)?;
    let first = options.get("first").is_some_and(|first| first.as_bool() == Ok(true));
    call.world().command_map.prefix(&program, words, first);
    Ok(Dynamic::UNIT)
}

/// A program, as it is the first word of a command.
fn name(call: &mut Call<'_>) -> Result<String, Error> {
    let name = call.text("the name of a program")?;
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(Error::recipe(format!("{name:?} is not the name of a program")).help(
            "it is the first word of commands alone, for example `command_map(\"rake\", \"bundle exec rake\")`",
        ));
    }
    Ok(name)
}

fn mapped(call: &Call<'_>, value: &Dynamic) -> Result<Mapped, Error> {
    match call.callable(value) {
        Some(closure) if closure.arity() == Some(0) => Ok(Mapped::Closure(closure)),
        Some(_) => Err(Error::recipe(format!("the closure of `{}` takes arguments, and there are none", call.name()))),
        None => Ok(Mapped::Words(words_of(call, value)?)),
    }
}

/// A text is taken apart at white space; a list is words as they are.
fn words_of(call: &Call<'_>, value: &Dynamic) -> Result<Vec<Word>, Error> {
    let found = match value.read_lock::<Array>() {
        Some(list) => list.iter().map(|item| word(call, item, "a word of the command")).collect::<Result<_, _>>()?,
        None => match text(value) {
            Some(text) => words(&text),
            None => vec![word(call, value, "the command")?],
        },
    };
    if found.is_empty() {
        return Err(Error::recipe("the command is empty"));
    }
    Ok(found)
}

/// A command with what the recipe puts in place of its program.
///
/// # Errors
/// What a closure raises, or gives that is no command.
pub fn translated(call: &Call<'_>, body: Body) -> Result<Body, Error> {
    let Some(name) = program(&body) else { return Ok(body) };
    let Some(Entry { command, prefixes }) = call.world().command_map.entry(name) else { return Ok(body) };
    let name = name.to_owned();
    let mut words = Vec::new();
    for prefix in prefixes {
        words.extend(worked_out(call, &name, prefix)?);
    }
    match command {
        Some(command) => words.extend(worked_out(call, &name, command)?),
        None => words.push(Word::Text(name)),
    }
    Ok(replaced(body, words))
}

fn worked_out(call: &Call<'_>, program: &str, mapped: Mapped) -> Result<Vec<Word>, Error> {
    let closure = match mapped {
        Mapped::Words(words) => return Ok(words),
        Mapped::Closure(closure) => closure,
    };
    let label = label(program);
    if call.frame().fetching.iter().any(|outer| outer.name == label) {
        return Err(Error::recipe(format!("{label} calls `{program}` itself"))
            .at(closure.place())
            .help("call it by its path there, for example `/usr/bin/…`"));
    }
    let place = closure.place();
    let mut frame = call.frame().clone().for_code_of(place.as_ref().map(|place| &*place.file))?;
    // The command has to be known now, so what the closure runs waits in no `batch`.
    frame.batch = None;
    frame.fetching.push(Fetching::of(&label));
    let value = call
        .call_in(&closure.isolated(), Vec::new(), frame.clone())
        .and_then(|value| unwrapped(call, value, &frame))
        .and_then(|value| words_of(call, &value));
    value.map_err(|error| error.through(label, place))
}
