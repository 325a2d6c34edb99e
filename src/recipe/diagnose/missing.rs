//! Signs that are missing in a recipe: where, and which bracket is still open.

use crate::error::Error;
use crate::recipe::diagnose::around::Around;
use crate::recipe::diagnose::brackets::{Brackets, above};
use crate::recipe::diagnose::tokens::unexpected;

/// The error for a sign that is missing; `why` are Rhai's words for what it is needed for.
pub(super) fn missing(token: &str, why: &str, around: Around<'_>) -> Error {
    let note = |error: Error| match above(around) {
        Some(note) => error.note(note),
        None => error,
    };
    if around.is_at_end() && ["}", ")", "]", ",", ";"].contains(&token) {
        let token = if token == "," { closing(why) } else { token };
        let (text, line, column) = around.parts();
        let open = Brackets::before(text, line, column).note();
        let error = Error::recipe(format!("the file ends, and a `{token}` is missing"))
            .help("count back from the end: each `{`, `(` and `[` needs its partner");
        return open.into_iter().fold(error, Error::note);
    }
    if token == ";" && around.rest().starts_with([')', ']', '}']) {
        return unexpected(&around.rest()[..1], around);
    }
    if token == ";" {
        let (line, _) = around.end_before();
        return Error::recipe("a `;` is missing between two statements")
            .help(format!("add `;` at the end of line {line}"));
    }
    if token == "{" && why.contains("statement block") {
        return Error::recipe("a `{` is missing, which begins a block")
            .help("blocks stand in braces: `if … { … }`, `for item in list { … }`, `catch (error) { … }`");
    }
    let Some(inside) = inside(why) else {
        return Error::recipe(format!("a `{token}` is missing {why}").replace('\'', "`"));
    };
    if token == "," {
        return note(Error::recipe(format!("a `,` or `{}` is missing {inside}", closing(why))));
    }
    if token == ":" {
        let key = around.word_before();
        let error = Error::recipe(format!("a `:` is missing behind the key `{key}` of a map"));
        return if around.rest().starts_with('-') {
            error.help("a key that is no plain name stands in quotes: `\"my-key\": value`")
        } else {
            error.help(format!("write `#{{ {key}: value }}`"))
        };
    }
    if token == "}" && inside.ends_with("map") {
        return note(
            Error::recipe("a key of a map, or the `}` at its end, is missing")
                .help("a key is a name or a string: `#{ name: 1, \"1\": 2 }`"),
        );
    }
    if token == "=>" {
        return Error::recipe("a `=>` is missing in a `switch`").help("write `switch value { 1 => …, _ => … }`");
    }
    note(Error::recipe(format!("a `{token}` is missing {inside}")))
}

/// What Rhai calls the surroundings of a missing sign.
fn inside(why: &str) -> Option<String> {
    let name = why.split('\'').nth(1);
    Some(match name {
        Some(name) if why.contains("function call") => format!("in the call of `{name}`"),
        Some(name) if why.contains("parameters") => format!("among the parameters of `{name}`"),
        _ if why.contains("parameters") => "among the parameters of a closure".to_owned(),
        _ if why.contains("array") => "in a list".to_owned(),
        _ if why.contains("map") => "in a map".to_owned(),
        _ if why.contains("switch") => "in a `switch`".to_owned(),
        _ if why.contains("block") => "at the end of a block".to_owned(),
        _ => return None,
    })
}

/// The bracket at the end of what Rhai names.
fn closing(why: &str) -> &'static str {
    match why {
        _ if why.contains("anonymous") => "|",
        _ if why.contains("array") => "]",
        _ if why.contains("map") || why.contains("switch") => "}",
        _ => ")",
    }
}
