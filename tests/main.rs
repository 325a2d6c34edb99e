//! The whole suite as one binary. Every file below `tests/` is named here or in a module named here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking, its helpers too")]

mod architecture;
mod cancel;
mod capistrano;
mod check;
mod completions;
mod console;
mod deploy;
mod docs;
mod doctor;
mod errors;
mod faults;
mod lock;
mod recipe;
mod services;
mod ssh;
mod support;
