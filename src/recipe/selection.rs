//! Which hosts the run is limited to, from all the places where that can be said.

use crate::error::Error;
use crate::model::filter::{Axis, Filter, Source};
use crate::model::value::Value;
use crate::recipe::world::World;

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
                    return Err(Error::recipe(format!("setting `filter` has no part `{other}`"))
                        .note("its parts are `roles` and `hosts`"));
                }
            }
        }
    }
    world.inventory(|inventory| filter.check(inventory))?;
    Ok(filter)
}

/// Whether the person who called asked for some of the hosts only; the setting `filter` belongs to the stage.
#[must_use]
pub fn is_asked(world: &World) -> bool {
    let is_set = |name: &str| world.env(name).is_some_and(|value| !value.trim().is_empty());
    !world.options.roles.is_empty() || !world.options.hosts.is_empty() || is_set("ROLES") || is_set("HOSTS")
}

fn joined(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(items) => items.iter().filter_map(Value::as_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
