//! A gallery of error messages, each as the user sees it: one snapshot a message, through the real binary.

pub mod catalogue;
mod chapters;
mod command_line;
mod contents;
mod deploy;
mod hosts;
mod language;
mod recipes;
mod ruby;
mod services;
mod tasks;
mod values;
mod wrong_words;
