//! `windlass definitions`: the host functions for Rhai's language server.

use std::fs;
use std::path::Path;

use crate::cli::results::print;
use crate::error::{EXIT_OK, Error};
use crate::recipe::docs;

/// Prints the definitions, or writes them into a file; gives the exit code.
///
/// # Errors
/// A file, or standard output, that cannot be written to.
pub fn definitions(file: Option<&Path>) -> Result<u8, Error> {
    let text = docs::definitions();
    match file {
        None => print(&text)?,
        Some(file) => fs::write(file, text).map_err(|error| Error::io("could not write", file, &error))?,
    }
    Ok(EXIT_OK)
}
