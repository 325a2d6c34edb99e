//! What must not go wrong: the known faults of deploy tools, bad input, mixed fleets, Ctrl-C.

mod app;
mod bad_input;
mod cancel;
mod dry_run;
mod failing;
mod links;
mod mixed;
mod mount;
mod quoting;
mod releases;
mod remote;
mod running;
mod selection;
mod tasks;
