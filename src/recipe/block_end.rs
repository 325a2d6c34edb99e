//! How a `batch` is over, around tasks and on a host alike.
//!
//! What was asked for is done, whatever becomes of the block that asked for it, just as if there were no `batch`.

use rhai::Dynamic;

use crate::error::{Error, Kind};
use crate::model::event::Level;
use crate::recipe::frame::Frame;

/// Sends what a block has kept back, and gives what the block has given. Only a cancel leaves it unsent. `send` is told
/// whether the block has failed.
///
/// # Errors
/// That of the block; where it has none, or calls `exit`, that of what was sent.
pub fn over(
    done: Result<Dynamic, Error>,
    frame: &Frame,
    send: impl FnOnce(bool) -> Result<(), Error>,
) -> Result<Dynamic, Error> {
    match &done {
        Err(error) if error.kind() == Kind::Cancelled => {}
        // `exit` is a wish, and no failure may hide behind it.
        Err(error) if !matches!(error.kind(), Kind::Exit(_)) => {
            if let Err(other) = send(true) {
                let host = other.parts().host.as_ref().map(|host| format!(" on {host}")).unwrap_or_default();
                let text = format!("what the `batch` had kept back failed as well{host}: {other}");
                frame.world.say(Level::Warn, &text, frame, None);
            }
        }
        _ => send(false)?,
    }
    done
}
