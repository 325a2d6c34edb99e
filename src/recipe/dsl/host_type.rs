//! A host as recipes hold it: what it tells about itself.
//!
//! Owns the type, its properties and methods. Which hosts there are is the business of `recipe::dsl::servers`, which of
//! them are asked for that of `recipe::dsl::roles`.

use std::any::TypeId;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, NativeCallContext};

use crate::error::Error;
use crate::model::server::{Reach, Server};
use crate::model::suggest::did_you_mean;
use crate::model::value::Value;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{ANY, TEXT, TRUTH, maybe, one};
use crate::recipe::dsl::table::{Function, register_method};
use crate::recipe::failure::raise;
use crate::recipe::position::place_of;
use crate::recipe::values::{from_value, same};

/// The methods; the host itself counts as their first argument.
pub const METHODS: &[Function] = &[
    Function {
        name: "has_role",
        usage: "host.has_role(\"web\")",
        about: "Whether it has this role.",
        takes: &[one("role", TEXT)],
        options: &[],
        gives: TRUTH,
        run: has_role,
    },
    Function {
        name: "fetch",
        usage: "host.fetch(\"zone\", default)",
        about: "What was said about it under this name; the default, or () without one, where nothing was. A closure as the \
                default is called.",
        takes: &[one("name", TEXT), maybe("default", ANY)],
        options: &[],
        gives: ANY,
        run: fetch,
    },
];

/// How a property is read.
type Read = fn(&Server) -> Dynamic;

/// What stands behind the dot without parentheses.
const PROPERTIES: &[(&str, Read)] = &[
    ("name", |server| server.name.clone().into()),
    ("hostname", |server| server.name.clone().into()),
    ("user", |server| server.user.clone().map_or(Dynamic::UNIT, Dynamic::from)),
    ("port", |server| i64::from(server.port.unwrap_or(22)).into()),
    ("primary", |server| server.property("primary").is_truthy().into()),
    ("roles", |server| roles(server).into()),
    ("properties", |server| map(&server.properties).into()),
    ("ssh_options", |server| map(&server.ssh_options).into()),
    ("local", |server| (server.reach == Reach::Local).into()),
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

    /// What was said under a name; none where nothing was.
    fn said(&self, name: &str) -> Option<Dynamic> {
        let server = &self.0;
        match name {
            "user" => server.user.clone().map(Dynamic::from),
            "port" => server.port.map(|port| i64::from(port).into()),
            "roles" => Some(roles(server).into()),
            "ssh_options" => Some(map(&server.ssh_options).into()),
            _ => server.properties.get(name).filter(|value| **value != Value::Unit).map(from_value),
        }
    }
}

/// Registers the type of a host and its properties.
pub fn register_types(engine: &mut Engine) {
    engine
        .register_type_with_name::<Host>("host")
        // Rhai asks these where there is no property of a name.
        .register_indexer_get(|ctx: NativeCallContext, host: &mut Host, name: &str| unknown(&ctx, host, name))
        .register_indexer_set(|ctx: NativeCallContext, host: &mut Host, name: &str, value: Dynamic| {
            unchangeable(&ctx, host, name, &value)
        })
        .register_fn("to_string", |host: &mut Host| host.0.address())
        .register_fn("to_debug", |host: &mut Host| host.0.label())
        .register_fn("==", |a: &mut Host, b: Host| a.0.key() == b.0.key())
        .register_fn("!=", |a: &mut Host, b: Host| a.0.key() != b.0.key());
    for (name, get) in PROPERTIES {
        engine.register_get(name, move |host: &mut Host| get(&host.0));
    }
    for method in METHODS {
        register_method(engine, TypeId::of::<Host>(), method);
    }
}

fn roles(server: &Server) -> Array {
    server.roles.iter().map(|role| role.clone().into()).collect()
}

fn map(values: &indexmap::IndexMap<String, Value>) -> Map {
    values.iter().map(|(name, value)| (name.into(), from_value(value))).collect()
}

fn has_role(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let host = this(call);
    let role = call.text("the name of a role")?;
    Ok(host.0.roles.contains(role.as_str()).into())
}

fn fetch(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let host = this(call);
    let name = call.text("the name of a property")?;
    let default = call.any();
    match (host.said(&name), call.callable(&default)) {
        (Some(value), _) => Ok(value),
        (None, None) => Ok(default),
        (None, Some(default)) => call.call(&default, Vec::new(), |_| {}),
    }
}

fn this(call: &mut Call<'_>) -> Host {
    call.any().try_cast::<Host>().expect("methods of a host are registered for hosts alone")
}

fn unknown(ctx: &NativeCallContext, host: &Host, name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
    let is_said = host.0.properties.contains_key(name);
    let own = is_said.then(|| format!("what the recipe says about a host stands in `host.properties.{name}`"));
    let properties: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
    let near = did_you_mean(name, properties.iter().copied().chain(METHODS.iter().map(|method| method.name)));
    let error = Error::recipe(format!("a host has no `{name}`"))
        .maybe_help(own.or(near))
        .note(format!("there are {}, and `host.fetch(\"{name}\")` for what the recipe says", properties.join(", ")));
    failed(ctx, error, name)
}

fn unchangeable(ctx: &NativeCallContext, host: &Host, name: &str, value: &Dynamic) -> Result<(), Box<EvalAltResult>> {
    // Rhai gives back what a call such as `host.roles.len()` has looked at.
    if PROPERTIES.iter().any(|(known, get)| *known == name && same(&get(&host.0), value)) {
        return Ok(());
    }
    let error = Error::recipe(format!("`{name}` of a host cannot be changed while the run lasts"))
        .help("say it where the server is declared: `server(\"…\", #{ … })`")
        .help("to run commands as somebody else write `as_user(\"name\", || { … })`");
    failed(ctx, error, name)
}

fn failed<T>(ctx: &NativeCallContext, error: Error, name: &str) -> Result<T, Box<EvalAltResult>> {
    let position = ctx.call_position();
    Err(raise(error.at(place_of(ctx.call_source(), position)).width(name.chars().count()), position))
}
