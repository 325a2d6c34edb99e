//! The place of an error: its line of the recipe, underlined.
//!
//! Owns the way from a [`Place`], which counts characters, to the byte spans of annotate-snippets.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Origin, Snippet};

use crate::place::Place;
use crate::report::diagnostic::Sources;

/// The place with its source line and an underline, as far as place and text are known. `width` is the number of
/// characters to underline; 0 means the name that starts there.
pub(super) fn location(place: &Place, width: usize, sources: &dyn Sources) -> Element<'static> {
    let source = sources.text(&place.file);
    let line = source.as_deref().and_then(|text| nth_line(text, place.line));
    match line {
        Some(line) => Snippet::source(line.to_owned())
            .line_start(place.line as usize)
            .path(place.file.to_string())
            .annotation(AnnotationKind::Primary.span(span(line, place.column as usize, width)))
            .into(),
        None => origin(place),
    }
}

/// The place alone.
pub(super) fn origin(place: &Place) -> Element<'static> {
    let origin = Origin::path(place.file.to_string());
    match (place.line as usize, place.column as usize) {
        (0, _) => origin.into(),
        (line, 0) => origin.line(line).into(),
        (line, column) => origin.line(line).char_column(column).into(),
    }
}

/// Line `number` of a text, counted from 1, without blanks at its end. None when the text has fewer lines, as it may when the file was edited
/// while windlass ran.
fn nth_line(text: &str, number: u32) -> Option<&str> {
    text.lines().nth(usize::try_from(number.checked_sub(1)?).ok()?).map(str::trim_end)
}

/// Byte range of `width` characters from `column`, which is counted from 1; a column of 0 means the whole line.
fn span(line: &str, column: usize, width: usize) -> Range<usize> {
    let Some(skip) = column.checked_sub(1) else {
        return line.len() - line.trim_start().len()..line.len();
    };
    let start = byte_offset(line, skip);
    let rest = &line[start..];
    let width =
        if width == 0 { rest.chars().take_while(|char| char.is_alphanumeric() || *char == '_').count() } else { width };
    start..start + byte_offset(rest, width.max(1))
}

/// Where character number `chars`, counted from 0, begins; the end of the text when there are fewer.
fn byte_offset(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(offset, _)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_characters() {
        let line = "\tlét(\"日本\");";
        assert_eq!(&line[span(line, 2, 0)], "lét");
        assert_eq!(&line[span(line, 6, 4)], "\"日本\"");
        assert_eq!(&line[span(line, 5, 0)], "(");
        assert_eq!(&line[span(line, 7, 1)], "日");
    }

    #[test]
    fn spans_end_with_the_line() {
        assert_eq!(span("abc", 2, 99), 1..3);
        assert_eq!(span("abc", 4, 5), 3..3);
        assert_eq!(span("abc", 99, 0), 3..3);
        assert_eq!(span("", 1, 0), 0..0);
    }

    #[test]
    fn no_column_means_what_is_written_on_the_line() {
        assert_eq!(span("  ab c", 0, 0), 2..6);
        assert_eq!(span("   ", 0, 0), 3..3);
        assert_eq!(span("", 0, 3), 0..0);
    }

    #[test]
    fn lines_count_from_one_and_lose_their_ends() {
        assert_eq!(nth_line("a \r\nb\r\n", 1), Some("a"));
        assert_eq!(nth_line("a\r\nb", 2), Some("b"));
        assert_eq!(nth_line("a\n", 2), None);
        assert_eq!(nth_line("a\n", 0), None);
    }
}
