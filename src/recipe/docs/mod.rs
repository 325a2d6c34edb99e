//! The reference: functions, settings, tasks and modules as pages, from the tables and the stock recipes themselves.

mod definitions;
mod examples;
mod functions;
mod layout;
mod modules;
mod settings;
mod tasks;
mod topics;

pub use definitions::definitions;
pub use settings::in_short as settings_in_short;
pub use topics::{LISTS, list, names, page, quick_names};
