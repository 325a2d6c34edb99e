//! The command line: the only place that prints, asks or exits.

mod args;
mod check;
mod colors;
mod command_args;
mod complete;
mod completions;
mod console;
mod definitions;
mod demo;
mod demo_hosts;
mod docs;
mod doctor;
mod echo;
mod eyes;
mod finish;
mod folding;
mod history;
mod init;
mod line_editor;
mod list;
mod man;
mod output;
mod perform;
mod prompt;
mod refused;
mod results;
mod run;
mod session;
mod settings;
mod signals;
mod start;
mod trace;
mod width;
mod words;
mod work;

pub use start::start;
