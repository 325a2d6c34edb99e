//! What stands around a place of a recipe: the words and signs a message about that place is made of.
//!
//! Looks at text alone, because what cannot be read has no tree.

use rhai::Position;

/// A place in a text. Lines and columns are counted from 1, columns in characters, as Rhai does.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    text: &'a str,
    line: usize,
    column: usize,
}

impl<'a> Around<'a> {
    /// The surroundings of a position.
    pub const fn new(text: &'a str, position: Position) -> Self {
        let (line, column) = match (position.line(), position.position()) {
            (Some(line), Some(column)) => (line, column),
            (Some(line), None) => (line, 1),
            (None, _) => (1, 1),
        };
        Self { text, line, column }
    }

    /// The whole text, with line and column of the place.
    pub const fn parts(self) -> (&'a str, usize, usize) {
        (self.text, self.line, self.column)
    }

    /// The line of the place.
    pub fn line(self) -> &'a str {
        self.text.lines().nth(self.line - 1).unwrap_or_default()
    }

    /// What stands before the place on its line.
    pub fn before(self) -> &'a str {
        self.split().0
    }

    /// What stands at the place and behind it, up to the end of the line.
    pub fn rest(self) -> &'a str {
        self.split().1
    }

    fn split(self) -> (&'a str, &'a str) {
        let line = self.line();
        let at = line.char_indices().nth(self.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
        line.split_at(at)
    }

    /// The word that begins at the place; empty where there is none.
    pub fn word(self) -> &'a str {
        first_word(self.rest())
    }

    /// The word that ends right before the place, white space aside; empty where there is none.
    pub fn word_before(self) -> &'a str {
        last_word(self.before().trim_end())
    }

    /// The line a statement began on that the place is in: the one before where the place is the first thing of its line.
    pub fn statement(self) -> &'a str {
        if !self.before().trim().is_empty() {
            return self.line();
        }
        let (line, _) = self.end_before();
        self.text.lines().nth(line as usize - 1).unwrap_or_default()
    }

    /// Whether nothing but white space follows.
    pub fn is_at_end(self) -> bool {
        self.rest().trim().is_empty() && self.text.lines().skip(self.line).all(|line| line.trim().is_empty())
    }

    /// Line and column of the last character before the place that is neither white space nor part of a `//` comment.
    pub fn end_before(self) -> (u32, u32) {
        let lines: Vec<&str> = self.text.lines().collect();
        for number in (1..=self.line.min(lines.len())).rev() {
            let part = if number == self.line { self.before() } else { lines[number - 1] };
            let code = part.find("//").map_or(part, |comment| &part[..comment]).trim_end();
            if !code.is_empty() {
                return (clip(number), clip(code.chars().count()));
            }
        }
        (1, 1)
    }
}

/// A number of a line or column as places have it.
fn clip(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The word a text begins with; empty where it begins with none.
pub(super) fn first_word(text: &str) -> &str {
    &text[..text.find(|c: char| !is_of_word(c)).unwrap_or(text.len())]
}

/// The word a text ends with; empty where it ends with none.
pub(super) fn last_word(text: &str) -> &str {
    text.rfind(|c: char| !is_of_word(c)).map_or(text, |at| {
        let behind = text[at..].chars().next().map_or(0, char::len_utf8);
        &text[at + behind..]
    })
}

const fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "set(\"é\", x); // one\n\n  fetch";

    fn at(line: u16, column: u16) -> Around<'static> {
        Around::new(TEXT, Position::new(line, column))
    }

    #[test]
    fn words_stand_before_and_behind() {
        assert_eq!((at(1, 1).word(), at(1, 1).word_before()), ("set", ""));
        assert_eq!((at(1, 4).word(), at(1, 4).word_before()), ("", "set"));
        assert_eq!((at(1, 10).before(), at(1, 10).rest()), ("set(\"é\", ", "x); // one"));
    }

    #[test]
    fn what_came_before_is_no_comment() {
        assert_eq!(at(3, 3).end_before(), (1, 12));
        assert_eq!(at(3, 3).statement(), "set(\"é\", x); // one");
        assert!(!at(1, 12).is_at_end());
        assert!(at(3, 8).is_at_end() && at(9, 1).is_at_end());
    }
}
