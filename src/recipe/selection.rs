//! Which hosts the run is limited to, from all the places where that can be said.

use std::sync::Arc;

use rhai::Engine;

use crate::error::Error;
use crate::model::filter::{Filter, Source};
use crate::model::filter_word::Axis;
use crate::model::inventory::Inventory;
use crate::model::server::Server;
use crate::model::value::Value;
use crate::recipe::world::World;

/// Works the filter of a run out for good, and asks the closures of `filter_hosts` about every server of the stage.
///
/// # Errors
/// As [`filter`], what a closure raises, and closures that leave no host.
pub fn choose<'a>(engine: &Engine, world: &'a Arc<World>, setting: Option<&Value>) -> Result<&'a Filter, Error> {
    let filter = filter(world, setting)?;
    if let Some(place) = world.host_filters.last() {
        let servers: Vec<Arc<Server>> = world.inventory(|inventory| inventory.servers().cloned().collect());
        let left = filter.select(&servers);
        if !left.is_empty() && world.host_filters.select(engine, world, &left)?.is_empty() {
            let whose =
                if filter.is_empty() { String::new() } else { format!(" of those {filter} {} over", filter.leaves()) };
            return Err(Error::recipe(format!("`filter_hosts` lets no host through{whose}"))
                .at(place)
                .note(world.inventory(Inventory::hosts_shown)));
        }
    }
    Ok(world.filter.get_or_init(|| filter))
}

/// The filter of a run. `setting` is the value of the setting `filter`.
///
/// # Errors
/// A filter that cannot be read, that names what there is not, or that leaves no host at all.
pub fn filter(world: &World, setting: Option<&Value>) -> Result<Filter, Error> {
    let mut filter = Filter::default();
    for roles in &world.options.roles {
        filter.add(Axis::Roles, Source::Option, roles)?;
    }
    for hosts in &world.options.hosts {
        filter.add(Axis::Hosts, Source::Option, hosts)?;
    }
    for words in &world.options.limit {
        filter.add(Axis::Any, Source::Option, words)?;
    }
    if let Some(roles) = world.env("ROLES") {
        filter.add(Axis::Roles, Source::Environment, &roles)?;
    }
    if let Some(hosts) = world.env("HOSTS") {
        filter.add(Axis::Hosts, Source::Environment, &hosts)?;
    }
    if let Some(Value::Map(map)) = setting {
        for (name, value) in map {
            let text = joined(value);
            match name.as_str() {
                "role" | "roles" => filter.add(Axis::Roles, Source::Setting, &text)?,
                "host" | "hosts" => filter.add(Axis::Hosts, Source::Setting, &text)?,
                other => {
                    return Err(Error::recipe(format!("the setting `filter` has no part `{other}`"))
                        .note("its parts are `roles` and `hosts`"));
                }
            }
        }
    }
    // A name that is not there may be among the hosts that are not known.
    if world.unknown_sources().is_none() {
        world.inventory(|inventory| filter.check(inventory))?;
    }
    Ok(filter)
}

/// Whether the person who called asked for some of the hosts only; the setting `filter` belongs to the stage.
#[must_use]
pub fn is_asked(world: &World) -> bool {
    let is_set = |name: &str| world.env(name).is_some_and(|value| !value.trim().is_empty());
    let options = &world.options;
    let is_given = [&options.roles, &options.hosts, &options.limit].into_iter().any(|words| !words.is_empty());
    is_given || is_set("ROLES") || is_set("HOSTS")
}

fn joined(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(items) => items.iter().filter_map(Value::as_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
