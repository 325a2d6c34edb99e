//! Finding prompts in what a program prints, as it comes.
//!
//! Owns what a prompt is written as, where in a stream it is found, and how often it is answered. Pure: what is answered,
//! and how it gets there, is the business of others.
//!
//! A prompt is found as soon as its last character is there, for most of them end without a line end. What stands before
//! that has been dealt with and is not looked at again. So the pieces in which a stream comes make no difference, but to
//! a regular expression that looks at what follows, such as one with `$`, which is the end of what has come so far.

use std::fmt::Debug;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use crate::error::{Error, Kind};
use crate::model::event::Stream;

/// A prompt may be this long, in bytes, and up to twice that is looked at.
const BLOCK: usize = 4 * 1024;

/// How often a prompt is answered at most: a program may ask the same of many things, but not for ever.
pub const MOST: usize = 100;

/// How often it is answered with a secret at most: accounts are locked after a few wrong ones.
pub const MOST_SECRET: usize = 3;

/// What is waited for.
#[derive(Clone, Debug)]
pub struct Prompt {
    text: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Text,
    Regex(Regex),
}

impl Prompt {
    /// Reads a prompt: `/…/` is a regular expression, in which `^` and `$` mean lines, anything else is the text itself.
    ///
    /// # Errors
    /// A regular expression that does not compile, and what would be found in anything.
    pub fn read(text: &str) -> Result<Self, Error> {
        let inside = text.strip_prefix('/').filter(|rest| !rest.is_empty());
        let what = match inside.and_then(|rest| rest.rsplit_once('/')) {
            Some((source, "")) => What::Regex(regex(text, source)?),
            Some((source, flags)) if flags.chars().all(|letter| "imsx".contains(letter)) => {
                return Err(Error::recipe(format!(
                    "prompt `{text}` begins as a regular expression, and does not end as one"
                ))
                .help(format!("flags stand inside: `/(?{flags}){source}/`")));
            }
            Some(_) | None => What::Text,
        };
        let is_anything = match &what {
            What::Text => text.is_empty(),
            What::Regex(regex) => regex.is_match(b""),
        };
        if is_anything {
            return Err(Error::recipe(format!("prompt `{text}` is found in anything, also where nothing was asked"))
                .help("write what the program prints when it waits, for example `\"Password:\"`"));
        }
        Ok(Self { text: text.to_owned(), what })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in `seen` it is first complete, from `from` on, as its beginning and its end.
    fn first(&self, seen: &[u8], from: usize) -> Option<(usize, usize)> {
        let regex = match &self.what {
            What::Text => {
                let needle = self.text.as_bytes();
                return memmem::find(&seen[from..], needle).map(|at| (from + at, from + at + needle.len()));
            }
            What::Regex(regex) => regex,
        };
        let found = regex.find_at(seen, from)?;
        let (mut shorter, mut enough) = (from, seen.len());
        while shorter + 1 < enough {
            let middle = usize::midpoint(shorter, enough);
            if regex.is_match_at(&seen[..middle], from) { enough = middle } else { shorter = middle }
        }
        // One that looks at what follows may have been found there only because we have cut it off.
        if enough <= found.start() {
            return Some((found.start(), found.end()));
        }
        Some((regex.find_at(&seen[..enough], from).map_or(found.start(), |found| found.start()), enough))
    }
}

fn regex(text: &str, source: &str) -> Result<Regex, Error> {
    RegexBuilder::new(source).multi_line(true).build().map_err(|error| {
        let said = error.to_string();
        let reason = said.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
        Error::recipe(format!("prompt `{text}` is not a regular expression: {reason}"))
            .help("without the slashes it is looked for as it stands")
    })
}

/// A prompt that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub prompt: usize,
    /// Its line, from the beginning to the end of the prompt.
    pub line: String,
}

/// What a program prints, with the prompts to be found in it.
#[derive(Clone, Debug)]
pub struct Dialogue {
    prompts: Vec<Prompt>,
    streams: [Seen; 2],
    answered: Vec<usize>,
}

/// What may still become a prompt in one stream.
#[derive(Clone, Debug, Default)]
struct Seen {
    bytes: Vec<u8>,
    /// Where it is looked at from: behind what only says whether a line begins there.
    from: usize,
    /// How much of the block is there.
    filled: usize,
}

impl Dialogue {
    /// Nothing was printed yet.
    #[must_use]
    pub fn new(prompts: Vec<Prompt>) -> Self {
        let answered = vec![0; prompts.len()];
        Self { prompts, streams: <[Seen; 2]>::default(), answered }
    }

    /// The prompts that are complete with these bytes, in order. Of two that end at the same place the longer one counts.
    pub fn hear(&mut self, stream: Stream, mut bytes: &[u8]) -> Vec<Asked> {
        let mut asked = Vec::new();
        if self.prompts.is_empty() {
            return asked;
        }
        let seen = &mut self.streams[usize::from(stream == Stream::Stderr)];
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(bytes.len().min(BLOCK - seen.filled));
            bytes = rest;
            seen.take(piece);
            while let Some((prompt, start, end)) = first(&self.prompts, seen) {
                asked.push(Asked { prompt, line: seen.line(start, end) });
                seen.answered(end);
            }
            seen.forget();
        }
        asked
    }

    /// A prompt is to be answered once more.
    ///
    /// # Errors
    /// When it has been answered too often.
    pub fn count(&mut self, prompt: usize, is_secret: bool) -> Result<(), Error> {
        let most = if is_secret { MOST_SECRET } else { MOST };
        let (answered, text) = (&mut self.answered[prompt], self.prompts[prompt].text());
        if *answered < most {
            *answered += 1;
            return Ok(());
        }
        let error = Error::new(Kind::Command, format!("`{text}` was answered {answered} times, and is asked again"));
        Err(if is_secret {
            error
                .help("see whether the answer is right: what is wrong is asked for again")
                .note("a secret is given 3 times at most, so that no account is locked")
        } else {
            error.help("see what the program makes of the answer, or write a prompt that stands only where it is meant")
        })
    }

    /// The prompt with this number.
    #[must_use]
    pub fn prompt(&self, number: usize) -> &Prompt {
        &self.prompts[number]
    }
}

/// The prompt that is complete first, with its beginning and its end.
fn first(prompts: &[Prompt], seen: &Seen) -> Option<(usize, usize, usize)> {
    let found = prompts.iter().enumerate();
    let found = found
        .filter_map(|(number, prompt)| prompt.first(&seen.bytes, seen.from).map(|(start, end)| (number, start, end)));
    found.min_by_key(|(_, start, end)| (*end, *start))
}

impl Seen {
    fn take(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        self.filled += piece.len();
    }

    /// The line of a prompt.
    fn line(&self, start: usize, end: usize) -> String {
        let begin =
            memchr::memrchr2(b'\n', b'\r', &self.bytes[self.from..start]).map_or(self.from, |at| self.from + at + 1);
        String::from_utf8_lossy(&self.bytes[begin..end]).into_owned()
    }

    /// What was asked is over; what comes now is on a new line.
    fn answered(&mut self, end: usize) {
        self.bytes.drain(..end);
        self.from = 0;
    }

    /// Drops what is too old to be looked at. Only where a block is full, so that it does not depend on the pieces.
    fn forget(&mut self) {
        if self.filled < BLOCK {
            return;
        }
        self.filled = 0;
        let surplus = self.bytes.len().saturating_sub(BLOCK + 1);
        if surplus > 0 {
            self.bytes.drain(..surplus);
            self.from = 1;
        }
    }
}

#[cfg(test)]
#[path = "dialogue_tests.rs"]
mod tests;
