//! `windlass STAGE console`: lines from a pipe, and a person at a terminal.

mod hosts;
mod lines;
pub mod piped;
mod terminal;
