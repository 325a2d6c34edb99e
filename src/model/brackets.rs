//! Whether a piece of a recipe is all there, judged by its brackets and quotes alone.
//!
//! Needs no parser: a console asks at every line, and half a statement is no mistake there.

/// How a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything that was opened is closed.
    Whole,
    /// A bracket, a text in back-ticks or a comment is still open.
    Open,
    /// A bracket is closed that was not opened so; more lines would not help.
    Wrong,
}

/// How a text ends.
#[must_use]
pub fn state(text: &str) -> State {
    let mut open: Vec<char> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if open.last() == Some(&'`') {
            match c {
                '`' if chars.peek() == Some(&'`') => _ = chars.next(),
                '`' => _ = open.pop(),
                '$' if chars.peek() == Some(&'{') => {
                    chars.next();
                    open.push('{');
                }
                _ => {}
            }
            continue;
        }
        match c {
            '(' | '[' | '{' | '`' => open.push(c),
            ')' | ']' | '}' => {
                let opened = open.pop();
                if opened != Some(opening(c)) {
                    return State::Wrong;
                }
            }
            '"' => match after_string(&mut chars) {
                StringEnd::Closed => {}
                StringEnd::Continued => return State::Open,
                // Rhai's strings end on their line.
                StringEnd::Broken => return State::Wrong,
            },
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                if !skip_comment(&mut chars) {
                    return State::Open;
                }
            }
            _ => {}
        }
    }
    if open.is_empty() { State::Whole } else { State::Open }
}

fn opening(closing: char) -> char {
    match closing {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

/// How a string in double quotes ends.
enum StringEnd {
    Closed,
    /// With a `\` at the end of all there is.
    Continued,
    Broken,
}

fn after_string(chars: &mut impl Iterator<Item = char>) -> StringEnd {
    while let Some(c) = chars.next() {
        match c {
            '"' => return StringEnd::Closed,
            '\n' => return StringEnd::Broken,
            // What follows a `\` is no end, the end of a line neither.
            '\\' if chars.next().is_none() => return StringEnd::Continued,
            _ => {}
        }
    }
    StringEnd::Broken
}

/// Skips a comment, those in it included; says whether it ends.
fn skip_comment(chars: &mut impl Iterator<Item = char>) -> bool {
    let (mut depth, mut before) = (1, ' ');
    for c in chars {
        match (before, c) {
            ('*', '/') => depth -= 1,
            ('/', '*') => depth += 1,
            _ => {
                before = c;
                continue;
            }
        }
        if depth == 0 {
            return true;
        }
        before = ' ';
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_texts_are_whole() {
        for text in [
            "",
            "1 + 1",
            "f([#{ a: (1) }])",
            "\")\" + \"\\\"(\"",
            "`(`",
            "`a ${f(`b ${1}`)} c`",
            "// (",
            "/* ( /* ( */ ) */",
            "`doubled `` tick`",
            "x // it's (\n + 1",
            "\"a\\\nb\"",
        ] {
            assert_eq!(state(text), State::Whole, "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_open() {
        for text in ["(", "f(1,", "#{", "on(x, |host| {\n  info(1);", "`a", "`a ${", "`a ${f(1)", "/* words", "\"a\\"] {
            assert_eq!(state(text), State::Open, "{text}");
        }
    }

    #[test]
    fn what_no_further_line_could_mend_is_wrong() {
        for text in [")", "(]", "f(1))", "{ ) }", "\"a", "\"a\nb\""] {
            assert_eq!(state(text), State::Wrong, "{text}");
        }
    }
}
