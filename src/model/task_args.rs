//! Arguments of a task: the values it is called with, and the names they go to.
//!
//! Owns how values find their names, which is Rake's `TaskArguments`, with two things more: what is missing is a mistake
//! unless the declaration says what stands for it, and what is too much is one unless a last name such as `*files` takes
//! it.

use indexmap::IndexMap;

use crate::error::{Error, Kind};
use crate::model::name_list::quoted;
use crate::model::task_parameter::{Otherwise, Parameter, signature};
use crate::model::value::Value;

/// A value an argument can have.
pub trait Argument: Clone {
    /// Whether it counts as not given, as in `task[1,,3]`.
    fn is_unset(&self) -> bool;

    /// The value of a text that stands in a recipe or on the command line; an empty one counts as not given.
    fn of_text(text: &str) -> Self;
}

impl Argument for String {
    fn is_unset(&self) -> bool {
        self.is_empty()
    }

    fn of_text(text: &str) -> Self {
        text.to_owned()
    }
}

impl Argument for Value {
    fn is_unset(&self) -> bool {
        matches!(self, Self::Unit) || self.as_text() == Some("")
    }

    fn of_text(text: &str) -> Self {
        Self::from(text)
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

impl<V> Default for Bound<V> {
    /// No values.
    fn default() -> Self {
        Self { named: IndexMap::new(), extras: Vec::new() }
    }
}

/// Gives `values` to `parameters` in order. Values that count as not given leave their name unset; the rest are extras.
pub fn bind<V: Argument>(parameters: &[Parameter], values: impl IntoIterator<Item = V>) -> Bound<V> {
    let mut values = values.into_iter();
    let single = parameters.iter().filter(|parameter| !parameter.is_rest());
    let pairs = single.zip(values.by_ref()).filter(|(_, value)| !value.is_unset());
    // The order matters: what the names leave is extra.
    Bound { named: pairs.map(|(parameter, value)| (parameter.name.clone(), value)).collect(), extras: values.collect() }
}

/// As [`bind`], for a task called by a person or a recipe.
///
/// # Errors
/// Of the given kind, with the signature of the task: a value is left over and the task declares no `*rest`, or one is
/// missing.
pub fn bind_all<V: Argument>(
    kind: Kind,
    task: &str,
    parameters: &[Parameter],
    values: &[V],
) -> Result<Bound<V>, Error> {
    let bound = bind(parameters, values.iter().cloned());
    refuse_surplus(kind, task, parameters, values.len(), &bound)?;
    complete(kind, task, parameters, bound)
}

/// What a task gets that runs because of another one: the values written where that is said, for the names without one
/// those of equal name of the other task, and its extras where nothing is written.
///
/// # Errors
/// As [`bind_all`].
pub fn hand_on<V: Argument>(
    task: &str,
    parameters: &[Parameter],
    written: &[String],
    outer: &Bound<V>,
) -> Result<Bound<V>, Error> {
    let given = bind(parameters, written.iter().map(|text| V::of_text(text)));
    refuse_surplus(Kind::Recipe, task, parameters, written.len(), &given)?;
    let value = |name: &String| given.named.get(name).or_else(|| outer.named.get(name)).cloned();
    let pairs = parameters.iter().filter_map(|parameter| Some((parameter.name.clone(), value(&parameter.name)?)));
    let extras = if written.is_empty() { outer.extras.clone() } else { given.extras.clone() };
    complete(Kind::Recipe, task, parameters, Bound { named: pairs.collect(), extras })
}

fn refuse_surplus<V: Argument>(
    kind: Kind,
    task: &str,
    parameters: &[Parameter],
    given: usize,
    bound: &Bound<V>,
) -> Result<(), Error> {
    if parameters.last().is_some_and(Parameter::is_rest) || bound.extras.iter().all(Argument::is_unset) {
        return Ok(());
    }
    let expected = if parameters.is_empty() { "none".to_owned() } else { format!("at most {}", parameters.len()) };
    Err(Error::new(kind, format!("too many arguments for task `{task}`: {given} given, {expected} expected"))
        .help(format!("call it as `{}`", signature(task, parameters)))
        .help("write `\\,` for a comma inside an argument"))
}

/// Puts defaults in the place of what was not given.
fn complete<V: Argument>(
    kind: Kind,
    task: &str,
    parameters: &[Parameter],
    mut bound: Bound<V>,
) -> Result<Bound<V>, Error> {
    let missing = missing(parameters, |name| bound.named.contains_key(name));
    if !missing.is_empty() {
        let what = if missing.len() == 1 { "argument" } else { "arguments" };
        return Err(Error::new(kind, format!("task `{task}` needs the {what} {}", quoted(missing)))
            .help(format!("call it as `{}`", signature(task, parameters)))
            .maybe_help(optional(parameters)));
    }
    let value = |parameter: &Parameter| match &parameter.otherwise {
        _ if bound.named.contains_key(&parameter.name) => bound.named.get(&parameter.name).cloned(),
        Otherwise::Text(default) => Some(V::of_text(default)),
        Otherwise::Missing | Otherwise::Unset | Otherwise::Rest => None,
    };
    let pairs = parameters.iter().filter_map(|parameter| Some((parameter.name.clone(), value(parameter)?)));
    bound.named = pairs.collect();
    Ok(bound)
}

/// What the signs in a signature mean, where it has some.
fn optional(parameters: &[Parameter]) -> Option<String> {
    let has_default = |parameter: &Parameter| matches!(parameter.otherwise, Otherwise::Text(_) | Otherwise::Unset);
    parameters.iter().any(has_default).then(|| "what has a `=` may be left out".to_owned())
}

/// The names that have to be given and are not known.
pub fn missing(parameters: &[Parameter], is_known: impl Fn(&str) -> bool) -> Vec<&str> {
    let has_to_be_given = |parameter: &&Parameter| parameter.otherwise == Otherwise::Missing;
    parameters.iter().filter(has_to_be_given).map(|parameter| &*parameter.name).filter(|name| !is_known(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::task_parameter::testing::parameters;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn bound(named: &[(&str, &str)], extras: &[&str]) -> Bound<String> {
        let named = named.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Bound { named, extras: texts(extras) }
    }

    #[test]
    fn empty_arguments_are_not_set_and_extras_are_kept() {
        let names = parameters(&["a", "b"]);
        assert_eq!(bind(&names, texts(&["1", "", "3"])), bound(&[("a", "1")], &["3"]));
        assert_eq!(bind(&names, texts(&["1", "2", "", "4"])), bound(&[("a", "1"), ("b", "2")], &["", "4"]));
        assert_eq!(bind(&names, texts(&["1"])), bound(&[("a", "1")], &[]));
        assert_eq!(bind(&names, texts(&[])), bound(&[], &[]));
    }

    #[test]
    fn a_starred_name_takes_the_rest_as_extras() {
        let names = parameters(&["a", "*files"]);
        assert_eq!(
            bind_all(Kind::Usage, "t", &names, &texts(&["1", "x", "y"])).unwrap(),
            bound(&[("a", "1")], &["x", "y"])
        );
    }

    #[test]
    fn nothing_given_counts_as_unset_for_values_of_recipes() {
        let values = [Value::Unit, Value::from(""), Value::Bool(false)];
        let names = parameters(&["a", "b", "c"]);
        assert_eq!(bind(&names, values).named, IndexMap::from([("c".to_owned(), Value::Bool(false))]));
    }

    #[test]
    fn a_default_stands_for_what_is_not_given() {
        let names = parameters(&["file", "lines=20", "note="]);
        let of = |values: &[&str]| bind_all(Kind::Usage, "t", &names, &texts(values)).unwrap();
        assert_eq!(of(&["a"]), bound(&[("file", "a"), ("lines", "20")], &[]));
        assert_eq!(of(&["a", "", "x"]), bound(&[("file", "a"), ("lines", "20"), ("note", "x")], &[]));
        assert_eq!(of(&["a", "5"]), bound(&[("file", "a"), ("lines", "5")], &[]));
    }

    #[test]
    fn what_has_to_be_given_and_is_not_is_told_with_the_signature() {
        let error = bind_all(Kind::Usage, "t", &parameters(&["file", "lines=20"]), &texts(&["", "5"])).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Usage, "task `t` needs the argument `file`"));
        assert_eq!(error.parts().help, ["call it as `t[file,lines=20]`", "what has a `=` may be left out"]);
        let error = bind_all(Kind::Recipe, "t", &parameters(&["a", "b", "*c"]), &texts(&[])).unwrap_err();
        assert_eq!(error.to_string(), "task `t` needs the arguments `a`, `b`");
        assert_eq!(error.parts().help, ["call it as `t[a,b,*c]`"]);
    }

    #[test]
    fn surplus_arguments_are_refused_with_the_signature() {
        let names = parameters(&["host", "port"]);
        let error = bind_all(Kind::Usage, "db:dump", &names, &texts(&["a", "b", "c"])).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.to_string(), "too many arguments for task `db:dump`: 3 given, at most 2 expected");
        assert_eq!(
            error.parts().help,
            ["call it as `db:dump[host,port]`", "write `\\,` for a comma inside an argument"]
        );
        let error = bind_all(Kind::Recipe, "db:dump", &[], &texts(&["a"])).unwrap_err();
        assert_eq!(error.kind(), Kind::Recipe);
        assert_eq!(error.to_string(), "too many arguments for task `db:dump`: 1 given, none expected");
        assert_eq!(error.parts().help[0], "call it as `db:dump`");
    }

    #[test]
    fn an_empty_place_at_the_end_is_not_surplus() {
        let names = parameters(&["a"]);
        assert_eq!(bind_all(Kind::Usage, "t", &names, &texts(&["1", ""])).unwrap(), bound(&[("a", "1")], &[""]));
        assert!(bind_all(Kind::Usage, "t", &[], &texts(&[""])).is_ok());
    }

    #[test]
    fn a_prerequisite_gets_the_arguments_of_equal_name() {
        let outer = bound(&[("a", "1"), ("b", "2")], &["3"]);
        let given = |names: &[&str], written: &[&str]| hand_on("t", &parameters(names), &texts(written), &outer);
        assert_eq!(given(&["c=", "b"], &[]).unwrap(), bound(&[("b", "2")], &["3"]));
        assert_eq!(given(&[], &[]).unwrap(), bound(&[], &["3"]));
        assert_eq!(given(&["c=7", "a="], &[]).unwrap(), bound(&[("c", "7"), ("a", "1")], &["3"]));
    }

    #[test]
    fn what_is_written_at_a_prerequisite_comes_first() {
        let outer = bound(&[("a", "1"), ("b", "2")], &["3"]);
        let given = |names: &[&str], written: &[&str]| hand_on("t", &parameters(names), &texts(written), &outer);
        assert_eq!(given(&["n", "b"], &["7"]).unwrap(), bound(&[("n", "7"), ("b", "2")], &[]));
        assert_eq!(given(&["a", "*more"], &["7", "8"]).unwrap(), bound(&[("a", "7")], &["8"]));
        assert_eq!(given(&["a", "n"], &["", "8"]).unwrap(), bound(&[("a", "1"), ("n", "8")], &[]));
        assert_eq!(given(&["n"], &[]).unwrap_err().to_string(), "task `t` needs the argument `n`");
        let error = given(&["n"], &["7", "8"]).unwrap_err();
        assert_eq!(error.to_string(), "too many arguments for task `t`: 2 given, at most 1 expected");
    }
}
