//! Arguments of a task: the names it declares and the values it is called with.
//!
//! Owns how values find their names, which is Rake's `TaskArguments`, with one thing more: a last name such as `*files`
//! says that the task takes any number of further values, and without it they are refused.

use indexmap::IndexMap;

use crate::error::{Error, Kind};
use crate::model::value::Value;

/// A value an argument can have.
pub trait Argument {
    /// Whether it counts as not given, as in `task[1,,3]`.
    fn is_unset(&self) -> bool;
}

impl Argument for String {
    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

impl Argument for Value {
    fn is_unset(&self) -> bool {
        matches!(self, Self::Unit) || self.as_text() == Some("")
    }
}

/// Values with the names they were given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound<V> {
    /// By name, in the order declared; names without a value are missing.
    pub named: IndexMap<String, V>,
    /// Values beyond the last name, empty ones included.
    pub extras: Vec<V>,
}

impl<V: Clone> Bound<V> {
    /// What a prerequisite gets that declares `names`: the values of equal names, and all extras.
    #[must_use]
    pub fn narrowed(&self, names: &[String]) -> Self {
        let value = |name: &String| self.named.get(name).map(|value| (name.clone(), value.clone()));
        Self { named: names.iter().filter_map(value).collect(), extras: self.extras.clone() }
    }
}

/// Gives `values` to `names` in order. Values that count as not given leave their name unset; the rest are extras.
pub fn bind<V: Argument>(names: &[String], values: impl IntoIterator<Item = V>) -> Bound<V> {
    let mut values = values.into_iter();
    let single = names.iter().filter(|name| !is_rest(name));
    let pairs = single.zip(values.by_ref()).filter(|(_, value)| !value.is_unset());
    // The order matters: what the names leave is extra.
    Bound { named: pairs.map(|(name, value)| (name.clone(), value)).collect(), extras: values.collect() }
}

/// As [`bind`], for a task called by a person or a recipe: refuses values the task has no name for.
///
/// # Errors
/// Of the given kind, with the signature of the task, when a value is left over and the task declares no `*rest`.
pub fn bind_all<V: Argument>(kind: Kind, task: &str, names: &[String], values: Vec<V>) -> Result<Bound<V>, Error> {
    let given = values.len();
    let bound = bind(names, values);
    if names.last().is_some_and(|name| is_rest(name)) || bound.extras.iter().all(Argument::is_unset) {
        return Ok(bound);
    }
    let expected = if names.is_empty() { "none".to_owned() } else { format!("at most {}", names.len()) };
    Err(Error::new(kind, format!("too many arguments for task `{task}`: {given} given, {expected} expected"))
        .help(format!("call it as `{}`", signature(task, names)))
        .help("write `\\,` for a comma inside an argument"))
}

/// A name with its arguments, as it would be called: `deploy:check[host,port]`.
#[must_use]
pub fn signature(task: &str, names: &[String]) -> String {
    if names.is_empty() { task.to_owned() } else { format!("{task}[{}]", names.join(",")) }
}

/// Why `names` cannot be the arguments of a task, if so.
#[must_use]
pub fn fault(names: &[String]) -> Option<String> {
    for (i, name) in names.iter().enumerate() {
        let plain = name.strip_prefix('*').unwrap_or(name);
        if plain.is_empty() || plain.contains(|letter: char| letter.is_whitespace() || ",[]*".contains(letter)) {
            return Some(format!("`{name}` cannot be the name of an argument"));
        }
        if is_rest(name) && i + 1 < names.len() {
            return Some(format!("`{name}` takes every further argument, so it has to be the last"));
        }
        if names[..i].iter().any(|earlier| earlier == plain) {
            return Some(format!("the argument `{plain}` is declared twice"));
        }
    }
    None
}

/// Whether the name stands for any number of further values.
fn is_rest(name: &str) -> bool {
    name.starts_with('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn bound(named: &[(&str, &str)], extras: &[&str]) -> Bound<String> {
        let named = named.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Bound { named, extras: texts(extras) }
    }

    #[test]
    fn empty_arguments_are_not_set_and_extras_are_kept() {
        let names = texts(&["a", "b"]);
        assert_eq!(bind(&names, texts(&["1", "", "3"])), bound(&[("a", "1")], &["3"]));
        assert_eq!(bind(&names, texts(&["1", "2", "", "4"])), bound(&[("a", "1"), ("b", "2")], &["", "4"]));
        assert_eq!(bind(&names, texts(&["1"])), bound(&[("a", "1")], &[]));
        assert_eq!(bind(&names, texts(&[])), bound(&[], &[]));
    }

    #[test]
    fn a_starred_name_takes_the_rest_as_extras() {
        let names = texts(&["a", "*files"]);
        assert_eq!(
            bind_all(Kind::Usage, "t", &names, texts(&["1", "x", "y"])).unwrap(),
            bound(&[("a", "1")], &["x", "y"])
        );
    }

    #[test]
    fn nothing_given_counts_as_unset_for_values_of_recipes() {
        let values = [Value::Unit, Value::from(""), Value::Bool(false)];
        let names = texts(&["a", "b", "c"]);
        assert_eq!(bind(&names, values).named, IndexMap::from([("c".to_owned(), Value::Bool(false))]));
    }

    #[test]
    fn surplus_arguments_are_refused_with_the_signature() {
        let error = bind_all(Kind::Usage, "db:dump", &texts(&["host", "port"]), texts(&["a", "b", "c"])).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.to_string(), "too many arguments for task `db:dump`: 3 given, at most 2 expected");
        assert_eq!(
            error.parts().help,
            ["call it as `db:dump[host,port]`", "write `\\,` for a comma inside an argument"]
        );
        let error = bind_all(Kind::Recipe, "db:dump", &[], texts(&["a"])).unwrap_err();
        assert_eq!(error.kind(), Kind::Recipe);
        assert_eq!(error.to_string(), "too many arguments for task `db:dump`: 1 given, none expected");
        assert_eq!(error.parts().help[0], "call it as `db:dump`");
    }

    #[test]
    fn an_empty_place_at_the_end_is_not_surplus() {
        assert_eq!(bind_all(Kind::Usage, "t", &texts(&["a"]), texts(&["1", ""])).unwrap(), bound(&[("a", "1")], &[""]));
        assert!(bind_all(Kind::Usage, "t", &[], texts(&[""])).is_ok());
    }

    #[test]
    fn a_prerequisite_gets_the_arguments_of_equal_name() {
        let parent = bound(&[("a", "1"), ("b", "2")], &["3"]);
        assert_eq!(parent.narrowed(&texts(&["c", "b"])), bound(&[("b", "2")], &["3"]));
        assert_eq!(parent.narrowed(&[]), bound(&[], &["3"]));
    }

    #[test]
    fn declarations_that_make_no_sense_are_named() {
        for (names, why) in [
            (["a", "a"], "the argument `a` is declared twice"),
            (["a", "*a"], "the argument `a` is declared twice"),
            (["*a", "b"], "`*a` takes every further argument, so it has to be the last"),
            (["a", ""], "`` cannot be the name of an argument"),
            (["a", "*"], "`*` cannot be the name of an argument"),
            (["a b", "c"], "`a b` cannot be the name of an argument"),
        ] {
            assert_eq!(fault(&texts(&names)).as_deref(), Some(why));
        }
        assert_eq!(fault(&texts(&["a", "b", "*rest"])), None);
    }
}
