//! Which bracket of a recipe is still open at a place, for messages about one that is missing.

use crate::model::plural::plural;
use crate::recipe::diagnose::around::Around;

/// A bracket that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    sign: char,
    line: usize,
    indent: usize,
}

/// What is known about the brackets before a place.
#[derive(Default)]
pub(super) struct Brackets {
    open: Vec<Opened>,
    /// The first one whose partner begins a line that is indented otherwise, with the line of that.
    crooked: Option<(Opened, usize)>,
    /// The line of the comment that is open, with how many are in each other.
    comments: Vec<usize>,
}

impl Brackets {
    /// The brackets of a text up to a line and column, both counted from 1.
    pub fn before(text: &str, line: usize, column: usize) -> Self {
        let mut found = Self::default();
        // Texts in back-ticks that are open, by how many brackets were open when a `${` in them began.
        let mut texts: Vec<usize> = Vec::new();
        let mut state = State::Code;
        for (number, whole) in text.lines().enumerate().map(|(at, whole)| (at + 1, whole)) {
            let indent = whole.len() - whole.trim_start().len();
            let mut signs = whole.char_indices().peekable();
            let mut count = 0;
            while let Some((at, sign)) = signs.next() {
                count += 1;
                if (number, count) >= (line, column) {
                    return found;
                }
                let next = signs.peek().map(|(_, next)| *next);
                let mut skip = || {
                    count += 1;
                    signs.next();
                };
                match (state, sign, next) {
                    (State::Code, '/', Some('/')) => break,
                    (State::Code | State::Comment, '/', Some('*')) => {
                        skip();
                        found.comments.push(number);
                        state = State::Comment;
                    }
                    (State::Comment, '*', Some('/')) => {
                        skip();
                        found.comments.pop();
                        if found.comments.is_empty() {
                            state = State::Code;
                        }
                    }
                    (State::Code, '"', _) => state = State::Text,
                    (State::Text, '\\', _) | (State::Ticks, '`', Some('`')) => skip(),
                    (State::Text, '"', _) | (State::Ticks, '`', _) => state = State::Code,
                    (State::Code, '`', _) => state = State::Ticks,
                    (State::Ticks, '$', Some('{')) => {
                        skip();
                        texts.push(found.open.len());
                        state = State::Code;
                    }
                    (State::Code, '}', _) if texts.last() == Some(&found.open.len()) => {
                        texts.pop();
                        state = State::Ticks;
                    }
                    (State::Code, '(' | '[' | '{', _) => found.open.push(Opened { sign, line: number, indent }),
                    (State::Code, ')' | ']' | '}', _) => {
                        let begins = whole[..at].trim().is_empty();
                        if let Some(opened) = found.open.pop()
                            && begins
                            && opened.indent != indent
                            && found.crooked.is_none()
                        {
                            found.crooked = Some((opened, number));
                        }
                    }
                    _ => {}
                }
            }
            if state == State::Text {
                state = State::Code;
            }
        }
        found
    }

    /// The line of a comment that has no end.
    pub fn open_comment(&self) -> Option<usize> {
        self.comments.first().copied()
    }

    /// As [`Brackets::note`], where the bracket stands above a line: one on the line itself is seen without being told.
    pub fn note_above(&self, line: usize) -> Option<String> {
        let is_above = self.crooked.is_some() || self.open.last().is_some_and(|opened| opened.line < line);
        is_above.then(|| self.note()).flatten()
    }

    /// What to tell about them: the one that is closed in an odd place, or else the innermost that is open.
    pub fn note(&self) -> Option<String> {
        if let Some((opened, line)) = self.crooked {
            return Some(format!(
                "the `{}` of line {} is closed in line {line}, which is indented otherwise: perhaps its partner is \
                 missing",
                opened.sign, opened.line
            ));
        }
        let opened = self.open.last()?;
        let more = self.open.len() - 1;
        let more = if more == 0 { String::new() } else { format!(", and {} around it", plural(more, "more bracket")) };
        Some(format!("the `{}` of line {} is still open{more}", opened.sign, opened.line))
    }
}

/// What to tell about brackets above the line of a place.
pub(super) fn above(around: Around<'_>) -> Option<String> {
    let (text, line, column) = around.parts();
    Brackets::before(text, line, column).note_above(line)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    Text,
    Ticks,
    Comment,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Option<String> {
        Brackets::before(text, usize::MAX, 1).note()
    }

    #[test]
    fn the_innermost_one_is_told() {
        assert_eq!(note("f(|| {\n  g(1);\n").unwrap(), "the `{` of line 1 is still open, and 1 more bracket around it");
        assert_eq!(note("f(\n\n").unwrap(), "the `(` of line 1 is still open");
        assert_eq!(note("f(1);"), None);
        assert_eq!(Brackets::before("f(g(1));", 1, 3).note().unwrap(), "the `(` of line 1 is still open");
    }

    #[test]
    fn brackets_in_texts_and_comments_are_none() {
        assert_eq!(note("f(\"(\\\"(\"); // (\n/* ( */ g(`( ``( ${h(1)} (`);"), None);
        assert_eq!(note("f(`${ #{ a: [1] }.a } (`"), Some("the `(` of line 1 is still open".to_owned()));
    }

    #[test]
    fn comments_stand_in_comments() {
        let open = |text| Brackets::before(text, usize::MAX, 1).open_comment();
        assert_eq!(open("/* a */ f(); // /*\ng(\"/*\");"), None);
        assert_eq!(open("f();\n/* a /* b */\ng();"), Some(2));
    }

    #[test]
    fn an_odd_partner_is_told() {
        let text = "task(\"t\", || {\n    if x {\n        f();\n});\n";
        assert_eq!(
            note(text).unwrap(),
            "the `{` of line 2 is closed in line 4, which is indented otherwise: perhaps its partner is missing"
        );
    }
}
