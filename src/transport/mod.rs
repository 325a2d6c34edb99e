//! Ways to a host: ssh, local, and record (dry run and tests).
//!
//! The only place that knows openssh. It runs commands and moves bytes; it knows nothing of recipes, tasks or releases.

pub mod api;
pub mod askpass;
pub mod cancel;
mod channel;
mod control;
mod cut;
pub mod explain;
mod file_failure;
pub mod files;
mod frame;
mod gate;
mod gateway;
mod host_key;
mod limit;
mod link;
pub mod local;
mod login;
pub mod master;
mod option_table;
pub mod options;
mod own_folder;
mod parts;
mod plain;
pub mod pool;
mod progress;
pub mod prompts;
pub mod record;
mod resolve;
mod routes;
mod runtime;
mod sessions;
mod shell;
mod shells;
pub mod ssh;
mod ssh_start;
mod starts;
mod track;
pub mod warm;
mod window;
