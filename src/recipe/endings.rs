//! `on_failure` and `always`: what a task does at its end.
//!
//! Owns under which cancel that runs: one of its own, so that a Ctrl-C that has ended the task does not end this as well,
//! and within the time that is there for what is done after a failure.

use rhai::{Dynamic, Engine};

use crate::error::Error;
use crate::model::event::{Event, Level};
use crate::model::span::shown;
use crate::model::task::Task;
use crate::model::task_ending::{Ending, When};
use crate::recipe::callable::Callable;
use crate::recipe::diagnose::diagnose;
use crate::recipe::failure::Failure;
use crate::recipe::frame::Frame;
use crate::recipe::progress;
use crate::runner::run_limit::RunLimit;
use crate::transport::cancel::Cancel;

/// Does what is due at the end of a task with this result, and gives the result of the whole. The first failure is what
/// counts; what fails after it is told beside it.
///
/// # Errors
/// That first failure.
pub fn run(engine: &Engine, frame: &Frame, task: &Task<Callable>, mut result: Result<(), Error>) -> Result<(), Error> {
    let kind = result.as_ref().err().map(Error::kind);
    let due = |wanted: When| task.endings.iter().filter(move |ending| ending.when == wanted && wanted.is_due(kind));
    let due: Vec<&Ending<Callable>> = due(When::Failure).chain(due(When::Always)).collect();
    if due.is_empty() {
        return result;
    }
    // What the steps have asked for happens before their end. Why they have failed is known already.
    let _ = frame.flush();
    let reason = result.as_ref().err().map_or(Dynamic::UNIT, |error| Dynamic::from(Failure::new(error.clone())));
    let cancel = Cancel::new();
    let limit = limit(frame, &task.name, &cancel, result.is_err());
    for ending in due {
        let Err(error) = one(engine, frame, ending, &cancel, &reason) else { continue };
        if result.is_ok() {
            result = Err(error);
            continue;
        }
        let text = format!("`{}` of task `{}` failed as well: {error}", ending.when.option(), task.name);
        frame.world.say(Level::Error, &text, frame, error.parts().place.clone());
    }
    drop(limit);
    result
}

fn one(
    engine: &Engine,
    frame: &Frame,
    ending: &Ending<Callable>,
    cancel: &Cancel,
    reason: &Dynamic,
) -> Result<(), Error> {
    let own = Frame { cancel: cancel.clone(), held: None, ..frame.clone() };
    let file = ending.place.file.clone();
    let done = progress::under(cancel, || ending.body.call(engine, own, vec![reason.clone()]));
    done.map(|_| ()).map_err(|error| diagnose(*error, &frame.world.scripts, Some(file)))
}

/// The time there is for it: from now on where something has failed, else from a Ctrl-C on.
fn limit(frame: &Frame, task: &str, cancel: &Cancel, has_failed: bool) -> Option<RunLimit> {
    let time = frame.world.options.times.after_failure();
    let (sink, task) = (frame.world.sink.clone(), task.to_owned());
    let tell = move || {
        let time = shown(time.unwrap_or_default());
        let text = format!("the end of task `{task}` took longer than {time}: ending what runs on the hosts");
        sink.emit(&Event::Message { level: Level::Error, text, host: None, task: Some(task), place: None });
    };
    let begun = if has_failed {
        RunLimit::begin(time, cancel, tell)
    } else {
        RunLimit::begin_behind(&frame.cancel, time, cancel, tell)
    };
    // Without a thread to watch the time it has no limit, which is no reason to leave it undone.
    begun.ok()
}
