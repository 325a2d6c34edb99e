//! Deploys from end to end, over real ssh to real hosts.

mod contents;
mod failed;
mod files;
mod first;
mod linked;
mod oracle;
mod order;
mod refs;
mod releases;
mod rollback;
mod secrets;
mod selected;
mod takeover;
mod trips;
