//! Whether what is printed has colours.
//!
//! Owns the order in which the command line, the environment, the recipe and the terminal are asked: who runs windlass has
//! the say before who wrote the recipe.

use std::env;
use std::io::{IsTerminal, stderr, stdout};

use crate::cli::args::When;

/// Variables that force colours: of bixense.com/clicolors, of force-color.org, and of Capistrano.
pub const FORCING: &[&str] = &["CLICOLOR_FORCE", "FORCE_COLOR", "SSHKIT_COLOR"];

/// Whether to use colour on standard output. `wish` is that of the recipe.
#[must_use]
pub fn color(when: When, wish: Option<bool>) -> bool {
    is_colored(when, wish, stdout().is_terminal(), |name| env::var(name).ok())
}

/// Whether to use colour on standard error.
#[must_use]
pub fn err_color(when: When, wish: Option<bool>) -> bool {
    is_colored(when, wish, stderr().is_terminal(), |name| env::var(name).ok())
}

/// Colour as asked; else as `NO_COLOR` (no-color.org) says, and then the variables that force some; else as the recipe
/// wishes; else on a terminal that has some. An empty variable is none, and neither `0` nor `false` forces anything.
fn is_colored(when: When, wish: Option<bool>, is_terminal: bool, env: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let forces = |name: &&str| is_set(name) && !matches!(env(name).as_deref(), Some("0" | "false"));
    match (when, wish) {
        (When::Always, _) => true,
        (When::Never, _) => false,
        _ if is_set("NO_COLOR") => false,
        _ if FORCING.iter().any(forces) => true,
        (When::Auto, Some(wish)) => wish,
        (When::Auto, None) => {
            is_terminal && env("TERM").as_deref() != Some("dumb") && env("CLICOLOR").as_deref() != Some("0")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    /// The command line, the recipe, variables, and whether there are colours on a terminal and elsewhere.
    type Case = (When, Option<bool>, &'static [(&'static str, &'static str)], [bool; 2]);

    /// Whether there are colours on a terminal, and elsewhere.
    fn colored(when: When, wish: Option<bool>, variables: &[(&str, &str)]) -> [bool; 2] {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        [true, false].map(|is_terminal| is_colored(when, wish, is_terminal, find))
    }

    #[test]
    fn who_runs_it_has_the_say_before_the_recipe_and_the_recipe_before_the_terminal() {
        use When::{Always, Auto, Never};
        let table: &[Case] = &[
            // The terminal alone.
            (Auto, None, &[], [true, false]),
            (Auto, None, &[("TERM", "dumb")], [false, false]),
            (Auto, None, &[("CLICOLOR", "0")], [false, false]),
            (Auto, None, &[("TERM", "xterm"), ("CLICOLOR", "1")], [true, false]),
            // The recipe.
            (Auto, YES, &[("TERM", "dumb")], [true, true]),
            (Auto, NO, &[], [false, false]),
            // Variables that force colours.
            (Auto, None, &[("CLICOLOR_FORCE", "1")], [true, true]),
            (Auto, None, &[("FORCE_COLOR", "3")], [true, true]),
            (Auto, None, &[("SSHKIT_COLOR", "yes")], [true, true]),
            (Auto, NO, &[("SSHKIT_COLOR", "1"), ("TERM", "dumb")], [true, true]),
            (Auto, None, &[("CLICOLOR_FORCE", "0"), ("FORCE_COLOR", "false"), ("SSHKIT_COLOR", "")], [true, false]),
            (Auto, None, &[("CLICOLOR_FORCE", "0"), ("FORCE_COLOR", "1")], [true, true]),
            // The variable that forbids them.
            (Auto, None, &[("NO_COLOR", "0")], [false, false]),
            (Auto, None, &[("NO_COLOR", "")], [true, false]),
            (Auto, YES, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1")], [false, false]),
            // The command line.
            (Always, NO, &[("NO_COLOR", "1"), ("TERM", "dumb")], [true, true]),
            (Never, YES, &[("FORCE_COLOR", "1")], [false, false]),
        ];
        for (when, wish, variables, expected) in table {
            assert_eq!(colored(*when, *wish, variables), *expected, "{when:?} {wish:?} {variables:?}");
        }
    }
}
