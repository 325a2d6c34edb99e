//! Runs tasks: prerequisites, steps, hooks, each once.

use std::sync::{Arc, PoisonError};

use rhai::{Dynamic, Engine, Map};

use crate::error::{Error, Kind};
use crate::model::event::Level;
use crate::model::task::{Action, LinkKind, Task};
use crate::model::task_args::{Argument, Bound};
use crate::model::task_names::namespace_of;
use crate::recipe::callable::Callable;
use crate::recipe::confirm;
use crate::recipe::diagnose::diagnose;
use crate::recipe::dsl::call::Call;
use crate::recipe::endings;
use crate::recipe::file_target;
use crate::recipe::follow::follow;
use crate::recipe::frame::Frame;
use crate::recipe::open_task::{End, OpenTask, label};
use crate::recipe::world::{Progress, World};

/// The task that runs when a deploy or a rollback has failed.
pub const FAILED: &str = "deploy:failed";

/// Whether a task that has run may run once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It is skipped.
    No,
    /// It runs, with its hooks.
    Yes,
}

/// Arguments of a task, as its closure gets them.
pub type Arguments = Bound<Dynamic>;

impl Argument for Dynamic {
    fn is_unset(&self) -> bool {
        self.is_unit()
    }

    fn of_text(text: &str) -> Self {
        if text.is_empty() { Self::UNIT } else { text.into() }
    }
}

/// The map a closure reads arguments from.
#[must_use]
pub fn into_map(arguments: &Arguments) -> Map {
    let mut map: Map = arguments.named.iter().map(|(name, value)| (name.into(), value.clone())).collect();
    map.insert("extras".into(), arguments.extras.clone().into());
    map
}

/// `invoke` and `invoke_again` in a recipe.
///
/// # Errors
/// An unknown task, and whatever the task raises.
pub fn from_recipe(call: &Call<'_>, name: &str, args: &[Dynamic], again: Again) -> Result<Dynamic, Error> {
    let world = call.world();
    let Some(tasks) = world.tasks.get() else {
        return Err(Error::recipe(format!("`{}` cannot run a task while recipes are still being read", call.name()))
            .help(format!("put it into a task: `task(\"name\", || {{ invoke(\"{name}\"); }});`")));
    };
    let scope = call.frame().task().map_or("", namespace_of);
    let task = tasks.resolve(name, scope).ok_or_else(|| tasks.unknown(Kind::Recipe, name, scope))?;
    let arguments = task.bind(Kind::Recipe, args)?;
    if call.frame().batch.is_some() {
        call.frame().flush()?;
    }
    let ran = invoke(call.engine(), call.frame(), &task.name, &arguments, again)?;
    if !ran {
        let full = &task.name;
        let text =
            format!("task `{full}` has run already and is skipped; `invoke_again(\"{full}\")` runs it once more");
        world.say(Level::Warn, &text, call.frame(), call.place());
    }
    Ok(ran.into())
}

/// Runs a task by its full name; says whether it ran or was skipped.
///
/// # Errors
/// Whatever it raises, with the task in the trace; a task that wants to be confirmed and is not.
///
/// # Panics
/// Never in a run: tasks are fixed before the first one is invoked.
pub fn invoke(engine: &Engine, frame: &Frame, name: &str, arguments: &Arguments, again: Again) -> Result<bool, Error> {
    let world = &frame.world;
    let tasks = world.tasks.get().expect("tasks are fixed before the first one is invoked");
    let task = tasks.get(name).ok_or_else(|| tasks.unknown(Kind::Usage, name, ""))?;
    if let Some(from) = frame.tasks.iter().position(|outer| outer == name) {
        let chain: Vec<&str> = frame.tasks[from..].iter().map(String::as_str).chain([name]).collect();
        return Err(Error::recipe(format!("task `{name}` invokes itself: {}", chain.join(" → ")))
            .help("one of them has to do without the others"));
    }
    if again == Again::Yes {
        forget(world, task);
    }
    // What fails here is older than the task, which did not fail then and may still be run, such as by `deploy:failed`.
    if world.progress.lock().unwrap_or_else(PoisonError::into_inner).get(name).is_none() {
        make_way(&frame.of_task(name), task)?;
        confirm::ask_for_one(engine, frame, task, arguments)?;
    }
    {
        let mut progress = world.progress.lock().unwrap_or_else(PoisonError::into_inner);
        match progress.get(name) {
            None => progress.note(name, &frame.tasks, Progress::Invoked(Box::new(arguments.clone()))),
            Some(Progress::Invoked(_)) => return Ok(false),
            Some(Progress::Failed(error)) => return Err((**error).clone()),
        }
    }
    if world.options.trace {
        world.say(Level::Info, &format!("invoke {name}"), frame, None);
    }
    let result: Result<(), Error> =
        steps(engine, frame, task, arguments).map_err(|error| error.through(label(name), Some(task.place().clone())));
    if let Err(error) = &result {
        let mut progress = world.progress.lock().unwrap_or_else(PoisonError::into_inner);
        match End::of(&result, name) {
            // It has not failed itself, and may still be run.
            End::Stopped(_) => progress.forget(name),
            _ => progress.note(name, &frame.tasks, Progress::Failed(Box::new(error.clone()))),
        }
    }
    result.map(|()| true)
}

