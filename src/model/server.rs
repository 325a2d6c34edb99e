//! A server: where it is, who we are there, what it is for.

use indexmap::{IndexMap, IndexSet};

use crate::model::value::Value;
use crate::place::Place;

/// What this machine is called where it is no server of the stage: in `run_locally`.
pub const THIS_MACHINE: &str = "localhost";

/// How commands get to a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Over the user's own ssh.
    #[default]
    Ssh,
    /// On this machine, without ssh.
    Local,
}

/// One server of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// Host name, address or ssh alias, without user and port.
    pub name: String,
    /// Login user; none means what ssh's own configuration says.
    pub user: Option<String>,
    /// Port; none means what ssh's own configuration says.
    pub port: Option<u16>,
    /// Roles in the order they were given.
    pub roles: IndexSet<String>,
    /// Everything else the recipe said about it.
    pub properties: IndexMap<String, Value>,
    /// Where each property was last said.
    pub places: IndexMap<String, Place>,
    /// `ssh_options` of this server, under Capistrano's names; they win over the stage's.
    pub ssh_options: IndexMap<String, Value>,
    /// How commands get there.
    pub reach: Reach,
}

impl Server {
    /// A server with nothing but a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            user: None,
            port: None,
            roles: IndexSet::new(),
            properties: IndexMap::new(),
            places: IndexMap::new(),
            ssh_options: IndexMap::new(),
            reach: Reach::Ssh,
        }
    }

    /// What makes a server itself: name and port, 22 when none is given. The user is not part of it.
    #[must_use]
    pub fn key(&self) -> (&str, u16) {
        (&self.name, self.port.unwrap_or(22))
    }

    /// Its name, with the port only where it is not ssh's: `web1`, `web1:2222`, `[::1]:2222`.
    #[must_use]
    pub fn address(&self) -> String {
        match self.port.filter(|port| *port != 22) {
            None => self.name.clone(),
            Some(port) if self.name.contains(':') => format!("[{}]:{port}", self.name),
            Some(port) => format!("{}:{port}", self.name),
        }
    }

    /// How it is called in output: its address with the user, where the recipe gives one.
    #[must_use]
    pub fn label(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        format!("{user}{}", self.address())
    }

    /// The same, all of whose properties were said at this place.
    #[must_use]
    pub fn said_at(mut self, place: Option<&Place>) -> Self {
        if let Some(place) = place {
            self.places = self.properties.keys().map(|name| (name.clone(), place.clone())).collect();
        }
        self
    }

    /// A property, `Value::Unit` where there is none.
    #[must_use]
    pub fn property(&self, name: &str) -> &Value {
        self.properties.get(name).unwrap_or(&Value::Unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_the_same_host_with_port_22_are_one() {
        let with_port = Server { port: Some(22), ..Server::new("web1") };
        assert_eq!(Server::new("web1").key(), with_port.key());
    }

    #[test]
    fn labels_say_what_is_needed_to_find_it() {
        assert_eq!(Server::new("web1").label(), "web1");
        assert_eq!(
            Server { user: Some("deploy".into()), port: Some(2222), ..Server::new("web1") }.label(),
            "deploy@web1:2222"
        );
        assert_eq!(Server { port: Some(2222), ..Server::new("::1") }.label(), "[::1]:2222");
        assert_eq!(Server { port: Some(22), ..Server::new("::1") }.label(), "::1");
    }
}
