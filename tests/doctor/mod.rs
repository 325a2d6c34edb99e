//! `windlass STAGE doctor`: what keeps hosts from being deployed to, found over a real sshd.

mod faults;
mod fleet;
mod git;
mod look;
mod rights;
mod way;
