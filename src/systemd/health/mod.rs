//! Whether services live, and go on living: 28 ways in which they do not, looked for in one trip.
//!
//! Owns the question (`asked`), the script that is sent (`probe`), what it says (`facts`), and the rules that judge it.
//! Each rule has a number, `LF-1` to `LF-28`, which stays for ever. Nothing here changes anything.

pub mod asked;
pub mod facts;
mod known_bugs;
mod linger_off;
mod no_manager;
mod not_as_on_disk;
mod not_at_boot;
mod permissions;
pub mod probe;
#[cfg(test)]
mod recorded_tests;
pub mod rules;
pub mod seen;
mod start_steps;
mod stops_after_deploy;
#[cfg(test)]
mod testing;
mod too_early_at_boot;
pub mod unit_facts;
