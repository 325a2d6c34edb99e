//! Output bytes to redacted lines.
//!
//! Owns how the pieces a command's output arrives in become whole lines that may be shown. Nothing unredacted leaves
//! it. It must not interpret what a line says.

use std::mem::take;

use crate::model::secret::Vault;

/// The longest line, in bytes before redaction; what is longer is given out in several.
pub const CAP: usize = 64 * 1024;

/// One output stream of one command on its way to lines.
///
/// A line ends at `\n` or `\r\n`. A `\r` alone begins the line anew, as on a terminal: of a progress bar the last state
/// is given out when its line ends. Bytes that are not UTF-8 become `�`.
pub struct Lines<'a> {
    vault: &'a Vault,
    cap: usize,
    /// The line so far.
    text: String,
    /// The beginning of a character whose other bytes are still to come; at most three bytes.
    partial: Vec<u8>,
    /// Whether the last byte was a `\r`, which is judged by what follows it.
    returned: bool,
    /// Whether a line was given out before its end came, so that this end is none of its own.
    broken: bool,
}

impl<'a> Lines<'a> {
    /// A stream of which nothing has come yet.
    #[must_use]
    pub const fn new(vault: &'a Vault) -> Self {
        Self { vault, cap: CAP, text: String::new(), partial: Vec::new(), returned: false, broken: false }
    }

