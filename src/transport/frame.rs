//! Finding a command's own output between its two markers.
//!
//! Owns the reading side of the frame `model::script` writes: noise before the first marker is dropped, the last marker
//! carries the status. A frame that never begins is no command of ours speaking, but sudo, the login shell or the
//! loader saying why it did not start: then the noise is the message.

use std::str::FromStr;

/// Noise kept for the case that the frame never begins, in bytes.
const NOISE_KEPT: usize = 64 * 1024;

/// One output stream of one command.
#[derive(Debug)]
pub(crate) struct Frame {
    marker: Vec<u8>,
    /// What could not be given on yet: noise, or the beginning of what may become a marker.
    held: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    Inside { group: Option<u32> },
    After { group: Option<u32>, status: Option<i32> },
}

impl Frame {
    /// A frame that has not begun.
    pub(crate) fn new(marker: &str) -> Self {
        Self { marker: marker.as_bytes().to_vec(), held: Vec::new(), state: State::Before }
    }

    /// Takes what was read and gives on what is the command's.
    pub(crate) fn feed(&mut self, bytes: &[u8], output: &mut dyn FnMut(&[u8])) {
        if matches!(self.state, State::After { .. }) {
            return;
        }
        self.held.extend_from_slice(bytes);
        if self.state == State::Before {
            self.begin();
        }
        let State::Inside { group } = self.state else { return };
        let end = self.end_marker();
        let found = find(&self.held, &end);
        let ready = found.unwrap_or_else(|| self.held.len() - overlap(&self.held, &end));
        if ready > 0 {
            output(&self.held[..ready]);
            self.held.drain(..ready);
        }
        if found.is_some()
            && let Some(line_end) = find(&self.held, b"\n")
        {
            self.state = State::After { group, status: number(&self.held[end.len()..line_end]) };
            self.held.clear();
        }
    }

    /// The stream ended: gives on what was held, unless it is a frame's own.
    pub(crate) fn finish(&mut self, output: &mut dyn FnMut(&[u8])) {
        let is_cut_marker = matches!(self.state, State::Inside { .. }) && self.held.starts_with(&self.end_marker());
        if !self.is_over() && !is_cut_marker && !self.held.is_empty() {
            output(&self.held);
        }
        self.held.clear();
    }

    /// Whether the last marker was there; nothing of the command comes after it.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::After { .. })
    }

    /// The status in the last marker.
    pub(crate) fn status(&self) -> Option<i32> {
        if let State::After { status, .. } = self.state { status } else { None }
    }

    /// The process group in the first marker, where there was one.
    pub(crate) fn group(&self) -> Option<u32> {
        match self.state {
            State::Before => None,
            State::Inside { group } | State::After { group, .. } => group,
        }
    }

    /// What the last marker begins with.
    fn end_marker(&self) -> Vec<u8> {
        [self.marker.as_slice(), b":"].concat()
    }

    /// Looks for the first marker's line and drops everything up to its end.
    fn begin(&mut self) {
        if let Some(at) = find(&self.held, &self.marker)
            && let Some(length) = find(&self.held[at..], b"\n")
        {
            let rest = &self.held[at + self.marker.len()..at + length];
            self.state = State::Inside { group: number(rest) };
            self.held.drain(..=at + length);
        } else if self.held.len() > NOISE_KEPT {
            let keep_from = self.held.len() - NOISE_KEPT / 2;
            self.held.drain(..keep_from);
        }
    }
}

/// The number a marker carries.
fn number<T: FromStr>(digits: &[u8]) -> Option<T> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

/// Where `needle` begins in `hay`.
fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|byte| *byte == first) {
        if hay[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// How many bytes at the end of `hay` could be the beginning of `needle`.
fn overlap(hay: &[u8], needle: &[u8]) -> usize {
    (1..needle.len().min(hay.len() + 1)).rev().find(|length| hay.ends_with(&needle[..*length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(pieces: &[&[u8]]) -> (Vec<u8>, Frame) {
        let (mut frame, mut seen) = (Frame::new("mark"), Vec::new());
        for piece in pieces {
            frame.feed(piece, &mut |bytes| seen.extend_from_slice(bytes));
        }
        frame.finish(&mut |bytes| seen.extend_from_slice(bytes));
        (seen, frame)
    }

    #[test]
    fn only_what_stands_between_the_markers_is_the_commands() {
        let (seen, frame) = through(&[b"Welcome!\nmark\nhello", b" world\nmark:3\nand a daemon"]);
        assert_eq!(seen, b"hello world\n");
        assert_eq!((frame.is_over(), frame.status(), frame.group()), (true, Some(3), None));
    }

    #[test]
    fn noise_without_a_line_end_is_dropped_too() {
        assert_eq!(through(&[b"last login: nevermark\nx"]).0, b"x");
    }

    #[test]
    fn output_without_a_line_end_stays_without() {
        assert_eq!(through(&[b"mark\nabcmark:0\n"]).0, b"abc");
    }

    #[test]
    fn the_first_marker_may_name_a_group() {
        assert_eq!(through(&[b"mark 4711\n"]).1.group(), Some(4711));
    }

    #[test]
    fn output_is_given_on_at_once_but_for_what_may_be_a_marker() {
        let (mut frame, mut seen) = (Frame::new("mark"), Vec::new());
        frame.feed(b"mark\nreally ma", &mut |bytes| seen.extend_from_slice(bytes));
        assert_eq!(seen, b"really ");
        frame.feed(b"d", &mut |bytes| seen.extend_from_slice(bytes));
        assert_eq!(seen, b"really mad");
        frame.feed(b" mark", &mut |bytes| seen.extend_from_slice(bytes));
        frame.finish(&mut |bytes| seen.extend_from_slice(bytes));
        assert_eq!(seen, b"really mad mark");
        assert!(!frame.is_over());
    }

    #[test]
    fn noise_is_the_message_when_the_frame_never_begins() {
        let (seen, frame) = through(&[b"sudo: a password is ", b"required\n"]);
        assert_eq!(seen, b"sudo: a password is required\n");
        assert_eq!(frame.status(), None);
    }

    #[test]
    fn a_marker_that_was_cut_off_is_not_output() {
        let (seen, frame) = through(&[b"mark\nabcmark:1"]);
        assert_eq!((seen.as_slice(), frame.status()), (b"abc".as_slice(), None));
    }

    #[test]
    fn endless_noise_does_not_fill_the_memory() {
        let mut frame = Frame::new("mark");
        for _ in 0..100 {
            frame.feed(&[b'x'; 8192], &mut |_| panic!("noise was given on"));
        }
        assert!(frame.held.len() <= NOISE_KEPT + 8192);
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_output_is_the_same(
            body in prop::collection::vec(prop_oneof![Just(b'm'), Just(b'a'), Just(b'r'), Just(b'k'), Just(b'\n'), any::<u8>()], 0..60),
            cuts in prop::collection::vec(1usize..9, 1..40),
        ) {
            prop_assume!(find(&body, b"mark:").is_none());
            let whole = [b"noise mark\n".as_slice(), &body, b"mark:12\nlate"].concat();
            let (mut rest, mut pieces) = (whole.as_slice(), Vec::new());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            let (seen, frame) = through(&pieces);
            prop_assert_eq!(seen, body);
            prop_assert_eq!(frame.status(), Some(12));
        }
    }
}
