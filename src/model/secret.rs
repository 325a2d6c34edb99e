//! Secrets: values that never show.
//!
//! A recipe never holds the text of a secret. It holds a *seal*, a short string of private-use characters that stands
//! for it. Joining, interpolating or storing a seal keeps it, so whatever is built from a secret is tainted without any
//! bookkeeping. The text is put back in two places only: `model::script`, which hands it to the host as a variable on
//! standard input, and the content of a file that is written on a host.
//!
//! This module must not print, and must not hand out the text to anything but those two.

use std::borrow::Cow;
use std::sync::{OnceLock, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;
use crate::model::quote::quote;
use crate::model::sudo::Trial;

/// What is shown in place of a secret.
pub const MASK: &str = "[secret]";

/// Stands for a mask while others are still being put in.
const HIDDEN: &str = "\u{F8F2}";
/// Lines of a secret that are shorter say nothing: braces of a key in JSON, blank ends.
const SHORTEST_LINE: usize = 4;

const OPEN: char = '\u{F8F0}';
const CLOSE: char = '\u{F8F1}';
const OPEN_ESCAPED: &str = r"\u{f8f0}";
const CLOSE_ESCAPED: &str = r"\u{f8f1}";

/// All secrets of a run.
#[derive(Debug, Default)]
pub struct Vault {
    entries: RwLock<Vec<Entry>>,
    /// The number of the password of sudo.
    sudo: OnceLock<usize>,
    trial: Trial,
}

#[derive(Debug)]
struct Entry {
    text: String,
    /// The text and every encoding of it that output could contain, longest first.
    forms: Vec<String>,
}

/// A piece of a string: plain text, or the number of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that may be shown.
    Plain(&'a str),
    /// A secret, by its number in the vault.
    Secret(usize),
}

impl Vault {
    /// Takes a secret in and gives its seal. The same text always gives the same seal. An empty text is no secret.
    ///
    /// # Panics
    /// Never: the lock is not held while anything can fail.
    pub fn seal(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        format!("{OPEN}{}{CLOSE}", self.number(text))
    }

    fn number(&self, text: &str) -> usize {
        let mut entries = self.entries.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        entries.iter().position(|entry| entry.text == text).unwrap_or_else(|| {
            entries.push(Entry { text: text.to_owned(), forms: forms(text) });
            entries.len() - 1
        })
    }

    /// Takes in the password of sudo; the first one stands.
    ///
    /// # Errors
    /// A text that no line of input can hold.
    pub fn keep_sudo_password(&self, text: &str) -> Result<(), Error> {
        if text.is_empty() || text.contains(['\n', '\0']) {
            return Err(Error::usage("the password of sudo is empty, or more than one line"));
        }
        let number = self.number(text);
        self.sudo.get_or_init(|| number);
        Ok(())
    }

    /// The password of sudo, for the standard input of a host's sudo and nothing else.
    pub fn sudo_password(&self) -> Option<String> {
        self.sudo.get().map(|number| self.reveal_number(*number))
    }

    /// What is known about the password of sudo.
    pub fn sudo_trial(&self) -> &Trial {
        &self.trial
    }

    /// Splits a text into plain pieces and secrets.
    ///
    /// # Errors
    /// When a recipe cut a seal apart, for example with `sub_string`.
    pub fn pieces<'a>(&self, text: &'a str) -> Result<Vec<Piece<'a>>, Error> {
        split(text, self.len())
    }

    /// The text with every seal replaced by what it stands for. For file contents and the script that goes to a host;
    /// never for a command line.
    ///
    /// # Errors
    /// As [`Vault::pieces`].
    pub fn reveal(&self, text: &str) -> Result<String, Error> {
        let entries = self.entries.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(split(text, entries.len())?
            .into_iter()
            .map(|piece| match piece {
                Piece::Plain(plain) => plain,
                Piece::Secret(number) => &entries[number].text,
            })
            .collect())
    }

    /// The text of one secret, by its number; empty for a number that was never given out.
    pub fn reveal_number(&self, number: usize) -> String {
        let entries = self.entries.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        entries.get(number).map(|entry| entry.text.clone()).unwrap_or_default()
    }

    /// The text with seals, secrets and their encodings replaced by [`MASK`]. For everything that is shown or logged.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let entries = self.entries.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut shown = Cow::Borrowed(text);
        if shown.contains(OPEN) {
            for number in 0..entries.len() {
                let seal = format!("{OPEN}{number}{CLOSE}");
                if shown.contains(&seal) {
                    shown = Cow::Owned(shown.replace(&seal, MASK));
                }
            }
            // What is left of a seal that a recipe cut apart says nothing, but would print as an odd glyph.
            shown = Cow::Owned(shown.replace([OPEN, CLOSE], ""));
        }
        // A text inside a list is printed with its odd characters escaped.
        if shown.contains(OPEN_ESCAPED) {
            for number in 0..entries.len() {
                shown = Cow::Owned(shown.replace(&format!("{OPEN_ESCAPED}{number}{CLOSE_ESCAPED}"), MASK));
            }
        }
        let mut all: Vec<&String> = entries.iter().flat_map(|entry| &entry.forms).collect();
        all.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let masked =
            |text: Cow<'a, str>, form: &str| if text.contains(form) { text.replace(form, HIDDEN).into() } else { text };
        shown = all.into_iter().fold(shown, |text, form| masked(text, form));
        // Only now, because a secret such as `s` would be found again in the mask of another one.
        if shown.contains(HIDDEN) { shown.replace(HIDDEN, MASK).into() } else { shown }
    }

    /// How many bytes the longest form of any secret has; 0 without secrets.
    pub fn longest(&self) -> usize {
        let entries = self.entries.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        entries.iter().filter_map(|entry| entry.forms.first()).map(String::len).max().unwrap_or(0)
    }

    /// Where a text can be cut in two without cutting a secret apart, so that both parts can be redacted alone: at
    /// `at`, else before it, else, when a secret reaches from the beginning beyond `at`, right after that secret.
    ///
    /// A secret of which the text holds only the beginning is not seen: the text must go on for
    /// [`Vault::longest`] bytes after `at`, or be complete.
    pub fn cut(&self, text: &str, at: usize) -> usize {
        let entries = self.entries.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut all: Vec<&String> = entries.iter().flat_map(|entry| &entry.forms).collect();
        all.sort_by_key(|form| std::cmp::Reverse(form.len()));
        // The stretches between secrets, found in the same order as `redact` replaces them. They may be empty.
        let mut plain = vec![(0, text)];
        for form in all {
            plain = plain.into_iter().flat_map(|(start, stretch)| around(start, stretch, form)).collect();
        }
        let before = plain.iter().rev().find(|(start, _)| *start <= at).map(|(start, stretch)| {
            let mut end = stretch.len().min(at - start);
            while !stretch.is_char_boundary(end) {
                end -= 1;
            }
            start + end
        });
        match before {
            Some(cut) if cut > 0 => cut,
            _ => plain.iter().map(|(start, _)| *start).find(|start| *start > 0).unwrap_or(text.len()),
        }
    }

    /// A text from outside, such as the output of a command, that cannot be taken for a seal: a host must not be able
    /// to print the seal of a secret and be given the secret for it.
    #[must_use]
    pub fn foreign(text: String) -> String {
        if text.contains([OPEN, CLOSE]) { text.replace([OPEN, CLOSE], "\u{fffd}") } else { text }
    }

    /// Whether a text holds a secret.
    #[must_use]
    pub fn is_sealed(text: &str) -> bool {
        text.contains([OPEN, CLOSE])
    }

    /// How many secrets there are.
    pub fn len(&self) -> usize {
        self.entries.read().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    /// Whether there is no secret.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Splits a text at its seals; `known` is how many secrets there are.
fn split(text: &str, known: usize) -> Result<Vec<Piece<'_>>, Error> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find([OPEN, CLOSE]) {
        let (plain, sealed) = rest.split_at(start);
        if !plain.is_empty() {
            pieces.push(Piece::Plain(plain));
        }
        let number = sealed
            .strip_prefix(OPEN)
            .and_then(|inner| inner.split_once(CLOSE))
            .and_then(|(number, after)| Some((number.parse::<usize>().ok()?, after)))
            .filter(|(number, _)| *number < known);
        let Some((number, after)) = number else {
            return Err(Error::recipe("a secret was cut apart")
                .help("use a secret whole: as an argument, joined to other text, or in `with(#{ NAME: secret }, …)`"));
        };
        pieces.push(Piece::Secret(number));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest));
    }
    Ok(pieces)
}

