//! Hosts to threads: order, limits, cancel, outcomes. Knows no Rhai and no ssh.

pub mod claim;
pub mod each;
pub mod execute;
pub mod fleet;
pub mod lease;
pub mod lines;
pub mod outcome;
pub mod pause;
pub mod policy;
mod running;
pub mod spot;
pub mod transfer;
pub mod within;
