//! Puts a question to the person at the terminal, while a Ctrl-C is still heard.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::recipe::world::World;
use crate::transport::api::cancelled;
use crate::transport::cancel::Cancel;

/// How long a question that was given up may take to let go of the terminal.
const LETTING_GO: Duration = Duration::from_millis(500);

/// How often a question that waits looks whether the run was cancelled.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Asks in a thread of its own, so that a Ctrl-C need not wait for an answer. None where there is nobody to ask.
///
/// # Errors
/// A run that is cancelled, and a machine without a thread left.
pub fn ask(world: &World, cancel: &Cancel, prompt: String, echo: bool) -> Result<Option<String>, Error> {
    let prompter = world.prompter.clone();
    let (sender, answers) = channel();
    let given_up = Cancel::new();
    let seen = given_up.clone();
    // Nobody listens any more when the run was cancelled.
    let ask = move || drop(sender.send(prompter.ask(&prompt, echo, &seen)));
    Builder::new()
        .name("question".to_owned())
        .spawn(ask)
        .map_err(|error| Error::new(Kind::Io, format!("could not start a thread for a question: {error}")))?;
    loop {
        let answer = answers.recv_timeout(LOOK_AGAIN);
        if cancel.is_raised() {
            given_up.raise();
            // What is typed from now on is for somebody else, such as the next line of a console.
            let _ = answers.recv_timeout(LETTING_GO);
            return Err(cancelled());
        }
        match answer {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
