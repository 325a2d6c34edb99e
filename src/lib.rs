//! windlass: deploys written in Rhai that read like Capistrano, over the user's own OpenSSH.
//!
//! One way only: `cli → recipe → runner → transport → model`, `report → model`, `recipe → systemd → model`. Only `recipe`
//! knows Rhai, only `transport` knows openssh, only `cli` prints or exits, `model` and `systemd` are pure.
//! `tests/architecture.rs` holds these rules.

pub mod cli;
pub mod error;
pub mod model;
pub mod place;
pub mod recipe;
pub mod report;
pub mod runner;
pub mod systemd;
pub mod transport;
