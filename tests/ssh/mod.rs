//! Transports against a real sshd and a real local shell.

mod ask;
mod cancel;
mod commands;
mod connect;
mod files;
mod host;
mod quoting;
mod sessions;
