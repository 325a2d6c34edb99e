//! Operators and names of other languages in a recipe that cannot be read: `++`, `x?`, `@x`, `5m`.

use rhai::ParseErrorType;

use crate::error::Error;
use crate::recipe::diagnose::around::{Around, first_word, last_word};
use crate::recipe::old_words;

/// What a sign at the place was meant for.
pub(super) fn meant(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    question(kind, around).or_else(|| operator(around)).or_else(|| sigil(around)).or_else(|| number(around))
}

/// Questions of Ruby and the `? :` of many languages.
fn question(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    let is_question =
        matches!(kind, ParseErrorType::UnknownOperator(sign) if sign == "?") || around.rest().starts_with('?');
    if !is_question {
        return None;
    }
    let name = last_word(around.before());
    if name.is_empty() || around.rest().contains(" : ") {
        return Some(
            Error::recipe("`?` decides nothing here").width(1).help("write `if condition { one } else { other }`"),
        );
    }
    let error = Error::recipe(format!("`{name}?` cannot be a name: names have no `?`"));
    let error = match old_words::method(name) {
        Some(instead) => error.help(instead),
        None => error.help(format!("write `{name}(…)`")),
    };
    Some(error)
}

/// Operators of other languages.
const OPERATORS: &[(&str, &str)] = &[
    ("===", "write `==`, which compares the kind as well"),
    ("!==", "write `!=`"),
    ("<=>", "numbers and strings are sorted with `list.sort()`"),
    ("<<~", "a text of several lines stands in back-ticks"),
    ("<<-", "a text of several lines stands in back-ticks"),
    ("<<", "add to a list with `list.push(value)`; a text of several lines stands in back-ticks"),
    ("<>", "write `!=`"),
    ("=~", "ask with `text.contains(\"…\")`, or on a host: `test(\"grep\", …)`"),
    ("->", "write a closure: `|| …`"),
    ("<-", "write `=`"),
    (":=", "write `=`"),
    ("++", "write `value += 1`"),
    ("--", "write `value -= 1`"),
    ("|>", "call one behind the other: `value.first().second()`"),
    ("&.", "write `?.`"),
    ("^^", "write `one != other`"),
    ("\\", "leave it out: a statement goes on until its `;`"),
];

fn operator(around: Around<'_>) -> Option<Error> {
    let before = around.before();
    let is_splat = around.rest().starts_with('*') && before.trim_end().ends_with(['(', ',']);
    if is_splat || around.rest().starts_with("(*") {
        return Some(
            Error::recipe("`*` spreads no list over arguments")
                .width(1)
                .help("give the list as it is: what takes many arguments takes lists among them"),
        );
    }
    // The place may be in the middle of what Rhai has read as two signs.
    (0..=2_usize).rev().find_map(|back| {
        let at = match back {
            0 => before.len(),
            _ => before.char_indices().rev().nth(back - 1)?.0,
        };
        spelled(&format!("{}{}", &before[at..], around.rest()), back)
    })
}

fn spelled(text: &str, back: usize) -> Option<Error> {
    let (sign, instead) = OPERATORS.iter().find(|(sign, _)| text.starts_with(sign) && sign.len() > back)?;
    Some(Error::recipe(format!("`{sign}` is no operator here")).width(sign.len() - back).help(*instead))
}

/// `@name` and `$name`.
fn sigil(around: Around<'_>) -> Option<Error> {
    let mut signs = around.rest().chars();
    let sign = signs.next().filter(|sign| ['@', '$'].contains(sign))?;
    let name = first_word(signs.as_str().trim_start_matches(sign));
    let error = Error::recipe(format!("`{sign}{name}` cannot be a name")).width(name.len() + 1);
    Some(if sign == '$' {
        error
            .help(format!("a variable of the recipe is `{name}`; one of the shell of the host `raw(\"${name}\")`"))
            .help(format!("one of this machine is `env(\"{name}\")`"))
    } else {
        error.help(format!("declare a variable: `let {name} = …;`, or keep a setting: `set(\"{name}\", …)`"))
    })
}

/// `5m`.
fn number(around: Around<'_>) -> Option<Error> {
    let digits = last_word(around.before());
    let unit = around.word();
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if !is_number || unit.is_empty() || around.before().len() != around.before().trim_end().len() {
        return None;
    }
    Some(
        Error::recipe(format!("`{digits}{unit}` is neither a number nor a name"))
            .help(format!("a time is written as a string, `\"{digits}{unit}\"`; names begin with a letter")),
    )
}
