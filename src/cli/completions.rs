//! `windlass completions SHELL`: the function a shell calls when Tab is pressed.

use crate::cli::command_args::Shell;
use crate::cli::run::print;
use crate::error::EXIT_OK;

/// Prints the function of a shell; gives the exit code.
pub fn completions(shell: Shell) -> u8 {
    print(match shell {
        Shell::Bash => include_str!("completions/windlass.bash"),
        Shell::Zsh => include_str!("completions/windlass.zsh"),
        Shell::Fish => include_str!("completions/windlass.fish"),
    });
    EXIT_OK
}
