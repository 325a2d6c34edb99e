//! A task that has begun, and when it is over: when its steps are, and every command of it that waits in a `batch`.
//!
//! Owns how the beginning and the end of a task are told. What waits where is `recipe::queue`'s.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::error::Error;
use crate::model::event::Event;
use crate::model::task::Task;
use crate::recipe::callable::Callable;
use crate::recipe::frame::Frame;
use crate::recipe::kept::locked;
use crate::recipe::world::{Progress, World};

/// What a task is called in a trace.
#[must_use]
pub fn label(task: &str) -> String {
    format!("task `{task}`")
}

/// How a task has ended, or a command of it; the worst one last.
#[derive(Clone, Debug)]
pub enum End {
    /// As was wished.
    Done,
    /// It did not get to its end, because a command of this task had waited and failed.
    Stopped(String),
    /// It failed, or was cancelled; why, where that came when its steps were over.
    Failed(Option<Error>),
}

impl End {
    /// The end of a task whose steps gave this.
    #[must_use]
    pub fn of(result: &Result<(), Error>, task: &str) -> Self {
        let Err(error) = result else { return Self::Done };
        stopped_by(error, task).map_or(Self::Failed(None), |by| Self::Stopped(by.to_owned()))
    }

    /// The worse one of two, the first one where they are alike.
    fn or_worse(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Done, _) | (Self::Stopped(_), Self::Failed(_)) => other,
            _ => self,
        }
    }
}

/// The task whose commands had waited and failed, where this one only came behind them.
fn stopped_by<'a>(error: &'a Error, task: &str) -> Option<&'a str> {
    let parts = error.parts();
    if let Some((first, rest)) = parts.causes.split_first() {
        return stopped_by(first, task).filter(|_| rest.iter().all(|cause| stopped_by(cause, task).is_some()));
    }
    let label = label(task);
    let is_own = !parts.settled || parts.trace.iter().any(|step| step.label == label);
    parts.task.as_deref().filter(|_| !is_own)
}

/// A task that has begun.
pub struct OpenTask {
    name: String,
    /// The tasks it runs inside, outermost first.
    inside: Vec<String>,
    world: Arc<World>,
    began: Instant,
    state: Mutex<State>,
}

struct State {
    /// How its steps have ended, once they have.
    own: Option<End>,
    /// How many commands wait, and tasks inside whose commands do.
    waiting: usize,
    /// The worst end of what had waited.
    late: End,
    /// The task that invoked it in the same `batch`.
    outer: Option<Share>,
}

/// Something of a task that may wait. The task is not over before it has ended.
pub struct Share(Option<Arc<OpenTask>>);

impl OpenTask {
    /// The steps of a task begin.
    #[must_use]
    pub fn begin(task: &Task<Callable>, frame: &Frame) -> Arc<Self> {
        let (name, place, depth) = (task.name.clone(), Some(task.place().clone()), frame.tasks.len());
        frame.world.sink.emit(&Event::TaskStarted { task: name.clone(), place, depth });
        let outer = frame.open.as_ref().map(Self::share);
        let state = Mutex::new(State { own: None, waiting: 0, late: End::Done, outer });
        let inside = frame.tasks.clone();
        Arc::new(Self { name, inside, world: frame.world.clone(), began: Instant::now(), state })
    }

    /// One thing more that may wait.
    #[must_use]
    pub fn share(self: &Arc<Self>) -> Share {
        locked(&self.state).waiting += 1;
        Share(Some(Arc::clone(self)))
    }

    /// The steps of the task are over.
    pub fn close(&self, own: End) {
        let mut state = locked(&self.state);
        state.own = Some(own);
        if state.waiting > 0 {
            self.world.sink.emit(&Event::TaskWaiting { task: self.name.clone() });
        }
        self.tell(&mut state);
    }

    fn ended(&self, end: End) {
        let mut state = locked(&self.state);
        state.waiting -= 1;
        state.late = std::mem::replace(&mut state.late, End::Done).or_worse(end);
        self.tell(&mut state);
    }

    /// Tells that the task is over, once it is.
    fn tell(&self, state: &mut State) {
        let Some(own) = state.own.clone().filter(|_| state.waiting == 0) else { return };
        if matches!(own, End::Done) {
            self.note(&state.late);
        }
        let (ok, stopped_by) = match own.or_worse(state.late.clone()) {
            End::Done => (true, None),
            End::Stopped(by) => (false, Some(by)),
            End::Failed(_) => (false, None),
        };
        let seconds = self.began.elapsed().as_secs_f64();
        self.world.sink.emit(&Event::TaskFinished { task: self.name.clone(), ok, stopped_by, seconds });
        // What its steps raised, the outer one has heard of and may have caught.
        if let Some(outer) = state.outer.take() {
            outer.end(state.late.clone());
        }
    }

    /// Notes for those who invoke it once more what its steps have not raised.
    fn note(&self, late: &End) {
        let mut progress = locked(&self.world.progress);
        match late {
            End::Stopped(_) => progress.forget(&self.name),
            End::Failed(Some(error)) => {
                let failed = Progress::Failed(Box::new(error.clone().reopened()));
                progress.note(&self.name, &self.inside, failed);
            }
            End::Done | End::Failed(None) => {}
        }
    }
}

impl Share {
    /// It waits no longer.
    pub fn end(mut self, end: End) {
        if let Some(task) = self.0.take() {
            task.ended(end);
        }
    }
}

impl Drop for Share {
    /// What is thrown away was cancelled.
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.ended(End::Failed(None));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, Step};

    fn of(task: &str, trace: &[&str]) -> Error {
        let steps: Vec<Step> = trace.iter().map(|task| Step { label: label(task), place: None }).collect();
        Error::new(Kind::Command, "x").kept_back(&steps, Some(task.to_owned()))
    }

    #[test]
    fn a_task_is_stopped_by_what_is_not_its_own() {
        let of_all = |errors: [Error; 2]| errors.into_iter().fold(Error::new(Kind::Hosts, "2 of 2"), Error::because);
        let end = |error, task: &str| match End::of(&Err(error), task) {
            End::Stopped(by) => by,
            End::Failed(_) => "failed".to_owned(),
            End::Done => "done".to_owned(),
        };
        assert_eq!(end(of("a", &["a"]), "b"), "a");
        assert_eq!(end(of("t", &[]), "b"), "t", "a command that stands in the block itself");
        assert_eq!(end(of("a", &["outer", "a"]), "outer"), "failed", "what a task invokes is its own");
        assert_eq!(end(of("a", &["a"]).reopened(), "t"), "failed", "outside of the block it is a failure as any");
        assert_eq!(end(of_all([of("a", &["a"]), of("c", &["c"])]), "b"), "a");
        assert_eq!(end(of_all([of("a", &["a"]), Error::recipe("x")]), "b"), "failed");
        assert_eq!(end(Error::recipe("x"), "b"), "failed");
        assert!(matches!(End::of(&Ok(()), "b"), End::Done));
    }

    #[test]
    fn the_worst_end_counts_and_the_first_of_those() {
        let stopped = |by: &str| End::Stopped(by.into());
        assert!(matches!(End::Done.or_worse(stopped("a")).or_worse(stopped("b")), End::Stopped(by) if by == "a"));
        assert!(matches!(stopped("a").or_worse(End::Failed(None)).or_worse(End::Done), End::Failed(None)));
        assert!(matches!(End::Done.or_worse(End::Done), End::Done));
    }
}
