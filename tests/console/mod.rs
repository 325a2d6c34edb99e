//! `windlass STAGE console`: lines from a pipe, and a person at a terminal.

mod hosts;
mod lines;
mod piped;
mod terminal;
