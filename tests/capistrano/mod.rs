//! The table of Capistrano, SSHKit and Airbrussh: one row, one test.
//!
//! The number above a test is that of the row: 1 is the command line, 2 the language, 3 the deploy, 4 the output. A row
//! that is there shows what people from Capistrano look for. A row that is different shows what is so instead, and says
//! under which words `differs` finds it in the README's chapter "Different from Capistrano".

mod commands;
mod dry_run;
mod endings;
mod files;
mod filters;
mod flow;
mod flow_settings;
mod git;
mod hooks;
mod install;
mod lines;
mod on;
mod options;
mod output;
mod paths;
mod questions;
pub mod rows;
mod servers;
mod settings;
mod site;
mod ssh;
mod start;
mod steps;
mod surroundings;
mod table;
mod tasks;
mod words;
