//! Texts that are run beside a project, or without one: scripts, `-e`, lines of the console.
//!
//! They are judged and diagnosed as recipe files are, but run when tasks are there: they may invoke them, and declare none.

use std::path::Path;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FnPtr, Map};

use crate::error::Error;
use crate::model::line_completion::Names;
use crate::model::task::Tasks;
use crate::recipe::callable::Callable;
use crate::recipe::diagnose::diagnose;
use crate::recipe::dsl::functions;
use crate::recipe::loader;
use crate::recipe::memory::Memory;
use crate::recipe::progress;
use crate::recipe::reading::{self, compile_text};
use crate::recipe::run_options::RunOptions;
use crate::recipe::session::Session;
use crate::recipe::setting_table::SETTINGS;
use crate::recipe::stdlib::MODULES;
use crate::recipe::values::text;
use crate::recipe::world::{Outside, World};

impl Session {
    /// A session without a project: with these hosts, and with what the user's own recipe sets.
    ///
    /// # Errors
    /// Hosts that cannot be read, and every mistake in the user's own recipe.
    pub fn bare(
        options: RunOptions,
        outside: Outside,
        personal: Option<&Path>,
        hosts: &[String],
    ) -> Result<Self, Error> {
        let session = Self::new(options, outside);
        progress::under(&session.world.cancel, || begin(&session.engine, &session.world, personal, hosts))?;
        Ok(session)
    }

    /// Runs a text, such as a script, with the variables of earlier ones; gives its value as it is shown, where there is
    /// something to show. `shown` is what the text is called in errors.
    ///
    /// # Errors
    /// Mistakes in the text, and whatever it raises.
    pub fn evaluate(&self, memory: &mut Memory, shown: &str, text: &str) -> Result<Option<String>, Error> {
        progress::under(&self.world.cancel, || evaluate(&self.engine, &self.world, memory, shown, text))
    }

    /// Another run begins, with the settings, servers and connections there are.
    pub fn begin_again(&self) {
        self.world.begin_again();
    }

    /// The names that can be typed in a console.
    #[must_use]
    pub fn names(&self, memory: &Memory) -> Names {
        names(&self.world, self.tasks(), memory)
    }
}

/// Makes ready for texts without a project.
///
/// # Errors
/// Hosts that cannot be read, and mistakes in the user's own recipe.
fn begin(engine: &Engine, world: &Arc<World>, personal: Option<&Path>, hosts: &[String]) -> Result<(), Error> {
    loader::begin(engine, world, None)?;
    if let Some((path, shown)) = loader::personal(personal) {
        reading::file(engine, world, &path, &shown)?;
    }
    let mut scope = rhai::Scope::new();
    for host in hosts {
        scope.set_value("host", host.clone());
        engine
            .run_with_scope(&mut scope, "server(host, #{});")
            .map_err(|error| diagnose(*error, &world.scripts, None))?;
    }
    world.settings.forget();
    loader::fix(world, loader::declared(world))
}

/// Runs a text with the variables of earlier ones; gives its value as it is shown, where there is something to show.
///
/// # Errors
/// Mistakes in the text, and whatever it raises.
fn evaluate(
    engine: &Engine,
    world: &Arc<World>,
    memory: &mut Memory,
    shown: &str,
    text: &str,
) -> Result<Option<String>, Error> {
    let ast = compile_text(engine, world, &memory.0, shown, text)?;
    let value: Dynamic = engine
        .eval_ast_with_scope(&mut memory.0, &ast)
        .map_err(|error| diagnose(*error, &world.scripts, Some(shown.into())))?;
    Ok(says_something(&value).then(|| as_shown(&value)))
}

/// Whether a value is worth a line. What `on` gives for commands that give nothing is not.
fn says_something(value: &Dynamic) -> bool {
    if let Some(list) = value.read_lock::<Array>() {
        return list.is_empty() || list.iter().any(says_something);
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map.is_empty() || map.values().any(says_something);
    }
    !value.is_unit()
}

/// A value as a recipe would write it, as far as it can be written.
fn as_shown(value: &Dynamic) -> String {
    if value.is_unit() {
        return "()".to_owned();
    }
    if let Some(list) = value.read_lock::<Array>() {
        return format!("[{}]", list.iter().map(as_shown).collect::<Vec<_>>().join(", "));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries: Vec<String> = map.iter().map(|(name, value)| format!("{name}: {}", as_shown(value))).collect();
        return if entries.is_empty() { "#{}".to_owned() } else { format!("#{{ {} }}", entries.join(", ")) };
    }
    if let Some(closure) = value.read_lock::<FnPtr>() {
        return if closure.is_anonymous() { "a closure".to_owned() } else { format!("Fn({})", closure.fn_name()) };
    }
    if let Some(text) = text(value) {
        return format!("{text:?}");
    }
    match value.clone().try_cast::<crate::recipe::dsl::host_type::Host>() {
        Some(host) => host.server().label(),
        None => value.to_string(),
    }
}

/// The names that can be typed.
fn names(world: &World, tasks: &Tasks<Callable>, memory: &Memory) -> Names {
    let lent = world.scripts.lent();
    let own = lent.iter().flat_map(|names| names.iter().cloned());
    let mut settings: Vec<String> = world.settings.names();
    settings.extend(SETTINGS.iter().map(|setting| setting.name.to_owned()));
    settings.sort();
    settings.dedup();
    Names {
        functions: functions().map(|function| function.name.to_owned()).chain(own).collect(),
        variables: memory.names(),
        settings,
        tasks: tasks.names().map(str::to_owned).collect(),
        hosts: world.inventory(|inventory| inventory.servers().map(|server| server.address()).collect()),
        roles: world.inventory(|inventory| inventory.known_roles().map(str::to_owned).collect()),
        modules: MODULES.iter().map(|(name, _)| (*name).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str) -> Option<String> {
        let value: Dynamic = Engine::new().eval(code).unwrap();
        says_something(&value).then(|| as_shown(&value))
    }

    #[test]
    fn values_are_shown_as_they_are_written() {
        for (code, wanted) in [
            ("1 + 1", "2"),
            ("\"a\\nb\"", "\"a\\nb\""),
            ("[1, \"a\", ()]", "[1, \"a\", ()]"),
            ("#{ b: 1, a: [true] }", "#{ a: [true], b: 1 }"),
            ("#{}", "#{}"),
            ("|x| x", "a closure"),
            ("'x'", "\"x\""),
        ] {
            assert_eq!(shown(code).as_deref(), Some(wanted), "{code}");
        }
    }

    #[test]
    fn nothing_is_not_shown() {
        for code in ["()", "let x = 1;", "#{ web1: (), web2: () }", "[(), [()]]"] {
            assert_eq!(shown(code), None, "{code}");
        }
    }
}
