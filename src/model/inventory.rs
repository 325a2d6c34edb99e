//! The servers of a stage.
