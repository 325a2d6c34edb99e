//! Results, which go to standard output.

use std::io::{ErrorKind, Write, stdout};
use std::path::Path;

use crate::error::Error;

/// Prints a result. That nobody reads it, as in `windlass -T | head`, is no failure.
///
/// # Errors
/// A result that gets lost, as on a full disk.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("could not write", Path::new("standard output"), &error))
        }
        _ => Ok(()),
    }
}
