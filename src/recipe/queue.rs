//! What waits for one way to a host inside a `batch` around tasks.
//!
//! A queue is open until something that had waited in it fails. From then on it only gives that failure to whoever comes:
//! commands keep their order, and what comes later counts on what came before. What was not kept here, and only comes
//! behind what waits, fails for its caller alone, who may catch it.

use std::mem;
use std::sync::{Arc, Mutex};

use crate::error::{Error, Kind, Step};
use crate::recipe::frame::{Frame, Here};
use crate::recipe::kept::{Kept, Owner, desk, locked, owed, run};
use crate::recipe::open_task::{End, OpenTask, Share, label};
use crate::recipe::world::World;
use crate::transport::cancel::Cancel;

/// What is kept back for one way to a host.
pub struct Queue {
    /// Where it leads.
    pub here: Here,
    state: Mutex<State>,
}

enum State {
    /// What waits.
    Open(Vec<Kept>),
    /// What had waited and failed, and the tasks that are not over before it is known what the block makes of it.
    Failed(Error, Vec<(Share, End)>),
}

impl Queue {
    /// Nothing waits.
    #[must_use]
    pub fn new(here: Here) -> Self {
        Self { here, state: Mutex::new(State::Open(Vec::new())) }
    }

    /// Keeps commands of this frame back; `depth` is how many tasks are around the block.
    ///
    /// # Errors
    /// The failure of the queue.
    pub fn keep(&self, kept: Vec<Kept>, frame: &Frame, depth: usize) -> Result<(), Error> {
        let steps = steps(frame, depth);
        match &mut *locked(&self.state) {
            State::Failed(error, _) => Err(error.clone()),
            State::Open(waiting) => {
                let owner = || Owner { steps: steps.clone(), share: frame.open.as_ref().map(OpenTask::share) };
                waiting.extend(kept.into_iter().map(|kept| Kept { owner: Some(owner()), ..kept }));
                Ok(())
            }
        }
    }

    /// Sends what waits, and these commands behind it.
    ///
    /// # Errors
    /// The failure of the queue, before or now; that of a command behind, which changes nothing here.
    pub fn flush(&self, behind: Vec<Kept>, world: &World, cancel: &Cancel) -> Result<(), Error> {
        let mut kept = match &mut *locked(&self.state) {
            State::Failed(error, _) => return Err(error.clone()),
            State::Open(waiting) => mem::take(waiting),
        };
        kept.extend(behind);
        run(&desk(world, &self.here, cancel), kept).map_err(|failed| {
            if failed.has_owner && failed.error.kind() != Kind::Cancelled {
                self.fail(&failed.error, failed.owed);
            }
            failed.error
        })
    }

    fn fail(&self, error: &Error, mut all: Vec<(Share, End)>) {
        let mut state = locked(&self.state);
        if let State::Open(waiting) = &mut *state {
            let task = error.parts().task.as_deref();
            all.extend(owed(mem::take(waiting).into_iter().filter_map(|kept| kept.owner), task));
            *state = State::Failed(error.clone(), all);
        }
    }

    /// Ends the part the host has in tasks. Where the run goes on without it, what it has not done counts for none.
    pub fn settle(&self, is_aside: bool) {
        let owed = match &mut *locked(&self.state) {
            State::Failed(_, owed) => mem::take(owed),
            State::Open(waiting) => owed(mem::take(waiting).into_iter().filter_map(|kept| kept.owner), None),
        };
        for (share, end) in owed {
            share.end(if is_aside { End::Done } else { end });
        }
    }

    /// Whether something waits, and nothing has failed.
    pub fn is_waiting(&self) -> bool {
        matches!(&*locked(&self.state), State::Open(waiting) if !waiting.is_empty())
    }

    /// Whether something that had waited has failed.
    pub fn has_failed(&self) -> bool {
        matches!(&*locked(&self.state), State::Failed(..))
    }

    /// Whether it leads there the same way.
    pub fn is_way(&self, here: &Here) -> bool {
        Arc::ptr_eq(&self.here.transport, &here.transport)
    }
}

/// The tasks of a frame, but for the outermost ones.
fn steps(frame: &Frame, depth: usize) -> Vec<Step> {
    let tasks = frame.world.tasks.get();
    let place = |name: &str| tasks.and_then(|tasks| tasks.get(name)).map(|task| task.place().clone());
    let names = frame.tasks.iter().skip(depth);
    names.map(|name| Step { label: label(name), place: place(name) }).collect()
}
