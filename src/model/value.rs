//! Plain data as recipes and events know it, without Rhai.

use std::fmt::{Display, Formatter, Result};

use indexmap::IndexMap;
use serde::Serialize;

/// A value of a server property or an option map.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing, `()` in a recipe.
    Unit,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Names and values, in the order given.
    Map(IndexMap<String, Value>),
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Whether Ruby, and so Capistrano, would take it for true: everything but nothing and `false`.
    #[must_use]
    pub const fn is_truthy(&self) -> bool {
        !matches!(self, Self::Unit | Self::Bool(false))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Display for Value {
    /// As it would be written in a recipe.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Unit => f.write_str("()"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => write!(f, "{value:?}"),
            Self::List(values) => {
                f.write_str("[")?;
                for (i, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Map(values) if values.is_empty() => f.write_str("#{}"),
            Self::Map(values) => {
                f.write_str("#{")?;
                for (i, (name, value)) in values.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if i == 0 { " " } else { ", " })?;
                }
                f.write_str(" }")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_as_written_in_a_recipe() {
        let map = Value::Map(IndexMap::from([
            ("port".to_owned(), Value::Int(22)),
            ("keys".to_owned(), Value::List(vec!["a".into()])),
        ]));
        assert_eq!(map.to_string(), r#"#{ port: 22, keys: ["a"] }"#);
        assert_eq!(Value::Map(IndexMap::new()).to_string(), "#{}");
    }

    #[test]
    fn only_nothing_and_false_are_not_true() {
        assert!(Value::Int(0).is_truthy() && Value::from("").is_truthy());
        assert!(!Value::Unit.is_truthy() && !Value::Bool(false).is_truthy());
    }
}