    /// Takes the next bytes and gives out the lines that they complete, redacted and without their ends.
    pub fn push(&mut self, mut bytes: &[u8], mut emit: impl FnMut(String)) {
        while !bytes.is_empty() {
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len());
            if end > 0 {
                self.begin_anew_after_return();
                self.broken = false;
                for chunk in bytes[..end].chunks(self.cap) {
                    self.decode(chunk);
                    self.shorten(self.cap + self.vault.longest().max(1), &mut emit);
                }
            }
            match bytes.get(end) {
                Some(b'\n') => {
                    if !take(&mut self.broken) {
                        self.end_line(&mut emit);
                    }
                    self.returned = false;
                }
                Some(_) => self.returned = true,
                None => {}
            }
            bytes = bytes.get(end + 1..).unwrap_or_default();
        }
    }

    /// Gives out a line that has not ended; where its end is all that still comes, it is no line of its own.
    pub fn break_off(&mut self, mut emit: impl FnMut(String)) {
        self.begin_anew_after_return();
        self.decode_partial();
        if !self.text.is_empty() {
            self.end_line(&mut emit);
            self.broken = true;
        }
    }

    /// Gives out what is left when the stream is over without a line end.
    pub fn finish(mut self, mut emit: impl FnMut(String)) {
        self.decode_partial();
        if !self.text.is_empty() {
            self.end_line(&mut emit);
        }
    }

    fn begin_anew_after_return(&mut self) {
        if take(&mut self.returned) {
            self.text.clear();
            self.partial.clear();
        }
    }

    fn end_line(&mut self, emit: &mut impl FnMut(String)) {
        self.decode_partial();
        let shortened = self.shorten(self.cap + 1, emit);
        // A secret longer than the cap may have been all that was left; then there is no further line.
        if !self.text.is_empty() || !shortened {
            let line = take(&mut self.text);
            emit(self.vault.redact(&line).into_owned());
        }
    }

    /// Gives out the beginning of the line as long as it has at least `from` bytes, and says whether it did. A secret is
    /// never cut: while more may come, `from` leaves room for the longest one to be complete after the cut.
    fn shorten(&mut self, from: usize, emit: &mut impl FnMut(String)) -> bool {
        let mut shortened = false;
        while self.text.len() >= from {
            let rest = self.text.split_off(self.vault.cut(&self.text, self.cap));
            let line = std::mem::replace(&mut self.text, rest);
            emit(self.vault.redact(&line).into_owned());
            shortened = true;
        }
        shortened
    }

    /// Appends bytes as text, keeping back a character that is not complete yet.
    fn decode(&mut self, bytes: &[u8]) {
        let joined;
        let mut rest = if self.partial.is_empty() {
            bytes
        } else {
            joined = [&take(&mut self.partial), bytes].concat();
            joined.as_slice()
        };
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.text.push_str(text);
                    return;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    self.text.push_str(&String::from_utf8_lossy(valid));
                    let Some(wrong) = error.error_len() else {
                        self.partial = after.to_vec();
                        return;
                    };
                    self.text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[wrong..];
                }
            }
        }
    }

    /// A character that ended before it was complete.
    fn decode_partial(&mut self) {
        if !take(&mut self.partial).is_empty() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines that come out when these pieces go in.
    fn lines(vault: &Vault, cap: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut out = Vec::new();
        let mut lines = Lines { cap, ..Lines::new(vault) };
        for piece in pieces {
            lines.push(piece, |line| out.push(line));
        }
        lines.finish(|line| out.push(line));
        out
    }

    fn plain(pieces: &[&str]) -> Vec<String> {
        let bytes: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
        lines(&Vault::default(), CAP, &bytes)
    }

    #[test]
    fn lines_are_joined_across_pieces() {
        assert_eq!(plain(&["on", "e\ntw", "o\n", "three"]), ["one", "two", "three"]);
        assert_eq!(plain(&["a\n\nb\n"]), ["a", "", "b"]);
        assert_eq!(plain(&["", "\n"]), [""]);
        assert_eq!(plain(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_line_is_given_out_as_soon_as_it_ends() {
        let vault = Vault::default();
        let mut out = Vec::new();
        let mut lines = Lines::new(&vault);
        lines.push(b"a\r", |line| out.push(line));
        assert!(out.is_empty());
        lines.push(b"\nb", |line| out.push(line));
        assert_eq!(out, ["a"]);
    }

    #[test]
    fn a_line_that_is_broken_off_ends_once() {
        let vault = Vault::default();
        let mut out = Vec::new();
        let mut lines = Lines::new(&vault);
        for (piece, after) in [("a\nName: ", ""), ("\r\n", "b: "), ("c\n\n", "")] {
            lines.push(piece.as_bytes(), |line| out.push(line));
            lines.break_off(|line| out.push(line));
            lines.push(after.as_bytes(), |line| out.push(line));
            lines.break_off(|line| out.push(line));
        }
        lines.finish(|line| out.push(line));
        assert_eq!(out, ["a", "Name: ", "b: ", "c", ""]);
    }

    #[test]
    fn carriage_returns_keep_the_last_state() {
        assert_eq!(plain(&["a\r\nb\r", "\nc"]), ["a", "b", "c"]);
        assert_eq!(plain(&["10%\r50%\r100%, done.\n"]), ["100%, done."]);
        assert_eq!(plain(&["10%\r", "50%\r", "100%\r"]), ["100%"]);
        assert_eq!(plain(&["\r\r10%\r\r\n"]), ["10%"]);
        assert_eq!(plain(&["\r\n\rx\n"]), ["", "x"]);
    }

    #[test]
    fn bytes_that_are_no_text_become_replacement_characters() {
        let vault = Vault::default();
        assert_eq!(lines(&vault, CAP, &[b"a\xffb\n"]), ["a\u{fffd}b"]);
        assert_eq!(lines(&vault, CAP, &[b"a\xe2\x82", b"\xac\n"]), ["a€"]);
        assert_eq!(lines(&vault, CAP, &[b"\xf0", b"\x9f", b"\x9a", b"\x80"]), ["🚀"]);
        assert_eq!(lines(&vault, CAP, &[b"a\xe2\x82", b"\n", b"b\xe2"]), ["a\u{fffd}", "b\u{fffd}"]);
        assert_eq!(lines(&vault, CAP, &[b"a\xe2\r", b"b\n"]), ["b"]);
    }

    #[test]
    fn a_line_without_end_is_given_out_in_parts() {
        let long = "x".repeat(CAP * 2 + 5);
        let out = plain(&[&long]);
        assert_eq!(out.iter().map(String::len).collect::<Vec<_>>(), [CAP, CAP, 5]);
        let exact = "x".repeat(CAP);
        let out = plain(&[&exact, "\ny"]);
        assert_eq!(out.iter().map(String::len).collect::<Vec<_>>(), [CAP, 1]);
    }

    #[test]
    fn memory_is_bounded() {
        let vault = Vault::default();
        vault.seal("hunter2");
        let mut out = 0;
        let mut lines = Lines::new(&vault);
        for _ in 0..100 {
            lines.push(&[b'x'; 8192], |line| out += line.len());
            assert!(lines.text.len() < CAP + vault.longest());
        }
        lines.finish(|line| out += line.len());
        assert_eq!(out, 100 * 8192);
    }

    #[test]
    fn a_secret_across_the_forced_cut_is_masked_whole() {
        let vault = Vault::default();
        vault.seal("hunter2");
        for before in CAP - 8..=CAP + 1 {
            let text = format!("{}hunter2{}", "x".repeat(before), "y".repeat(CAP));
            for size in [1000, text.len()] {
                let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                let shown = lines(&vault, CAP, &pieces).concat();
                assert!(shown == format!("{}[secret]{}", "x".repeat(before), "y".repeat(CAP)), "{before} {size}");
            }
        }
    }

    #[test]
    fn a_secret_longer_than_the_cap_is_masked_whole() {
        let vault = Vault::default();
        vault.seal("0123456789");
        assert_eq!(lines(&vault, 4, &[b"012345", b"6789abcdef\n"]), ["[secret]", "abcd", "ef"]);
        assert_eq!(lines(&vault, 4, &[b"0123456789\n", b"a\n"]), ["[secret]", "a"]);
    }

    #[test]
    fn a_secret_taken_in_midway_is_masked_in_what_is_still_held() {
        let vault = Vault::default();
        let mut out = Vec::new();
        let mut lines = Lines::new(&vault);
        lines.push(b"token hunt", |line| out.push(line));
        vault.seal("hunter2");
        lines.push(b"er2\n", |line| out.push(line));
        assert_eq!(out, ["token [secret]"]);
    }

    /// Splits bytes at these places.
    fn split<'a>(bytes: &'a [u8], at: &[prop::sample::Index]) -> Vec<&'a [u8]> {
        let mut places: Vec<usize> = at.iter().map(|index| index.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
    }

    proptest! {
        #[test]
        fn a_secret_never_comes_out(
            secret in "[A-Zé]{4,12}",
            words in prop::collection::vec("([a-z ]{0,9}|\r|\n|€|S|SS)", 0..12),
            noise in prop::collection::vec(any::<u8>(), 0..4),
            cap in 4..24_usize,
            at in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let vault = Vault::default();
            vault.seal(&secret);
            // The secret stands between all words.
            let mut bytes = words.join(&secret).into_bytes();
            bytes.extend(noise.iter().filter(|byte| !byte.is_ascii_uppercase()));
            bytes.extend(secret.as_bytes());
            let out = lines(&vault, cap, &split(&bytes, &at));
            prop_assert!(out.iter().all(|line| !line.contains(&secret)));
            prop_assert!(!out.concat().contains(&secret), "{:?}", out);
        }

        #[test]
        fn pieces_do_not_matter(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'\r'), Just(b'a')], 0..60),
            at in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let vault = Vault::default();
            prop_assert_eq!(lines(&vault, CAP, &split(&bytes, &at)), lines(&vault, CAP, &[&bytes]));
        }

        #[test]
        fn nothing_is_lost_or_longer_than_the_cap(text in "[a-zé€\n]{0,80}", cap in 4..24_usize) {
            let vault = Vault::default();
            let out = lines(&vault, cap, &[text.as_bytes()]);
            prop_assert!(out.iter().all(|line| line.len() <= cap));
            prop_assert_eq!(out.concat(), text.replace('\n', ""));
        }
    }
}
