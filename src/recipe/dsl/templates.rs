//! `template`, `unit_environment`: texts for files of the host.

use minijinja::value::Serde;
use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::secret::Vault;
use crate::model::value::Value;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::setting_values::text_of;
use crate::recipe::dsl::signature::{LIST, MAP, TEXT, ValueKind, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::templates::{candidates, find, render};
use crate::recipe::values::to_value;
use crate::systemd::unit_name::UnitName;
use crate::systemd::unit_value;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "template",
        usage: "template(name, #{ port: 8080 })",
        about: "A template with these values filled in: from `config/deploy/templates/`, where `NAME-HOST-STAGE`, \
                `NAME-HOST` and `NAME-STAGE` come before `NAME` (all before the first dot), else one of windlass's own.",
        takes: &[one("name", TEXT), maybe("values", MAP)],
        options: &[],
        gives: TEXT,
        run: template,
    },
    Function {
        name: "unit_environment",
        usage: "unit_environment(#{ RAILS_ENV: \"production\" })",
        about: "Variables as `Environment=` of a unit reads them, a list of words in quotes; `%`, `\"` and `\\` reach the \
                service as they are.",
        takes: &[one("variables", &[ValueKind::Map, ValueKind::List, ValueKind::Nothing])],
        options: &[],
        gives: LIST,
        run: unit_environment,
    },
];

fn template(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("the name of a template")?;
    let given = call.any();
    let values = if given.is_unit() { Dynamic::from(Map::new()) } else { given };
    if !values.is_map() {
        return Err(call.wrong("the values", "a map such as `#{ port: 8080 }`", &values));
    }
    let values = to_value(&values)?;
    if UnitName::is_ending(name.rsplit('.').next().unwrap_or_default()) {
        one_line(&call.world().vault, &format!("a value for the template `{name}`"), &values)?;
    }
    let values = minijinja::Value::from(Serde(values));
    let world = call.world();
    let shown = text_of(call, "service_templates_path")?.unwrap_or_else(|| "config/deploy/templates".to_owned());
    let stage = text_of(call, "stage")?;
    let host = call.frame().here.as_ref().map(|here| here.server.name.clone());
    let names = candidates(&name, host.as_deref(), stage.as_deref());
    let found = find(&world.options.project.join(&shown), &shown, &names)?;
    render(&found, &values).map(Dynamic::from).inspect_err(|_| {
        // So that the error can show its line.
        world.scripts.add_text(&found.shown, &found.text);
    })
}

/// Refuses texts that would not stay in their line of a unit; `what` says which they are.
fn one_line(vault: &Vault, what: &str, value: &Value) -> Result<(), Error> {
    match value {
        Value::Text(text) => unit_value::check_line(what, &vault.reveal(text)?),
        Value::List(values) => values.iter().try_for_each(|value| one_line(vault, what, value)),
        Value::Map(values) => {
            values.iter().try_for_each(|(name, value)| one_line(vault, &format!("{what}, `{name}`,"), value))
        }
        _ => Ok(()),
    }
}

fn unit_environment(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let value = call.any();
    let mut pairs: Vec<(String, Dynamic)> = Vec::new();
    if let Some(map) = value.read_lock::<Map>() {
        pairs.extend(map.iter().map(|(name, value)| (name.to_string(), value.clone())));
    } else if let Some(list) = value.read_lock::<Array>() {
        // As capistrano-sidekiq has them: `["RAILS_ENV=production"]`.
        for item in list.iter() {
            let text = call.shown(item);
            let Some((name, value)) = text.split_once('=') else {
                return Err(Error::recipe(format!("`{text}` is no variable of a service")).help(
                    "write them as a map, `#{ RAILS_ENV: \"production\" }`, or as a list, `[\"RAILS_ENV=production\"]`",
                ));
            };
            pairs.push((name.to_owned(), value.to_owned().into()));
        }
    } else if !value.is_unit() {
        return Err(call.wrong("the variables", "a map or a list", &value));
    }
    let mut lines = Array::new();
    for (name, value) in pairs {
        let text = call.shown(&value);
        // What is a secret stays one, quoted as a whole.
        lines.push(if Vault::is_sealed(&text) {
            let vault = &call.world().vault;
            vault.seal(&unit_value::environment(&name, &vault.reveal(&text)?)?).into()
        } else {
            unit_value::environment(&name, &text)?.into()
        });
    }
    Ok(lines.into())
}
