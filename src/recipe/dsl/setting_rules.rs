//! `fetch_one_of`, `fetch_number`, `fail_setting`: a value that a setting cannot have is told where it was set.

use rhai::{Array, Dynamic, Map};

use crate::error::{Error, Kind};
use crate::model::suggest::did_you_mean;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::log::{EXPLANATIONS, explained};
use crate::recipe::dsl::setting_values::value_of;
use crate::recipe::dsl::signature::{ANY, LIST, NEVER, OPTIONS, TEXT, TEXTS, WHOLE, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::origin::{Origin, origin};
use crate::recipe::values::text;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "fetch_one_of",
        usage: "fetch_one_of(name, [\"a\", \"b\"], #{ help: \"…\", notes: [\"…\"] })",
        about: "Read a setting that has to be one of these. Where it is not, the error stands where it was set, by whatever \
                name: a stock default that only hands on another setting is followed to that one.",
        takes: &[one("name", TEXT), one("words", LIST), OPTIONS],
        options: &[&[maybe("help", TEXTS), maybe("notes", TEXTS)]],
        gives: ANY,
        run: fetch_one_of,
    },
    Function {
        name: "fetch_number",
        usage: "fetch_number(name, #{ min: 1, max: 100, default: 1 })",
        about: "Read a setting that has to be a whole number, or the text of one; `min` is 0 unless it is given. Where it is \
                not, the error stands where it was set.",
        takes: &[one("name", TEXT), OPTIONS],
        options: &[&[maybe("min", WHOLE), maybe("max", WHOLE), maybe("default", ANY)]],
        gives: WHOLE,
        run: fetch_number,
    },
    Function {
        name: "fail_setting",
        usage: "fail_setting(name, text, #{ help: \"…\", notes: [\"…\"], typed: word, known: [\"…\"] })",
        about: "As `fail`, for what a setting is to blame for: the error stands where that was set.",
        takes: &[one("name", TEXT), one("text", ANY), OPTIONS],
        options: &[EXPLANATIONS],
        gives: NEVER,
        run: fail_setting,
    },
];

const NAME: &str = "the name of a setting";

fn fetch_one_of(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let name = call.text(NAME)?;
    let list = call.any();
    let words = list.read_lock::<Array>().and_then(|list| list.iter().map(text).collect::<Option<Vec<String>>>());
    let Some(words) = words else { return Err(call.wrong("what it may be", "a list of strings", &list)) };
    let value = value_of(call, &name)?.unwrap_or(Dynamic::UNIT);
    let found = text(&value);
    if found.as_ref().is_some_and(|found| words.contains(found)) {
        return Ok(value);
    }
    let error = has_to_be(call, &name, &value, &one_of(&words))
        .maybe_help(found.and_then(|found| did_you_mean(&found, words.iter().map(String::as_str))));
    Err(explained(call, error, &options))
}

fn fetch_number(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let name = call.text(NAME)?;
    let (min, max) = (bound(call, &options, "min")?.unwrap_or(0), bound(call, &options, "max")?);
    let value = match value_of(call, &name)? {
        Some(value) if !value.is_unit() => value,
        _ => options.get("default").cloned().unwrap_or(Dynamic::UNIT),
    };
    // As ENV and YAML give it.
    let number = value.as_int().ok().or_else(|| text(&value)?.trim().parse().ok());
    match number.filter(|number| *number >= min && max.is_none_or(|max| *number <= max)) {
        Some(number) => Ok(number.into()),
        None => Err(has_to_be(call, &name, &value, &between(min, max))),
    }
}

fn bound(call: &Call<'_>, options: &Map, name: &str) -> Result<Option<i64>, Error> {
    let Some(value) = options.get(name).filter(|value| !value.is_unit()) else { return Ok(None) };
    value.as_int().map(Some).map_err(|_| call.wrong(&format!("`{name}`"), "a whole number", value))
}

fn fail_setting(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let name = call.text(NAME)?;
    let text = call.any();
    let error = told(Error::new(Kind::Thrown, call.shown(&text)), &name, &origin(call.frame(), &name));
    Err(explained(call, error, &options))
}

/// The error for a setting that is something else than it may be.
fn has_to_be(call: &Call<'_>, name: &str, value: &Dynamic, expected: &str) -> Error {
    let origin = origin(call.frame(), name);
    let said = if value.is_unit() { "not set".to_owned() } else { format!("`{}`", call.shown(value)) };
    told(Error::recipe(format!("{} is {said}, but has to be {expected}", subject(&origin))), name, &origin)
}

/// What was set, in the words of who set it.
fn subject(origin: &Origin) -> String {
    match &origin.server {
        Some(server) => format!("the property `{}` of the server `{server}`", origin.name),
        None => format!("the setting `{}`", origin.name),
    }
}

/// The error where a setting comes from. Who asked for another setting is told how the two belong together.
fn told(error: Error, name: &str, origin: &Origin) -> Error {
    let error = error.at(origin.place.clone());
    match &origin.made_from {
        Some(source) => error.note(format!("`{}` is made from the setting `{source}`", origin.name)),
        None if origin.name != name => error.note(format!("`{name}` has its value from there")),
        None => error,
    }
}

fn one_of(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    match &quoted[..] {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn between(min: i64, max: Option<i64>) -> String {
    match max {
        Some(max) => format!("a whole number from {min} to {max}"),
        None => format!("a whole number of at least {min}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn from(name: &str) -> Origin {
        let place = Some(Place::new("config/deploy.rhai", 3, 1));
        Origin { name: name.to_owned(), value: Dynamic::UNIT, place, server: None, made_from: None }
    }

    #[test]
    fn what_is_allowed_is_listed() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(one_of(&words("user system")), "\"user\" or \"system\"");
        assert_eq!(one_of(&words("a b c")), "\"a\", \"b\" or \"c\"");
        assert_eq!(one_of(&words("a")), "\"a\"");
        assert_eq!(between(1, None), "a whole number of at least 1");
        assert_eq!(between(5, Some(60)), "a whole number from 5 to 60");
    }

    #[test]
    fn it_is_called_as_it_was_set() {
        assert_eq!(subject(&from("x")), "the setting `x`");
        let of_server = Origin { server: Some("web1".to_owned()), ..from("x") };
        assert_eq!(subject(&of_server), "the property `x` of the server `web1`");
    }

    #[test]
    fn how_two_names_belong_together_is_told_once() {
        let notes = |name: &str, origin: &Origin| told(Error::recipe("x"), name, origin).parts().notes.clone();
        assert!(notes("x", &from("x")).is_empty());
        assert_eq!(notes("y", &from("x")), ["`y` has its value from there"]);
        let made = Origin { made_from: Some("z".to_owned()), ..from("x") };
        assert_eq!(notes("x", &made), ["`x` is made from the setting `z`"]);
    }

    #[test]
    fn it_stands_where_it_was_set() {
        assert_eq!(told(Error::recipe("x"), "y", &from("x")).parts().place, from("x").place);
    }
}
