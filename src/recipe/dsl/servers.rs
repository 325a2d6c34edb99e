//! `server`, `role`, `roles` and what a recipe may ask of a host.

use std::sync::{Arc, PoisonError};

use indexmap::IndexMap;
use rhai::{Array, Dynamic, Engine, Map};

use crate::error::Error;
use crate::model::inventory::{Inventory, RoleProperties};
use crate::model::pattern::Pattern;
use crate::model::property_filter::PropertyFilter;
use crate::model::server::Server;
use crate::model::value::Value;
use crate::model::{host_string, server_spec};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{MAP, TEXT, TEXTS, many, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::{from_value, to_value};
use crate::recipe::world::World;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "server",
        usage: "server(\"user@host:port\", #{ roles: [\"app\", \"web\"], primary: true })",
        about: "Declare a server. Declared again, its roles and properties are added to.",
        takes: &[one("host", TEXT), maybe("properties", MAP)],
        options: &[],
        run: server,
    },
    Function {
        name: "role",
        usage: "role(name, [hosts], #{ properties })",
        about: "Declare servers by role.",
        takes: &[one("name", TEXT), one("hosts", TEXTS), maybe("properties", MAP)],
        options: &[],
        run: role,
    },
    Function {
        name: "roles",
        usage: "roles(name, …, #{ property: value })",
        about: "The servers that have one of these roles, in the order they were declared; `all` means every server.",
        takes: &[many("name", TEXTS), maybe("properties", MAP)],
        options: &[],
        run: roles,
    },
    Function {
        name: "release_roles",
        usage: "release_roles(name, …, #{ property: value })",
        about: "As `roles`, without servers that have the property `no_release`.",
        takes: &[many("name", TEXTS), maybe("properties", MAP)],
        options: &[],
        run: release_roles,
    },
    Function {
        name: "primary",
        usage: "primary(role)",
        about: "The first server of a role that has the property `primary`, else the first one; () when there is none.",
        takes: &[one("role", TEXT)],
        options: &[],
        run: primary,
    },
    Function {
        name: "current_host",
        usage: "current_host()",
        about: "The host of the `on` block around the call; for lazy settings that differ from host to host.",
        takes: &[],
        options: &[],
        run: |call| Ok(Dynamic::from(Host::new(call.here()?.server))),
    },
    Function {
        name: "role_properties",
        usage: "role_properties(role, …)",
        about: "A list of maps, one per server and role: the server's property of the role's name, with `role` and `hostname` \
                added.",
        takes: &[many("role", TEXTS)],
        options: &[],
        run: role_properties,
    },
];

/// A server as recipes hold it.
#[derive(Clone, Debug)]
pub struct Host(Arc<Server>);

