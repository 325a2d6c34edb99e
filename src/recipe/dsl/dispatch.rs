//! How a command of a call gets to its host: at once, or with others later.
//!
//! Owns what may be kept back, and where. What then becomes of it is `recipe::batch`'s and `recipe::queue`'s.

use rhai::Dynamic;

use crate::error::Error;
use crate::model::command::Command;
use crate::recipe::batch::Batch;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::limits::{Own, limits};
use crate::recipe::frame::Here;
use crate::recipe::kept::{self, Decode, Kept};
use crate::runner::execute::{Desk, Job, Ran, Wish};

/// Runs a command on the host of the call and makes a value of what it found; inside `batch` it is kept back, and the
/// value is one that stands in for it.
///
/// # Errors
/// Outside `on`, those of the command, and those of `decode`.
pub fn ask(
    call: &Call<'_>,
    command: Command,
    wish: Wish,
    title: Option<String>,
    decode: impl FnOnce(Ran) -> Result<Dynamic, Error> + Send + 'static,
) -> Result<Dynamic, Error> {
    ask_job(call, job(call, command, wish, title)?, decode)
}

/// As [`ask`], of a job.
///
/// # Errors
/// As [`ask`].
pub fn ask_job(
    call: &Call<'_>,
    job: Job,
    decode: impl FnOnce(Ran) -> Result<Dynamic, Error> + Send + 'static,
) -> Result<Dynamic, Error> {
    keep_or_dispatch(call, job, Some(Box::new(decode)))
}

/// Runs a command that nothing is read from; inside any `batch` it is kept back.
///
/// # Errors
/// Outside `on`, and those of the command.
pub fn order(call: &Call<'_>, job: Job) -> Result<Dynamic, Error> {
    keep_or_dispatch(call, job, None)
}

fn keep_or_dispatch(call: &Call<'_>, job: Job, decode: Option<Decode>) -> Result<Dynamic, Error> {
    let here = call.here()?;
    job.command.check()?;
    let frame = call.frame();
    if let Some(batch) = &frame.batch {
        return Ok(batch.keep(job, frame.shielded, decode));
    }
    let alone = Batch::default();
    let value = alone.keep(job, frame.shielded, decode);
    dispatch(call, &here, alone.take()?)?;
    Ok(alone.resolve(value))
}

/// Runs commands, after those that were kept back around tasks, or keeps them back there themselves, where nothing is read
/// from them.
///
/// # Errors
/// Those of the commands.
pub fn dispatch(call: &Call<'_>, here: &Here, kept: Vec<Kept>) -> Result<(), Error> {
    let frame = call.frame();
    match &frame.held {
        None => Ok(kept::run(&desk(call, here), kept)?),
        // What is shielded may fail as a whole, and be caught.
        Some(held) if kept::gives_something(&kept) || frame.shielded => held.flush_host(here, kept, frame),
        Some(held) => held.keep(here, kept, frame),
    }
}

/// What surrounds everything a call does on its host.
#[must_use]
pub fn desk<'a>(call: &'a Call<'_>, here: &'a Here) -> Desk<'a> {
    kept::desk(call.world(), here, &call.frame().cancel)
}

/// A command as this call wants it run.
///
/// # Errors
/// A time-out in the settings that is none.
pub fn job(call: &Call<'_>, command: Command, wish: Wish, title: Option<String>) -> Result<Job, Error> {
    let (limits, task) = (limits(call, Own::default())?, call.frame().task().map(str::to_owned));
    Ok(Job { command, wish, limits, title, task, place: call.place(), help: None, explain: None, answers: false })
}
