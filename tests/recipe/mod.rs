//! The recipe layer: Rhai itself, and recipes run through the real binary.

mod array_functions;
mod contract;
