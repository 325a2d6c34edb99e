//! The recipe layer: Rhai itself, and recipes run through the real binary.

mod contract;
