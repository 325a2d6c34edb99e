//! What happens when a server is declared again.
//!
//! Owns how the newer declaration changes what is known of the server. Which declarations are of one server is
//! `model::inventory`'s to know.

use crate::model::server::{Reach, Server};
use crate::model::value::Value;

/// Adds a newer declaration of a server to what is known of it: roles accumulate; a user replaces the user; of two maps the
/// newer wins key by key; a list gets what it does not hold yet; any other property is replaced; `ssh_options` are replaced
/// key by key.
pub fn merge(known: &mut Server, newer: Server) {
    known.user = newer.user.or(known.user.take());
    known.port = newer.port.or(known.port);
    known.roles.extend(newer.roles);
    known.ssh_options.extend(newer.ssh_options);
    // ssh is what a declaration without `transport` says, so it does not take back `local`.
    if newer.reach == Reach::Local {
        known.reach = Reach::Local;
    }
    known.places.extend(newer.places);
    for (name, value) in newer.properties {
        match (known.properties.get_mut(&name), value) {
            (Some(Value::Map(known)), Value::Map(newer)) => known.extend(newer),
            (Some(Value::List(known)), Value::List(newer)) => {
                for one in newer {
                    if !known.contains(&one) {
                        known.push(one);
                    }
                }
            }
            (_, value) => {
                known.properties.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::model::inventory_testing::{map, server, stage};
    use crate::model::pattern::Pattern;

    fn list(texts: &[&str]) -> Value {
        Value::List(texts.iter().map(|text| Value::from(*text)).collect())
    }

    #[test]
    fn declarations_of_one_server_merge() {
        let inventory = stage(vec![
            server(
                "web1",
                &["web"],
                [
                    ("a", Value::Int(1)),
                    ("tags", list(&["x", "y"])),
                    ("env", Value::Map(map([("A", Value::Int(1)), ("B", Value::Int(1))]))),
                ],
            ),
            server("db1", &["db"], []),
            server(
                "deploy@web1:22",
                &["app", "web"],
                [
                    ("a", Value::Int(2)),
                    ("tags", list(&["y", "z"])),
                    ("env", Value::Map(map([("B", Value::Int(2)), ("C", Value::Int(2))]))),
                ],
            ),
        ]);
        let all = inventory.roles(&[Pattern::All], &[]);
        assert_eq!(all.iter().map(|server| server.label()).collect::<Vec<_>>(), ["deploy@web1", "db1"]);
        assert_eq!(all[0].roles.iter().collect::<Vec<_>>(), ["web", "app"]);
        assert_eq!(all[0].property("a"), &Value::Int(2));
        assert_eq!(all[0].property("tags"), &list(&["x", "y", "z"]));
        assert_eq!(all[0].property("env").to_string(), "#{ A: 1, B: 2, C: 2 }");
    }

    #[test]
    fn kinds_that_differ_overwrite() {
        let inventory =
            stage(vec![server("web1", &[], [("a", list(&["x"]))]), server("web1", &[], [("a", "x".into())])]);
        assert_eq!(inventory.servers().next().unwrap().property("a"), &Value::from("x"));
    }

    #[test]
    fn a_declaration_without_user_or_transport_keeps_them() {
        let inventory =
            stage(vec![server("me@web1", &[], [("transport", "local".into())]), server("web1", &["web"], [])]);
        let web1 = inventory.servers().next().unwrap();
        assert_eq!((web1.user.as_deref(), web1.reach), (Some("me"), Reach::Local));
    }

    #[test]
    fn ssh_options_merge_key_by_key() {
        let options = |pairs: [(&str, Value); 1]| Value::Map(map(pairs));
        let inventory = stage(vec![
            server("web1", &[], [("ssh_options", options([("keys", list(&["a"]))]))]),
            server("web1", &[], [("ssh_options", options([("forward_agent", Value::Bool(true))]))]),
            server("web1", &[], [("ssh_options", options([("keys", list(&["b"]))]))]),
        ]);
        let expected = map([("keys", list(&["b"])), ("forward_agent", Value::Bool(true))]);
        assert_eq!(inventory.servers().next().unwrap().ssh_options, expected);
    }
}
