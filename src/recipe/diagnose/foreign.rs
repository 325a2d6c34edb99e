//! Ruby, and a little JavaScript and shell, in a recipe that cannot be read: what was meant, and how it is written here.
//!
//! Looks at the line where reading failed. Words and calls stand here, signs in `foreign_signs`. What it does not know is
//! told by `parsing`.

use rhai::ParseErrorType;

use crate::error::Error;
use crate::recipe::diagnose::around::{Around, first_word, last_word};
use crate::recipe::diagnose::foreign_signs::{self, as_rhai};
use crate::recipe::dsl::functions;
use crate::recipe::old_words;

/// The error for what another language writes, where that is what stands there. Its place is the one of Rhai's error.
pub(super) fn meant(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    let is_syntax = matches!(
        kind,
        ParseErrorType::BadInput(_)
            | ParseErrorType::UnknownOperator(_)
            | ParseErrorType::MissingToken(..)
            | ParseErrorType::MissingSymbol(_)
            | ParseErrorType::PropertyExpected
            | ParseErrorType::VariableExpected
            | ParseErrorType::VariableUndefined(_)
            | ParseErrorType::Reserved(_)
            | ParseErrorType::ExprExpected(_)
            | ParseErrorType::UnexpectedEOF
    );
    if !is_syntax {
        return None;
    }
    foreign_signs::comment(around)
        .or_else(|| block(around.statement()))
        .or_else(|| foreign_signs::meant(kind, around))
        .or_else(|| bare_call(around))
        .or_else(|| word(kind, around))
}

/// `do … end` behind a call.
fn block(line: &str) -> Option<Error> {
    let line = line.trim();
    let (head, parameters) = match line.strip_suffix('|').and_then(|line| line.rsplit_once('|')) {
        Some((head, parameters)) => (head.trim_end(), parameters.trim()),
        None => (line, ""),
    };
    let head = head.strip_suffix("do").filter(|head| head.ends_with([' ', ')']))?.trim_end();
    let error = Error::recipe("a block of Ruby, `do … end`, stands where a closure belongs");
    let name = first_word(head);
    if let Some(list) = head.strip_suffix(".each") {
        let item = if parameters.is_empty() { "item" } else { parameters };
        return Some(error.help(format!("write `for {item} in {list} {{ … }}`")));
    }
    if let Some(count) = head.strip_suffix(".times") {
        return Some(error.help(format!("write `for i in 0..{count} {{ … }}`")));
    }
    Some(match name {
        "while" | "until" | "loop" => error.help(format!("write `{name} … {{ … }}`").replace("loop … ", "loop ")),
        _ => {
            let args = head[name.len()..].trim().trim_start_matches('(');
            let args = as_rhai(args.strip_suffix(')').filter(|args| opens_all(args)).unwrap_or(args));
            let args = args.unwrap_or_else(|| "…".to_owned());
            let comma = if args.is_empty() { "" } else { ", " };
            error.help(format!("write `{name}({args}{comma}|{parameters}| {{ … }});`"))
        }
    })
}

/// Whether every bracket that is closed in a text is opened there.
fn opens_all(text: &str) -> bool {
    text.chars()
        .try_fold(0_usize, |open, c| match c {
            '(' => Some(open + 1),
            ')' => open.checked_sub(1),
            _ => Some(open),
        })
        .is_some_and(|open| open == 0)
}

/// A function called without parentheses.
fn bare_call(around: Around<'_>) -> Option<Error> {
    let line = around.statement().trim().trim_end_matches(';');
    let name = first_word(line);
    let rest = line[name.len()..].trim_start();
    let is_ours = functions().any(|function| function.name == name);
    let old = old_words::function(name);
    let begins_an_argument = rest.starts_with(|c: char| c.is_alphanumeric() || "\"'`:%[#|_".contains(c));
    let is_apart = line[name.len()..].starts_with(' ');
    if !(is_ours || old.is_some()) || !begins_an_argument || !is_apart || rest.starts_with("in ") {
        return None;
    }
    let error = Error::recipe(format!("`{name}` is called without parentheses")).width(name.chars().count());
    let ours = functions().find(|function| function.name == name);
    Some(match (ours, as_rhai(rest)) {
        (Some(_), Some(args)) => error.help(format!("write `{name}({args});`")),
        (Some(function), None) => error.help(format!("call it as `{}`", function.usage)),
        (None, _) => old.map_or(error.clone(), |instead| error.clone().help(instead)),
    })
}

