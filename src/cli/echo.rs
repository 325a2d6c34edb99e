//! The echo of the terminal: off while a secret is typed, and as it was however the run ends.
//!
//! A process that is told to end while it asks does not wait for the thread that reads. So what the terminal was like
//! is kept here, for whoever ends the process.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

/// What a Ctrl-C is in a line that is typed while the echo is off.
pub const CTRL_C: &str = "\u{3}";

/// The terminal that was changed, and what it was like before.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// Switches the echo off, before the question is shown: nothing that is typed in answer to it may show. A Ctrl-C ends the
/// line then, and sends no signal: whoever reads has to put the terminal right before that.
///
/// # Errors
/// What the system says of a file that is no terminal.
pub fn off(terminal: &File) -> std::io::Result<()> {
    let before = tcgetattr(terminal)?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
    hidden.special_codes[SpecialCodeIndex::VEOL] = CTRL_C.as_bytes()[0];
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some((terminal.try_clone()?, before));
    Ok(tcsetattr(terminal, OptionalActions::Now, &hidden)?)
}

/// Remembers what the terminal is like, for somebody who changes it by other means.
///
/// # Errors
/// What the system says of a file that is no terminal.
pub fn keep(terminal: &File) -> std::io::Result<()> {
    let before = tcgetattr(terminal)?;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some((terminal.try_clone()?, before));
    Ok(())
}

/// Makes the terminal what it was before [`off`].
pub fn restore() {
    if let Some((terminal, before)) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(terminal, OptionalActions::Now, &before);
    }
}
