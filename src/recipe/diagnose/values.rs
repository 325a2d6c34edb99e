//! Values that are not what the language needs at a place, as errors of ours: a property of a number, an element there is
//! not, `if` with a text, a division by zero.

use rhai::{INT, Position};

use crate::error::Error;
use crate::model::plural::plural;
use crate::model::suggest::did_you_mean;
use crate::recipe::diagnose::around::Around;
use crate::recipe::diagnose::calls::known_names;
use crate::recipe::diagnose::kinds::{OF_NOTHING, a_kind, subject};
use crate::recipe::diagnose::of_rhai;
use crate::recipe::dsl::METHODS;
use crate::recipe::failure;
use crate::recipe::old_words;

/// Whether the place of an error is that of an index or a condition, which the text tells.
pub(super) struct Spot<'a> {
    /// The text of the file it happened in.
    pub text: &'a str,
    /// Where in it.
    pub position: Position,
}

impl<'a> Spot<'a> {
    const fn around(&self) -> Around<'a> {
        Around::new(self.text, self.position)
    }
}

/// The error for a name behind a dot, from Rhai's words: the name and the types stand in quotes there.
pub(super) fn property(words: &str) -> Error {
    let quoted: Vec<&str> = words.split('\'').skip(1).step_by(2).collect();
    let [name, of, ..] = quoted[..] else {
        return Error::recipe("a name is expected behind the dot");
    };
    let owner = a_kind(of);
    let width = name.chars().count();
    if words.contains("setter") {
        let error = Error::recipe(format!("`{name}` of {owner} cannot be set")).width(width);
        return if of == "()" {
            error.help("begin with a map: `let settings = #{};`")
        } else {
            error.help(format!("names with values are what a map has: `#{{ {name}: … }}`"))
        };
    }
    let error = Error::recipe(format!("{} has no `{name}`", subject(&owner))).width(width);
    let of_a_host = ["name", "hostname", "user", "port", "roles", "properties", "primary"].contains(&name);
    match of {
        "()" => error.help(OF_NOTHING).help(format!("or go on with `()` where it is one: `value?.{name}`")),
        "array" if of_a_host => {
            error.help(format!("take one host after the other: `for host in hosts {{ host.{name} }}`"))
        }
        "unit" => {
            let of_a_unit = METHODS.iter().filter(|(of, _)| *of == "a unit").flat_map(|(_, methods)| *methods);
            let (near, all) = known_names(name, ["name", "mode", "user"].into_iter().chain(of_a_unit.map(|m| m.name)));
            error.maybe_help(near).note(format!("there are {all}"))
        }
        "error" => {
            let (near, all) = known_names(name, failure::PROPERTIES.iter().copied());
            error.maybe_help(near).note(format!("there are {all}"))
        }
        _ => {
            let behind = of_rhai::behind_the_dot(&owner);
            if of_rhai::behind_the_dot(&owner).any(|known| known == name) {
                return error.help(format!("it is a function: `.{name}(…)`"));
            }
            if let Some(instead) = old_words::method(name) {
                return error.help(instead);
            }
            if of_a_host {
                return error.help("a host is what `on(hosts, |host| …)` gives, and what is in the list of `roles(…)`");
            }
            error.maybe_help(did_you_mean(name, behind))
        }
    }
}

/// The error for an element that is asked for beyond the last one; `what` has them.
pub(super) fn beyond(what: &str, each: &str, count: usize, index: INT) -> Error {
    let has = if count == 0 { "is empty".to_owned() } else { format!("has {}", plural(count, each)) };
    let error = Error::recipe(format!("the {what} {has}, and `[{index}]` is asked for"));
    if count == 0 {
        return error.help(format!("look first whether there is one: `if !{what}.is_empty() {{ … }}`"));
    }
    if count == 1 {
        return error.note("the only one is `[0]`");
    }
    let last = count - 1;
    error.note(format!("the first one is `[0]`, the last one `[{last}]` or `[-1]`"))
}

/// The error for a bit of a number there is not.
pub(super) fn beyond_bits(count: usize, index: INT) -> Error {
    Error::recipe(format!("a number has {count} bits, and bit {index} is asked for"))
        .note("behind a number, `[…]` asks for one of its bits")
        .help("put a list or a string before it")
}

/// The error for `[…]` behind what has no elements; `words` are Rhai's, for example `() [i64]`.
pub(super) fn no_elements(words: &str) -> Error {
    let of = words.split(" [").next().unwrap_or(words);
    let error = Error::recipe(format!("{} has no elements, and `[…]` asks for one", subject(&a_kind(of))));
    if of == "()" { error.help(OF_NOTHING) } else { error }
}

/// The error for a value of another type than the language takes at a place.
pub(super) fn mismatch(expected: &str, found: &str, spot: &Spot<'_>) -> Error {
    let found_kind = a_kind(found);
    let around = spot.around();
    let of_nothing = |error: Error| if found == "()" { error.help(OF_NOTHING) } else { error };
    if expected == "bool" {
        return condition(&found_kind, found, around);
    }
    if expected == "Fn" {
        let error = Error::recipe(format!("`.call` expects a closure before it, and got {found_kind}"));
        return of_nothing(error.help("keep a closure in a variable: `let twice = |x| x * 2; twice.call(4)`"));
    }
    let is_index = around.before().trim_end().ends_with('[');
    match (is_index, a_kind(expected).as_str()) {
        (true, "a number") => of_nothing(
            Error::recipe(format!("elements of a list have numbers, and `[…]` got {found_kind}"))
                .note("the first one is `[0]`, the last one `[-1]`; names belong to maps"),
        ),
        (true, "a string") => of_nothing(
            Error::recipe(format!("values of a map have names, and `[…]` got {found_kind}"))
                .help("write the name as a string, `map[\"name\"]`, or behind a dot, `map.name`"),
        ),
        (_, kind) => of_nothing(Error::recipe(format!("expected {kind}, and got {found_kind}"))),
    }
}

