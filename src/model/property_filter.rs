//! Conditions on the properties of servers: the options of `roles("app", #{ … })`.
//!
//! Owns what `filter`, `select`, `exclude` and every other key of such a map mean. It must not choose servers by role.

use std::fmt::{Display, Formatter};

use indexmap::IndexMap;

use crate::error::Error;
use crate::model::server::Server;
use crate::model::value::Value;

/// One condition a server must meet.
#[derive(Clone, Debug, PartialEq)]
pub enum PropertyFilter {
    /// `filter: "x"` or `select: "x"`: the property is there and true.
    With(String),
    /// `exclude: "x"`: the property is not there, or not true.
    Without(String),
    /// `x: value`: the property is this value, or a list that contains it. `()` asks for servers that lack it.
    Equals(String, Value),
}

impl PropertyFilter {
    /// Reads the options map. `filter`, `select` and `exclude` take a name or a list of names; all conditions must
    /// hold. Conditions written as functions are not known here: the recipe layer applies them to what is found.
    ///
    /// # Errors
    /// A `filter`, `select` or `exclude` that is neither.
    pub fn parse(options: &IndexMap<String, Value>) -> Result<Vec<Self>, Error> {
        let mut filters = Vec::new();
        for (key, value) in options {
            match key.as_str() {
                "filter" | "select" => filters.extend(names(key, value)?.into_iter().map(Self::With)),
                "exclude" => filters.extend(names(key, value)?.into_iter().map(Self::Without)),
                _ => filters.push(Self::Equals(key.clone(), value.clone())),
            }
        }
        Ok(filters)
    }

    /// Whether a server meets the condition.
    #[must_use]
    pub fn holds(&self, server: &Server) -> bool {
        match self {
            Self::With(name) => server.property(name).is_truthy(),
            Self::Without(name) => !server.property(name).is_truthy(),
            Self::Equals(name, wanted) => match server.property(name) {
                Value::List(values) if values.contains(wanted) => true,
                value => value == wanted,
            },
        }
    }
}

impl Display for PropertyFilter {
    /// As it would be written in the options map.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::With(name) => write!(f, "filter: {name:?}"),
            Self::Without(name) => write!(f, "exclude: {name:?}"),
            Self::Equals(name, value) => write!(f, "{name}: {value}"),
        }
    }
}

fn names(key: &str, value: &Value) -> Result<Vec<String>, Error> {
    let values = match value {
        Value::List(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    values.iter().map(|one| one.as_text().map(str::to_owned)).collect::<Option<_>>().ok_or_else(|| {
        Error::recipe(format!("`{key}` cannot be `{value}`"))
            .help(format!("expected the name of a property, or a list of names: `{key}: \"no_release\"`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options<const N: usize>(pairs: [(&str, Value); N]) -> IndexMap<String, Value> {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn holds<const N: usize>(pairs: [(&str, Value); N], server: &Server) -> bool {
        PropertyFilter::parse(&options(pairs)).unwrap().iter().all(|filter| filter.holds(server))
    }

    fn server<const N: usize>(pairs: [(&str, Value); N]) -> Server {
        Server { properties: options(pairs), ..Server::new("web1") }
    }

    #[test]
    fn filter_and_select_ask_for_truth_exclude_for_its_absence() {
        let server = server([("active", Value::Bool(true)), ("off", Value::Bool(false)), ("zero", Value::Int(0))]);
        for key in ["filter", "select"] {
            assert!(holds([(key, "active".into())], &server) && holds([(key, "zero".into())], &server));
            assert!(!holds([(key, "off".into())], &server) && !holds([(key, "missing".into())], &server));
        }
        assert!(holds([("exclude", "off".into())], &server) && holds([("exclude", "missing".into())], &server));
        assert!(!holds([("exclude", "active".into())], &server));
    }

    #[test]
    fn lists_of_names_must_all_hold() {
        let server = server([("a", Value::Bool(true)), ("b", Value::Bool(true))]);
        let list = |names: [&str; 2]| Value::List(names.map(Value::from).to_vec());
        assert!(holds([("filter", list(["a", "b"]))], &server) && !holds([("filter", list(["a", "c"]))], &server));
        assert!(holds([("exclude", list(["c", "d"]))], &server) && !holds([("exclude", list(["c", "b"]))], &server));
    }

    #[test]
    fn any_other_key_compares() {
        let zones = Value::List(vec!["a".into(), "b".into()]);
        let server = server([("zone", "a".into()), ("zones", zones.clone()), ("weight", Value::Int(3))]);
        assert!(holds([("zone", "a".into()), ("weight", Value::Int(3))], &server));
        assert!(!holds([("zone", "a".into()), ("weight", Value::Int(4))], &server));
        assert!(holds([("zones", "b".into())], &server) && holds([("zones", zones)], &server));
        assert!(!holds([("zones", "c".into())], &server));
        assert!(holds([("missing", Value::Unit)], &server) && !holds([("zone", Value::Unit)], &server));
    }

    #[test]
    fn shows_as_written() {
        let shown = |pairs: [(&str, Value); 1]| PropertyFilter::parse(&options(pairs)).unwrap()[0].to_string();
        assert_eq!(shown([("select", "a".into())]), "filter: \"a\"");
        assert_eq!(shown([("exclude", "a".into())]), "exclude: \"a\"");
        assert_eq!(shown([("zone", Value::Int(1))]), "zone: 1");
    }

    #[test]
    fn names_of_properties_are_texts() {
        let error = PropertyFilter::parse(&options([("exclude", Value::Bool(true))])).unwrap_err();
        assert_eq!(error.to_string(), "`exclude` cannot be `true`");
        assert_eq!(
            error.parts().help,
            ["expected the name of a property, or a list of names: `exclude: \"no_release\"`"]
        );
        assert!(PropertyFilter::parse(&options([("filter", Value::List(vec![Value::Int(1)]))])).is_err());
    }
}
