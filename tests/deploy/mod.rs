//! Deploys from end to end, over real ssh to real hosts.

mod contents;
mod failed;
mod files;
mod first;
mod lagging;
mod linked;
mod names;
mod one_run;
mod oracle;
mod order;
mod policy;
mod refs;
mod releases;
mod rollback;
mod secrets;
mod selected;
mod takeover;
mod trips;
