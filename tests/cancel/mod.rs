//! What is left on the hosts when a run is cancelled, killed, or loses the line: nothing.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails its test")]

mod crash;
mod crashes;
mod ending;
mod lab;
