//! Lists of hosts that come from outside a recipe: lines of text, or JSON.
//!
//! Owns what such a list may look like. It must not fetch one, nor make servers of it; `model::server_spec` does that.

use std::net::Ipv6Addr;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::error::Error;
use crate::model::brief::brief;
use crate::model::host_range;
use crate::model::secret::Vault;
use crate::model::suggest::did_you_mean;
use crate::model::value::Value;

/// A host of a list, or several where it is a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Which entry it is, for errors: `line 3`.
    pub label: String,
    /// The host, as `server(…)` takes it.
    pub host: String,
    /// Its properties, roles among them.
    pub properties: IndexMap<String, Value>,
}

/// What the help of every error about JSON says.
const JSON: &str = "expected a list of texts or of objects such as `{\"host\": \"web1\", \"roles\": [\"web\"]}`, or an object of role \
     and list; anything else is taken apart with `read: |text| …`";

/// Reads a list.
///
/// # Errors
/// What is neither lines nor JSON of the form above, with the entry that is wrong.
pub fn of_text(text: &str) -> Result<Vec<Entry>, Error> {
    if !is_json(text) {
        return of_lines(text);
    }
    let json: Json =
        serde_json::from_str(text).map_err(|problem| Error::recipe(format!("the JSON is broken: {problem}")))?;
    of_value(&value(json))
}

/// Reads a list that is already taken apart.
///
/// # Errors
/// As [`of_text`].
pub fn of_value(list: &Value) -> Result<Vec<Entry>, Error> {
    match list {
        Value::List(items) => of_items(items, None),
        Value::Map(map) => match map.get("hosts") {
            Some(Value::List(items)) if map.len() == 1 => of_items(items, None),
            _ => of_roles(map),
        },
        other => Err(Error::recipe(format!("the list of hosts is `{}`", brief(&other.to_string()))).help(JSON)),
    }
}

/// JSON begins with a brace, or with a bracket that no range and no address can begin with.
fn is_json(text: &str) -> bool {
    let mut signs = text.chars().filter(|sign| !sign.is_whitespace());
    match signs.next() {
        Some('{') => true,
        Some('[') => matches!(signs.next(), Some('"' | '{' | ']')),
        _ => false,
    }
}

fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Unit,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Text(number.to_string()),
        },
        // An escape may stand for what was taken out of the text before.
        Json::String(text) => Value::Text(Vault::foreign(text)),
        Json::Array(items) => Value::List(items.into_iter().map(value).collect()),
        Json::Object(items) => Value::Map(items.into_iter().map(|(name, item)| (name, value(item))).collect()),
    }
}

fn of_roles(map: &IndexMap<String, Value>) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for (role, hosts) in map {
        let Value::List(items) = hosts else {
            return Err(Error::recipe(format!(
                "`{}` in the list of hosts is `{}`",
                brief(role),
                brief(&hosts.to_string())
            ))
            .help(JSON));
        };
        entries.extend(of_items(items, Some(role))?);
    }
    Ok(entries)
}

fn of_items(items: &[Value], role: Option<&str>) -> Result<Vec<Entry>, Error> {
    let entry = |(number, item): (usize, &Value)| {
        let of = role.map(|role| format!(" of `{role}`")).unwrap_or_default();
        let mut entry = item_of(item, format!("entry {}{of}", number + 1))?;
        if let Some(role) = role {
            add_roles(&mut entry.properties, &Value::List(vec![role.into()]));
        }
        Ok(entry)
    };
    items.iter().enumerate().map(entry).collect()
}

