//! Hosts to threads: order, limits, cancel, outcomes. Knows no Rhai and no ssh.

pub mod each;
pub mod execute;
pub mod fleet;
pub mod lines;
pub mod outcome;
pub mod pause;
pub mod policy;
pub mod profile;
mod pulse;
pub mod run_limit;
mod running;
pub mod transfer;
pub mod watch;
