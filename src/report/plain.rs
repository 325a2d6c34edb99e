//! The reporter without a terminal.
