//! The colours of the reporters, and whether there are any.
//!
//! Owns which colour means what. It does not decide whether colour is wanted: the cli does, from the terminal,
//! `NO_COLOR` and `--color`.

use anstyle::{AnsiColor, Effects, Style};

/// Names of tasks.
pub const TASK: Style = AnsiColor::Blue.on_default();
/// Commands as they begin.
pub const COMMAND: Style = AnsiColor::Yellow.on_default();
/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What failed.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What to look at.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// What matters less.
pub const FAINT: Style = Style::new().effects(Effects::DIMMED);
/// Headings.
pub const STRONG: Style = Style::new().effects(Effects::BOLD);

/// Puts colour on text, or leaves it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// Whether escapes are written at all.
    pub color: bool,
}

impl Paint {
    /// The text in a style, followed by a reset; the bare text without colour.
    #[must_use]
    pub fn on(self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_only_when_told() {
        assert_eq!(Paint { color: false }.on(BAD, "no"), "no");
        assert_eq!(Paint { color: true }.on(BAD, "no"), "\u{1b}[31mno\u{1b}[0m");
        assert_eq!(Paint { color: true }.on(BAD, ""), "");
    }
}
