//! The list of families.

use rhai::Engine;

use crate::recipe::dsl::table::{self, Function};
use crate::recipe::dsl::{
    commands, files, hosts, log, modules, paths, prompts, releases, servers, settings, surroundings, tasks,
};

const FAMILIES: &[&[Function]] = &[
    settings::FUNCTIONS,
    prompts::FUNCTIONS,
    servers::FUNCTIONS,
    tasks::FUNCTIONS,
    hosts::FUNCTIONS,
    surroundings::FUNCTIONS,
    commands::FUNCTIONS,
    files::FUNCTIONS,
    paths::FUNCTIONS,
    releases::FUNCTIONS,
    log::FUNCTIONS,
    modules::FUNCTIONS,
];

/// Every host function.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().copied().flatten()
}

/// Registers every host function and type.
pub fn register(engine: &mut Engine) {
    for function in functions() {
        table::register(engine, function);
    }
    servers::register_types(engine);
    commands::register_types(engine);
}