fn item_of(item: &Value, label: String) -> Result<Entry, Error> {
    match item {
        Value::Text(host) => Ok(Entry { label, host: host.clone(), properties: IndexMap::new() }),
        Value::Map(map) => {
            let mut properties = map.clone();
            match properties.shift_remove("host") {
                Some(Value::Text(host)) => Ok(Entry { label, host, properties }),
                Some(other) => {
                    Err(Error::recipe(format!("the `host` of {label} is `{}`", brief(&other.to_string()))).help(JSON))
                }
                None => Err(Error::recipe(format!("{label} has no `host`"))
                    .maybe_help(
                        did_you_mean("host", map.keys().map(String::as_str))
                            .map(|_| "call the name of the host `host`".to_owned()),
                    )
                    .help(JSON)),
            }
        }
        other => Err(Error::recipe(format!("{label} is `{}`, and no host", brief(&other.to_string()))).help(JSON)),
    }
}

/// Adds roles to those there are.
pub fn add_roles(properties: &mut IndexMap<String, Value>, more: &Value) {
    let as_list = |value: &Value| match value {
        Value::List(roles) => roles.clone(),
        Value::Unit => Vec::new(),
        one => vec![one.clone()],
    };
    let mut roles = properties.get("roles").map(as_list).unwrap_or_default();
    for role in as_list(more) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    if !roles.is_empty() {
        properties.insert("roles".to_owned(), Value::List(roles));
    }
}

