//! Commands that are kept back until they go to the host together.
//!
//! Owns the two places where they wait: [`Batch`], the block on one host, whose values are known when it is over; and
//! [`Held`], the block around tasks, where only commands wait that nothing is read from. It must not decide what waits
//! where; `recipe::dsl::commands` does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Array, Dynamic, Map};

use crate::error::{Error, Step};
use crate::place::Place;
use crate::recipe::aside::{set_aside, without};
use crate::recipe::frame::{Frame, Here};
use crate::recipe::later::{Later, too_early};
use crate::recipe::stdlib::is_stock;
use crate::recipe::world::World;
use crate::runner::each::each;
use crate::runner::execute::{Desk, Job, Ran, perform};
use crate::runner::max_fail::MaxFail;
use crate::runner::policy::Policy;
use crate::transport::cancel::Cancel;

/// Makes the value a recipe gets of a command that has run.
pub type Decode = Box<dyn FnOnce(Ran) -> Result<Dynamic, Error> + Send>;

/// The values of commands, by their number; none as long as they are not known.
type Found = Arc<Mutex<Vec<Option<Dynamic>>>>;

/// A command that waits.
pub struct Kept {
    job: Job,
    shielded: bool,
    /// What is made of it when it has run.
    decode: Option<Decode>,
    /// Where its value goes; none for a command that gives nothing.
    gives: Option<(Found, usize)>,
    /// The tasks it belongs to, where it is sent from outside of these.
    steps: Option<Vec<Step>>,
}

/// The commands of one `batch` block on one host.
#[derive(Default)]
pub struct Batch {
    kept: Mutex<Vec<Kept>>,
    found: Found,
    /// Where a value was made a text before it was known.
    shown: Mutex<Option<Option<Place>>>,
}

impl Batch {
    /// Keeps a command back, and gives what stands in for its value.
    pub fn keep(&self, job: Job, shielded: bool, decode: Option<Decode>) -> Dynamic {
        let (mut gives, mut value) = (None, Dynamic::UNIT);
        if decode.is_some() {
            let mut found = locked(&self.found);
            let number = found.len();
            found.push(None);
            (gives, value) = (Some((Arc::clone(&self.found), number)), Dynamic::from(Later(number)));
        }
        locked(&self.kept).push(Kept { job, shielded, decode, gives, steps: None });
        value
    }

    /// Notes that a value was made a text before it was known.
    pub fn was_shown(&self, place: Option<Place>) {
        locked(&self.shown).get_or_insert(place);
    }

    /// What waits, which then waits no longer.
    ///
    /// # Errors
    /// When a value was made a text before it was known: nobody can say what that text stands in.
    pub fn take(&self) -> Result<Vec<Kept>, Error> {
        self.check()?;
        Ok(std::mem::take(&mut *locked(&self.kept)))
    }

    /// Refuses to go on where a value was made a text before it was known.
    ///
    /// # Errors
    /// That it was too early.
    pub fn check(&self) -> Result<(), Error> {
        locked(&self.shown).clone().map_or(Ok(()), |place| Err(too_early().at(place)))
    }

    /// A value with everything in it that was not known before.
    pub fn resolve(&self, value: Dynamic) -> Dynamic {
        if let Some(Later(number)) = value.clone().try_cast::<Later>() {
            return locked(&self.found).get(number).cloned().flatten().unwrap_or(Dynamic::UNIT);
        }
        match value.try_cast_result::<Array>() {
            Ok(list) => list.into_iter().map(|item| self.resolve(item)).collect::<Array>().into(),
            Err(value) => match value.try_cast_result::<Map>() {
                Ok(map) => map.into_iter().map(|(name, item)| (name, self.resolve(item))).collect::<Map>().into(),
                Err(value) => value,
            },
        }
    }
}

/// What the tasks inside a `batch` have kept back, by host.
pub struct Held {
    /// How many hosts may fail.
    max_fail: MaxFail,
    /// Whether the block stands in a stock recipe. What users wrote is then run as if there were no such block.
    is_stock: bool,
    /// How many tasks are around the block.
    depth: usize,
    queues: Mutex<Vec<Arc<Queue>>>,
}

/// What is kept back for one host.
pub struct Queue {
    here: Here,
    kept: Mutex<Vec<Kept>>,
}

impl Held {
    /// Nothing is kept back yet; `file` is where the block stands, and `depth` how many tasks are around it.
    #[must_use]
    pub fn new(file: Option<&str>, depth: usize, max_fail: MaxFail) -> Self {
        Self { max_fail, is_stock: file.is_some_and(is_stock), depth, queues: Mutex::default() }
    }

    /// Whether code of this file may keep commands back here.
    #[must_use]
    pub fn takes_from(&self, file: Option<&str>) -> bool {
        !self.is_stock || file.is_some_and(is_stock)
    }

