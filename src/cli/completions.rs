//! `windlass completions SHELL`: the function a shell calls when Tab is pressed.

use crate::cli::command_args::Shell;
use crate::cli::results::print;
use crate::error::{EXIT_OK, Error};

/// Prints the function of a shell; gives the exit code.
///
/// # Errors
/// Standard output that cannot be written to.
pub fn completions(shell: Shell) -> Result<u8, Error> {
    print(match shell {
        Shell::Bash => include_str!("completions/windlass.bash"),
        Shell::Zsh => include_str!("completions/windlass.zsh"),
        Shell::Fish => include_str!("completions/windlass.fish"),
    })?;
    Ok(EXIT_OK)
}
