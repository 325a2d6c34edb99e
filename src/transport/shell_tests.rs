use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::ReadBuf;

use super::*;

/// A stream on which this comes, and then nothing more, without an end.
struct Stuck(&'static [u8]);

impl AsyncRead for Stuck {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Pending;
        }
        buffer.put_slice(std::mem::take(&mut self.0));
        Poll::Ready(Ok(()))
    }
}

/// What a trip tells that hangs in its second command, and how it ends when it is cancelled at once. No time passes.
fn cancelled(shielded: bool) -> (Vec<String>, Ending) {
    const SHOWN: &[u8] = b"mark.0\nmark.0:0\nmark.1\n";
    let script = TripScript { text: String::new(), marker: "mark".into() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let mut told = Vec::new();
    let ending = runtime.block_on(async {
        let mut shell = Shell::new(tokio::io::sink(), Stuck(SHOWN), Stuck(SHOWN));
        let cancel = Cancel::new();
        cancel.raise();
        let begun = Instant::now();
        let mut tell = |number, what: Told<'_>| told.push(format!("{:.0?}: {number} {what:?}", begun.elapsed()));
        let ending = shell.run(&script, shielded, &mut tell, &cancel).await;
        assert!(!shell.is_open(), "it still runs something");
        ending
    });
    (told, ending)
}

#[test]
fn a_cancel_waits_for_what_is_shielded_and_says_so() {
    let (told, ending) = cancelled(true);
    let expected =
        ["0ns: 0 Begun", "0ns: 0 Ended(Exit { status: 0 })", "0ns: 1 Begun", "1s: 1 Awaited(30s)", "30s: 1 Left(30s)"];
    assert_eq!((told.as_slice(), ending), (expected.map(str::to_owned).as_slice(), Ending::Cancelled));
}

#[test]
fn a_cancel_gives_everything_else_three_seconds() {
    let (told, ending) = cancelled(false);
    assert_eq!((told.last().map(String::as_str), ending), (Some("0ns: 1 Begun"), Ending::Cancelled));
}

#[test]
fn a_shell_whose_streams_have_ended_is_known_before_anything_is_sent() {
    let mut gone = Shell::new(tokio::io::sink(), Stuck(b""), tokio::io::empty());
    assert!(gone.has_ended() && gone.is_open(), "nobody has been waiting");
    let noise: &[u8] = b"noise\n";
    assert!(Shell::new(tokio::io::sink(), Stuck(b""), noise).has_ended(), "behind what has come");
    let mut there = Shell::new(tokio::io::sink(), Stuck(b"noise\n"), Stuck(b""));
    assert!(!there.has_ended() && !there.has_ended());
    assert_eq!(there.early, [b"noise\n".to_vec(), Vec::new()]);
}

/// What came between two trips is no output of the next one, and is not lost where no command begins.
#[test]
fn what_comes_between_two_trips_belongs_to_neither() {
    const SHOWN: &[u8] = b"mark.0\nout\nmark.0:0\nmark:0 0  \n";
    let script = TripScript { text: String::new(), marker: "mark".into() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut told = Vec::new();
    runtime.block_on(async {
        let mut shell = Shell::new(tokio::io::sink(), Pieces(vec![SHOWN, b"", b"late\n"]), Pieces(vec![SHOWN, b""]));
        assert!(!shell.has_ended());
        let mut tell = |number, what: Told<'_>| told.push(format!("{number} {what:?}"));
        assert!(matches!(shell.run(&script, false, &mut tell, &Cancel::new()).await, Ending::Over(_)));
    });
    let expected = [
        "0 Begun",
        "0 Output(Stdout, [111, 117, 116, 10])",
        "0 Output(Stderr, [111, 117, 116, 10])",
        "0 Ended(Exit { status: 0 })",
    ];
    assert_eq!(told, expected);
}

/// A stream that comes in these pieces, the last one first, with a pause for an empty one, and then never ends.
struct Pieces(Vec<&'static [u8]>);

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let Some(piece) = self.0.pop().filter(|piece| !piece.is_empty()) else { return Poll::Pending };
        buffer.put_slice(piece);
        Poll::Ready(Ok(()))
    }
}
