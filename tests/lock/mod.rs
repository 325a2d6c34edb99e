//! The lock: one deploy at a time, over real ssh to real hosts.

mod along;
mod broken;
mod crowd;
mod hanging;
mod held;
mod once_more;
mod released;
