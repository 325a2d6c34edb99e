//! A command that waits, and how such commands are sent.
//!
//! It must not decide what waits where; `recipe::dsl::commands` does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::Dynamic;

use crate::error::{Error, Step};
use crate::recipe::frame::Here;
use crate::recipe::world::World;
use crate::runner::execute::{Desk, Job, Ran, perform};
use crate::transport::cancel::Cancel;

/// Makes the value a recipe gets of a command that has run.
pub type Decode = Box<dyn FnOnce(Ran) -> Result<Dynamic, Error> + Send>;

/// The values of commands, by their number; none as long as they are not known.
pub(super) type Found = Arc<Mutex<Vec<Option<Dynamic>>>>;

/// A command that waits.
pub struct Kept {
    pub(super) job: Job,
    pub(super) shielded: bool,
    /// What is made of it when it has run.
    pub(super) decode: Option<Decode>,
    /// Where its value goes; none for a command that gives nothing.
    pub(super) gives: Option<(Found, usize)>,
    /// The tasks it belongs to, where it is sent from outside of these.
    pub(super) steps: Option<Vec<Step>>,
}

/// A command that waited, and failed when it was sent.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Why.
    pub error: Error,
    /// The task it belongs to.
    pub task: Option<String>,
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

/// What surrounds everything on a host.
#[must_use]
pub fn desk<'a>(world: &'a World, here: &'a Here, cancel: &'a Cancel) -> Desk<'a> {
    Desk {
        transport: &*here.transport,
        sink: &*world.sink,
        vault: &world.vault,
        cancel,
        numbers: &world.numbers,
        watch: &world.watch,
        profile: &world.profile,
        dry_run: world.options.dry_run,
    }
}

/// Whether something is read from one of these commands.
#[must_use]
pub fn gives_something(kept: &[Kept]) -> bool {
    kept.iter().any(|kept| kept.gives.is_some())
}

/// Sends commands in one trip, or in as many as there are changes between shielded ones and others.
///
/// # Errors
/// That of the first command that fails, at its own place and with its own tasks.
pub fn send(desk: &Desk<'_>, kept: Vec<Kept>) -> Result<(), Failed> {
    let mut rest = kept.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut trip = vec![first];
        while let Some(next) = rest.next_if(|next| next.shielded == trip[0].shielded) {
            trip.push(next);
        }
        let shielded = trip[0].shielded;
        let (jobs, others): (Vec<Job>, Vec<_>) =
            trip.into_iter().map(|kept| (kept.job, (kept.decode, kept.gives, kept.steps))).unzip();
        for ((ran, (decode, gives, steps)), job) in perform(desk, &jobs, shielded).into_iter().zip(others).zip(&jobs) {
            let failed = |error: Error| {
                let error = error.at(job.place.clone()).on(desk.transport.label());
                let error = if let Some(steps) = &steps { error.settled(steps) } else { error };
                Failed { error, task: job.task.clone() }
            };
            let ran = ran.map_err(failed)?;
            let Some(decode) = decode else { continue };
            let value = decode(ran).map_err(failed)?;
            if let Some((found, number)) = gives {
                locked(&found)[number] = Some(value);
            }
        }
    }
    Ok(())
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
