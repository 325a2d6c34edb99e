//! The recipe layer: Rhai itself, and recipes run through the real binary.

mod array_functions;
mod batch;
mod callables;
mod catching;
mod command_line;
mod commands;
mod contract;
mod deploy;
mod files;
mod filters;
mod hooks;
mod init;
mod lists;
mod loading;
mod logs;
mod messages;
mod on;
mod paths;
mod prompts;
mod secrets;
mod servers;
mod settings;
mod stdlib;
mod surroundings;
mod tasks;
mod together;
