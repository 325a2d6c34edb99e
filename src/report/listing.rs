//! Lists of tasks.
