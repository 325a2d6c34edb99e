//! Questions to the person at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use crate::cli::echo;
use crate::transport::askpass::Prompter;

/// How long the thread that listens for signals may take to hear one.
const SIGNAL_ARRIVES: Duration = Duration::from_millis(500);

/// Asks on the terminal the process was started from, even when input or output is redirected; answers nothing where
/// there is none, as in CI.
#[derive(Default)]
pub struct Terminal(Mutex<()>);

impl Prompter for Terminal {
    fn ask(&self, prompt: &str, echo: bool) -> Option<String> {
        let _one = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut terminal = terminal()?;
        if !echo {
            echo::off(&terminal).ok()?;
        }
        write!(terminal, "{prompt}").ok()?;
        terminal.flush().ok()?;
        if !echo {
            let answer = rpassword::read_password();
            echo::restore();
            if answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Interrupted) {
                // It has sent us the signal of the Ctrl-C: whoever asks shall see it before this answer.
                sleep(SIGNAL_ARRIVES);
            }
            return answer.ok();
        }
        let mut line = String::new();
        let read = BufReader::new(terminal).read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn notice(&self, text: &str) {
        // Where there is no terminal nobody can touch a key either.
        if let Some(mut terminal) = terminal() {
            let _ = writeln!(terminal, "{text}");
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
