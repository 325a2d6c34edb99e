//! The order tasks would run in.
