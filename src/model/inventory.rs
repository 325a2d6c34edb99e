//! The servers of a stage.
//!
//! Owns which declarations are of the same server, and the questions `roles`, `release_roles` and `primary` ask. The filters of a run (`-r`, `-z`) must not be applied here: they limit what `on` gets, never
//! what these answer, or configuration files built from the answers would differ from run to run.

use std::sync::Arc;

use indexmap::map::Entry;
use indexmap::{IndexMap, IndexSet};

use crate::error::Error;
use crate::model::host_string::HostString;
use crate::model::pattern::Pattern;
use crate::model::property_filter::PropertyFilter;
use crate::model::server::Server;
use crate::model::server_merge;
use crate::model::server_spec::{self, check_role};
use crate::model::value::Value;
use crate::place::Place;

/// The property that keeps a server out of [`Inventory::release_roles`].
const NO_RELEASE: &str = "no_release";

/// All servers of a stage in the order they were first declared.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    servers: IndexMap<(String, u16), Arc<Server>>,
    roles: IndexSet<String>,
}

impl Inventory {
    /// Adds a server, or adds to the one with the same name and port, as [`server_merge::merge`] does.
    ///
    /// # Errors
    /// A role that cannot be one, see [`check_role`].
    pub fn server(&mut self, server: Server) -> Result<(), Error> {
        for role in &server.roles {
            check_role(role)?;
        }
        self.roles.extend(server.roles.iter().cloned());
        let (name, port) = server.key();
        match self.servers.entry((name.to_owned(), port)) {
            Entry::Vacant(place) => {
                place.insert(Arc::new(server));
            }
            Entry::Occupied(mut known) => server_merge::merge(Arc::make_mut(known.get_mut()), server),
        }
        Ok(())
    }

    /// Gives hosts a role. The properties are the servers', as in [`server_spec::server`], said at `place`. A role without
    /// hosts is known all the same.
    ///
    /// # Errors
    /// As [`server_spec::server`]; nothing is added then.
    pub fn role(
        &mut self,
        role: &str,
        hosts: &[HostString],
        properties: &IndexMap<String, Value>,
        place: Option<&Place>,
    ) -> Result<(), Error> {
        check_role(role)?;
        let mut servers = Vec::with_capacity(hosts.len());
        for host in hosts {
            let mut server = server_spec::server(host.clone(), properties.clone())?.said_at(place);
            server.roles.insert(role.to_owned());
            servers.push(server);
        }
        self.roles.insert(role.to_owned());
        servers.into_iter().try_for_each(|server| self.server(server))
    }

    /// Every server.
    #[must_use]
    pub fn servers(&self) -> impl ExactSizeIterator<Item = &Arc<Server>> {
        self.servers.values()
    }

    /// Every role anyone declared, in order.
    pub fn known_roles(&self) -> impl ExactSizeIterator<Item = &str> {
        self.roles.iter().map(String::as_str)
    }

    /// Whether anyone declared this role.
    #[must_use]
    pub fn knows_role(&self, role: &str) -> bool {
        role == "all" || self.roles.contains(role)
    }

    /// The server of this name and port.
    #[must_use]
    pub fn at(&self, name: &str, port: u16) -> Option<&Arc<Server>> {
        self.servers.get(&(name.to_owned(), port))
    }

    /// The server a host string means: the one with its name and port, or, where it names no port, the only one of that
    /// name. The user does not count.
    #[must_use]
    pub fn find(&self, host: &HostString) -> Option<&Arc<Server>> {
        let exact = self.at(&host.name, host.port.unwrap_or(22));
        exact.or_else(|| {
            let mut named = self.servers.values().filter(|server| host.port.is_none() && server.name == host.name);
            named.next().filter(|_| named.next().is_none())
        })
    }

    /// The servers that have one of the roles and meet every condition, each once, in order of declaration. `all` means
    /// every server, those without a role too. No roles, or roles nobody has, give none; see [`Inventory::unknown_role`].
    #[must_use]
    pub fn roles(&self, roles: &[Pattern], conditions: &[PropertyFilter]) -> Vec<Arc<Server>> {
        let chosen = self.servers.values().filter(|server| has_role(server, roles));
        chosen.filter(|server| conditions.iter().all(|condition| condition.holds(server))).cloned().collect()
    }

    /// As [`Inventory::roles`], without servers whose `no_release` is true. The caller's own conditions all stay.
    #[must_use]
    pub fn release_roles(&self, roles: &[Pattern], conditions: &[PropertyFilter]) -> Vec<Arc<Server>> {
        let mut conditions = conditions.to_vec();
        conditions.push(PropertyFilter::Without(NO_RELEASE.to_owned()));
        self.roles(roles, &conditions)
    }

