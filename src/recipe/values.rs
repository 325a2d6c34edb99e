//! Rhai values to ours and back.

use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::value::Value;

/// A Rhai value as plain data.
///
/// # Errors
/// For a closure or another value that is no data.
pub fn to_value(value: &Dynamic) -> Result<Value, Error> {
    let value = value.flatten_clone();
    if value.is_unit() {
        return Ok(Value::Unit);
    }
    if let Ok(value) = value.as_bool() {
        return Ok(Value::Bool(value));
    }
    if let Ok(value) = value.as_int() {
        return Ok(Value::Int(value));
    }
    if let Ok(value) = value.as_float() {
        return Ok(Value::Float(value));
    }
    if let Some(text) = text(&value) {
        return Ok(Value::Text(text));
    }
    if let Some(list) = value.read_lock::<Array>() {
        return Ok(Value::List(list.iter().map(to_value).collect::<Result<_, _>>()?));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries = map.iter().map(|(name, value)| Ok((name.to_string(), to_value(value)?)));
        return Ok(Value::Map(entries.collect::<Result<_, Error>>()?));
    }
    Err(Error::recipe(format!("a {} is not plain data", kind(&value)))
        .help("give text, numbers, true, false, lists or maps"))
}

/// Plain data as a Rhai value.
pub fn from_value(value: &Value) -> Dynamic {
    match value {
        Value::Unit => Dynamic::UNIT,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Text(value) => value.into(),
        Value::List(values) => values.iter().map(from_value).collect::<Array>().into(),
        Value::Map(values) => {
            values.iter().map(|(name, value)| (name.into(), from_value(value))).collect::<Map>().into()
        }
    }
}

/// The text of a string or character.
#[must_use]
pub fn text(value: &Dynamic) -> Option<String> {
    value.clone().into_immutable_string().map(String::from).ok().or_else(|| value.as_char().map(String::from).ok())
}

/// What a value is, in a recipe writer's words.
#[must_use]
pub fn kind(value: &Dynamic) -> &'static str {
    let value = value.flatten_clone();
    if value.is_unit() {
        "()"
    } else if value.is_bool() {
        "truth value"
    } else if value.is_int() || value.is_float() {
        "number"
    } else if value.is_string() || value.is_char() {
        "string"
    } else if value.is_array() {
        "list"
    } else if value.is_map() {
        "map"
    } else if value.is_fnptr() {
        "closure"
    } else {
        match value.type_name() {
            name if name.ends_with("::Host") => "host",
            name if name.ends_with("::Raw") => "raw text",
            name if name.ends_with("::Failure") => "error",
            _ => "value",
        }
    }
}

/// Whether a value stands for yes, as in Ruby: everything but `false` and `()` does.
#[must_use]
pub fn is_truthy(value: &Dynamic) -> bool {
    !value.is_unit() && value.as_bool() != Ok(false)
}

/// Whether two values are the same plain data.
#[must_use]
pub fn same(a: &Dynamic, b: &Dynamic) -> bool {
    match (to_value(a), to_value(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_goes_there_and_back() {
        let value: Dynamic = rhai::Engine::new().eval("#{ a: [1, 2.5, true, \"x\", ()], b: 'c' }").unwrap();
        let data = to_value(&value).unwrap();
        assert_eq!(data.to_string(), r#"#{ a: [1, 2.5, true, "x", ()], b: "c" }"#);
        assert_eq!(to_value(&from_value(&data)).unwrap(), data);
    }

    #[test]
    fn a_closure_is_no_data() {
        let value: Dynamic = rhai::Engine::new().eval("|x| x").unwrap();
        assert_eq!(to_value(&value).unwrap_err().to_string(), "a closure is not plain data");
    }
}
