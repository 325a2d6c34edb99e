//! The whole suite as one binary. Every file below `tests/` is named here or in a module named here.

mod architecture;
mod deploy;
mod docs;
mod errors;
mod faults;
mod recipe;
mod ssh;
mod support;
