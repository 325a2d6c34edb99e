//! Asks before tasks run that want to be confirmed.
//!
//! Owns when that is: once for all tasks of the line, before anything connects, as far as it can be known which will run;
//! else when such a task is invoked. Never in a dry run, and never with `--yes`.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rhai::{Dynamic, Engine};

use crate::error::Error;
use crate::model::plan::{Again, Node, Step};
use crate::model::task::Task;
use crate::model::task_args::{Argument, bind};
use crate::model::task_confirm::{self, Message, Question};
use crate::recipe::asking;
use crate::recipe::callable::Callable;
use crate::recipe::diagnose::diagnose;
use crate::recipe::frame::Frame;
use crate::recipe::invoke::{Arguments, into_map};
use crate::recipe::values::{kind, text};
use crate::recipe::world::World;

/// Tasks that a person has confirmed.
#[derive(Debug, Default)]
pub struct Confirmed(Mutex<HashSet<String>>);

impl Confirmed {
    /// Another run asks again.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn has(&self, task: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(task)
    }

    fn add(&self, questions: &[Question]) {
        let tasks = questions.iter().map(|question| question.task.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(tasks);
    }
}

/// Asks for all tasks of a plan together.
///
/// # Errors
/// Nobody to ask, an answer that is no yes, a question that cannot be worked out.
pub fn ask_for_all(engine: &Engine, frame: &Frame, plan: &[Node]) -> Result<(), Error> {
    let mut found = Vec::new();
    for node in plan {
        collect(node, false, &mut found);
    }
    let Some(tasks) = frame.world.tasks.get() else { return Ok(()) };
    let mut questions: Vec<Question> = Vec::new();
    for (node, perhaps) in found {
        let known = questions.iter_mut().find(|known| known.task == node.task);
        if let Some(known) = known {
            known.perhaps &= perhaps;
        } else if let Some(task) = tasks.get(&node.task) {
            let arguments = bind(&task.args, node.args.iter().map(|arg| Dynamic::of_text(arg)));
            questions.extend(question(engine, frame, task, &arguments, perhaps)?);
        }
    }
    if questions.is_empty() { Ok(()) } else { ask(frame, &questions) }
}

/// Asks for a task that is about to run, unless that was done.
///
/// # Errors
/// As [`ask_for_all`].
pub fn ask_for_one(engine: &Engine, frame: &Frame, task: &Task<Callable>, arguments: &Arguments) -> Result<(), Error> {
    if task.confirm.is_none() || !is_wanted(&frame.world) || frame.world.confirmed.has(&task.name) {
        return Ok(());
    }
    // Nothing goes on while somebody thinks, and what was asked for before has its turn first.
    frame.flush()?;
    match question(engine, frame, task, arguments, false)? {
        Some(question) => ask(frame, &[question]),
        None => Ok(()),
    }
}

/// Whether anything is asked in this run.
#[must_use]
pub fn is_wanted(world: &World) -> bool {
    !world.options.dry_run && !world.options.yes
}

/// The tasks that ask, with whether each hangs on a condition.
fn collect<'a>(node: &'a Node, perhaps: bool, found: &mut Vec<(&'a Node, bool)>) {
    let perhaps = perhaps || node.conditional;
    if node.asks && !matches!(node.again, Again::Yes | Again::Inside) {
        found.push((node, perhaps));
    }
    for step in &node.children {
        if let Step::Task(node) = step {
            collect(node, perhaps, found);
        }
    }
}

fn question(
    engine: &Engine,
    frame: &Frame,
    task: &Task<Callable>,
    arguments: &Arguments,
    perhaps: bool,
) -> Result<Option<Question>, Error> {
    let Some(confirm) = &task.confirm else { return Ok(None) };
    let world = &frame.world;
    let words = match &confirm.message {
        Message::Text(text) => text.clone(),
        Message::Made(body) => {
            let value = body
                .call(engine, frame.of_task(&task.name), vec![into_map(arguments).into()])
                .map_err(|error| diagnose(*error, &world.scripts, Some(confirm.place.file.clone())))?;
            text(&value).ok_or_else(|| {
                Error::recipe(format!("`confirm` of task `{}` gives a {}, and not a text", task.name, kind(&value)))
                    .at(Some(confirm.place.clone()))
            })?
        }
    };
    Ok(Some(Question { task: task.name.clone(), text: world.vault.redact(&words).into_owned(), perhaps }))
}

fn ask(frame: &Frame, questions: &[Question]) -> Result<(), Error> {
    match asking::ask(&frame.world, &frame.cancel, task_confirm::prompt(questions), true)? {
        None => Err(task_confirm::unanswered(questions)),
        Some(answer) if task_confirm::is_yes(&answer) => {
            frame.world.confirmed.add(questions);
            Ok(())
        }
        Some(_) => Err(task_confirm::refused(questions)),
    }
}
