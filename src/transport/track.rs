//! One output stream of a staying shell: the marks of its frame, and what stands between them.
//!
//! Owns the reading side of the frame `model::trip` writes. What stands outside the frame of a command is no command of
//! ours speaking, but sudo, the login shell or the loader: it is kept, for the case that no command ever begins.

/// Noise kept, in bytes.
const NOISE_KEPT: usize = 64 * 1024;

/// A line of the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mark {
    /// A command begins.
    Begin(usize),
    /// A command is over, with this status.
    End(usize, i32),
    /// The trip is over.
    Over(Over),
}

/// How a trip ended on the host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Over {
    /// Status of the commands' own shell: that of the last command, or what a signal made of it.
    pub(crate) status: i32,
    /// Whether something of it still runs, and may still print.
    pub(crate) left_running: bool,
    /// How long it took by the host's clock, where the host has one to read.
    pub(crate) seconds: Option<f64>,
}

/// One stream during one trip.
#[derive(Debug)]
pub(crate) struct Track {
    marker: Vec<u8>,
    held: Vec<u8>,
    noise: Vec<u8>,
    inside: bool,
}

impl Track {
    /// A stream on which nothing has come yet.
    pub(crate) fn new(marker: &str) -> Self {
        Self { marker: marker.as_bytes().to_vec(), held: Vec::new(), noise: Vec::new(), inside: false }
    }

    /// What comes from now on is a command's, until a mark says otherwise.
    pub(crate) const fn begins(&mut self) {
        self.inside = true;
    }

    /// Takes what was read.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Gives on what was fed up to the next mark, and that mark; none when more has to be fed first.
    pub(crate) fn next(&mut self, output: &mut dyn FnMut(&[u8])) -> Option<Mark> {
        loop {
            let found = memchr::memmem::find(&self.held, &self.marker);
            let ready = found.unwrap_or_else(|| self.held.len() - overlap(&self.held, &self.marker));
            self.give(ready, output);
            found?;
            let line_end = memchr::memchr(b'\n', &self.held)?;
            if let Some(mark) = parse(&self.held[self.marker.len()..line_end]) {
                self.held.drain(..=line_end);
                self.inside = matches!(mark, Mark::Begin(_));
                return Some(mark);
            }
            self.give(self.marker.len(), output);
        }
    }

    /// The stream ended: gives on what was held back because it could have become a mark.
    pub(crate) fn finish(&mut self, output: &mut dyn FnMut(&[u8])) {
        let rest = if memchr::memmem::find(&self.held, &self.marker) == Some(0) { 0 } else { self.held.len() };
        self.give(rest, output);
        self.held.clear();
    }

    /// What came outside of all commands.
    pub(crate) fn noise(&self) -> &[u8] {
        &self.noise
    }

    fn give(&mut self, count: usize, output: &mut dyn FnMut(&[u8])) {
        if count == 0 {
            return;
        }
        if self.inside {
            output(&self.held[..count]);
        } else {
            self.noise.extend_from_slice(&self.held[..count]);
            let surplus = self.noise.len().saturating_sub(NOISE_KEPT);
            self.noise.drain(..surplus);
        }
        self.held.drain(..count);
    }
}

/// What follows the marker on its line.
fn parse(tail: &[u8]) -> Option<Mark> {
    let tail = std::str::from_utf8(tail).ok()?;
    if let Some(command) = tail.strip_prefix('.') {
        return match command.split_once(':') {
            None => Some(Mark::Begin(command.parse().ok()?)),
            Some((number, status)) => Some(Mark::End(number.parse().ok()?, status.parse().ok()?)),
        };
    }
    let mut words = tail.strip_prefix(':')?.split(' ');
    let status = words.next()?.parse().ok()?;
    let left_running = words.next()? == "1";
    let mut clock = || words.next().and_then(|word| word.parse::<f64>().ok());
    let seconds = clock().zip(clock()).map(|(begin, end)| (end - begin).max(0.0));
    Some(Mark::Over(Over { status, left_running, seconds }))
}

/// How many bytes at the end of `hay` could be the beginning of `needle`.
fn overlap(hay: &[u8], needle: &[u8]) -> usize {
    (1..needle.len().min(hay.len() + 1)).rev().find(|length| hay.ends_with(&needle[..*length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(pieces: &[&[u8]]) -> (Vec<Mark>, Vec<u8>, Vec<u8>) {
        let (mut track, mut marks, mut seen) = (Track::new("mark"), Vec::new(), Vec::new());
        for piece in pieces {
            track.feed(piece);
            while let Some(mark) = track.next(&mut |bytes| seen.extend_from_slice(bytes)) {
                marks.push(mark);
            }
        }
        track.finish(&mut |bytes| seen.extend_from_slice(bytes));
        (marks, seen, track.noise().to_vec())
    }

    const OVER: Mark = Mark::Over(Over { status: 3, left_running: false, seconds: Some(0.5) });

    #[test]
    fn marks_and_what_stands_between_them() {
        let (marks, seen, noise) =
            through(&[b"Welcome!\nmark.0\nhello", b" world\nmark.0:0\nmark.1\nxmark.1:3\nmark:3 0 10.0 10.50\n"]);
        assert_eq!(marks, [Mark::Begin(0), Mark::End(0, 0), Mark::Begin(1), Mark::End(1, 3), OVER]);
        assert_eq!((seen, noise), (b"hello world\nx".to_vec(), b"Welcome!\n".to_vec()));
    }

    #[test]
    fn a_host_without_a_clock_to_read_and_something_left_running() {
        let over = Over { status: 137, left_running: true, seconds: None };
        assert_eq!(through(&[b"mark:137 1  \n"]).0, [Mark::Over(over)]);
    }

    #[test]
    fn a_marker_that_is_no_mark_is_output() {
        assert_eq!(through(&[b"mark.0\nmark it\nmark.0:0\n"]).1, b"mark it\n");
    }

    #[test]
    fn noise_is_bounded() {
        let mut track = Track::new("mark");
        for _ in 0..100 {
            track.feed(&[b'x'; 8192]);
            assert_eq!(track.next(&mut |_| panic!("noise was given on")), None);
        }
        assert_eq!((track.noise().len(), track.held.len()), (NOISE_KEPT, 0));
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_output_is_the_same(
            body in prop::collection::vec(prop_oneof![Just(b'm'), Just(b'a'), Just(b'r'), Just(b'k'), Just(b'.'), Just(b'\n'), any::<u8>()], 0..60),
            cuts in prop::collection::vec(1usize..9, 1..40),
        ) {
            prop_assume!(memchr::memmem::find(&body, b"mark").is_none());
            let whole = [b"noise mark.0\n".as_slice(), &body, b"mark.0:12\nlatemark:3 0 10.0 10.50\n"].concat();
            let (mut rest, mut pieces) = (whole.as_slice(), Vec::new());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            let (marks, seen, _) = through(&pieces);
            prop_assert_eq!(marks, vec![Mark::Begin(0), Mark::End(0, 12), OVER]);
            prop_assert_eq!(seen, body);
        }
    }
}
