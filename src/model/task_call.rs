//! A task as called on the command line: `deploy:check[web1,a\,b]`.
//!
//! Owns the grammar of a call, which is that of Rake's `parse_task_string`. Which names a task has for the values is
//! `model::task_args`.

use std::fmt::{Display, Formatter, Result as FmtResult};
use std::str::FromStr;

use crate::error::Error;

/// A task's name and the values for its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Name as written.
    pub name: String,
    /// Values in order; empty ones keep their position and count as not given.
    pub args: Vec<String>,
}

impl Call {
    /// A call without arguments.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), args: Vec::new() }
    }
}

impl FromStr for Call {
    type Err = Error;

    /// Reads `name` or `name[value,value]`. Values are separated by commas, spaces around them go, and `\x` is `x`, so
    /// that `\,` is a comma within a value. Quotes are not special.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::usage("the name of a task is empty"));
        }
        let (name, values) = text.split_once('[').map_or((text, None), |(name, values)| (name, Some(values)));
        if name.contains(']') {
            return Err(unbalanced(text, "has a `]` without a `[` before it"));
        }
        let Some(values) = values else {
            return Ok(Self::new(name));
        };
        if name.is_empty() {
            return Err(Error::usage(format!("`{text}` has no task name before the `[`")));
        }
        let letters = unescape(values);
        match letters.last() {
            Some((']', Form::Plain)) => {}
            _ if letters.contains(&(']', Form::Plain)) => {
                return Err(unbalanced(text, "goes on after the closing `]`"));
            }
            _ => return Err(unbalanced(text, "has no closing `]`")),
        }
        let letters = &letters[..letters.len() - 1];
        if letters.is_empty() {
            return Ok(Self::new(name));
        }
        let args = letters.split(|letter| *letter == (',', Form::Plain)).map(trimmed).collect();
        Ok(Self { name: name.to_owned(), args })
    }
}

impl Display for Call {
    /// As it would be written on the command line.
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str(&self.name)?;
        if self.args.is_empty() {
            return Ok(());
        }
        for (i, arg) in self.args.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "[" } else { "," }, escape(arg))?;
        }
        f.write_str("]")
    }
}

/// Whether a letter was written as itself or behind a backslash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Escaped,
}

/// Each letter with its form; the backslashes are gone. One at the very end stands for itself.
fn unescape(text: &str) -> Vec<(char, Form)> {
    let mut letters = Vec::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        letters.push(match letter {
            '\\' => rest.next().map_or(('\\', Form::Plain), |escaped| (escaped, Form::Escaped)),
            _ => (letter, Form::Plain),
        });
    }
    letters
}

/// The text without the unescaped white space around it.
fn trimmed(letters: &[(char, Form)]) -> String {
    let keeps = |(letter, form): &(char, Form)| *form == Form::Escaped || !is_space(*letter);
    let start = letters.iter().position(keeps).unwrap_or(letters.len());
    let end = letters.iter().rposition(keeps).map_or(start, |last| last + 1);
    letters[start..end].iter().map(|(letter, _)| letter).collect()
}

/// Ruby's `\s`.
const fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t'..='\r')
}

/// The value with a backslash before everything that would be read otherwise.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(value.len());
    for (i, letter) in value.chars().enumerate() {
        if matches!(letter, ',' | '\\') || (is_space(letter) && (i == 0 || i == last)) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

fn unbalanced(text: &str, what: &str) -> Error {
    Error::usage(format!("`{text}` {what}"))
        .help("write the arguments of a task as `task[one,two]`")
        .help("put quotes around it if it has spaces, because the shell splits it there: `'task[one, two]'`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn call(name: &str, args: &[&str]) -> Call {
        Call { name: name.to_owned(), args: args.iter().map(|arg| (*arg).to_owned()).collect() }
    }

    /// What `rake` 13.0.6 makes of these, tried.
    #[test]
    fn calls_are_read_as_by_rake() {
        for (text, name, args) in [
            ("deploy", "deploy", &[][..]),
            ("deploy:check", "deploy:check", &[]),
            ("x[]", "x", &[]),
            ("x[1]", "x", &["1"]),
            ("x[1,,3]", "x", &["1", "", "3"]),
            ("x[1,2,]", "x", &["1", "2", ""]),
            ("x[ ]", "x", &[""]),
            ("x[,]", "x", &["", ""]),
            ("x[ a b , c ]", "x", &["a b", "c"]),
            (r"x[a\,b,c]", "x", &["a,b", "c"]),
            (r"x[\\,b]", "x", &[r"\", "b"]),
            (r"x[\n]", "x", &["n"]),
            (r"x[\ a\ ]", "x", &[" a "]),
            ("x[a[1],b]", "x", &["a[1]", "b"]),
            ("x[a[1]", "x", &["a[1"]),
            ("x['a b']", "x", &["'a b'"]),
            ("x[é,ü]", "x", &["é", "ü"]),
        ] {
            assert_eq!(text.parse::<Call>().unwrap(), call(name, args), "{text}");
        }
    }

    #[test]
    fn brackets_that_do_not_match_are_refused() {
        for (text, message) in [
            ("", "the name of a task is empty"),
            ("x[a", "`x[a` has no closing `]`"),
            ("x[", "`x[` has no closing `]`"),
            (r"x[a\]", r"`x[a\]` has no closing `]`"),
            ("x[a]b", "`x[a]b` goes on after the closing `]`"),
            ("b]", "`b]` has a `]` without a `[` before it"),
            ("a]b[c]", "`a]b[c]` has a `]` without a `[` before it"),
            ("[a]", "`[a]` has no task name before the `[`"),
        ] {
            let error = text.parse::<Call>().unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(error.exit_code(), 2);
        }
        assert_eq!(
            "x[a,".parse::<Call>().unwrap_err().parts().help[1],
            "put quotes around it if it has spaces, because the shell splits it there: `'task[one, two]'`"
        );
    }

    #[test]
    fn a_call_is_shown_as_it_would_be_written() {
        assert_eq!(call("x", &[]).to_string(), "x");
        assert_eq!(call("x", &["a b", "c,d", " ", r"\", ""]).to_string(), r"x[a b,c\,d,\ ,\\,]");
    }

    proptest! {
        #[test]
        fn every_value_survives_writing_and_reading(first in "\\PC{1,12}", more in prop::collection::vec("[ \\t,\\\\\\[\\]a-c]{0,6}", 0..4)) {
            let mut written = call("x", &[&first]);
            written.args.extend(more);
            prop_assert_eq!(written.to_string().parse::<Call>().unwrap(), written);
        }
    }
}
