//! The README says what is true: its recipes load and run, its commands work, its tables are those of the code.

mod commands;
mod differences;
mod project;
mod readme;
mod recipes;
mod scripts;
mod tables;
