//! The one error type of windlass, and its exit codes.
//!
//! Owns what an error *is*. It must not format anything for a terminal; `report::diagnostic` does that.

mod exit_code;
mod failed_command;
mod kind;
mod parts;
mod trace;

pub use exit_code::{EXIT_CANCELLED, EXIT_FAILED, EXIT_LOCKED, EXIT_MIXED, EXIT_OK, EXIT_UNREACHABLE, EXIT_USAGE};
pub use failed_command::FailedCommand;
pub use kind::Kind;
pub use parts::{Error, Parts};
pub use trace::Step;
