//! What must not go wrong: the known faults of deploy tools, bad input, mixed fleets, Ctrl-C.

pub mod app;
mod as_user;
mod at_terminal;
mod bad_input;
mod cancel;
mod dry_run;
mod failing;
mod hosts;
mod limits;
mod links;
mod lost;
mod mixed;
mod profile;
pub mod pty;
mod quoting;
mod releases;
pub mod remote;
mod results;
pub mod running;
mod selection;
mod silence;
mod sudo;
mod task_ends;
mod tasks;
