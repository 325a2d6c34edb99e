//! `unit`, `systemctl`, `daemon_reload`: the services of a host. What can be done with a unit is in [`super::unit_methods`].

use std::any::TypeId;

use rhai::{Array, Dynamic, Engine};

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{ask_job, order};
use crate::recipe::dsl::managers::{LOUD, MANAGER, QUIET, manager_of, script_job};
use crate::recipe::dsl::signature::{ANY, LIST, NOTHING, OPTIONS, TEXT, TEXTS, many, one};
use crate::recipe::dsl::table::{Function, register_method};
use crate::recipe::dsl::unit_methods::METHODS;
use crate::recipe::values::text;
use crate::systemd::install_script;
use crate::systemd::manager::Manager;
use crate::systemd::mode::Mode;
use crate::systemd::unit_name::UnitName;
use crate::systemd::unit_script;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "unit",
        usage: "unit(name, #{ mode: \"user\", user: \"app\" })",
        about: "A unit of systemd by its name; without an ending it is a service. `mode` is \"user\" or \"system\", else what \
                `service_unit_user` says; `user` is whose it is in user mode, else whoever the commands run as.",
        takes: &[one("name", TEXT), OPTIONS],
        options: &[MANAGER],
        gives: ANY,
        run: unit,
    },
    Function {
        name: "systemctl",
        usage: "systemctl(word, …, #{ mode: \"user\", user: \"app\" })",
        about: "Run `systemctl` with these words, as whoever owns the manager; gives what it printed.",
        takes: &[many("word", TEXTS), OPTIONS],
        options: &[MANAGER],
        gives: TEXT,
        run: systemctl,
    },
    Function {
        name: "daemon_reload",
        usage: "daemon_reload() or daemon_reload(#{ mode: \"user\", user: \"app\" })",
        about: "Have the manager read all units again.",
        takes: &[OPTIONS],
        options: &[MANAGER],
        gives: NOTHING,
        run: daemon_reload,
    },
    Function {
        name: "unit_files",
        usage: "unit_files(prefix, #{ mode: \"user\", user: \"app\" })",
        about: "Names of the units whose files are in the folder of the manager and begin like this, sorted.",
        takes: &[one("prefix", TEXT), OPTIONS],
        options: &[MANAGER],
        gives: LIST,
        run: unit_files,
    },
];

/// A unit and whose it is, as recipes have it.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its name.
    pub name: UnitName,
    /// Its manager.
    pub manager: Manager,
}

/// Registers the type and its methods.
pub fn register_types(engine: &mut Engine) {
    engine
        .register_type_with_name::<Unit>("unit")
        .register_get("name", |unit: &mut Unit| unit.name.to_string())
        .register_get("mode", |unit: &mut Unit| unit.manager.mode.name())
        .register_get("user", |unit: &mut Unit| unit.manager.user.clone().map_or(Dynamic::UNIT, Dynamic::from))
        .register_fn("to_string", |unit: &mut Unit| unit.name.to_string())
        .register_fn("to_debug", |unit: &mut Unit| unit.name.to_string());
    for method in METHODS {
        register_method(engine, TypeId::of::<Unit>(), method);
    }
}

fn unit(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let name = UnitName::parse(&call.text("the name of a unit")?)?;
    Ok(Dynamic::from(Unit { name, manager: manager_of(call, &options)? }))
}

fn systemctl(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let manager = manager_of(call, &options)?;
    let mut words = Vec::new();
    for value in call.rest() {
        let list = value.clone().try_cast::<Array>().unwrap_or_else(|| vec![value]);
        for word in list {
            words.push(text(&word).ok_or_else(|| call.wrong("a word of `systemctl`", "a string", &word))?);
        }
    }
    let title = manager.typed(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let mut job = script_job(call, &manager, unit_script::systemctl(&manager, &words), title, LOUD, |_| None)?;
    job.answers = false;
    ask_job(call, job, |ran| Ok(String::from_utf8_lossy(&ran.stdout).trim().into()))
}

fn daemon_reload(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let manager = manager_of(call, &options)?;
    let title = manager.typed(&["daemon-reload"]);
    let job = script_job(call, &manager, unit_script::daemon_reload(&manager), title, LOUD, |_| None)?;
    order(call, job)
}

fn unit_files(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let prefix = call.text("the beginning of names")?;
    let manager = manager_of(call, &options)?;
    let folder = match manager.mode {
        Mode::User => "~/.config/systemd/user",
        Mode::System => "/etc/systemd/system",
    };
    let title = format!("ls {}/{prefix}*", manager.folder.as_deref().unwrap_or(folder));
    let job = script_job(call, &manager, install_script::list(&manager, &prefix), title, QUIET, |_| None)?;
    ask_job(call, job, |ran| {
        let mut names: Vec<String> = String::from_utf8_lossy(&ran.stdout).lines().map(str::to_owned).collect();
        names.sort();
        Ok(names.into_iter().map(Dynamic::from).collect::<Array>().into())
    })
}
