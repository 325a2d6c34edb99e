//! What values are called in messages, by the names Rhai has for their types.

use crate::recipe::later::LATER;

/// A kind with its article, for example `a number`; nothing of it is a type of Rust.
pub(super) fn a_kind(of: &str) -> String {
    let known = match of {
        "()" => "nothing, `()`",
        "bool" => "true or false",
        "i64" | "f64" | "i32" | "u8" | "f32" => "a number",
        "char" | "string" | "&str | ImmutableString | String" => "a string",
        "array" => "a list",
        "map" => "a map",
        "Fn" => "a closure",
        "range" | "range=" => "a range",
        "timestamp" => "a time",
        "host" => "a host",
        "unit" => "a service unit",
        "error" => "an error",
        "blob" => "bytes",
        LATER => "what a command finds later",
        _ if of.contains("Range") => "a range",
        _ if of.ends_with("Raw") || of == "raw" => "a `raw(…)` text",
        _ => return format!("a value of the kind `{}`", of.rsplit("::").next().unwrap_or(of)),
    };
    known.to_owned()
}

/// A kind as what a sentence is about, as in ``nothing, `()`, has no `len` ``.
pub(super) fn subject(kind: &str) -> String {
    if kind.ends_with("`()`") { format!("{kind},") } else { kind.to_owned() }
}

/// Name and kinds of a signature of Rhai, for example `set (&str, i64)`; kinds are none where it is a name alone.
pub(super) fn signature(text: &str) -> (&str, Option<Vec<&str>>) {
    let Some((name, kinds)) = text.split_once(" (") else { return (text.trim(), None) };
    let kinds = kinds.strip_suffix(')').unwrap_or(kinds);
    let kinds = if kinds.is_empty() { Vec::new() } else { kinds.split(", ").collect() };
    (name.trim(), Some(kinds))
}

/// What to do about a `()` nobody wanted.
pub const OF_NOTHING: &str =
    "a setting that is not set is `()`, as is a key a map does not have: give it a default, `fetch(\"name\", default)`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_taken_apart() {
        assert_eq!(signature("len (())"), ("len", Some(vec!["()"])));
        assert_eq!(signature("f ()"), ("f", Some(vec![])));
        assert_eq!(signature("- (&str | ImmutableString | String, i64)").1.unwrap().len(), 2);
        assert_eq!(signature("exeucte"), ("exeucte", None));
    }

    #[test]
    fn kinds_have_words_of_their_own() {
        assert_eq!(a_kind("i64"), "a number");
        assert_eq!(a_kind("core::ops::range::Range<i64>"), "a range");
        assert_eq!(a_kind("some::Thing"), "a value of the kind `Thing`");
    }
}
