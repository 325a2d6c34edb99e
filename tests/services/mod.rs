//! Services on real hosts: systemd, its user managers, and workers that are to stay up.

mod checks;
mod checks_boot;
mod checks_host;
mod checks_linger;
mod checks_manager;
mod checks_rights;
mod deploys;
mod examples;
mod findings;
mod lab;
mod lab_ends;
mod lab_users;
mod left_behind;
mod lingering;
mod neighbours;
mod project;
mod puma;
mod puma_app;
mod scenarios;
mod suites;
mod waiting;
mod workers;