fn steps(engine: &Engine, frame: &Frame, task: &Task<Callable>, arguments: &Arguments) -> Result<(), Error> {
    let inner = frame.of_task(&task.name);
    let _phase = (frame.tasks.len() < 2).then(|| frame.world.profile.enter(&task.name));
    let ready = task.prerequisites.iter().try_for_each(|link| {
        stop_if_cancelled(frame)?;
        follow(engine, &inner, link, arguments)
    });
    // Once more: the prerequisites may have kept something back.
    let ready = ready.and_then(|()| make_way(&inner, task));
    if ready.is_err() {
        return endings::run(engine, &inner, task, ready);
    }
    if task.file.is_some() && file_target::reason(&frame.world, task)?.is_none() {
        let text = format!("`{}` is up to date", task.name);
        frame.world.say(Level::Debug, &text, &inner, None);
        return Ok(());
    }
    let open = OpenTask::begin(task, frame);
    let inner = Frame { open: Some(Arc::clone(&open)), ..inner };
    let mut result = actions(engine, frame, &inner, task, arguments);
    if result.is_ok() && (!task.endings.is_empty() || task.file.is_some()) {
        // What still waits belongs to how the task has ended.
        result = inner.flush();
    }
    if result.is_ok() && task.file.is_some() {
        result = file_target::made(&frame.world, task);
    }
    result = endings::run(engine, &inner, task, result);
    open.close(End::of(&result, &task.name));
    result
}

fn actions(
    engine: &Engine,
    frame: &Frame,
    inner: &Frame,
    task: &Task<Callable>,
    arguments: &Arguments,
) -> Result<(), Error> {
    let world = &frame.world;
    let given = if task.file.is_some() { task.name.clone().into() } else { Dynamic::from(into_map(arguments)) };
    let act = |action: &Action<Callable>| {
        stop_if_cancelled(frame)?;
        match action {
            Action::Body { body, place } => {
                let own = inner.clone().for_code_of(Some(&*place.file))?;
                let outcome = body.call(engine, own, vec![given.clone()]);
                outcome.map(|_| ()).map_err(|error| diagnose(*error, &world.scripts, Some(place.file.clone())))
            }
            Action::After(link) => follow(engine, inner, link, arguments),
        }
    };
    let mut result = Ok(());
    for action in &task.actions {
        let Err(error) = act(action) else { continue };
        if result.is_err() {
            world.say(Level::Error, &format!("a further hook of {FAILED} failed: {error}"), frame, None);
        } else {
            result = Err(error);
        }
        // Each hook of a failed deploy puts right what is its own: that one cannot is no reason to leave out the others.
        if task.name != FAILED || frame.cancel.is_raised() {
            break;
        }
    }
    result
}

/// Sends what the code of a task must not see kept back, before the task is told to begin. Nor may a task whose end
/// depends on what fails in it be blamed for what waits from before.
fn make_way(inner: &Frame, task: &Task<Callable>) -> Result<(), Error> {
    if !task.endings.is_empty() {
        return inner.flush();
    }
    let files = task.actions.iter().filter_map(|action| match action {
        Action::Body { place, .. } => Some(&*place.file),
        Action::After(_) => None,
    });
    files.map(Some).try_for_each(|file| inner.clone().for_code_of(file).map(|_| ()))
}

fn stop_if_cancelled(frame: &Frame) -> Result<(), Error> {
    if frame.cancel.is_raised() { Err(Error::new(Kind::Cancelled, "cancelled")) } else { Ok(()) }
}

/// Lets a task and its hooks run again; what it needs stays done.
fn forget<B>(world: &World, task: &Task<B>) {
    let mut progress = world.progress.lock().unwrap_or_else(PoisonError::into_inner);
    progress.forget(&task.name);
    for link in &task.prerequisites {
        if link.kind == LinkKind::Before {
            progress.forget(&link.name);
        }
    }
    for action in &task.actions {
        if let Action::After(link) = action {
            progress.forget(&link.name);
        }
    }
}