    /// What is kept back for a host.
    pub fn queue(&self, here: &Here) -> Arc<Queue> {
        let mut queues = locked(&self.queues);
        let is_here = |queue: &&Arc<Queue>| Arc::ptr_eq(&queue.here.transport, &here.transport);
        if let Some(queue) = queues.iter().find(is_here) {
            return Arc::clone(queue);
        }
        let queue = Arc::new(Queue { here: here.clone(), kept: Mutex::default() });
        queues.push(Arc::clone(&queue));
        queue
    }

    /// Sends everything that is kept back, to all hosts at once. Hosts that may fail are set aside; what is kept back for
    /// those that were set aside before is left out.
    ///
    /// # Errors
    /// As `on`: those of all hosts.
    pub fn send(&self, frame: &Frame) -> Result<(), Error> {
        let world = &frame.world;
        let is_left = |queue: &&Arc<Queue>| !queue.is_empty() && world.roster.is_left(&queue.here.server);
        let queues: Vec<_> = locked(&self.queues).iter().filter(is_left).cloned().collect();
        if queues.is_empty() {
            return Ok(());
        }
        let may_fail = world.roster.may_fail(self.max_fail, queues.len(), world.hosts_of_run());
        let label = |queue: &Arc<Queue>| queue.here.server.label();
        let send_one = |queue: &Arc<Queue>, cancel: &Cancel| queue.send(world, cancel);
        let policy = Policy { max_fail: may_fail, ..Policy::default() };
        let mut outcome = each(&queues, policy, &frame.cancel, label, send_one);
        for (queue, error) in outcome.take_failed(may_fail) {
            set_aside(world, frame.task(), &queue.here.server, error);
        }
        outcome.into_result().map(|_| ()).map_err(|error| without(error, &world.roster.aside(), self.max_fail))
    }
}

impl Queue {
    /// Keeps commands of this frame back.
    pub fn keep(&self, kept: Vec<Kept>, frame: &Frame) {
        let depth = frame.held.as_ref().map_or(0, |held| held.depth);
        let steps = steps(frame, depth);
        locked(&self.kept).extend(kept.into_iter().map(|kept| Kept { steps: Some(steps.clone()), ..kept }));
    }

    /// What waits, which then waits no longer.
    #[must_use]
    pub fn take(&self) -> Vec<Kept> {
        std::mem::take(&mut *locked(&self.kept))
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// As [`send`].
    pub fn send(&self, world: &World, cancel: &Cancel) -> Result<(), Error> {
        send(&desk(world, &self.here, cancel), self.take())
    }

    fn is_empty(&self) -> bool {
        locked(&self.kept).is_empty()
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
pub fn send(desk: &Desk<'_>, kept: Vec<Kept>) -> Result<(), Error> {
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
            let settled = |error: Error| {
                let error = error.at(job.place.clone()).on(desk.transport.label());
                if let Some(steps) = &steps { error.settled(steps) } else { error }
            };
            let ran = ran.map_err(settled)?;
            let Some(decode) = decode else { continue };
            let value = decode(ran).map_err(settled)?;
            if let Some((found, number)) = gives {
                locked(&found)[number] = Some(value);
            }
        }
    }
    Ok(())
}

/// The tasks of a frame, but for the outermost ones.
fn steps(frame: &Frame, depth: usize) -> Vec<Step> {
    let tasks = frame.world.tasks.get();
    let place = |name: &str| tasks.and_then(|tasks| tasks.get(name)).map(|task| task.place().clone());
    let names = frame.tasks.iter().skip(depth);
    names.map(|name| Step { label: format!("task `{name}`"), place: place(name) }).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_deep_inside() {
        let batch = Batch::default();
        *locked(&batch.found) = vec![Some(1.into()), Some(2.into()), None];
        let inner: Array = vec![Dynamic::from(Later(1)), "x".into(), Dynamic::from(Later(2))];
        let map = Map::from([("a".into(), Dynamic::from(Later(0))), ("b".into(), inner.into())]);
        let found = batch.resolve(map.into()).cast::<Map>();
        assert_eq!(found["a"].as_int(), Ok(1));
        assert_eq!(found["b"].read_lock::<Array>().unwrap()[0].as_int(), Ok(2));
        assert!(found["b"].read_lock::<Array>().unwrap()[2].is_unit());
    }

    #[test]
    fn a_stock_block_keeps_nothing_of_others_back() {
        let held = |file| Held::new(Some(file), 0, MaxFail::Hosts(0));
        let (stock, own) = (held("stdlib/deploy.rhai"), held("config/deploy.rhai"));
        assert!(stock.takes_from(Some("stdlib/git.rhai")) && !stock.takes_from(Some("config/deploy.rhai")));
        assert!(own.takes_from(Some("config/deploy.rhai")) && own.takes_from(None) && !stock.takes_from(None));
    }
}
