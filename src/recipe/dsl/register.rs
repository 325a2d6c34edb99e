//! The list of families.

use rhai::Engine;

use crate::recipe::dsl::table::{self, Function};
use crate::recipe::dsl::{
    batches, call_command, captures, command_map, commands, doctor, file_tasks, files, health, host_type, hosts,
    hosts_from, invocations, linger, locks, log, modules, paths, prompts, releases, roles, servers, setting_rules,
    settings, surroundings, tasks, templates, unit_methods, units, validate, versions, waiting,
};

/// Families of host functions in the order they are explained: what they are about, and their tables.
pub const FAMILIES: &[(&str, &[Function])] = &[
    ("Settings", settings::FUNCTIONS),
    ("Settings with rules", setting_rules::FUNCTIONS),
    ("Rules for settings", validate::FUNCTIONS),
    ("Questions and secrets", prompts::FUNCTIONS),
    ("Servers", servers::FUNCTIONS),
    ("Servers from elsewhere", hosts_from::FUNCTIONS),
    ("Which servers", roles::FUNCTIONS),
    ("Tasks", tasks::FUNCTIONS),
    ("Tasks that make files", file_tasks::FUNCTIONS),
    ("Tasks that run", invocations::FUNCTIONS),
    ("Where commands run", hosts::FUNCTIONS),
    ("What surrounds commands", surroundings::FUNCTIONS),
    ("Commands", commands::FUNCTIONS),
    ("What commands print", captures::FUNCTIONS),
    ("Other programs in place of commands", command_map::FUNCTIONS),
    ("Commands together", batches::FUNCTIONS),
    ("Files on hosts", files::FUNCTIONS),
    ("Paths", paths::FUNCTIONS),
    ("Releases", releases::FUNCTIONS),
    ("The lock", locks::FUNCTIONS),
    ("The check-up of a host", doctor::FUNCTIONS),
    ("Lingering", linger::FUNCTIONS),
    ("Services", units::FUNCTIONS),
    ("Whether services stay up", health::FUNCTIONS),
    ("Templates", templates::FUNCTIONS),
    ("Messages", log::FUNCTIONS),
    ("Waiting", waiting::FUNCTIONS),
    ("Modules", modules::FUNCTIONS),
    ("The version", versions::FUNCTIONS),
];

/// Methods of what host functions give: what they are methods of, and their tables.
pub const METHODS: &[(&str, &[Function])] = &[("a host", host_type::METHODS), ("a unit", unit_methods::METHODS)];

/// Every host function.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|(_, functions)| *functions)
}

/// Registers every host function and type.
pub fn register(engine: &mut Engine) {
    for function in functions() {
        table::register(engine, function);
    }
    host_type::register_types(engine);
    call_command::register_types(engine);
    units::register_types(engine);
    crate::recipe::later::register_types(engine);
}
