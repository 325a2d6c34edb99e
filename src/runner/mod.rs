//! Hosts to threads: order, limits, cancel, outcomes. Knows no Rhai and no ssh.

mod attempt;
pub mod claim;
pub mod each;
pub mod execute;
mod fates;
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
pub mod seen;
pub mod spot;
mod take;
pub mod transfer;
pub mod watch;
pub mod within;