/// What is left of a stretch of text, which begins at `start`, around every occurrence of `form`.
fn around<'a>(start: usize, stretch: &'a str, form: &str) -> Vec<(usize, &'a str)> {
    let mut rest = 0;
    let mut parts = Vec::new();
    for (found, _) in stretch.match_indices(form) {
        parts.push((start + rest, &stretch[rest..found]));
        rest = found + form.len();
    }
    parts.push((start + rest, &stretch[rest..]));
    parts
}

/// The text as it could turn up in output: itself, each of its lines, shell-quoted, URL-encoded, in JSON, in base64.
fn forms(text: &str) -> Vec<String> {
    let mut forms =
        vec![text.to_owned(), quote(text).into_owned(), url_encoded(text), json_inner(text), STANDARD.encode(text)];
    forms.extend(text.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE).map(str::to_owned));
    forms.retain(|form| !form.is_empty());
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

fn url_encoded(text: &str) -> String {
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn json_inner(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_seal_survives_joining_and_is_put_back() {
        let vault = Vault::default();
        let url = format!("postgres://app:{}@db/app", vault.seal("hunter2"));
        assert!(!url.contains("hunter2"));
        assert_eq!(vault.redact(&url), "postgres://app:[secret]@db/app");
        assert_eq!(vault.reveal(&url).unwrap(), "postgres://app:hunter2@db/app");
    }

    #[test]
    fn nobody_can_print_a_seal() {
        let vault = Vault::default();
        let forged = Vault::foreign(format!("<{}>", vault.seal("hunter2")));
        assert!(!Vault::is_sealed(&forged));
        assert_eq!(vault.reveal(&forged).unwrap(), forged);
    }

    #[test]
    fn the_same_text_gives_the_same_seal() {
        let vault = Vault::default();
        assert_eq!(vault.seal("a"), vault.seal("a"));
        assert_ne!(vault.seal("a"), vault.seal("b"));
        assert_eq!(vault.seal(""), "");
    }

    #[test]
    fn output_is_redacted_in_every_encoding() {
        let vault = Vault::default();
        vault.seal("p@ss w\"rd");
        for shown in ["p@ss w\"rd", "'p@ss w\"rd'", "p%40ss%20w%22rd", "p@ss w\\\"rd", "cEBzcyB3InJk"] {
            assert_eq!(vault.redact(&format!("<{shown}>")), "<[secret]>", "{shown}");
        }
    }

    #[test]
    fn each_line_of_a_key_is_a_secret() {
        let vault = Vault::default();
        vault.seal("-----BEGIN-----\nabcdef\n-----END-----\n");
        assert_eq!(vault.redact("read abcdef from it"), "read [secret] from it");
    }

    #[test]
    fn a_cut_seal_is_an_error_and_shows_nothing() {
        let vault = Vault::default();
        let seal = vault.seal("hunter2");
        let cut: String = seal.chars().take(2).collect();
        assert_eq!(vault.reveal(&cut).unwrap_err().to_string(), "a secret was cut apart");
        assert_eq!(vault.redact(&cut), "0");
    }

    #[test]
    fn a_cut_goes_around_secrets() {
        let vault = Vault::default();
        assert_eq!((vault.cut("abcdef", 3), vault.longest()), (3, 0));
        vault.seal("hunter2");
        assert_eq!(vault.longest(), "aHVudGVyMg==".len());
        for (text, at, cut) in [
            ("say hunter2 now", 3, 3),
            ("say hunter2 now", 4, 4),
            ("say hunter2 now", 5, 4),
            ("say hunter2 now", 10, 4),
            ("say hunter2 now", 11, 11),
            ("say hunter2 now", 13, 13),
            ("hunter2 now", 3, 7),
            ("hunter2", 3, 7),
            ("hunter2hunter2", 9, 7),
            ("aé", 2, 1),
        ] {
            assert_eq!(vault.cut(text, at), cut, "{text} at {at}");
        }
    }

    proptest! {
        #[test]
        fn both_sides_of_a_cut_are_redacted_as_the_whole(words in prop::collection::vec("(ab|abab|cab|a|b|é)", 1..12), at in 1..20_usize) {
            let vault = Vault::default();
            for secret in ["abab", "cab", "bb"] {
                vault.seal(secret);
            }
            let text = words.concat();
            let (left, right) = text.split_at(vault.cut(&text, at.min(text.len())));
            prop_assert_eq!(format!("{}{}", vault.redact(left), vault.redact(right)), vault.redact(&text));
        }

        #[test]
        fn nothing_built_from_a_secret_shows_it(before in ".{0,8}", secret in "[!-~]{4,20}", after in ".{0,8}") {
            prop_assume!(!MASK.contains(&secret) && !before.contains(&secret) && !after.contains(&secret));
            let vault = Vault::default();
            let built = format!("{before}{}{after}", vault.seal(&secret));
            prop_assert!(!vault.redact(&built).contains(&secret));
            let output = format!("{before}{secret}{after}");
            prop_assert!(!vault.redact(&output).contains(&secret));
        }
    }
}