/// Words of other languages, and what is written here.
const WORDS: &[(&str, &str)] = &[
    ("def", "a function is declared with `fn`: `fn name(one, two) { … }`"),
    ("function", "a function is declared with `fn`: `fn name(one, two) { … }`"),
    ("func", "a function is declared with `fn`: `fn name(one, two) { … }`"),
    ("class", "there are no classes: write functions, `fn name() { … }`, and keep values in a map, `#{ name: value }`"),
    ("module", "there are no modules to declare: each file is one, brought in with `require(\"./file\")`"),
    ("new", "there are no classes: values are kept in a map, `#{ name: value }`"),
    ("static", "a variable is declared with `let`: `let name = value;`"),
    ("var", "a variable is declared with `let`: `let name = value;`"),
    ("local", "a variable is declared with `let`: `let name = value;`"),
    ("elif", "write `else if`"),
    ("elseif", "write `else if`"),
    ("ensure", "what has to be done in any case is said with the task: `task(\"name\", #{ always: || … }, || …)`"),
    ("finally", "what has to be done in any case is said with the task: `task(\"name\", #{ always: || … }, || …)`"),
    ("except", "write `try { … } catch (error) { … }`"),
    ("case", "write `switch value { 1 => …, _ => … }`"),
    ("when", "write `switch value { 1 => …, _ => … }`"),
    ("until", "write `while !(…) { … }`, or `do { … } until …`"),
    ("do", "blocks stand in braces: `{ … }`"),
    ("of", "write `for item in list { … }`"),
    ("is", "ask for the kind of a value with `type_of(value) == \"string\"`"),
    ("return", "a value is given back with `return value;`"),
    ("yield", "take a closure as a parameter, and call it: `block.call(value)`"),
    ("await", "leave it out: what is called is waited for"),
];

fn word(kind: &ParseErrorType, around: Around<'_>) -> Option<Error> {
    let here = around.word();
    let before = around.before().trim_end();
    let ahead = if before.is_empty() { last_word(around.statement().trim_end()) } else { last_word(before) };
    let is_missing = matches!(kind, ParseErrorType::MissingToken(..));
    if is_missing && ["if", "unless"].contains(&here) && !before.is_empty() {
        let not = if here == "unless" { "!(…)" } else { "…" };
        return Some(
            Error::recipe(format!("`{here}` stands behind what it decides about"))
                .width(here.len())
                .help(format!("write `if {not} {{ … }}` around it")),
        );
    }
    if is_missing && here == "as" {
        return Some(
            Error::recipe("`as` does not make another kind of value")
                .width(2)
                .help("write `value.to_string()`, `parse_int(text)` or `parse_float(text)`")
                .help("to run commands as another user write `as_user(\"name\", || { … })`"),
        );
    }
    if ["lambda", "proc"].contains(&ahead) && around.rest().starts_with('{') {
        return Some(Error::recipe(format!("`{ahead}` is no word of the language")).help("write a closure: `|| …`"));
    }
    // What Rhai takes for a variable there is not begins a statement in vain.
    let candidates: &[&str] = match kind {
        ParseErrorType::MissingToken(..) => &[here, ahead],
        ParseErrorType::VariableUndefined(_) | ParseErrorType::Reserved(_) | ParseErrorType::VariableExpected => {
            &[here]
        }
        _ => return None,
    };
    candidates.iter().find_map(|word| {
        let instead = WORDS.iter().find(|(known, _)| known == word).map(|(_, instead)| *instead);
        let instead = instead.or_else(|| is_missing.then(|| old_words::variable(word)).flatten())?;
        let width = if *word == here { word.len() } else { 0 };
        Some(Error::recipe(format!("`{word}` is no word of the language")).width(width).help(instead))
    })
}
