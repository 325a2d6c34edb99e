//! `check`: what can be told of recipes without running anything.

pub mod arguments;
pub mod calls;
pub mod dead_code;
pub mod descriptions;
pub mod files;
pub mod interpolation;
pub mod known;
pub mod nesting;
pub mod nothing_given;
pub mod old_settings;
pub mod outline;
mod outline_words;
pub mod project;
pub mod reach;
pub mod roles;
pub mod scripts;
pub mod secrets;
pub mod settings;
pub mod stage;
pub mod stages;
pub mod tasks;
pub mod unanswered;
pub mod usage;
pub mod words;
