//! Events to text: what the user sees and what the log keeps. Depends on the model only.

mod causes;
pub mod clean;
pub mod clock;
pub mod console;
pub mod diagnostic;
pub mod dots;
mod ended;
mod failed_command;
pub mod fan;
pub mod json;
pub mod listing;
pub mod logfile;
mod numbering;
pub mod plain;
pub mod plan;
mod snippet;
pub mod style;
pub mod terminal;
pub mod truncate;
