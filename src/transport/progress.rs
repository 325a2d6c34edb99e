//! What one trip has shown so far: two streams, read as they come, and what is told of each command in order.
//!
//! Owns the order. The streams are framed each by itself, and one may be far ahead of the other; what is told is as if
//! there were one: a command begins, prints, and has ended when both streams say so.

use crate::model::event::Stream;
use crate::transport::api::{Exit, Told};
use crate::transport::track::{Mark, Over, Track};

/// How a trip came to its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// All that was to run has run.
    Over(Over),
    /// The shell is gone.
    Gone(Gone),
    /// It was cancelled, and is gone as far as can be told.
    Cancelled,
}

/// What a shell that is gone has left behind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Gone {
    /// It has shown a part of our frame; this command had begun and not ended.
    Midway(Option<usize>),
    /// Nothing of our frame has come; this came instead, on both streams.
    Mute([Vec<u8>; 2]),
}

/// What one trip has shown so far.
pub(crate) struct Progress<'a> {
    pub(crate) tracks: [Track; 2],
    /// The mark a stream waits at, because the other stream is not there yet.
    parked: [Option<usize>; 2],
    ended: [Option<i32>; 2],
    over: [Option<Over>; 2],
    current: Option<usize>,
    next: usize,
    spoke: bool,
    /// Whether what runs is being ended, so that its status is our doing.
    pub(crate) is_ending: bool,
    tell: &'a mut dyn FnMut(usize, Told<'_>),
}

const STREAMS: [Stream; 2] = [Stream::Stdout, Stream::Stderr];

impl<'a> Progress<'a> {
    /// Nothing yet.
    pub(crate) fn new(marker: &str, tell: &'a mut dyn FnMut(usize, Told<'_>)) -> Self {
        Self {
            tracks: [Track::new(marker), Track::new(marker)],
            parked: [None; 2],
            ended: [None; 2],
            over: [None; 2],
            current: None,
            next: 0,
            spoke: false,
            is_ending: false,
            tell,
        }
    }

    /// The first command has been sent to a shell that has shown a trip before: what comes from now on is its own.
    pub(crate) fn first_is_sent(&mut self) {
        for track in &mut self.tracks {
            track.begins();
        }
        if self.current.is_none() && self.next == 0 {
            self.begin(0, 0);
        }
    }

    /// Which streams are to be read on; none when there is nothing more to wait for.
    pub(crate) fn wanted(&self, open: [bool; 2]) -> Option<[bool; 2]> {
        let wanted = [0, 1].map(|i| open[i] && self.over[i].is_none());
        // A stream that is ahead waits, so that no more than a piece of it has to be held.
        let reading = [0, 1].map(|i| wanted[i] && self.parked[i].is_none());
        if reading == [false; 2] { wanted.contains(&true).then_some(wanted) } else { Some(reading) }
    }

    /// Takes what was read from a stream. Says whether more is to come.
    pub(crate) fn take(&mut self, stream: usize, read: &std::io::Result<usize>, buffer: &[u8]) -> bool {
        let is_open = match *read {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.tracks[stream].feed(&buffer[..count]);
                true
            }
        };
        self.pump();
        if !is_open && self.parked[stream].is_none() {
            let (current, tell) = (self.current, &mut *self.tell);
            self.tracks[stream].finish(&mut |bytes| {
                if let Some(number) = current {
                    tell(number, Told::Output(STREAMS[stream], bytes));
                }
            });
        }
        is_open
    }

    /// Goes through both streams as far as they have come.
    fn pump(&mut self) {
        while self.advance(0) || self.advance(1) {}
    }

    /// Takes a stream past its next mark; false when it has to wait.
    fn advance(&mut self, stream: usize) -> bool {
        if self.over[stream].is_some() {
            return false;
        }
        if let Some(number) = self.parked[stream] {
            let may_pass = self.current == Some(number) || (self.current.is_none() && self.next == number);
            return may_pass && {
                self.parked[stream] = None;
                self.begin(stream, number)
            };
        }
        let (current, tell) = (self.current, &mut *self.tell);
        let mark = self.tracks[stream].next(&mut |bytes| {
            if let Some(number) = current {
                tell(number, Told::Output(STREAMS[stream], bytes));
            }
        });
        match mark {
            None => return false,
            Some(Mark::Begin(number)) => return self.begin(stream, number),
            Some(Mark::End(number, status)) => {
                self.ended[stream] = Some(status);
                if self.current == Some(number) && self.ended.iter().all(Option::is_some) {
                    self.end(status);
                }
            }
            Some(Mark::Over(over)) => {
                self.spoke = true;
                self.over[stream] = Some(over);
            }
        }
        true
    }

    /// A stream says that a command begins: the first one to say so begins it, the other one follows.
    fn begin(&mut self, stream: usize, number: usize) -> bool {
        self.spoke = true;
        if self.current.is_none() && self.next == number {
            self.current = Some(number);
            (self.tell)(number, Told::Begun);
        } else if self.current != Some(number) {
            self.parked[stream] = Some(number);
            return false;
        }
        true
    }

    fn end(&mut self, status: i32) {
        if let Some(number) = self.current.take() {
            if !self.is_ending {
                (self.tell)(number, Told::Ended(Exit { status }));
            }
            self.next = number + 1;
            self.ended = [None; 2];
        }
    }

    /// Tells of the command that runs, or else of the one that is to be next.
    pub(crate) fn tell_of_what_runs(&mut self, told: Told<'_>) {
        (self.tell)(self.current.unwrap_or(self.next), told);
    }

    /// How it ended, when both streams have nothing more to say.
    pub(crate) fn ending(mut self) -> Ending {
        if let Some(over) = self.over[0].or(self.over[1]) {
            if self.current.is_none() && self.next == 0 {
                say_noise(&self.noise(), self.tell);
                self.current = Some(0);
            }
            // One stream was cut off: what the other one says holds.
            self.end(self.ended[0].or(self.ended[1]).unwrap_or(over.status));
            return Ending::Over(over);
        }
        Ending::Gone(if self.spoke { Gone::Midway(self.current) } else { Gone::Mute(self.noise()) })
    }

    fn noise(&self) -> [Vec<u8>; 2] {
        [0, 1].map(|i| self.tracks[i].noise().to_vec())
    }
}

