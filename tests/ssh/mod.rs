//! Transports against a real sshd and a real local shell.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails its test")]

mod ask;
mod cancel;
mod commands;
mod connect;
mod files;
mod floods;
mod fuzz;
mod host;
mod logins;
mod parts;
mod quoting;
mod rows;
mod sessions;
mod shells;
mod starts;
mod trees;
mod warm;
mod ways;
