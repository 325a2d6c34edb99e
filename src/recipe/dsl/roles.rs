//! `roles`, `release_roles`, `primary`, `role_properties`: servers by what they are for.
//!
//! Owns the arguments of these questions; the answers are `model::inventory`'s, and not filtered by `-r`, `-z` and the like.

use std::sync::{Arc, PoisonError};

use indexmap::IndexMap;
use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::inventory::Inventory;
use crate::model::pattern::Pattern;
use crate::model::property_filter::PropertyFilter;
use crate::model::role_properties::{self, RoleProperties};
use crate::model::selection::Asked;
use crate::model::server::Server;
use crate::recipe::callable::Callable;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::host_type::Host;
use crate::recipe::dsl::signature::{CLOSURE, LIST, MAP, TEXT, TEXTS, ValueKind, many, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::{from_value, is_truthy, kind, text, to_value};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "roles",
        usage: "roles(name, …, #{ property: value })",
        about: "The servers that have one of these roles, in the order they were declared; `all` means every server. The map \
                keeps those with a property of this value; `filter` or `select` those for which a property is true, `exclude` \
                those for which it is not. These three take a name, a closure such as `|host| host.port != 22`, or a list.",
        takes: &[many("name", TEXTS), maybe("properties", MAP)],
        options: &[],
        gives: LIST,
        run: |call| selected(call, Inventory::roles),
    },
    Function {
        name: "release_roles",
        usage: "release_roles(name, …, #{ property: value })",
        about: "As `roles`, without servers that have the property `no_release`.",
        takes: &[many("name", TEXTS), maybe("properties", MAP)],
        options: &[],
        gives: LIST,
        run: |call| selected(call, Inventory::release_roles),
    },
    Function {
        name: "primary",
        usage: "primary(role)",
        about: "The first server of a role that has the property `primary`, else the first one; () when there is none.",
        takes: &[one("role", TEXT)],
        options: &[],
        gives: &[ValueKind::Host, ValueKind::Nothing],
        run: primary,
    },
    Function {
        name: "current_host",
        usage: "current_host()",
        about: "The host of the `on` block around the call; for lazy settings that differ from host to host.",
        takes: &[],
        options: &[],
        gives: &[ValueKind::Host],
        run: |call| Ok(Dynamic::from(Host::new(call.here()?.server))),
    },
    Function {
        name: "role_properties",
        usage: "role_properties(role, …, #{ property: value }, |host, role, properties| { … })",
        about: "A list of maps, one per server and role: the server's property of the role's name, with `role` and `hostname` \
                added. The map chooses servers as with `roles`. With a closure it is called for each, and what it gives makes \
                the list.",
        takes: &[many("role", TEXTS), maybe("properties", MAP), maybe("block", CLOSURE)],
        options: &[],
        gives: LIST,
        run: role_properties,
    },
];

/// What `model::inventory` answers to names and conditions.
type Answer = fn(&Inventory, &[Pattern], &[PropertyFilter]) -> Vec<Arc<Server>>;

/// What a call asks for.
#[derive(Default)]
struct Question {
    asked: Asked,
    /// Closures, each with whether a server it is true for stays.
    closures: Vec<(Callable, bool)>,
}

/// The arguments of a call: names, lists of names, maps of conditions.
fn question(call: &mut Call<'_>, args: Vec<Dynamic>) -> Result<Question, Error> {
    let mut question = Question::default();
    let mut data = IndexMap::new();
    for arg in args {
        let Some(map) = arg.read_lock::<Map>().map(|map| map.clone()) else {
            collect_patterns(call, &arg, &mut question.asked.roles)?;
            continue;
        };
        for (name, value) in map {
            let value = question.without_closures(call, &name, value)?;
            if let Some(value) = value {
                data.insert(name.to_string(), to_value(&value)?);
            }
        }
    }
    question.asked.conditions = PropertyFilter::parse(&data)?;
    question.asked.by_closure = !question.closures.is_empty();
    Ok(question)
}

