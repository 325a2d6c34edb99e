//! Processes that hold a namespace, and end when their standard input does, so that a killed test leaves nothing.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The first line a process says.
pub fn said(process: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// What a process that did not come up says of it.
pub fn errors(process: &mut Child) -> String {
    drop(process.stdin.take());
    let mut text = String::new();
    process.stderr.as_mut().unwrap().read_to_string(&mut text).ok();
    text.trim().to_owned()
}

/// Lets a process go that waits for the end of its input.
pub fn end(process: &mut Child) {
    drop(process.stdin.take());
    let until = Instant::now() + Duration::from_secs(5);
    while let Ok(None) = process.try_wait() {
        if Instant::now() > until {
            process.kill().ok();
            process.wait().ok();
            return;
        }
        sleep(Duration::from_millis(5));
    }
}

/// Where `ip` and `sshd` are, too.
pub fn path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned()))
}

/// The network a process is in.
pub fn net_of(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/net")).ok()
}

/// Waits until a host has got something.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < until, "a host has not got {what} within 10 s");
        sleep(Duration::from_millis(5));
    }
}