impl Host {
    /// Wraps a server.
    #[must_use]
    pub const fn new(server: Arc<Server>) -> Self {
        Self(server)
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> Arc<Server> {
        self.0.clone()
    }
}

/// Registers the type of a host and its properties.
pub fn register_types(engine: &mut Engine) {
    engine
        .register_type_with_name::<Host>("host")
        .register_get("name", |host: &mut Host| host.0.name.clone())
        .register_get("user", |host: &mut Host| host.0.user.clone().map_or(Dynamic::UNIT, Dynamic::from))
        .register_get("port", |host: &mut Host| i64::from(host.0.port.unwrap_or(22)))
        .register_get("roles", |host: &mut Host| -> Array {
            host.0.roles.iter().map(|role| role.clone().into()).collect()
        })
        .register_get("properties", |host: &mut Host| -> Map {
            host.0.properties.iter().map(|(name, value)| (name.into(), from_value(value))).collect()
        })
        .register_fn("has_role", |host: &mut Host, role: &str| host.0.roles.contains(role))
        .register_fn("to_string", |host: &mut Host| host.0.address())
        .register_fn("to_debug", |host: &mut Host| host.0.label())
        .register_fn("==", |a: &mut Host, b: Host| a.0.key() == b.0.key())
        .register_fn("!=", |a: &mut Host, b: Host| a.0.key() != b.0.key());
}

fn server(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("a host")?;
    let properties = properties(call)?;
    let server = server_spec::server(host_string::parse(&name)?, properties)?.said_at(call.place().as_ref());
    change(call.world(), |inventory| inventory.server(server))?;
    Ok(Dynamic::UNIT)
}

fn role(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("the name of a role")?;
    let hosts = call.any();
    let properties = properties(call)?;
    let hosts = hosts.clone().try_cast::<Array>().unwrap_or_else(|| vec![hosts]);
    let parsed = hosts.iter().map(|host| {
        let text =
            crate::recipe::values::text(host).ok_or_else(|| call.wrong("the hosts", "a list of strings", host))?;
        host_string::parse(&text)
    });
    let hosts = parsed.collect::<Result<Vec<_>, Error>>()?;
    change(call.world(), |inventory| inventory.role(&name, &hosts, &properties, call.place().as_ref()))?;
    Ok(Dynamic::UNIT)
}

fn change(world: &World, work: impl FnOnce(&mut Inventory) -> Result<(), Error>) -> Result<(), Error> {
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

/// The declared server of that name, or a new one for a name that was not declared.
///
/// # Errors
/// A host string that cannot be read.
pub fn named(world: &World, text: &str) -> Result<Arc<Server>, Error> {
    let asked = host_string::parse(text)?;
    let declared = world.inventory(|inventory| inventory.find(&asked).cloned());
    Ok(match declared {
        Some(server) if asked.user.is_none() || server.user == asked.user => server,
        Some(server) => Arc::new(Server { user: asked.user, ..(*server).clone() }),
        None => Arc::new(server_spec::server(asked, IndexMap::new())?),
    })
}

/// The servers of a text that names one, or else a role.
///
/// # Errors
/// As [`named`].
pub fn called(world: &World, text: &str) -> Result<Vec<Arc<Server>>, Error> {
    let asked = host_string::parse(text)?;
    let of_role = world.inventory(|inventory| {
        let is_role = inventory.find(&asked).is_none() && inventory.knows_role(text);
        is_role.then(|| inventory.roles(&[Pattern::Exact(text.to_owned())], &[]))
    });
    of_role.map_or_else(|| Ok(vec![named(world, text)?]), Ok)
}

fn selected(call: &mut Call<'_>, releases_only: bool) -> Result<Dynamic, Error> {
    let mut options = IndexMap::new();
    let mut patterns = Vec::new();
    for arg in call.rest() {
        match to_value(&arg) {
            Ok(Value::Map(map)) => options.extend(map),
            _ => collect_patterns(call, &arg, &mut patterns)?,
        }
    }
    let conditions = PropertyFilter::parse(&options)?;
    let world = call.world();
    let servers = world.inventory(|inventory| {
        if releases_only {
            inventory.release_roles(&patterns, &conditions)
        } else {
            inventory.roles(&patterns, &conditions)
        }
    });
    if servers.is_empty() {
        // Not yet a mistake: a recipe may ask whether there are any. `on` says what was asked for.
        *world.nothing_found.lock().unwrap_or_else(PoisonError::into_inner) = Some((patterns, conditions));
    }
    Ok(servers.into_iter().map(|server| Dynamic::from(Host::new(server))).collect::<Array>().into())
}

fn collect_patterns(call: &Call<'_>, value: &Dynamic, patterns: &mut Vec<Pattern>) -> Result<(), Error> {
    if let Some(list) = value.read_lock::<Array>() {
        return list.iter().try_for_each(|item| collect_patterns(call, item, patterns));
    }
    let text = crate::recipe::values::text(value).ok_or_else(|| call.wrong("the role", "a string", value))?;
    patterns.extend(Pattern::list(&text, call.name())?);
    Ok(())
}

fn roles(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    selected(call, false)
}

fn release_roles(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    selected(call, true)
}

fn primary(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let role = call.text("the name of a role")?;
    let server = call.world().inventory(|inventory| inventory.primary(&role));
    Ok(server.map_or(Dynamic::UNIT, |server| Dynamic::from(Host::new(server))))
}

fn role_properties(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let mut patterns = Vec::new();
    for arg in call.rest() {
        collect_patterns(call, &arg, &mut patterns)?;
    }
    let rows = call.world().inventory(|inventory| inventory.role_properties(&patterns, &[]));
    let map = |row: RoleProperties| {
        let mut map = from_value(&row.properties).try_cast::<Map>().unwrap_or_default();
        map.insert("role".into(), row.role.into());
        map.insert("hostname".into(), row.server.name.clone().into());
        Dynamic::from(map)
    };
    Ok(rows.into_iter().map(map).collect::<Array>().into())
}