impl Question {
    /// Takes the closures out of a condition; what is left of it is plain data.
    fn without_closures(&mut self, call: &Call<'_>, name: &str, value: Dynamic) -> Result<Option<Dynamic>, Error> {
        let keeps = match name {
            "filter" | "select" => true,
            "exclude" => false,
            _ if value.is_fnptr() => {
                return Err(Error::recipe(format!("the condition `{name}` of `{}` is a closure", call.name())).help(
                    format!("a closure stands under `filter`: `#{{ filter: |host| host.fetch(\"{name}\") … }}`"),
                ));
            }
            _ => return Ok(Some(value)),
        };
        let (values, is_list) = match value.try_cast_result::<Array>() {
            Ok(list) => (list, true),
            Err(one) => (vec![one], false),
        };
        let mut names = Array::new();
        for value in values {
            match call.callable(&value) {
                Some(closure) if closure.arity().is_some_and(|arity| arity > 1) => {
                    return Err(Error::recipe(format!(
                        "the closure under `{name}` takes more than one parameter, but `{}` gives one, the host",
                        call.name()
                    )));
                }
                Some(closure) => self.closures.push((closure, keeps)),
                None => names.push(value),
            }
        }
        Ok(if is_list && !names.is_empty() { Some(names.into()) } else { names.pop() })
    }

    /// The servers it is about, out of those that meet what is plain data in it.
    fn answer(self, call: &Call<'_>, servers: Answer) -> Result<Vec<Arc<Server>>, Error> {
        let world = call.world();
        let mut found = world.inventory(|inventory| servers(inventory, &self.asked.roles, &self.asked.conditions));
        for (closure, keeps) in &self.closures {
            let mut left = Vec::with_capacity(found.len());
            for server in found {
                let verdict = call.call(closure, vec![Dynamic::from(Host::new(server.clone()))], |_| {})?;
                if is_truthy(&verdict) == *keeps {
                    left.push(server);
                }
            }
            found = left;
        }
        if found.is_empty() {
            // Not yet a mistake: a recipe may ask whether there are any. `on` says what was asked for.
            *world.nothing_found.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.asked);
        }
        Ok(found)
    }
}

fn collect_patterns(call: &Call<'_>, value: &Dynamic, patterns: &mut Vec<Pattern>) -> Result<(), Error> {
    if let Some(list) = value.read_lock::<Array>() {
        return list.iter().try_for_each(|item| collect_patterns(call, item, patterns));
    }
    if kind(value) == "closure" {
        return Err(call
            .wrong("the role", "a string", value)
            .help("a condition on servers stands in a map: `#{ filter: |host| … }`"));
    }
    let text = text(value).ok_or_else(|| call.wrong("the role", "a string", value))?;
    patterns.extend(Pattern::list(&text, call.name())?);
    Ok(())
}

fn selected(call: &mut Call<'_>, servers: Answer) -> Result<Dynamic, Error> {
    let args = call.rest();
    let found = question(call, args)?.answer(call, servers)?;
    Ok(found.into_iter().map(|server| Dynamic::from(Host::new(server))).collect::<Array>().into())
}

fn primary(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let role = call.text("the name of a role")?;
    let server = call.world().inventory(|inventory| inventory.primary(&role));
    Ok(server.map_or(Dynamic::UNIT, |server| Dynamic::from(Host::new(server))))
}

fn role_properties(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let mut args = call.rest();
    let block = args.last().and_then(|last| call.callable(last));
    if block.is_some() {
        args.pop();
    }
    let question = question(call, args)?;
    let roles = question.asked.roles.clone();
    let rows = role_properties::role_properties(&question.answer(call, Inventory::roles)?, &roles);
    let entry = |row: RoleProperties| -> Result<Dynamic, Error> {
        let properties = from_value(&row.properties);
        if let Some(block) = &block {
            return call.call(block, vec![Dynamic::from(Host::new(row.server)), row.role.into(), properties], |_| {});
        }
        let mut map = properties.try_cast::<Map>().unwrap_or_default();
        map.insert("role".into(), row.role.into());
        map.insert("hostname".into(), row.server.name.clone().into());
        Ok(map.into())
    };
    Ok(rows.into_iter().map(entry).collect::<Result<Array, Error>>()?.into())
}
