//! The command line: the only place that prints, asks or exits.

mod args;
mod check;
mod demo;
mod demo_hosts;
mod doctor;
mod echo;
mod exec;
mod finish;
mod init;
mod list;
mod output;
mod prompt;
mod run;
mod session;
mod settings;
mod signals;
mod start;
mod trace;
mod words;

pub use start::start;