fn of_lines(text: &str) -> Result<Vec<Entry>, Error> {
    let (mut entries, mut role) = (Vec::new(), None);
    for (number, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let label = format!("line {}", number + 1);
        if let Some(heading) = heading(line) {
            if heading.contains(':') {
                return Err(Error::recipe(format!("{label}, `{}`, is a group of groups or of variables", brief(line)))
                    .help("write the roles and properties behind each host: `web1 roles=app,web zone=a`"));
            }
            role = Some(heading.to_owned());
            continue;
        }
        let mut entry = of_line(line, label)?;
        if let Some(role) = &role {
            add_roles(&mut entry.properties, &Value::List(vec![Value::Text(role.clone())]));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The role in `[web]`, which all hosts below it have.
fn heading(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('[')?.strip_suffix(']')?;
    let is_host = inside.contains([']', '[']) || inside.parse::<Ipv6Addr>().is_ok() || host_range::has_range(line);
    (!is_host).then_some(inside)
}

fn of_line(line: &str, label: String) -> Result<Entry, Error> {
    let mut words = line.split_whitespace();
    let host = words.next().unwrap_or_default().to_owned();
    let mut properties = IndexMap::new();
    for word in words {
        let Some((name, text)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Error::recipe(format!(
                "`{}` in {label} is no property",
                brief(&word.escape_debug().to_string())
            ))
            .help("a line is a host and what is said about it: `web1 roles=app,web zone=a`"));
        };
        let text = Vault::foreign(text.to_owned());
        let value = match (name, text.as_str()) {
            ("roles", roles) => {
                Value::List(roles.split(',').filter(|role| !role.is_empty()).map(Value::from).collect())
            }
            (_, "true") => Value::Bool(true),
            (_, "false") => Value::Bool(false),
            (_, text) => text.parse().map_or_else(|_| Value::from(text), Value::Int),
        };
        properties.insert(name.to_owned(), value);
    }
    Ok(Entry { label, host: Vault::foreign(host), properties })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let entry = |entry: Entry| format!("{} {} {}", entry.label, entry.host, Value::Map(entry.properties));
        of_text(text).unwrap().into_iter().map(entry).collect()
    }

    fn wrong(text: &str) -> Error {
        of_text(text).unwrap_err()
    }

    #[test]
    fn lines_name_hosts_with_what_is_said_about_them() {
        let text = "# ours\n\nweb[01:02] roles=app,web zone=a # the first\n\tme@db1:2222  primary=true weight=3 off=false\n[::1]:22\n[a:b].example\n; old\n";
        assert_eq!(
            shown(text),
            [
                r#"line 3 web[01:02] #{ roles: ["app", "web"], zone: "a" }"#,
                "line 4 me@db1:2222 #{ primary: true, weight: 3, off: false }",
                "line 5 [::1]:22 #{}",
                "line 6 [a:b].example #{}",
            ]
        );
        assert!(shown("").is_empty() && shown(" \n#\n").is_empty());
    }

    #[test]
    fn headings_give_roles() {
        assert_eq!(
            shown("spare\n[web]\nweb1\nweb2 roles=app\n[db]\ndb1\n[::1]\n"),
            [
                "line 1 spare #{}",
                r#"line 3 web1 #{ roles: ["web"] }"#,
                r#"line 4 web2 #{ roles: ["app", "web"] }"#,
                r#"line 6 db1 #{ roles: ["db"] }"#,
                r#"line 7 [::1] #{ roles: ["db"] }"#,
            ]
        );
        for heading in ["[all:vars]", "[a:children]"] {
            assert!(wrong(heading).to_string().contains("is a group of groups or of variables"), "{heading}");
        }
    }

    #[test]
    fn json_comes_in_three_forms() {
        assert_eq!(
            shown(r#" ["web1", {"host": "db1", "roles": ["db"], "zone": null, "n": 1.5}] "#),
            ["entry 1 web1 #{}", r#"entry 2 db1 #{ n: 1.5, roles: ["db"], zone: () }"#,]
        );
        assert_eq!(shown(r#"{"hosts": ["web1"]}"#), ["entry 1 web1 #{}"]);
        assert_eq!(
            shown(r#"{"db": ["db1"], "web": [{"host": "web1", "roles": "app"}]}"#),
            [r#"entry 1 of `db` db1 #{ roles: ["db"] }"#, r#"entry 1 of `web` web1 #{ roles: ["app", "web"] }"#,]
        );
        assert!(shown("[]").is_empty());
    }

    #[test]
    fn what_is_no_list_says_which_entry() {
        for (text, message) in [
            ("[\"web1\", 1]", "entry 2 is `1`, and no host"),
            ("[{\"name\": \"web1\"}]", "entry 1 has no `host`"),
            ("[{\"host\": 1}]", "the `host` of entry 1 is `1`"),
            ("{\"web\": \"web1\"}", "`web` in the list of hosts is `\"web1\"`"),
            ("web1 app", "`app` in line 1 is no property"),
            ("web1\nweb2 =a", "`=a` in line 2 is no property"),
        ] {
            assert_eq!(wrong(text).to_string(), message, "{text}");
        }
        assert!(wrong("[\"web1\",").to_string().starts_with("the JSON is broken: EOF while parsing"));
        assert!(wrong("{\"host\":").to_string().starts_with("the JSON is broken"));
    }

    #[test]
    fn a_list_brings_no_seal() {
        let seal = Vault::default().seal("hunter2");
        let escaped = seal.chars().fold(String::new(), |text, c| text + &format!("\\u{:04x}", u32::from(c)));
        for text in [format!("web1 a={seal}"), format!("[{{\"host\": \"web1\", \"a\": \"{escaped}\"}}]")] {
            let entries = of_text(&text).unwrap();
            assert!(!Vault::is_sealed(&entries[0].properties["a"].to_string()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_nothing_panics(text in "[\\[\\]{}\":,=# a-c1\n]{0,40}") {
            for entry in of_text(&text).unwrap_or_default() {
                prop_assert!(entry.label.starts_with("line ") || entry.label.starts_with("entry "));
            }
        }

        #[test]
        fn lines_and_json_say_the_same(hosts in prop::collection::vec("[a-z][a-z0-9]{0,6}", 1..6)) {
            let lines = of_text(&hosts.join("\n")).unwrap();
            let json = of_text(&serde_json::to_string(&hosts).unwrap()).unwrap();
            let names = |entries: &[Entry]| entries.iter().map(|entry| entry.host.clone()).collect::<Vec<_>>();
            prop_assert_eq!(names(&lines), hosts);
            prop_assert_eq!(names(&lines), names(&json));
        }
    }
}
