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
