//! Questions to the person at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_process};

use crate::cli::echo;
use crate::transport::askpass::Prompter;
use crate::transport::cancel::Cancel;

/// How long the thread that listens for signals may take to hear one.
const SIGNAL_ARRIVES: Duration = Duration::from_millis(500);

/// How often a question that waits looks whether it was given up.
const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Asks on the terminal the process was started from, even when input or output is redirected; answers nothing where
/// there is none, as in CI.
#[derive(Default)]
pub struct Terminal(Mutex<()>);

impl Prompter for Terminal {
    fn ask(&self, prompt: &str, echo: bool, given_up: &Cancel) -> Option<String> {
        let _one = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut terminal = terminal()?;
        if echo {
            terminal.write_all(prompt.as_bytes()).ok()?;
            return line(&terminal, given_up);
        }
        echo::off(&terminal).ok()?;
        let asked = terminal.write_all(prompt.as_bytes());
        let typed = asked.ok().and_then(|()| line(&terminal, given_up));
        echo::restore();
        // Enter did not show.
        let _ = writeln!(terminal);
        let typed = typed?;
        if typed.ends_with(echo::CTRL_C) {
            // Not before the terminal is as it was: where nobody listens for the signal, this is the end.
            let _ = kill_process(getpid(), Signal::INT);
            // Whoever asks shall see it before this answer.
            sleep(SIGNAL_ARRIVES);
            return None;
        }
        Some(typed)
    }

    fn notice(&self, text: &str) {
        // Where there is no terminal nobody can touch a key either.
        if let Some(mut terminal) = terminal() {
            let _ = writeln!(terminal, "{text}");
        }
    }
}

/// The next line without its end; none at the end of input, and when the question was given up.
fn line(mut terminal: &File, given_up: &Cancel) -> Option<String> {
    let mut typed = Vec::new();
    loop {
        let ready = poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&LOOK_AGAIN));
        if given_up.is_raised() {
            return None;
        }
        // What else is wrong with the terminal, reading tells.
        if matches!(ready, Ok(0) | Err(Errno::INTR)) {
            continue;
        }
        // A terminal gives no more than a line at a time.
        let mut part = [0; 4096];
        let count = terminal.read(&mut part).ok()?;
        typed.extend_from_slice(&part[..count]);
        if count == 0 && typed.is_empty() {
            return None;
        }
        if count == 0 || typed.ends_with(b"\n") || typed.ends_with(echo::CTRL_C.as_bytes()) {
            return Some(String::from_utf8_lossy(&typed).trim_end_matches(['\r', '\n']).to_owned());
        }
    }
}

/// Whether this is a run of a CI service.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false")
}

/// The terminal; none in CI, where nobody answers even if there is one.
fn terminal() -> Option<File> {
    if in_ci() {
        return None;
    }
    OpenOptions::new().read(true).write(true).open("/dev/tty").ok()
}
