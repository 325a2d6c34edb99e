//! A task as called on the command line.
