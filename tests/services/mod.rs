//! Services on real hosts: systemd, its user managers, and workers that are to stay up.

mod lab;
mod lab_ends;
mod lab_users;
mod puma;
mod puma_app;
mod workers;
