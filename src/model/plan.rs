//! The order tasks would run in.
//!
//! Owns the tree of what would run. It runs nothing: what a body invokes is told by a function that has read it, and
//! whether a condition holds is not known.

use serde::Serialize;

use crate::error::Error;
use crate::model::plan_walk::Walk;
use crate::model::task::Tasks;
use crate::model::task_call::Call;
use crate::model::task_ending::When;
use crate::place::Place;

/// An `invoke` in the body of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoke {
    /// Name as written.
    pub name: String,
    /// Namespace it is looked up from; empty for the top level.
    pub scope: String,
    /// Where it was written.
    pub place: Place,
    /// Whether it may be passed over, because it stands in an `if`, a loop and the like.
    pub conditional: bool,
    /// Whether it is `invoke_again`, which runs the task's actions even if it has run.
    pub again: bool,
}

/// What a body says about tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// It runs one.
    Invoke(Invoke),
    /// It begins a row of them: what ran in an earlier row runs again, and so do these.
    StartOver(Vec<String>),
}

/// What makes a task run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It stands on the command line.
    Asked,
    /// Another task needs it.
    Need,
    /// A `before` hook.
    Before,
    /// An `after` hook.
    After,
    /// An `invoke` in another task.
    Invoked,
    /// An `invoke_again` in another task.
    InvokedAgain,
}

/// Whether a task would be skipped because it has run. A task runs once, unless it is invoked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// It runs.
    No,
    /// It is skipped if a condition further up held.
    Perhaps,
    /// It is skipped: it runs further up.
    Yes,
    /// It is skipped: it is running at that moment, and this is inside it.
    Inside,
}

/// A task in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Full name.
    pub task: String,
    /// Values of its arguments in order, as far as they are known without running anything.
    pub args: Vec<String>,
    /// Whether it asks before it runs.
    pub asks: bool,
    /// Whether its steps are passed over where its file is newer than what that is made of.
    pub is_file: bool,
    /// What makes it run.
    pub how: How,
    /// The place that makes it run; for a task asked for on the command line the one that defines it.
    pub place: Place,
    /// Whether it depends on a condition in the body that invokes it.
    pub conditional: bool,
    /// Whether it would be skipped.
    pub again: Again,
    /// What it does, in order. Empty if it does nothing, is skipped, or is shown further up.
    pub children: Vec<Step>,
}

/// A step of a task in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Another task.
    Task(Node),
    /// The task's own work, written at this place. The tasks it invokes follow it.
    Work(Place),
    /// What it does at its end, written at this place. The tasks that invokes follow it.
    Ending(When, Place),
}

/// The tree of everything that would run for the calls `roots`, in order. `says` tells what a body says about tasks, in order.
///
/// A task's steps are shown where it is first met, and once more where it is first met for certain if that was in a
/// condition.
///
/// # Errors
/// A name that stands for no task, on the command line or in an `invoke`; more arguments than a task takes, or fewer.
pub fn plan<B>(tasks: &Tasks<B>, roots: &[Call], says: &dyn Fn(&B) -> Vec<Says>) -> Result<Vec<Node>, Error> {
    let mut walk = Walk::new(tasks, says);
    roots.iter().map(|call| walk.root(call)).collect()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
