//! A command that is talked with: prompts are found in what it prints, and answered.
//!
//! Owns when something is answered, how often, and what is told of it. What is answered is the caller's, how it gets there
//! `transport`'s.

use std::cell::RefCell;

use crate::error::{Error, Kind};
use crate::model::dialogue::{Asked, Dialogue, Prompt};
use crate::model::event::{Event, Stream};
use crate::model::secret::Vault;
use crate::runner::execute::{Desk, Job, Ran, judged, prepare, tell_trip, watched};
use crate::runner::running::Running;
use crate::transport::api::{Input, Listener, Measured, Request};

/// Gives the answer to the prompt with this number, which stands at the end of this line. It may be a secret.
pub type Reply<'a> = dyn FnMut(usize, &str) -> Result<String, Error> + 'a;

/// Runs a command and answers its prompts.
///
/// # Errors
/// As [`crate::runner::execute::execute`], what `reply` raises, and a prompt that is asked for ever.
pub fn talk(
    desk: &Desk<'_>,
    job: &Job,
    on_terminal: bool,
    prompts: Vec<Prompt>,
    reply: &mut Reply<'_>,
) -> Result<Ran, Error> {
    prepare(desk, job)?;
    let guard = watched(desk, job, false)?;
    let running = RefCell::new(Running::begin(desk, job));
    guard.turn_to(running.borrow().title().to_owned(), Some(running.borrow().id()), job.limits);
    let is_secret = vec![false; prompts.len()];
    let mut talk = Talk { desk, job, running: &running, dialogue: Dialogue::new(prompts), is_secret, reply };
    let input = Input::Dialogue { on_terminal, listener: &mut talk };
    let request = Request { command: &job.command, input, vault: desk.vault };
    let mut take = |stream, bytes: &[u8]| {
        guard.heard(stream, bytes);
        running.borrow_mut().take(stream, bytes);
    };
    let outcome = desk.transport.run(request, &mut take, guard.cancel());
    let running = running.into_inner();
    let took = running.elapsed();
    let cost = outcome.as_ref().map(|_| Measured { host_seconds: None, round_trips: 1 });
    tell_trip(desk, 1, took, took, cost.ok());
    running.end(judged(outcome, &guard))
}

/// One that is going on.
struct Talk<'t, 'a> {
    desk: &'a Desk<'a>,
    job: &'a Job,
    running: &'t RefCell<Running<'a>>,
    dialogue: Dialogue,
    /// Of each prompt, whether its last answer was one.
    is_secret: Vec<bool>,
    reply: &'t mut Reply<'t>,
}

impl Listener for Talk<'_, '_> {
    fn hear(&mut self, stream: Stream, bytes: &[u8]) -> Result<String, Error> {
        let mut typed = String::new();
        for Asked { prompt, line } in self.dialogue.hear(stream, bytes) {
            self.dialogue.count(prompt, self.is_secret[prompt])?;
            let answer = (self.reply)(prompt, &Vault::foreign(line))?;
            self.is_secret[prompt] = Vault::is_sealed(&answer);
            typed.push_str(&self.entered(prompt, &answer)?);
            self.tell(stream, prompt, &answer);
        }
        Ok(typed)
    }
}

impl Talk<'_, '_> {
    /// An answer as it is typed.
    fn entered(&self, prompt: usize, answer: &str) -> Result<String, Error> {
        let mut text = self.desk.vault.reveal(answer)?;
        if text.contains('\0') {
            let prompt = self.dialogue.prompt(prompt).text();
            return Err(Error::new(
                Kind::Recipe,
                format!("the answer to `{prompt}` has a NUL character in it, which nobody can type"),
            ));
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    /// Tells that a prompt was answered, and with what, unless that is a secret. What was asked stands on a line by itself, as where Enter is
    /// pressed.
    fn tell(&self, stream: Stream, prompt: usize, answer: &str) {
        self.running.borrow_mut().break_line(stream);
        let (desk, job) = (self.desk, self.job);
        let asked = self.dialogue.prompt(prompt).text();
        let text = match answer.trim_end_matches('\n') {
            _ if self.is_secret[prompt] => format!("answered `{asked}`"),
            "" => format!("answered `{asked}` with Enter"),
            answer => format!("answered `{asked}` with `{answer}`"),
        };
        desk.sink.emit(&Event::Message {
            level: job.wish.level,
            text: desk.vault.redact(&text).into_owned(),
            host: Some(desk.transport.label()),
            task: job.task.clone(),
            place: job.place.clone(),
        });
    }
}