/// No command has begun: tells that the first one has, and that it says what was said instead.
pub(crate) fn say_noise(noise: &[Vec<u8>; 2], tell: &mut dyn FnMut(usize, Told<'_>)) {
    tell(0, Told::Begun);
    for (bytes, stream) in noise.iter().zip(STREAMS) {
        if !bytes.is_empty() {
            tell(0, Told::Output(stream, bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What was told of one command.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Heard {
        streams: [Vec<u8>; 2],
        ended: Option<i32>,
    }

    /// What is told when each stream comes in these pieces, the next one from the stream that `turns` says.
    fn hear(follows: bool, streams: &[Vec<u8>; 2], cuts: &[usize], turns: &[usize]) -> (Vec<Heard>, Ending) {
        let mut heard: Vec<Heard> = Vec::new();
        let mut tell = |number: usize, told: Told<'_>| match told {
            Told::Begun => {
                assert_eq!(number, heard.len(), "in order, each once");
                heard.push(Heard::default());
            }
            Told::Output(stream, bytes) => {
                let of = usize::from(stream == Stream::Stderr);
                assert!(heard[number].ended.is_none() && number + 1 == heard.len());
                heard[number].streams[of].extend_from_slice(bytes);
            }
            Told::Ended(exit) => assert!(heard[number].ended.replace(exit.status).is_none(), "once"),
            Told::Awaited(_) | Told::Left(_) => panic!("nothing is cancelled here"),
        };
        let mut progress = Progress::new("mark", &mut tell);
        if follows {
            progress.first_is_sent();
        }
        let (mut rest, mut open) = ([&streams[0][..], &streams[1][..]], [true; 2]);
        let (mut cuts, mut turns) = (cuts.iter().cycle(), turns.iter().cycle());
        while let Some(wanted) = progress.wanted(open) {
            let turn = *turns.next().unwrap();
            let stream = if wanted[turn] { turn } else { 1 - turn };
            let (piece, after) = rest[stream].split_at((*cuts.next().unwrap()).min(rest[stream].len()));
            open[stream] = progress.take(stream, &Ok(piece.len()), piece);
            rest[stream] = after;
        }
        let ending = progress.ending();
        (heard, ending)
    }

    /// The frame of these commands on both streams, in the first trip of a shell or in one that follows another.
    fn framed(follows: bool, commands: &[(Vec<u8>, Vec<u8>, i32)]) -> [Vec<u8>; 2] {
        [0, 1].map(|stream| {
            let mut bytes = if follows { Vec::new() } else { b"noise mark without an end".to_vec() };
            for (number, (out, err, status)) in commands.iter().enumerate() {
                let (begin, output) = (format!("mark.{number}\n"), if stream == 0 { out } else { err });
                let comes_late = follows && number == 0;
                let parts = if comes_late { [output, begin.as_bytes()] } else { [begin.as_bytes(), output] };
                bytes.extend(parts.concat());
                bytes.extend_from_slice(format!("mark.{number}:{status}\n").as_bytes());
            }
            let last = commands.last().map_or(0, |(_, _, status)| *status);
            bytes.extend_from_slice(format!("mark:{last} 0 1.00 1.50\n").as_bytes());
            bytes
        })
    }

    fn output() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"m".to_vec()),
            Just(b"mar".to_vec()),
            Just(b"mark".to_vec()),
            Just(b".0".to_vec()),
            Just(b":".to_vec()),
            Just(b"\n".to_vec()),
            prop::collection::vec(any::<u8>(), 0..4),
        ];
        prop::collection::vec(piece, 0..8)
            .prop_map(|pieces| pieces.concat())
            // A whole mark is what nobody can guess.
            .prop_filter("no mark", |bytes| memchr::memmem::find(bytes, b"mark.").is_none())
            .prop_filter("no mark", |bytes| memchr::memmem::find(bytes, b"mark:").is_none())
    }

    proptest! {
        #[test]
        fn in_whatever_pieces_and_order_it_comes_the_same_is_told(
            follows: bool,
            commands in prop::collection::vec((output(), output(), 0..256i32), 1..5),
            cuts in prop::collection::vec(1usize..9, 1..40),
            turns in prop::collection::vec(0usize..2, 1..40),
        ) {
            let (heard, ending) = hear(follows, &framed(follows, &commands), &cuts, &turns);
            let expected: Vec<Heard> = commands
                .into_iter()
                .map(|(out, err, status)| Heard { streams: [out, err], ended: Some(status) })
                .collect();
            let status = expected.last().and_then(|heard| heard.ended).unwrap();
            prop_assert_eq!(heard, expected);
            prop_assert_eq!(ending, Ending::Over(Over { status, left_running: false, seconds: Some(0.5) }));
        }

        #[test]
        fn wherever_the_streams_break_off_nothing_is_made_up(
            follows: bool,
            commands in prop::collection::vec((output(), output(), 0..256i32), 1..4),
            kept in (0usize..400, 0usize..400),
            cuts in prop::collection::vec(1usize..9, 1..20),
            turns in prop::collection::vec(0usize..2, 1..20),
        ) {
            let mut streams = framed(follows, &commands);
            streams[0].truncate(kept.0);
            streams[1].truncate(kept.1);
            let (heard, _) = hear(follows, &streams, &cuts, &turns);
            for (heard, (out, err, status)) in heard.iter().zip(&commands) {
                for (whole, heard) in [(out, &heard.streams[0]), (err, &heard.streams[1])] {
                    // Of a mark that was cut itself nobody can tell.
                    let is_cut = heard.strip_prefix(&whole[..]).is_some_and(|rest| b"mark".starts_with(rest));
                    prop_assert!(is_cut || whole.starts_with(heard));
                }
                prop_assert!(heard.ended.is_none_or(|ended| ended == *status));
            }
        }
    }

    #[test]
    fn a_command_has_ended_when_both_streams_say_so() {
        let streams = [b"mark.0\nout\nmark.0:0\nmark:0 0  \n".to_vec(), b"mark.0\nerr".to_vec()];
        let (heard, ending) = hear(false, &streams, &[100], &[0]);
        assert_eq!(heard[0].streams, [b"out\n".to_vec(), b"err".to_vec()]);
        assert!(matches!(ending, Ending::Over(_)) && heard[0].ended == Some(0), "{heard:?} {ending:?}");
    }

    /// `follows` of the tests above, seen on its own: its output is told before its mark has come.
    #[test]
    fn what_follows_another_trip_begins_when_it_has_been_sent() {
        let streams = [b"out".to_vec(), Vec::new()];
        let (heard, ending) = hear(true, &streams, &[100], &[0]);
        assert_eq!((heard[0].streams[0].as_slice(), heard[0].ended), (b"out".as_slice(), None));
        assert_eq!(ending, Ending::Gone(Gone::Midway(Some(0))), "it was sent: it may have run");
    }

    #[test]
    fn a_shell_that_says_nothing_of_ours_is_mute() {
        let streams = [b"Welcome".to_vec(), b"no shell for you\n".to_vec()];
        let (heard, ending) = hear(false, &streams, &[3], &[0, 1]);
        assert_eq!((heard.len(), ending), (0, Ending::Gone(Gone::Mute(streams))));
    }
}
