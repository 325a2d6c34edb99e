//! Rhai's errors as ours: what went wrong, where, and what to write instead.

mod around;
mod brackets;
pub mod calls;
mod declarations;
mod foreign;
mod foreign_signs;
pub(super) mod kinds;
pub(super) mod of_rhai;
pub mod parsing;
pub mod running;
mod values;

pub use running::diagnose;
