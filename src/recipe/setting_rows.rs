//! The settings of a run as they are shown: values, who set them, what takes their place. Secrets are masked here.

use std::collections::BTreeSet;
use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, Expr, Scope};

use crate::error::Error;
use crate::model::secret::Vault;
use crate::model::server::Server;
use crate::model::setting_row::{Given, Said, SetBy, SettingRow, State};
use crate::model::span;
use crate::model::value::Value;
use crate::place::Place;
use crate::recipe::closures::{closure, constant_text, each_call, each_call_in, each_call_of};
use crate::recipe::diagnose::diagnose;
use crate::recipe::position::place_of;
use crate::recipe::progress;
use crate::recipe::settings::{Setting, Stored};
use crate::recipe::stdlib::is_stock;
use crate::recipe::values::to_value;
use crate::recipe::world::World;

/// Functions that set a setting by its name.
const SETTING: &[&str] = &["set", "set_if_empty", "append", "remove", "ask"];

/// The settings of these names, sorted; functions of the stock recipes are no settings. Nothing is worked out or asked.
#[must_use]
pub fn rows(world: &World, wanted: &dyn Fn(&str) -> bool) -> Vec<SettingRow> {
    let mut names = world.settings.names();
    names.retain(|name| wanted(name));
    names.sort();
    let rows = names.into_iter().filter_map(|name| {
        let setting = world.settings.get(&name)?;
        Some(row(world, name, &setting))
    });
    rows.filter(|row| row.state != State::Function || row.set_by != SetBy::Stock).collect()
}

fn row(world: &World, name: String, setting: &Setting) -> SettingRow {
    let (state, value) = match &setting.stored {
        Stored::Value(value) if is_code(value) => (State::Function, None),
        Stored::Value(value) => (State::Set, to_value(value).ok()),
        Stored::Lazy(_) => (State::Lazy, None),
        Stored::Question(_) => (State::Question, None),
    };
    SettingRow {
        state,
        value: value.map(|value| masked(&value, &world.vault)),
        error: None,
        set_by: match &setting.place {
            None => SetBy::CommandLine,
            Some(place) if is_stock(&place.file) => SetBy::Stock,
            Some(_) => SetBy::Recipe,
        },
        variables: setting.place.as_ref().map(|place| variables(world, place)).unwrap_or_default(),
        place: setting.place.clone(),
        servers: servers(world, &name),
        option: option(world, &name),
        name,
    }
}

/// A closure, or closures alone, such as the looks of `doctor`.
fn is_code(value: &Dynamic) -> bool {
    let all = |list: &rhai::Array| !list.is_empty() && list.iter().all(Dynamic::is_fnptr);
    value.is_fnptr() || value.read_lock::<rhai::Array>().is_some_and(|list| all(&list))
}

/// Works out those that are lazy, on this machine.
pub fn work_out(engine: &Engine, world: &World, rows: &mut [SettingRow]) {
    for row in rows.iter_mut().filter(|row| row.state == State::Lazy) {
        match fetched(engine, world, &row.name) {
            Ok(value) => {
                row.state = State::WorkedOut;
                row.value = to_value(&value).ok().map(|value| masked(&value, &world.vault));
            }
            Err(error) => {
                row.state = State::Failed;
                row.error = Some(world.vault.redact(&error.to_string()).into_owned());
            }
        }
    }
}

/// What `fetch` gives at the top of a recipe.
///
/// # Errors
/// As `fetch`.
pub fn fetched(engine: &Engine, world: &World, name: &str) -> Result<Dynamic, Error> {
    let mut scope = Scope::new();
    scope.push("name", name.to_owned());
    progress::under(&world.cancel, || {
        engine.eval_with_scope(&mut scope, "fetch(name)").map_err(|error| diagnose(*error, &world.scripts, None))
    })
}

/// A value without what is secret in it.
#[must_use]
pub fn masked(value: &Value, vault: &Vault) -> Value {
    match value {
        Value::Text(text) => Value::Text(vault.redact(text).into_owned()),
        Value::List(items) => Value::List(items.iter().map(|item| masked(item, vault)).collect()),
        Value::Map(items) => Value::Map(
            items.iter().map(|(name, item)| (vault.redact(name).into_owned(), masked(item, vault))).collect(),
        ),
        other => other.clone(),
    }
}

/// What servers say in place of a setting.
fn servers(world: &World, name: &str) -> Vec<Said> {
    let said = |server: &Arc<Server>| {
        let value = masked(server.properties.get(name)?, &world.vault);
        Some(Said { server: server.address(), value, place: server.places.get(name).cloned() })
    };
    world.inventory(|inventory| inventory.servers().filter_map(said).collect())
}

/// What the command line says in place of a setting.
fn option(world: &World, name: &str) -> Option<Given> {
    let options = &world.options;
    let time = |name, time: Option<std::time::Duration>| {
        let shown = |time: std::time::Duration| if time.is_zero() { "no limit".to_owned() } else { span::shown(time) };
        Some(Given { name, value: shown(time?) })
    };
    match name {
        "max_fail" => Some(Given { name: "--max-fail", value: options.max_fail?.to_string() }),
        "warm" => Some(Given { name: "--warm", value: options.warm?.to_string() }),
        "connect_timeout" => time("--connect-timeout", options.times.connect),
        "command_timeout" => time("--command-timeout", options.times.command),
        "idle_timeout" => time("--idle-timeout", options.times.idle),
        "run_timeout" => time("--run-timeout", options.times.run),
        _ => None,
    }
}

/// The variables of the environment that are there, and that are read for the value that is set at a place.
fn variables(world: &World, place: &Place) -> Vec<String> {
    let Some((file, ast)) = world.scripts.asts().into_iter().rev().find(|(file, _)| **file == *place.file) else {
        return Vec::new();
    };
    let mut read = BTreeSet::new();
    each_call(&ast, &mut |found| {
        let is_it = SETTING.contains(&found.call.name.as_str())
            && place_of(Some(&*file), found.position).as_ref() == Some(place);
        if is_it {
            found.call.args.iter().skip(1).for_each(|argument| read_by(&ast, argument, &mut read));
        }
    });
    read.into_iter().filter(|name| world.env(name).is_some()).collect()
}

/// The variables an argument reads, or the closure it is.
fn read_by(ast: &AST, argument: &Expr, read: &mut BTreeSet<String>) {
    let mut look = |found: &crate::recipe::closures::Found<'_>| {
        if found.call.name == "env" {
            read.extend(found.call.args.first().and_then(constant_text));
        }
    };
    match closure(argument) {
        Some((function, _)) => each_call_in(ast, &function, &mut look),
        None => each_call_of(argument, &mut look),
    }
}
