//! `server` and `role`: what the stage has.
//!
//! Owns what is told where a server is declared: hosts that cannot be read, properties and options of ssh that nobody has.

use std::sync::{Arc, PoisonError};

use indexmap::IndexMap;
use rhai::{Array, Dynamic};

use crate::error::Error;
use crate::model::host_string::{self, HostString};
use crate::model::inventory::Inventory;
use crate::model::pattern::Pattern;
use crate::model::server::Server;
use crate::model::server_spec;
use crate::model::value::Value;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{MAP, NOTHING, TEXT, TEXTS, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::{text, to_value};
use crate::recipe::world::World;
use crate::transport::options::check as check_ssh_options;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "server",
        usage: "server(\"user@host:port\", #{ roles: [\"app\", \"web\"], primary: true })",
        about: "Declare a server, or several: `server(\"web[01:20].example.com\", …)`. Declared again, its roles and properties \
                are added to. `local` is this machine.",
        takes: &[one("host", TEXT), maybe("properties", MAP)],
        options: &[],
        gives: NOTHING,
        run: server,
    },
    Function {
        name: "role",
        usage: "role(name, [hosts], #{ properties })",
        about: "Declare servers by role.",
        takes: &[one("name", TEXT), one("hosts", TEXTS), maybe("properties", MAP)],
        options: &[],
        gives: NOTHING,
        run: role,
    },
];

fn server(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("a host")?;
    let properties = properties(call)?;
    let servers = host_string::parse_all(&name)?.into_iter().map(|host| server_spec::server(host, properties.clone()));
    for server in servers.collect::<Result<Vec<_>, Error>>()? {
        declare(call, server)?;
    }
    Ok(Dynamic::UNIT)
}

/// Adds a server that this call has declared to those of the stage, and gives what is known of it now.
///
/// # Errors
/// Options of ssh that there are none of.
pub fn declare(call: &Call<'_>, server: Server) -> Result<Arc<Server>, Error> {
    check_ssh_options(&server.ssh_options)?;
    let server = server.said_at(call.place().as_ref());
    let (name, port) = (server.name.clone(), server.key().1);
    change(call.world(), |inventory| {
        inventory.server(server.clone())?;
        Ok(inventory.at(&name, port).cloned().unwrap_or_else(|| Arc::new(server)))
    })
}

fn role(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("the name of a role")?;
    let hosts = call.any();
    let properties = properties(call)?;
    if let Some(Value::Map(options)) = properties.get("ssh_options") {
        check_ssh_options(options)?;
    }
    let texts = hosts.clone().try_cast::<Array>().unwrap_or_else(|| vec![hosts]);
    let mut hosts = Vec::new();
    for host in &texts {
        let text = text(host).ok_or_else(|| call.wrong("the hosts", "a list of strings", host))?;
        hosts.extend(host_string::parse_all(&text)?);
    }
    change(call.world(), |inventory| inventory.role(&name, &hosts, &properties, call.place().as_ref()))?;
    Ok(Dynamic::UNIT)
}

fn change<T>(world: &World, work: impl FnOnce(&mut Inventory) -> Result<T, Error>) -> Result<T, Error> {
    work(&mut world.servers.write().unwrap_or_else(PoisonError::into_inner))
}

fn properties(call: &mut Call<'_>) -> Result<IndexMap<String, Value>, Error> {
    let value = call.any();
    if value.is_unit() {
        return Ok(IndexMap::new());
    }
    match to_value(&value)? {
        Value::Map(map) => Ok(map),
        _ => Err(call.wrong("the properties", "a map such as `#{ roles: [\"app\"] }`", &value)),
    }
}

/// The servers of a text that names one, several by a range, or else a role.
///
/// # Errors
/// A host string that cannot be read.
pub fn called(world: &World, text: &str) -> Result<Vec<Arc<Server>>, Error> {
    let asked = host_string::parse_all(text)?;
    if let [asked] = asked.as_slice() {
        let of_role = world.inventory(|inventory| {
            let is_role = inventory.find(asked).is_none() && inventory.knows_role(text);
            // `all` is every server.
            let role = if text == "all" { Pattern::All } else { Pattern::Exact(text.to_owned()) };
            is_role.then(|| inventory.roles(&[role], &[]))
        });
        if let Some(servers) = of_role {
            return Ok(servers);
        }
    }
    asked.into_iter().map(|host| of_string(world, host)).collect()
}

/// The declared server of that name, or a new one for a name that was not declared.
///
/// # Errors
/// A host string that cannot be read.
pub fn named(world: &World, text: &str) -> Result<Arc<Server>, Error> {
    of_string(world, host_string::parse(text)?)
}

fn of_string(world: &World, asked: HostString) -> Result<Arc<Server>, Error> {
    let declared = world.inventory(|inventory| inventory.find(&asked).cloned());
    Ok(match declared {
        Some(server) if asked.user.is_none() || server.user == asked.user => server,
        Some(server) => Arc::new(Server { user: asked.user, ..(*server).clone() }),
        None => Arc::new(server_spec::server(asked, IndexMap::new())?),
    })
}
