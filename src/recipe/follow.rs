//! Tasks that run because of another one: what it needs, and what is hooked on.

use std::sync::PoisonError;

use rhai::Engine;

use crate::error::Error;
use crate::model::event::Level;
use crate::model::task::Link;
use crate::model::task_call::Call;
use crate::recipe::frame::Frame;
use crate::recipe::invoke::{Again, Arguments, invoke};
use crate::recipe::world::{Progress, World};

/// Runs a task that another one needs or has hooked on.
///
/// # Errors
/// Whatever it raises, at the place of the link.
///
/// # Panics
/// Never in a run: every link of a finished graph leads to a task.
pub fn follow(engine: &Engine, inner: &Frame, link: &Link, outer: &Arguments) -> Result<(), Error> {
    let tasks = inner.world.tasks.get().expect("tasks are fixed before the first one is invoked");
    let task = tasks.get(&link.name).expect("a finished graph has a task for every link");
    let arguments = task.bind_for(link, outer)?;
    let ran =
        invoke(engine, inner, &link.name, &arguments, Again::No).map_err(|error| error.at(Some(link.place.clone())))?;
    if !ran && !link.args.is_empty() && !ran_with(&inner.world, &link.name, &arguments) {
        let call = Call { name: link.name.clone(), args: link.args.clone() };
        let text = format!("task `{}` has run already with other arguments, so `{call}` is skipped", link.name);
        inner.world.say(Level::Warn, &text, inner, Some(link.place.clone()));
    }
    Ok(())
}

/// Whether a task has run with these arguments.
fn ran_with(world: &World, name: &str, arguments: &Arguments) -> bool {
    let progress = world.progress.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(Progress::Invoked(before)) = progress.get(name) else { return true };
    let shown = |arguments: &Arguments| format!("{:?} {:?}", arguments.named, arguments.extras);
    shown(before) == shown(arguments)
}
