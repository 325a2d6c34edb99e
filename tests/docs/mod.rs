//! The README says what is true: its recipes load and run, its commands work, its tables are those of the code;
//! so do the guides of the stock recipes.

mod commands;
mod example_scripts;
pub mod examples;
pub mod guides;
pub mod project;
pub mod readme;
mod recipes;
mod scripts;
mod tables;
mod topics;
