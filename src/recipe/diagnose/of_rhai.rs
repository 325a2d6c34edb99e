//! What the language brings of its own: the functions, methods and properties of texts, lists, maps and numbers.
//!
//! Asked for by messages alone, so that the list is made only when something has gone wrong.

use std::any::TypeId;
use std::sync::OnceLock;

use rhai::{Array, Blob, Engine, FLOAT, FnPtr, INT, ImmutableString, Instant, Map};

/// One way to call a function.
struct Way {
    name: String,
    /// Kinds of its arguments; none where it takes any.
    takes: Vec<Option<&'static str>>,
}

/// Kinds as messages name them, by the types of Rhai.
fn kinds() -> [(TypeId, &'static str); 13] {
    [
        (TypeId::of::<ImmutableString>(), "a string"),
        (TypeId::of::<&str>(), "a string"),
        (TypeId::of::<String>(), "a string"),
        (TypeId::of::<char>(), "a string"),
        (TypeId::of::<INT>(), "a number"),
        (TypeId::of::<FLOAT>(), "a number"),
        (TypeId::of::<bool>(), "true or false"),
        (TypeId::of::<Array>(), "a list"),
        (TypeId::of::<Map>(), "a map"),
        (TypeId::of::<FnPtr>(), "a closure"),
        (TypeId::of::<Blob>(), "bytes"),
        (TypeId::of::<Instant>(), "a time"),
        (TypeId::of::<()>(), "nothing, `()`"),
    ]
}

fn ways() -> &'static [Way] {
    static WAYS: OnceLock<Vec<Way>> = OnceLock::new();
    WAYS.get_or_init(|| {
        let kinds = kinds();
        let any = TypeId::of::<rhai::Dynamic>();
        let kind = |id: &TypeId| match kinds.iter().find(|(known, _)| known == id) {
            Some((_, kind)) => Some(Some(*kind)),
            None if *id == any => Some(None),
            // A width of numbers that recipes do not have, or a range.
            None => None,
        };
        Engine::new().collect_fn_metadata(
            None,
            |info| {
                let takes = info.metadata.param_types.iter().map(kind).collect::<Option<Vec<_>>>()?;
                Some(Way { name: info.metadata.name.to_string(), takes })
            },
            true,
        )
    })
}

/// What is known of a function that was called with the wrong values: what its arguments may be, behind a receiver of this
/// kind, one entry a way to call it. None where the kind does not have it.
pub(super) fn of(name: &str, receiver: &str) -> Vec<Vec<Option<&'static str>>> {
    let mut found: Vec<Vec<_>> = ways()
        .iter()
        .filter(|way| way.name == name && way.takes.first().is_some_and(|first| *first == Some(receiver)))
        .map(|way| way.takes[1..].to_vec())
        .collect();
    found.sort_by_key(Vec::len);
    found.dedup();
    found
}

/// The kinds that have a function of this name.
pub(super) fn owners(name: &str) -> Vec<&'static str> {
    let mut found: Vec<&str> =
        ways().iter().filter(|way| way.name == name).filter_map(|way| *way.takes.first()?).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether the language has a function of this name.
pub fn has(name: &str) -> bool {
    ways().iter().any(|way| way.name == name)
}

/// What can stand behind the dot of a value of this kind.
pub(super) fn behind_the_dot(kind: &str) -> impl Iterator<Item = &'static str> {
    let is_of = move |way: &&Way| way.takes.first().is_some_and(|first| *first == Some(kind));
    let is_word = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
    ways().iter().filter(is_of).map(|way| way.name.strip_prefix("get$").unwrap_or(&way.name)).filter(is_word)
}

/// Names of all functions that begin with a letter.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ways()
        .iter()
        .map(|way| way.name.as_str())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('$') && name.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_belongs_to_kinds() {
        assert_eq!(owners("push"), ["a list", "bytes"]);
        assert_eq!(of("push", "a list"), [[None]]);
        assert!(of("split", "a string").contains(&vec![Some("a string")]));
        assert!(of("trim", "a number").is_empty());
    }

    #[test]
    fn properties_stand_behind_the_dot_too() {
        assert!(behind_the_dot("a list").any(|name| name == "len"));
        assert!(behind_the_dot("a string").any(|name| name == "to_upper"));
        assert!(has("len") && !has("lenght"));
    }
}
