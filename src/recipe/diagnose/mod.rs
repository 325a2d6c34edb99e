//! Rhai's errors as ours: what went wrong, where, and what to write instead.

mod around;
mod brackets;
pub mod calls;
mod declarations;
mod foreign;
mod foreign_operators;
mod foreign_signs;
mod keywords;
pub(crate) mod kinds;
mod missing;
pub(crate) mod of_rhai;
mod operators;
pub mod parsing;
pub mod running;
mod tokens;
mod values;

pub use running::diagnose;
