//! Servers and stages for tests, as recipes declare them.

use indexmap::IndexMap;

use crate::model::host_string::parse;
use crate::model::inventory::Inventory;
use crate::model::server::Server;
use crate::model::server_spec;
use crate::model::value::Value;

/// Properties by name.
pub fn map<const N: usize>(pairs: [(&str, Value); N]) -> IndexMap<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A server with these roles and properties.
pub fn server<const N: usize>(host: &str, roles: &[&str], properties: [(&str, Value); N]) -> Server {
    let mut server = server_spec::server(parse(host).unwrap(), map(properties)).unwrap();
    server.roles.extend(roles.iter().map(|role| (*role).to_owned()));
    server
}

/// A stage of these servers.
pub fn stage(servers: Vec<Server>) -> Inventory {
    let mut inventory = Inventory::default();
    for server in servers {
        inventory.server(server).unwrap();
    }
    inventory
}
