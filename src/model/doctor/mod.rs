//! The check-up of a host: what keeps it from being deployed to, looked for in one trip that changes nothing.
//!
//! Owns the question (`asked`), the script that is sent (`probe`), what it says (`facts`), and the rules that judge it. Each
//! finding has an id, listed in `table`, which stays for ever.

pub mod asked;
pub mod checkup;
mod clock;
mod disk;
pub mod facts;
mod folders;
mod git;
mod lock;
mod login;
pub mod probe;
mod programs;
pub mod rules;
pub mod seen;
mod sessions;
pub mod shown;
mod sudo;
pub mod table;
#[cfg(test)]
mod testing;
pub mod unreachable;
