//! One dot a command.
