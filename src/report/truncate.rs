//! Lines cut to the width of the terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// How many columns a text takes; colour escapes take none, a tab one.
#[must_use]
pub fn visible_width(text: &str) -> usize {
    Pieces(text).map(|piece| piece.width).sum()
}

/// Tabs as spaces, up to the next multiple of eight columns, so that the width of a line is known.
#[must_use]
pub fn expand_tabs(text: &str) -> Cow<'_, str> {
    if !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for piece in Pieces(text) {
        if piece.text == "\t" {
            let spaces = 8 - column % 8;
            out.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        } else {
            out.push_str(piece.text);
            column += piece.width;
        }
    }
    Cow::Owned(out)
}

/// The text in at most `width` columns, ending in `…` where something is missing; a width of 0 means no limit.
///
/// Never cuts inside an escape, and resets the colour where one may be open.
#[must_use]
pub fn truncate(text: &str, width: usize) -> Cow<'_, str> {
    if width == 0 || visible_width(text) <= width {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for piece in Pieces(text) {
        if column + piece.width > width - 1 {
            break;
        }
        out.push_str(piece.text);
        column += piece.width;
    }
    let coloured = out.contains('\u{1b}');
    out.push('…');
    if coloured {
        out.push_str("\u{1b}[0m");
    }
    Cow::Owned(out)
}

/// A character or an escape sequence.
struct Piece<'a> {
    text: &'a str,
    width: usize,
}

/// Walks over the pieces of a text. Characters are measured one by one: a joined emoji counts too wide rather than too
/// narrow, so no line ever wraps.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let char = self.0.chars().next()?;
        let (length, width) = match escape_length(self.0) {
            Some(length) => (length, 0),
            None => (char.len_utf8(), if char == '\t' { 1 } else { char.width().unwrap_or(0) }),
        };
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(Piece { text, width })
    }
}

/// Bytes of the colour escape at the start of a text.
fn escape_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    parameters.find(|char: char| ('\u{40}'..='\u{7e}').contains(&char)).map(|end| end + "\u{1b}[m".len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_stay() {
        assert_eq!(truncate("abc", 3), "abc");
        assert_eq!(truncate("", 1), "");
    }

    #[test]
    fn long_lines_end_in_an_ellipsis() {
        assert_eq!(truncate("abcd", 3), "ab…");
        assert_eq!(truncate("abcd", 1), "…");
    }

    #[test]
    fn no_width_is_no_limit() {
        let long = "x".repeat(5000);
        assert_eq!(truncate(&long, 0), long);
    }

    #[test]
    fn wide_characters_count_twice_and_marks_not_at_all() {
        assert_eq!(visible_width("日本"), 4);
        assert_eq!(truncate("日本語", 5), "日本…");
        assert_eq!(truncate("日本語", 4), "日…");
        assert_eq!(visible_width("e\u{301}"), 1);
        assert_eq!(truncate("e\u{301}fg", 2), "e\u{301}…");
    }

    #[test]
    fn escapes_are_never_cut() {
        let text = "\u{1b}[31mabcdef\u{1b}[0m";
        assert_eq!(visible_width(text), 6);
        assert_eq!(truncate(text, 6), text);
        assert_eq!(truncate(text, 4), "\u{1b}[31mabc…\u{1b}[0m");
        assert_eq!(truncate("ab\u{1b}[31mcd", 3), "ab\u{1b}[31m…\u{1b}[0m");
    }

    #[test]
    fn every_width_fits() {
        let text = "a日\u{1b}[1;32m✔ 🚀e\u{301}\u{1b}[0m long tail";
        for width in 1..30 {
            assert!(visible_width(&truncate(text, width)) <= width, "{width}");
        }
    }

    #[test]
    fn tabs_go_to_the_next_eighth_column() {
        assert_eq!(expand_tabs("a\tb"), "a       b");
        assert_eq!(expand_tabs("日本語日\tb"), "日本語日        b");
        assert_eq!(expand_tabs("\u{1b}[31ma\t"), "\u{1b}[31ma       ");
        assert_eq!(expand_tabs("none"), "none");
    }
}
