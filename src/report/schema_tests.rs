use serde_json::Value;

use super::*;
use crate::report::sample_events::{every_event, failed_run};
use crate::report::testing::Screen;

/// What is wrong with a value by a schema; as much of JSON Schema as ours uses, and nothing that it would pass over.
fn faults(schema: &Value, value: &Value, root: &Value, at: &str) -> Vec<String> {
    let Some(rules) = schema.as_object() else {
        return if schema == &Value::Bool(true) { Vec::new() } else { vec![format!("{at}: nothing is allowed")] };
    };
    let mut found = Vec::new();
    for (rule, wanted) in rules {
        match rule.as_str() {
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                let target = root["$defs"].get(name).unwrap_or_else(|| panic!("there is no {name}"));
                found.extend(faults(target, value, root, at));
            }
            "type" => {
                let types: Vec<&str> = wanted.as_array().map_or_else(
                    || vec![wanted.as_str().unwrap()],
                    |all| all.iter().map(|one| one.as_str().unwrap()).collect(),
                );
                if !types.iter().any(|wanted| is(value, wanted)) {
                    found.push(format!("{at}: {value} is no {types:?}"));
                }
            }
            "const" if value != wanted => found.push(format!("{at}: {value} is not {wanted}")),
            "enum" if !wanted.as_array().unwrap().contains(value) => {
                found.push(format!("{at}: {value} is none of {wanted}"));
            }
            "minimum" if value.as_f64().is_some_and(|number| number < wanted.as_f64().unwrap()) => {
                found.push(format!("{at}: {value} is too small"));
            }
            "maximum" if value.as_f64().is_some_and(|number| number > wanted.as_f64().unwrap()) => {
                found.push(format!("{at}: {value} is too large"));
            }
            "$schema" | "title" | "description" | "format" | "$defs" | "const" | "enum" | "minimum" | "maximum" => {}
            "required" => {
                let missing = wanted.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                let missing = missing.filter(|name| value.is_object() && value.get(name).is_none());
                found.extend(missing.map(|name| format!("{at}: `{name}` is missing")));
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        found.extend(faults(schema, value, root, &format!("{at}.{name}")));
                    }
                }
            }
            "items" => {
                for value in value.as_array().into_iter().flatten() {
                    found.extend(faults(wanted, value, root, &format!("{at}[]")));
                }
            }
            "oneOf" => {
                let all: Vec<Vec<String>> =
                    wanted.as_array().unwrap().iter().map(|schema| faults(schema, value, root, at)).collect();
                if all.iter().filter(|faults| faults.is_empty()).count() != 1 {
                    // The one that was meant has the fewest.
                    found.extend(all.into_iter().min_by_key(Vec::len).unwrap());
                    found.push(format!("{at}: not exactly one of the kinds of events"));
                }
            }
            other => panic!("the schema uses `{other}`, which this test does not judge"),
        }
    }
    found
}

fn is(value: &Value, wanted: &str) -> bool {
    match wanted {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("`{other}` is no type"),
    }
}

fn schema() -> Value {
    serde_json::from_str(EVENTS_SCHEMA).unwrap()
}

fn lines() -> Vec<Value> {
    let screen = Screen::new();
    let reporter = Json::new(screen.console());
    every_event().iter().chain(&failed_run()).for_each(|event| reporter.emit(event));
    screen.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_event_is_as_the_schema_says() {
    let schema = schema();
    for line in lines() {
        assert_eq!(faults(&schema, &line, &schema, "event"), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn the_schema_names_every_event_and_every_field() {
    let schema = schema();
    let kinds = schema["oneOf"].as_array().unwrap();
    let lines = lines();
    for kind in kinds {
        let name = &kind["properties"]["event"]["const"];
        let line =
            lines.iter().find(|line| line["event"] == *name).unwrap_or_else(|| panic!("there is no event {name}"));
        let mut there: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        there.retain(|field| !["time", "elapsed", "event"].contains(field));
        let mut required: Vec<&str> =
            kind["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let mut named: Vec<&str> = kind["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        named.retain(|field| *field != "event");
        for fields in [&mut there, &mut required, &mut named] {
            fields.sort_unstable();
        }
        assert_eq!(there, required, "{name}");
        assert_eq!(there, named, "{name}");
    }
    let known = |line: &Value| kinds.iter().any(|kind| kind["properties"]["event"]["const"] == line["event"]);
    assert!(lines.iter().all(known));
}

/// A schema that accepts anything would pass the tests above.
#[test]
fn the_schema_refuses_what_is_wrong() {
    let schema = schema();
    let line = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    for wrong in [
        r#"{"time": "x", "elapsed": 1, "event": "task_waiting"}"#,
        r#"{"time": "x", "elapsed": "1", "event": "task_waiting", "task": "a"}"#,
        r#"{"time": "x", "elapsed": 1, "event": "task_waited", "task": "a"}"#,
        r#"{"time": "x", "elapsed": 1, "event": "run_finished", "exit_code": 256, "seconds": 1.0}"#,
        r#"{"time": "x", "elapsed": 1, "event": "command_output", "id": -1, "stream": "stdout", "line": ""}"#,
        r#"{"time": "x", "elapsed": 1, "event": "command_output", "id": 1, "stream": "both", "line": ""}"#,
    ] {
        assert!(!faults(&schema, &line(wrong), &schema, "event").is_empty(), "{wrong}");
    }
}

/// Kinds of errors are those of the code.
#[test]
fn every_kind_of_error_is_in_the_schema_and_on_the_page() {
    use crate::error::Kind;
    let kinds = [
        Kind::Usage,
        Kind::Recipe,
        Kind::Thrown,
        Kind::Command,
        Kind::Signal,
        Kind::Connection,
        Kind::Lost,
        Kind::Timeout,
        Kind::Cancelled,
        Kind::Io,
        Kind::Locked,
        Kind::Hosts,
        Kind::Internal,
        Kind::Exit(1),
    ];
    let schema = schema();
    let listed = schema["$defs"]["error"]["properties"]["kind"]["enum"].as_array().unwrap();
    assert_eq!(listed.len(), kinds.len());
    for kind in kinds {
        assert!(listed.iter().any(|name| name == kind.name()), "{}", kind.name());
        assert!(EVENTS_PAGE.contains(&format!("`{}`", kind.name())), "{}", kind.name());
    }
}
