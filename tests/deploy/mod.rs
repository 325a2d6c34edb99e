//! Deploys from end to end, over real ssh to real hosts.

mod contents;
mod failed;
mod files;
mod first;
mod linked;
mod order;
mod refs;
mod releases;
mod rollback;
mod secrets;
mod selected;
