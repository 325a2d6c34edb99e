//! What servers say about single ones of their roles: the answer of `role_properties(…)`.

use std::sync::Arc;

use crate::model::pattern::{Pattern, any_matches};
use crate::model::server::Server;
use crate::model::value::Value;

/// What one server has to say about one of its roles.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleProperties {
    /// The server.
    pub server: Arc<Server>,
    /// The role.
    pub role: String,
    /// The property of the role's name; `Value::Unit` where there is none.
    pub properties: Value,
}

/// For each of these servers and each of its roles that is asked for: the property of the role's name. A list gives one
/// entry per element.
#[must_use]
pub fn role_properties(servers: &[Arc<Server>], roles: &[Pattern]) -> Vec<RoleProperties> {
    let mut found = Vec::new();
    for server in servers {
        for role in server.roles.iter().filter(|role| any_matches(roles, role)) {
            let entry = |properties: &Value| RoleProperties {
                server: Arc::clone(server),
                role: role.clone(),
                properties: properties.clone(),
            };
            match server.property(role) {
                Value::List(values) => found.extend(values.iter().map(entry)),
                value => found.push(entry(value)),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn map<const N: usize>(pairs: [(&str, Value); N]) -> IndexMap<String, Value> {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn server<const N: usize>(host: &str, roles: &[&str], properties: [(&str, Value); N]) -> Arc<Server> {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Arc::new(Server { roles, properties: map(properties), ..Server::new(host) })
    }

    #[test]
    fn role_properties_are_those_under_the_roles_name() {
        let queue = |n| Value::Map(map([("queue", Value::Int(n))]));
        let servers = [
            server("a", &["web", "worker"], [("worker", Value::List(vec![queue(1), queue(2)]))]),
            server("b", &["worker"], [("worker", queue(3))]),
            server("c", &["worker"], []),
        ];
        let shown = |roles: &str| -> Vec<String> {
            let found = role_properties(&servers, &Pattern::list(roles, "roles").unwrap());
            found.iter().map(|one| format!("{} {} {}", one.server.name, one.role, one.properties)).collect()
        };
        assert_eq!(
            shown("worker"),
            ["a worker #{ queue: 1 }", "a worker #{ queue: 2 }", "b worker #{ queue: 3 }", "c worker ()"]
        );
        assert_eq!(shown("web"), ["a web ()"]);
        assert_eq!(shown("all").len(), 5);
    }
}
