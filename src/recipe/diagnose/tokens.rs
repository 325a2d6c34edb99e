//! What is no word or sign of the language, or none that can stand where it does.

use rhai::LexError;

use crate::error::Error;
use crate::recipe::diagnose::around::Around;
use crate::recipe::diagnose::brackets::above;
use crate::recipe::diagnose::running::fragment;

/// The error for what is no token.
pub(super) fn unreadable(error: &LexError, around: Around<'_>) -> Error {
    match error {
        LexError::MalformedChar(text) => Error::recipe(format!("`'{text}'` is no character"))
            .help(format!("strings stand in double quotes: `\"{text}\"`; single quotes hold one character")),
        LexError::UnterminatedString if around.rest().starts_with('`') => {
            Error::recipe("a text in back-ticks has no end").help("add the back-tick behind it")
        }
        LexError::UnterminatedString => Error::recipe("a string has no closing quote on its line")
            .help("add the `\"`; a text of several lines stands in back-ticks"),
        LexError::MalformedEscapeSequence(sequence) => {
            Error::recipe(format!("`{sequence}` means nothing in double quotes"))
                .help(format!("write `\\{sequence}`, or put the text into back-ticks, where `\\` stands for itself"))
                .note("there are `\\n`, `\\t`, `\\r`, `\\\"`, `\\\\`, `\\x41` and `\\u2713`")
        }
        LexError::MalformedNumber(_) => Error::recipe("a number cannot be read")
            .help("numbers are written as `42`, `1_000`, `2.5`, `0x1f`, `0o755` or `0b101`"),
        LexError::ImproperSymbol(_, words) if words.contains("typo of '=='") => {
            Error::recipe("`=` gives a variable a value, and compares nothing").width(1).help("compare with `==`")
        }
        LexError::ImproperSymbol(sign, _) => Error::recipe(format!("`{sign}` means nothing here")).width(sign.len()),
        LexError::UnexpectedInput(token) => unexpected(token, around),
        other => Error::recipe(fragment(&other.to_string())),
    }
}

/// The error for a sign where none of its kind can stand.
pub(super) fn unexpected(token: &str, around: Around<'_>) -> Error {
    let before = around.before().trim_end();
    let error = Error::recipe(format!("unexpected `{token}`")).width(token.chars().count());
    if [")", "]", "}", ";", ","].contains(&token) {
        if before.ends_with('|') && token != "}" {
            return error.help("a closure does something: `|host| { … }`, or `|host| ()` for nothing");
        }
        if let Some(sign) = before.chars().last().filter(|sign| "+-*/%=<>&!.".contains(*sign)) {
            return error.help(format!("a value is missing behind `{sign}`"));
        }
    }
    if [")", "]", "}"].contains(&token) {
        let note = above(around);
        let error = if note.is_some() {
            error.help("something before it was not closed: each `{`, `(` and `[` needs its partner")
        } else {
            error.help("nothing is open that it would close: take it away")
        };
        return note.into_iter().fold(error, Error::note);
    }
    if token == "." {
        return error.help("a value is missing before the dot");
    }
    match token.chars().next() {
        Some(sign) if !sign.is_ascii() => {
            error.help("names are letters without accents, digits and `_`; a text stands in quotes")
        }
        _ => error,
    }
}
