//! Deploys from end to end, over real ssh to real hosts.

mod contents;
mod first;
mod linked;
mod refs;
mod releases;
mod rollback;
mod selected;
