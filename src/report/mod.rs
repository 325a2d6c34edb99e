//! Events to text: what the user sees and what the log keeps. Depends on the model only.

pub mod diagnostic;
pub mod dots;
pub mod fan;
mod file_line;
pub mod json;
pub mod listing;
pub mod logfile;
pub mod pattern;
pub mod plain;
pub mod plan;
pub mod terminal;