fn condition(found_kind: &str, found: &str, around: Around<'_>) -> Error {
    let before = around.before().trim_end();
    let word = around.word_before();
    let what = if ["if", "while", "until"].contains(&word) {
        format!("`{word}`")
    } else if before.ends_with("&&") || around.rest().contains("&&") {
        "`&&`".to_owned()
    } else if before.ends_with("||") || around.rest().contains("||") {
        "`||`".to_owned()
    } else {
        "a condition".to_owned()
    };
    let error = Error::recipe(format!("{what} expects true or false, and got {found_kind}"));
    match found {
        "()" => error.help(
            "a setting that is not set is `()`: ask `any(\"name\")`, or give it a default, `fetch(\"name\", false)`",
        ),
        "string" => error.help("compare it: `text == \"yes\"`, `text != \"\"`"),
        "array" | "map" => error.help("ask whether there is something in it: `!list.is_empty()`"),
        "i64" | "f64" => error.help("compare it: `count > 0`"),
        _ => error.help("compare it with something, for example `value != ()`"),
    }
}

/// The error for `for` over what cannot be gone through.
pub(super) fn not_iterable(spot: &Spot<'_>) -> Error {
    let rest = spot.around().rest();
    let error = Error::recipe("`for` expects a list, a range such as `1..5` or a string, and got something else");
    let is_setting = rest.starts_with("fetch(");
    let error = if is_setting {
        error.help("a setting that is not set is `()`: give it a default, `fetch(\"name\", [])`")
    } else {
        error.help("put a single value into a list: `for item in [value] { … }`")
    };
    error.help("the names of a map are `map.keys()`, its values `map.values()`")
}

/// The error for numbers that do not work out, from Rhai's words.
pub(super) fn arithmetic(words: &str) -> Error {
    let (what, sum) = words.split_once(": ").unwrap_or((words, ""));
    let lower = what.to_lowercase();
    if let Some(text) = lower.starts_with("error parsing").then(|| what.split('\'').nth(1)).flatten() {
        let kind = if lower.contains("integer") { "whole number" } else { "number" };
        return Error::recipe(format!("`{text}` is no {kind}"))
            .help("look at the text first, or catch it: `try { parse_int(text) } catch { 0 }`");
    }
    if lower.contains("by zero") && sum.ends_with(" 0") {
        return Error::recipe(format!("`{sum}` divides by zero"))
            .help("look at the divisor first: `if count != 0 { … }`");
    }
    if lower.contains("overflow") {
        let sum = if sum.is_empty() { "a number".to_owned() } else { format!("`{sum}`") };
        return Error::recipe(format!("{sum} is beyond the largest number there is"))
            .note(format!("whole numbers go from {} to {}", INT::MIN, INT::MAX))
            .help("numbers with a point go further: `2.0`");
    }
    if lower.contains("negative power") {
        return Error::recipe(format!("`{sum}` raises a whole number to a negative power"))
            .help("write the number with a point: `2.0 ** -1.0`");
    }
    Error::recipe(super::running::fragment(words))
}

/// The error for a value thrown that says little.
pub(super) fn thrown_without_words(value: &rhai::Dynamic) -> Option<Error> {
    let is_blank = value.is_unit() || value.clone().into_string().is_ok_and(|text| text.trim().is_empty());
    is_blank.then(|| {
        Error::new(crate::error::Kind::Thrown, "the recipe throws an error without a word")
            .help("say what is wrong: `throw \"…\"`, or with advice, `fail(\"…\", #{ help: \"…\" })`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_do_not_work_out_are_told_with_their_numbers() {
        assert_eq!(arithmetic("Division by zero: 1 / 0").to_string(), "`1 / 0` divides by zero");
        assert_eq!(
            arithmetic("Exponential overflow: 2 ** 100").to_string(),
            "`2 ** 100` is beyond the largest number there is"
        );
        assert_eq!(
            arithmetic("Integer raised to a negative power: 2 ** -1").to_string(),
            "`2 ** -1` raises a whole number to a negative power"
        );
        let words = "Error parsing floating-point number 'x': invalid float literal";
        assert_eq!(arithmetic(words).to_string(), "`x` is no number");
    }

    #[test]
    fn elements_are_counted() {
        assert_eq!(beyond("list", "element", 0, 0).to_string(), "the list is empty, and `[0]` is asked for");
        let error = beyond("string", "character", 3, 5);
        assert_eq!(error.to_string(), "the string has 3 characters, and `[5]` is asked for");
        assert_eq!(error.parts().notes, ["the first one is `[0]`, the last one `[2]` or `[-1]`"]);
        assert_eq!(beyond_bits(64, 70).to_string(), "a number has 64 bits, and bit 70 is asked for");
    }
}
