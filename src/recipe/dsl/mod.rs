//! The host functions, one file a family.

pub mod along;
pub mod batches;
pub mod call;
pub mod call_command;
pub mod commands;
pub mod dispatch;
pub mod files;
pub mod health;
pub mod hosts;
pub mod limits;
pub mod linger;
mod lock_care;
mod lock_spots;
pub mod locks;
pub mod log;
pub mod managers;
pub mod modules;
pub mod on_options;
pub mod paths;
pub mod prompts;
mod register;
pub mod releases;
pub mod servers;
pub mod settings;
pub mod surroundings;
pub mod table;
pub mod tasks;
pub mod templates;
mod unit_install;
pub mod unit_methods;
mod unit_wait;
pub mod units;
pub mod waiting;
mod wishes;

pub use register::{FAMILIES, METHODS, functions, register};
