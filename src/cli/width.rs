//! How wide the terminal is, and where lines are cut.

use std::env;
use std::io::{IsTerminal, stdout};

use rustix::termios::tcgetwinsize;

use crate::model::format_options::Truncate;

/// Columns of the terminal; none when standard output is none, or nobody knows.
#[must_use]
pub fn width() -> Option<usize> {
    if !stdout().is_terminal() {
        return None;
    }
    columns(env::var("COLUMNS").ok().as_deref(), || Some(tcgetwinsize(stdout()).ok()?.ws_col.into()))
}

/// As the variable says, which is there for that, else as the terminal does.
fn columns(variable: Option<&str>, terminal: impl FnOnce() -> Option<usize>) -> Option<usize> {
    let said = variable.and_then(|text| text.trim().parse().ok()).filter(|columns| *columns > 0);
    said.or_else(|| terminal().filter(|columns| *columns > 0))
}

/// Where lines of a run are cut; 0 is nowhere.
#[must_use]
pub fn cut(wish: Truncate, width: Option<usize>) -> usize {
    match wish {
        Truncate::Auto => width.unwrap_or(0),
        Truncate::Never => 0,
        Truncate::At(columns) => columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_has_the_say_where_it_is_a_number() {
        for (variable, terminal, expected) in [
            (None, Some(80), Some(80)),
            (Some("100"), Some(80), Some(100)),
            (Some("100"), None, Some(100)),
            (Some(""), Some(80), Some(80)),
            (Some("0"), Some(80), Some(80)),
            (Some("wide"), Some(80), Some(80)),
            // Terminals that claim to have no columns.
            (None, Some(0), None),
        ] {
            assert_eq!(columns(variable, || terminal), expected, "{variable:?} {terminal:?}");
        }
    }

    #[test]
    fn a_number_cuts_with_and_without_a_terminal() {
        for (wish, on_terminal, elsewhere) in
            [(Truncate::Auto, 80, 0), (Truncate::Never, 0, 0), (Truncate::At(40), 40, 40)]
        {
            assert_eq!((cut(wish, Some(80)), cut(wish, None)), (on_terminal, elsewhere), "{wish:?}");
        }
    }
}
