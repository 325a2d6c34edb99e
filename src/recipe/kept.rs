//! A command that waits, and how such commands run.
//!
//! It must not decide what waits where; `recipe::dsl::dispatch` does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::Dynamic;

use crate::error::{Error, Step};
use crate::recipe::frame::Here;
use crate::recipe::open_task::{End, Share};
use crate::recipe::world::World;
use crate::runner::execute::{Desk, Job, Ran, perform};
use crate::transport::cancel::Cancel;

/// Told what became of a command whose failure is nobody's.
pub type Forgiven = Box<dyn FnOnce(Result<Ran, Error>) + Send>;

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
    /// Whose it is, where it outlives the steps that asked for it.
    pub(super) owner: Option<Owner>,
    /// Who is told how it ended, where that is no matter of the recipe.
    pub(super) forgiven: Option<Forgiven>,
}

impl Kept {
    /// A command that nothing is read from and whose failure fails nobody.
    #[must_use]
    pub fn forgiven(job: Job, told: impl FnOnce(Result<Ran, Error>) + Send + 'static) -> Self {
        Self { job, shielded: false, decode: None, gives: None, owner: None, forgiven: Some(Box::new(told)) }
    }
}

/// The tasks a command belongs to that is sent from outside of these.
pub(super) struct Owner {
    /// For the trace.
    pub steps: Vec<Step>,
    /// Its part in the innermost one.
    pub share: Option<Share>,
}

/// A command that failed when it was sent.
pub(super) struct Failed {
    /// Why.
    pub error: Error,
    /// Whether it had outlived the steps that asked for it.
    pub has_owner: bool,
    /// What it and those behind it were to tasks, and how they ended.
    pub owed: Vec<(Share, End)>,
}

impl From<Failed> for Error {
    /// What it was to tasks is nobody's business any more.
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

/// Makes a value of what a command has found that somebody else has run, and gives it where it belongs.
///
/// # Errors
/// What it found cannot be read.
pub fn fill(kept: Kept, ran: Ran) -> Result<(), Error> {
    if let (Some(decode), Some((found, number))) = (kept.decode, kept.gives) {
        locked(&found)[number] = Some(decode(ran)?);
    }
    Ok(())
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

/// Runs commands in one trip, or in as many as there are changes between shielded ones and others, up to the first that
/// fails.
///
/// # Errors
/// That of this one, at its own place and with its own tasks.
pub(super) fn run(desk: &Desk<'_>, kept: Vec<Kept>) -> Result<(), Failed> {
    let mut rest = kept.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut trip = vec![first];
        while let Some(next) = rest.next_if(|next| next.shielded == trip[0].shielded) {
            trip.push(next);
        }
        let shielded = trip[0].shielded;
        let (jobs, others): (Vec<Job>, Vec<_>) =
            trip.into_iter().map(|kept| (kept.job, (kept.decode, kept.gives, kept.owner, kept.forgiven))).unzip();
        let mut others = others.into_iter();
        for ((ran, job), (decode, gives, owner, forgiven)) in
            perform(desk, &jobs, shielded).into_iter().zip(&jobs).zip(&mut others)
        {
            if let Some(told) = forgiven {
                told(ran);
                continue;
            }
            let value = ran.and_then(|ran| decode.map(|decode| decode(ran)).transpose());
            match value {
                Ok(value) => {
                    if let (Some(value), Some((found, number))) = (value, gives) {
                        locked(&found)[number] = Some(value);
                    }
                    if let Some(share) = owner.and_then(|owner| owner.share) {
                        share.end(End::Done);
                    }
                }
                Err(error) => {
                    let behind = others.map(|(_, _, owner, _)| owner).chain(rest.map(|kept| kept.owner));
                    return Err(failed(error.at(job.place.clone()).on(desk.transport.label()), job, owner, behind));
                }
            }
        }
    }
    Ok(())
}

/// A command that failed, with what comes behind it.
fn failed(error: Error, job: &Job, owner: Option<Owner>, behind: impl Iterator<Item = Option<Owner>>) -> Failed {
    let has_owner = owner.is_some();
    let error = match &owner {
        Some(owner) => error.kept_back(&owner.steps, job.task.clone()),
        None => error,
    };
    let own = owner.and_then(|owner| owner.share).map(|share| (share, End::Failed(Some(error.clone()))));
    let behind = owed(behind.flatten(), job.task.as_deref());
    Failed { error, has_owner, owed: own.into_iter().chain(behind).collect() }
}

/// What commands are to their tasks that are kept from running by the failure of this one.
pub(super) fn owed(owners: impl Iterator<Item = Owner>, by: Option<&str>) -> Vec<(Share, End)> {
    let end = by.map_or(End::Failed(None), |by| End::Stopped(by.to_owned()));
    owners.filter_map(|owner| owner.share).map(|share| (share, end.clone())).collect()
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
