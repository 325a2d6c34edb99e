//! Completions: what windlass offers, and what real shells make of it when Tab is pressed.

mod kept;
mod project;
mod shells;
mod words;
