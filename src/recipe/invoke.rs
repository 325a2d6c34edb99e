//! Runs tasks: prerequisites, steps, hooks, each once.

use std::sync::PoisonError;
use std::time::Instant;

use rhai::{Array, Dynamic, Engine, Map};

use crate::error::{Error, Kind};
use crate::model::event::{Event, Level};
use crate::model::task::{Action, Task};
use crate::recipe::diagnose::diagnose;
use crate::recipe::dsl::call::Call;
use crate::recipe::frame::Frame;
use crate::recipe::world::{Progress, World};

/// Whether a task that has run may run once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It is skipped.
    No,
    /// It runs, with its hooks.
    Yes,
}

/// Arguments of a task.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// By name.
    pub named: Map,
    /// Those beyond the declared names.
    pub extras: Array,
}

impl Arguments {
    /// Arguments by position, as a recipe gives them.
    ///
    /// # Errors
    /// More than the task takes.
    pub fn positional<B>(task: &Task<B>, values: Vec<Dynamic>) -> Result<Self, Error> {
        if values.len() > task.args.len() && task.args.is_empty() {
            return Err(Error::recipe(format!("task `{}` takes no arguments, and got {}", task.name, values.len()))
                .help("declare them: `task(\"name\", #{ args: [\"first\"] }, |args| …)`"));
        }
        let mut arguments = Self::default();
        for (i, value) in values.into_iter().enumerate() {
            match task.args.get(i) {
                Some(name) => {
                    arguments.named.insert(name.into(), value);
                }
                None => arguments.extras.push(value),
            }
        }
        Ok(arguments)
    }

    fn into_map(self) -> Map {
        let mut map = self.named;
        map.insert("extras".into(), self.extras.into());
        map
    }
}

/// `invoke` and `invoke_again` in a recipe.
///
/// # Errors
/// An unknown task, and whatever the task raises.
pub fn from_recipe(call: &Call<'_>, name: &str, args: Vec<Dynamic>, again: Again) -> Result<Dynamic, Error> {
    let world = call.world();
    let Some(tasks) = world.tasks.get() else {
        return Err(Error::recipe(format!("`{}` cannot run a task while recipes are still being read", call.name()))
            .help(format!("put it into a task: `task(\"name\", || {{ invoke(\"{name}\"); }});`")));
    };
    let scope = call.frame().task().and_then(|task| task.rsplit_once(':')).map_or("", |(scope, _)| scope);
    let Some(full) = tasks.resolve(name, scope) else { return Err(tasks.unknown(name, Kind::Recipe)) };
    let task = tasks.get(&full).expect("a resolved name is a task");
    let arguments = Arguments::positional(task, args)?;
    let ran = invoke(call.engine(), call.frame(), &full, arguments, again)?;
    if !ran {
        let text = format!("task `{full}` has run already and is skipped; `invoke_again(\"{full}\")` runs it once more");
        world.say(Level::Warn, &text, call.frame(), call.place());
    }
    Ok(ran.into())
}

/// Runs a task by its full name; says whether it ran or was skipped.
///
/// # Errors
/// Whatever it raises, with the task in the trace.
pub fn invoke(engine: &Engine, frame: &Frame, name: &str, arguments: Arguments, again: Again) -> Result<bool, Error> {
    let world = &frame.world;
    let tasks = world.tasks.get().expect("tasks are fixed before the first one is invoked");
    let task = tasks.get(name).ok_or_else(|| tasks.unknown(name, Kind::Usage))?;
    if let Some(from) = frame.tasks.iter().position(|outer| outer == name) {
        let chain: Vec<&str> = frame.tasks[from..].iter().map(String::as_str).chain([name]).collect();
        return Err(Error::recipe(format!("task `{name}` invokes itself: {}", chain.join(" → ")))
            .help("one of them has to do without the others"));
    }
    if again == Again::Yes {
        forget(world, task);
    }
    {
        let mut progress = world.progress.lock().unwrap_or_else(PoisonError::into_inner);
        match progress.get(name) {
            None => progress.insert(name.to_owned(), Progress::Invoked),
            Some(Progress::Invoked) => return Ok(false),
            Some(Progress::Failed(error)) => return Err((**error).clone()),
        };
    }
    if world.options.trace {
        world.say(Level::Info, &format!("invoke {name}"), frame, None);
    }
    let result = steps(engine, frame, task, arguments).map_err(|error| {
        error.through(format!("task `{name}`"), task.places.first().cloned())
    });
    if let Err(error) = &result {
        let mut progress = world.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.insert(name.to_owned(), Progress::Failed(Box::new(error.clone())));
    }
    result.map(|()| true)
}

fn steps(engine: &Engine, frame: &Frame, task: &Task<crate::recipe::callable::Callable>, arguments: Arguments) -> Result<(), Error> {
    let mut inner = frame.clone();
    inner.tasks.push(task.name.clone());
    for link in &task.prerequisites {
        stop_if_cancelled(frame)?;
        invoke(engine, &inner, &link.name, shared_arguments(frame, &link.name, &arguments), Again::No)
            .map_err(|error| error.at(link.place.clone()))?;
    }
    let world = &frame.world;
    let started = Instant::now();
    let place = task.places.first().cloned();
    world.sink.emit(&Event::TaskStarted { task: task.name.clone(), place, depth: frame.tasks.len() });
    let map = arguments.into_map();
    let result = task.actions.iter().try_for_each(|action| {
        stop_if_cancelled(frame)?;
        match action {
            Action::Body { body, place } => {
                let file = place.as_ref().map(|place| place.file.clone());
                let outcome = body.call(engine, inner.clone(), vec![map.clone().into()]);
                outcome.map(|_| ()).map_err(|error| diagnose(*error, &world.scripts, file))
            }
            Action::After(link) => {
                invoke(engine, &inner, &link.name, Arguments::default(), Again::No).map(|_| ()).map_err(|error| error.at(link.place.clone()))
            }
        }
    });
    world.sink.emit(&Event::TaskFinished { task: task.name.clone(), ok: result.is_ok(), seconds: started.elapsed().as_secs_f64() });
    result
}

/// A prerequisite gets those of the arguments that it has a name for.
fn shared_arguments(frame: &Frame, name: &str, arguments: &Arguments) -> Arguments {
    let known = frame.world.tasks.get().and_then(|tasks| tasks.get(name)).map(|task| task.args.clone()).unwrap_or_default();
    let named = arguments.named.iter().filter(|(name, _)| known.iter().any(|known| known == name.as_str()));
    Arguments { named: named.map(|(name, value)| (name.clone(), value.clone())).collect(), extras: Array::new() }
}

fn stop_if_cancelled(frame: &Frame) -> Result<(), Error> {
    if frame.cancel.is_raised() { Err(Error::new(Kind::Cancelled, "cancelled")) } else { Ok(()) }
}

/// Lets a task and its hooks run again; what it needs stays done.
fn forget<B>(world: &World, task: &Task<B>) {
    let mut progress = world.progress.lock().unwrap_or_else(PoisonError::into_inner);
    progress.remove(&task.name);
    for link in &task.prerequisites {
        if link.kind == crate::model::task::LinkKind::Before {
            progress.remove(&link.name);
        }
    }
    for action in &task.actions {
        if let Action::After(link) = action {
            progress.remove(&link.name);
        }
    }
}
