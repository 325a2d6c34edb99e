//! The words that can come next on a line: what shells ask when Tab is pressed.

mod answer;
mod command;
mod grammar;
mod keep;
mod renew;
mod store;

pub use command::complete;
pub use keep::{keep, learn};