    /// The first server of a role whose `primary` is true, else the first of the role. `all` is every server.
    #[must_use]
    pub fn primary(&self, role: &str) -> Option<Arc<Server>> {
        let mut of_role = self.servers.values().filter(|server| role == "all" || server.roles.contains(role));
        let first = of_role.clone().next();
        of_role.find(|server| server.property("primary").is_truthy()).or(first).cloned()
    }
}

/// Whether a server has one of the roles.
#[must_use]
pub fn has_role(server: &Server, roles: &[Pattern]) -> bool {
    roles.iter().any(|pattern| matches!(pattern, Pattern::All) || server.roles.iter().any(|role| pattern.matches(role)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::host_string::parse;
    use crate::model::inventory_testing::{map, server, stage};

    fn patterns(text: &str) -> Vec<Pattern> {
        Pattern::list(text, "roles").unwrap()
    }

    fn labels(servers: &[Arc<Server>]) -> Vec<String> {
        servers.iter().map(|server| server.label()).collect()
    }

    fn roles_of(inventory: &Inventory, text: &str) -> Vec<String> {
        labels(&inventory.roles(&patterns(text), &[]))
    }

    /// Capistrano 3.1.0 and 3.8.0 (#1846): another port is another server. Its fault 21: port 22 is not.
    #[test]
    fn another_port_is_another_server_and_22_is_none() {
        let inventory = stage(vec![
            server("web1", &["web"], []),
            server("web1:2222", &["web"], []),
            server("web1:22", &["app"], []),
        ]);
        assert_eq!(roles_of(&inventory, "all"), ["web1", "web1:2222"]);
        assert_eq!(roles_of(&inventory, "app"), ["web1"]);
    }

    #[test]
    fn role_gives_hosts_a_role_and_properties() {
        let mut inventory = Inventory::default();
        let hosts = [parse("web1").unwrap(), parse("me@web2").unwrap()];
        inventory
            .role("web", &hosts, &map([("user", "deploy".into()), ("active", Value::Bool(true))]), None)
            .unwrap_err();
        assert_eq!(inventory.servers().len(), 0, "nothing is added when one host contradicts");
        inventory.role("web", &hosts, &map([("active", Value::Bool(true))]), None).unwrap();
        inventory.role("db", &hosts[..1], &IndexMap::new(), None).unwrap();
        inventory.role("later", &[], &IndexMap::new(), None).unwrap();
        assert_eq!(roles_of(&inventory, "web"), ["web1", "me@web2"]);
        assert_eq!(roles_of(&inventory, "db"), ["web1"]);
        assert!(inventory.servers().all(|server| server.property("active") == &Value::Bool(true)));
        assert_eq!(inventory.known_roles().collect::<Vec<_>>(), ["web", "db", "later"]);
    }

    #[test]
    fn all_and_two_roles_in_one_are_refused_everywhere() {
        let mut inventory = Inventory::default();
        for role in ["all", "web app"] {
            assert!(inventory.role(role, &[], &IndexMap::new(), None).is_err());
            let with_role = Server { roles: [role.to_owned()].into(), ..Server::new("web1") };
            assert!(inventory.server(with_role).is_err());
        }
        assert_eq!((inventory.servers().len(), inventory.known_roles().len()), (0, 0));
    }

    #[test]
    fn roles_are_found_once_in_order_of_declaration() {
        let inventory = stage(vec![
            server("a", &["web", "app"], []),
            server("b", &["db"], []),
            server("c", &["app"], []),
            server("d", &[], []),
        ]);
        assert_eq!(roles_of(&inventory, "app,web"), ["a", "c"]);
        assert_eq!(roles_of(&inventory, "db, app"), ["a", "b", "c"]);
        assert_eq!(roles_of(&inventory, "/^(web|db)$/"), ["a", "b"]);
        assert_eq!(roles_of(&inventory, "all"), ["a", "b", "c", "d"]);
        assert_eq!(roles_of(&inventory, "missing"), Vec::<String>::new());
        assert_eq!(labels(&inventory.roles(&[], &[])), Vec::<String>::new());
    }

    /// Capistrano's fault 5 and 3.4.0: the caller's own conditions were lost.
    #[test]
    fn release_roles_keep_the_callers_exclude() {
        let yes = Value::Bool(true);
        let inventory = stage(vec![
            server("a", &["app"], []),
            server("b", &["app"], [("no_release", yes.clone())]),
            server("c", &["app"], [("paused", yes.clone())]),
            server("d", &["app"], [("no_release", Value::Bool(false)), ("zone", "x".into())]),
        ]);
        let release = |conditions: &[PropertyFilter]| labels(&inventory.release_roles(&patterns("app"), conditions));
        assert_eq!(release(&[]), ["a", "c", "d"]);
        assert_eq!(release(&[PropertyFilter::Without("paused".into())]), ["a", "d"]);
        assert_eq!(release(&[PropertyFilter::Equals("zone".into(), "x".into())]), ["d"]);
    }

    #[test]
    fn the_primary_is_the_first_marked_else_the_first() {
        let inventory = stage(vec![
            server("a", &["db"], [("primary", Value::Bool(false))]),
            server("b", &["db", "web"], []),
            server("c", &["db"], [("primary", Value::Bool(true))]),
            server("d", &["db"], [("primary", Value::Bool(true))]),
        ]);
        let name = |role| inventory.primary(role).map(|server| server.name.clone());
        assert_eq!(name("db").as_deref(), Some("c"));
        assert_eq!(name("web").as_deref(), Some("b"));
        assert_eq!(name("all").as_deref(), Some("c"));
        assert_eq!(name("missing"), None);
    }

    #[test]
    fn a_host_string_finds_its_server() {
        let inventory = stage(vec![
            server("me@a", &[], []),
            server("b:2222", &[], []),
            server("c:1", &[], []),
            server("c:2", &[], []),
        ]);
        let find = |text: &str| inventory.find(&parse(text).unwrap()).map(|server| server.label());
        assert_eq!(find("a").as_deref(), Some("me@a"));
        assert_eq!(find("you@a:22").as_deref(), Some("me@a"));
        assert_eq!(find("b").as_deref(), Some("b:2222"));
        assert_eq!(find("b:22"), None);
        assert_eq!(find("c"), None, "two servers have this name");
        assert_eq!(find("c:2").as_deref(), Some("c:2"));
    }

    #[test]
    fn a_property_was_said_where_it_was_said_last() {
        let place = |line| Place::new("config/deploy/production.rhai", line, 1);
        let said = |properties: &[(&str, Value)], line| {
            let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            server_spec::server(parse("a").unwrap(), properties).unwrap().said_at(Some(&place(line)))
        };
        let mut inventory = stage(vec![
            said(&[("x", Value::Int(1)), ("y", Value::Int(1)), ("user", "deploy".into())], 1),
            said(&[("x", Value::Int(2))], 2),
        ]);
        inventory.role("r", &[parse("a").unwrap()], &map([("z", Value::Int(3))]), Some(&place(3))).unwrap();
        let found = inventory.servers().next().unwrap().places.clone();
        let expected = [("x", 2), ("y", 1), ("z", 3)].map(|(name, line)| (name.to_owned(), place(line)));
        assert_eq!(found, IndexMap::from(expected));
    }

    /// Capistrano 3.8.0: declaring roles took time by the square of the hosts.
    #[test]
    fn thousands_of_servers_are_no_burden() {
        let hosts: Vec<HostString> = (0..20_000).map(|i| parse(&format!("web{i}")).unwrap()).collect();
        let mut inventory = Inventory::default();
        let start = std::time::Instant::now();
        for role in ["web", "app", "web"] {
            inventory.role(role, &hosts, &map([("active", Value::Bool(true))]), None).unwrap();
        }
        assert_eq!(inventory.roles(&patterns("web,app"), &[]).len(), 20_000);
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "took {:?}", start.elapsed());
    }

    fn any_server() -> impl Strategy<Value = Server> {
        let leaf = || prop_oneof![(0..3_i64).prop_map(Value::Int), any::<bool>().prop_map(Value::Bool)];
        let value = prop_oneof![
            leaf(),
            prop::collection::vec(leaf(), 0..4).prop_map(Value::List),
            prop::collection::hash_map("[ab]", leaf(), 0..3).prop_map(|map| Value::Map(map.into_iter().collect())),
        ];
        (
            "[abc]",
            prop::option::of("[uv]"),
            prop::sample::select(vec![None, Some(22), Some(2222)]),
            prop::collection::vec("[rst]", 0..3),
            prop::collection::hash_map("[pq]", value, 0..3),
        )
            .prop_map(|(name, user, port, roles, properties)| Server {
                user,
                port,
                roles: roles.into_iter().collect(),
                properties: properties.into_iter().collect(),
                ..Server::new(name)
            })
    }

    proptest! {
        #[test]
        fn saying_it_again_changes_nothing(servers in prop::collection::vec(any_server(), 1..8), index in any::<prop::sample::Index>()) {
            let once = stage(servers.clone());
            prop_assert!(servers.iter().all(|server| once.servers().any(|known| known.key() == server.key())));
            // The last word on a server, repeated at once, is the same as said once.
            let last = index.get(&servers);
            let mut twice = once.clone();
            twice.server(last.clone()).unwrap();
            let mut thrice = twice.clone();
            thrice.server(last.clone()).unwrap();
            prop_assert_eq!(twice.servers().collect::<Vec<_>>(), thrice.servers().collect::<Vec<_>>());
            prop_assert_eq!(twice.servers().len(), once.servers().len());
        }

        #[test]
        fn nobody_loses_a_role(servers in prop::collection::vec(any_server(), 1..8)) {
            let inventory = stage(servers.clone());
            for server in &servers {
                let known = inventory.servers().find(|known| known.key() == server.key()).unwrap();
                prop_assert!(server.roles.is_subset(&known.roles));
            }
        }
    }
}
