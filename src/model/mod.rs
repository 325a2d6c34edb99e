//! Pure data and rules: no input or output, no threads, no Rhai.

pub mod command;
pub mod event;
pub mod filter;
pub mod host_string;
pub mod inventory;
pub mod name_list;
pub mod pattern;
pub mod plan;
pub mod plural;
pub mod property_filter;
pub mod quote;
pub mod release;
pub mod remedy;
pub mod script;
pub mod secret;
pub mod selection;
pub mod server;
pub mod server_spec;
pub mod suggest;
pub mod task;
pub mod task_args;
mod task_build;
pub mod task_call;
mod task_cycle;
pub mod task_graph;
pub mod task_names;
pub mod value;
