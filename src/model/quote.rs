//! Quoting for a POSIX shell.
//!
//! Owns the one function every argument passes through. The rule is XCU 2.2.2: nothing is special between single
//! quotes except the single quote itself. `tests/ssh/quoting.rs` sends arbitrary arguments through real shells.

use std::borrow::Cow;

/// Quotes `text` so that a POSIX shell reads it back as one word with exactly these characters.
///
/// Words that need no quotes stay as they are, so that command lines in logs stay readable.
#[must_use]
pub fn quote(text: &str) -> Cow<'_, str> {
    if !text.is_empty() && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// Quotes `text` for whatever shell a login begins: POSIX, or fish, for which `\\` and `\'` are special between single
/// quotes too. So no backslash stays between them.
#[must_use]
pub fn quote_for_login(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return quote(text);
    }
    let mut quoted = String::from("'");
    for letter in text.chars() {
        match letter {
            '\'' => quoted.push_str(r"'\''"),
            '\\' => quoted.push_str(r"'\\'"),
            _ => quoted.push(letter),
        }
    }
    quoted.push('\'');
    Cow::Owned(quoted)
}

/// Quotes a path, leaving a leading `~` or `~user` for the shell to expand.
#[must_use]
pub fn quote_path(path: &str) -> Cow<'_, str> {
    if !path.starts_with('~') {
        return quote(path);
    }
    let (home, rest) = path.split_once('/').map_or((path, None), |(home, rest)| (home, Some(rest)));
    if !home[1..].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
        return quote(path);
    }
    match rest {
        None => Cow::Borrowed(home),
        Some("") => Cow::Owned(format!("{home}/")),
        Some(rest) => Cow::Owned(format!("{home}/{}", quote(rest))),
    }
}

/// Bytes that no POSIX shell treats specially, wherever they stand in a word (`=` only matters in the first word,
/// where [`crate::model::command`] never lets it through unquoted). `~` is not among them: in the value of a variable
/// it is expanded after each `:`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-./:,+@%=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay_readable() {
        for word in ["ls", "-l", "/srv/app", "a=b", "user@host:22", "1.2,3+4%5"] {
            assert_eq!(quote(word), word);
        }
    }

    #[test]
    fn everything_else_is_quoted() {
        for (text, quoted) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("~", "'~'"),
            ("a:~b", "'a:~b'"),
        ] {
            assert_eq!(quote(text), quoted);
        }
    }

    #[test]
    fn a_leading_tilde_of_a_path_is_the_shells() {
        assert_eq!(quote_path("~/my app"), "~/'my app'");
        assert_eq!(quote_path("~deploy/x"), "~deploy/x");
        assert_eq!(quote_path("~"), "~");
        assert_eq!(quote_path("~$(id)/x"), "'~$(id)/x'");
        assert_eq!(quote_path("/a/~b"), "'/a/~b'");
    }

    #[test]
    fn no_backslash_stays_between_the_quotes_of_a_login() {
        for (text, quoted) in [("ls", "ls"), ("a b", "'a b'"), (r"a\n", r"'a'\\'n'"), (r"\'", r"''\\''\'''")] {
            assert_eq!(quote_for_login(text), quoted);
        }
    }

    /// What a shell reads back from words quoted by `how`.
    fn read_back(words: &[String], how: fn(&str) -> Cow<'_, str>) -> String {
        let line = words.iter().map(|word| how(word)).collect::<Vec<_>>().join(" ");
        let output = Command::new("sh").arg("-c").arg(format!("printf '%s\\0' {line}")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_real_shell_reads_back_what_was_quoted(words in prop::collection::vec("[^\0]{0,12}|[\\\\' a]{0,8}", 1..6)) {
            let expected: String = words.iter().flat_map(|word| [word.as_str(), "\0"]).collect();
            prop_assert_eq!(&read_back(&words, quote), &expected);
            prop_assert_eq!(&read_back(&words, quote_for_login), &expected);
        }
    }
}
