//! What other programs print, made safe for a line of ours.
//!
//! Owns the rule which control sequences survive. A server's output must not move the cursor, set the window title or
//! turn text around; colours may stay where colours are shown.

use std::iter::Peekable;
use std::str::Chars;

/// Whether colours another program put into its line stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// They stay, and are switched off at the end of the line.
    Keep,
    /// They go.
    Strip,
}

const RESET: &str = "\u{1b}[0m";

/// One line without control characters. A carriage return inside starts the line anew, as it does on a terminal, so a
/// progress bar leaves its last state. Tabs stay.
#[must_use]
pub fn clean(line: &str, colours: Colours) -> String {
    let line = line.trim_end_matches(['\r', '\n']);
    let mut out = String::with_capacity(line.len());
    let mut coloured = false;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\r' => {
                out.clear();
                coloured = false;
            }
            '\t' => out.push('\t'),
            '\u{1b}' | '\u{9b}' => {
                if let Some(sequence) = escape(char, &mut chars).filter(|_| colours == Colours::Keep) {
                    coloured = sequence != RESET && sequence != "\u{1b}[m";
                    out.push_str(&sequence);
                }
            }
            char if char.is_control() || turns_text(char) => {}
            char => out.push(char),
        }
    }
    if coloured {
        out.push_str(RESET);
    }
    out
}

/// Reads one escape sequence to its end; gives it back if it is nothing but a colour.
fn escape(first: char, chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let kind = if first == '\u{9b}' { '[' } else { chars.next()? };
    match kind {
        '[' => {
            let mut parameters = String::new();
            while let Some(char) = chars.next_if(|char| ('\u{20}'..='\u{3f}').contains(char)) {
                parameters.push(char);
            }
            let end = chars.next_if(|char| ('\u{40}'..='\u{7e}').contains(char))?;
            let plain = parameters.chars().all(|char| char.is_ascii_digit() || matches!(char, ';' | ':'));
            (end == 'm' && plain).then(|| format!("\u{1b}[{parameters}m"))
        }
        // Strings: window titles, hyperlinks and the like, up to BEL or ESC \.
        ']' | 'P' | 'X' | '^' | '_' => {
            while let Some(char) = chars.next() {
                if char == '\u{7}' || (char == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
            None
        }
        // Two characters, or three where an intermediate comes first: ESC ( B.
        '\u{20}'..='\u{2f}' => {
            chars.next();
            None
        }
        _ => None,
    }
}

/// Characters that change the direction of the text after them.
fn turns_text(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(line: &str) -> (String, String) {
        (clean(line, Colours::Strip), clean(line, Colours::Keep))
    }

    #[test]
    fn plain_text_stays() {
        let text = "héé 日本\tx | `y` ✔";
        assert_eq!(both(text), (text.into(), text.into()));
    }

    #[test]
    fn colours_stay_only_where_wanted_and_never_leak() {
        assert_eq!(both("\u{1b}[1;31mred\u{1b}[0m x"), ("red x".into(), "\u{1b}[1;31mred\u{1b}[0m x".into()));
        assert_eq!(both("\u{1b}[31mred"), ("red".into(), "\u{1b}[31mred\u{1b}[0m".into()));
        assert_eq!(both("\u{1b}[31mred\u{1b}[m"), ("red".into(), "\u{1b}[31mred\u{1b}[m".into()));
        assert_eq!(both("\u{9b}32mgreen"), ("green".into(), "\u{1b}[32mgreen\u{1b}[0m".into()));
    }

    #[test]
    fn nothing_moves_the_cursor() {
        for line in [
            "\u{1b}[2Ja",
            "\u{1b}[1;1Ha",
            "\u{1b}[?25la",
            "\u{1b}(Ba",
            "\u{1b}ca",
            "a\u{8}\u{7}\u{b}\u{0}",
            "\u{1b}[>4ma",
        ] {
            assert_eq!(both(line), ("a".into(), "a".into()), "{line:?}");
        }
    }

    #[test]
    fn titles_and_links_go() {
        assert_eq!(clean("\u{1b}]0;title\u{7}a", Colours::Keep), "a");
        assert_eq!(clean("\u{1b}]8;;http://x\u{1b}\\a\u{1b}]8;;\u{1b}\\b", Colours::Keep), "ab");
    }

    #[test]
    fn a_progress_bar_leaves_its_last_state() {
        assert_eq!(clean("10%\r50%\r100%\r\n", Colours::Strip), "100%");
        assert_eq!(clean("\u{1b}[31m10%\r100%", Colours::Keep), "100%");
    }

    #[test]
    fn text_is_not_turned_around() {
        assert_eq!(clean("a\u{202e}b\u{2066}c", Colours::Strip), "abc");
    }

    #[test]
    fn an_unfinished_escape_ends_with_the_line() {
        for line in ["a\u{1b}", "a\u{1b}[", "a\u{1b}[31", "a\u{1b}]0;title", "a\u{1b}("] {
            assert_eq!(both(line), ("a".into(), "a".into()), "{line:?}");
        }
    }
}
