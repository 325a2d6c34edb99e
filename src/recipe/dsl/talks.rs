//! The options `pty` and `answer`: commands on a terminal, and commands whose prompts are answered.
//!
//! Owns what may be an answer, and which commands are talked with. Such a command gets a channel of its own, at once:
//! what was kept back before it goes first.

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::dialogue::Prompt;
use crate::recipe::callable::Callable;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::desk;
use crate::recipe::dsl::setting_values::value_of;
use crate::recipe::dsl::signature::{Parameter, TRUTH, ValueKind, maybe};
use crate::recipe::stdlib::is_stock;
use crate::recipe::values::text;
use crate::runner::execute::{Job, Ran};
use crate::runner::talk::talk;

/// Whether a command runs on a terminal.
pub const PTY: Parameter = maybe("pty", TRUTH);
/// What its prompts are answered with.
pub const ANSWER: Parameter = maybe("answer", &[ValueKind::Answers]);

/// How a call wants its command talked with.
#[derive(Clone, Default)]
pub struct Talk {
    pty: Option<bool>,
    answers: Vec<(Prompt, Answer)>,
}

#[derive(Clone)]
enum Answer {
    Text(String),
    Closure(Callable),
}

impl Talk {
    /// Takes it from the options of a call.
    ///
    /// # Errors
    /// A prompt that cannot be one, an answer that is none, and what cannot go together.
    pub fn of(call: &Call<'_>, options: &Map) -> Result<Self, Error> {
        let given = |name: &str| options.get(name).filter(|value| !value.is_unit());
        let pty = given("pty").map(|value| value.as_bool().map_err(|_| call.wrong("`pty`", "true or false", value)));
        let mut answers = Vec::new();
        if let Some(value) = given("answer") {
            let map = value.read_lock::<Map>();
            let map = map.ok_or_else(|| call.wrong("`answer`", "a map of prompts and what is typed", value))?;
            for (prompt, value) in map.iter() {
                answers.push((Prompt::read(prompt)?, answer(call, prompt, value)?));
            }
        }
        let talk = Self { pty: pty.transpose()?, answers };
        let asks = match (talk.pty, talk.answers.is_empty()) {
            (_, false) => "answer",
            (Some(true), true) => "pty",
            _ => return Ok(talk),
        };
        if given("stdin").is_some() {
            return Err(Error::recipe(format!("`{}` has both `stdin` and `{asks}`", call.name())).help(
                "`stdin` is all the program reads; `answer` is typed when it is asked for: leave one of them out",
            ));
        }
        if call.frame().shielded {
            return Err(Error::recipe(format!("`{asks}` cannot be used in `shield`"))
                .help("take the command out of `shield`, or leave the option out")
                .note("what is shielded goes on when the connection breaks, and what is talked with ends with it"));
        }
        Ok(talk)
    }

    /// Runs a command that is to be talked with; none where it is not.
    ///
    /// # Errors
    /// Those of the command.
    pub fn run(&self, call: &Call<'_>, job: &Job) -> Result<Option<Ran>, Error> {
        let on_terminal = self.is_on_terminal(call, job)?;
        if !on_terminal && self.answers.is_empty() {
            return Ok(None);
        }
        let here = call.here()?;
        job.command.check()?;
        call.frame().flush()?;
        let prompts = self.answers.iter().map(|(prompt, _)| prompt.clone()).collect();
        let mut reply = |number: usize, line: &str| {
            let (prompt, answer) = &self.answers[number];
            match answer {
                Answer::Text(text) => Ok(text.clone()),
                Answer::Closure(closure) => asked(call, prompt, closure, line),
            }
        };
        talk(&desk(call, &here), job, on_terminal, prompts, &mut reply).map(Some)
    }

    /// What the call says, else the setting, which counts for what users write, as `shell` does: lines of stock recipes
    /// were not written for a terminal. Nor does it count for what reads an input, or is in `shield`.
    fn is_on_terminal(&self, call: &Call<'_>, job: &Job) -> Result<bool, Error> {
        if let Some(pty) = self.pty {
            return Ok(pty);
        }
        let is_stock = call.place().is_some_and(|place| is_stock(&place.file));
        if is_stock || job.command.stdin.is_some() || call.frame().shielded {
            return Ok(false);
        }
        Ok(value_of(call, "pty")?.is_some_and(|value| value.as_bool() == Ok(true)))
    }
}

/// An answer as it stands in the options.
fn answer(call: &Call<'_>, prompt: &str, value: &Dynamic) -> Result<Answer, Error> {
    if let Some(closure) = call.callable(value) {
        return match closure.arity() {
            Some(0 | 1) | None => Ok(Answer::Closure(closure)),
            Some(count) => Err(Error::recipe(format!("the closure for `{prompt}` takes {count} arguments"))
                .help("it is given the line that asks: `|line| …`")),
        };
    }
    if value.is_unit() {
        return Err(Error::recipe(format!("the answer to `{prompt}` is ()"))
            .help("a setting that is not set gives (): give it a default, `fetch(\"name\", \"default\")`")
            .help("to press Enter alone is \"\""));
    }
    typed(value)
        .map(Answer::Text)
        .ok_or_else(|| call.wrong(&format!("the answer to `{prompt}`"), "a string, a secret or a closure", value))
}

/// What a closure answers.
fn asked(call: &Call<'_>, prompt: &Prompt, closure: &Callable, line: &str) -> Result<String, Error> {
    let value = call.call(closure, vec![line.trim_start().into()], |frame| {
        // It has to be known now.
        frame.batch = None;
    })?;
    typed(&value).ok_or_else(|| {
        Error::recipe(format!("the closure for `{}` gives no string to type", prompt.text()))
            .help("let it give a text or a secret, or raise: `throw \"…\"`")
            .at(closure.place())
    })
}

/// A value as it is typed.
fn typed(value: &Dynamic) -> Option<String> {
    text(value).or_else(|| (value.is_int() || value.is_float()).then(|| value.to_string()))
}
