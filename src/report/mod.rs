//! Events to text: what the user sees and what the log keeps. Depends on the model only.

mod causes;
pub mod clean;
pub mod clock;
pub mod console;
pub mod diagnostic;
pub mod doctor;
pub mod dots;
mod ended;
mod ending;
mod failed_command;
mod failed_output;
pub mod fan;
mod file_line;
pub mod findings;
mod fleet_table;
pub mod folding;
pub mod json;
pub mod listing;
mod log_lines;
pub mod logfile;
mod numbering;
pub mod pattern;
pub mod plain;
pub mod plan;
mod profile_table;
mod rotating_file;
mod rows;
#[cfg(test)]
mod sample_events;
mod set_aside;
pub mod settings;
mod snippet;
mod status_line;
pub mod style;
pub mod terminal;
#[cfg(test)]
mod testing;
pub mod truncate;
mod waiting_words;
