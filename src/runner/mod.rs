//! Hosts to threads: order, limits, cancel, outcomes. Knows no Rhai and no ssh.

pub mod claim;
pub mod each;
pub mod execute;
pub mod fleet;
pub mod lease;
pub mod leases;
mod letting_go;
pub mod lines;
pub mod max_fail;
pub mod outcome;
pub mod pause;
pub mod policy;
pub mod profile;
mod pulse;
pub mod roster;
pub mod run_limit;
mod running;
pub mod spot;
pub mod transfer;
pub mod watch;
pub mod within;
