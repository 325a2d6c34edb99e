//! The block `batch` around tasks: commands that nothing is read from wait, by host, and go out together.
//!
//! Who reads something on a host sends what waits there first, and may catch an error that way that is not its own; so
//! the failure of a command that had waited is remembered, and told when the block is over.

use std::sync::{Arc, Mutex};

use indexmap::IndexMap;
use rhai::Dynamic;

use crate::error::{Error, Kind, Step};
use crate::recipe::aside::{set_aside, without};
use crate::recipe::block_end::over;
use crate::recipe::frame::{Frame, Here};
use crate::recipe::kept::{Failed, Kept, desk, locked, send};
use crate::recipe::stdlib::is_stock;
use crate::recipe::world::World;
use crate::runner::each::each;
use crate::runner::max_fail::MaxFail;
use crate::runner::policy::Policy;
use crate::transport::cancel::Cancel;

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

/// What is kept back for one way to a host.
pub struct Queue {
    here: Here,
    kept: Mutex<Vec<Kept>>,
    /// The first command that had waited and failed.
    failed: Mutex<Option<Failed>>,
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
        if let Some(queue) = queues.iter().find(|queue| queue.is_way(here)) {
            return Arc::clone(queue);
        }
        let (kept, failed) = (Mutex::default(), Mutex::default());
        let queue = Arc::new(Queue { here: here.clone(), kept, failed });
        queues.push(Arc::clone(&queue));
        queue
    }

    /// What is kept back for a host, once what waits for it on other ways, such as those of another user, is done:
    /// commands of a host keep their order.
    ///
    /// # Errors
    /// Those of what waits on other ways.
    pub fn turn(&self, here: &Here, world: &World, cancel: &Cancel) -> Result<Arc<Queue>, Error> {
        let is_other = |queue: &&Arc<Queue>| queue.here.server.key() == here.server.key() && !queue.is_way(here);
        let others: Vec<_> = locked(&self.queues).iter().filter(is_other).cloned().collect();
        others.iter().try_for_each(|queue| queue.send(Vec::new(), world, cancel))?;
        Ok(self.queue(here))
    }

    /// Sends everything that is kept back, to all hosts at once. Hosts that may fail are set aside; what is kept back for
    /// those that were set aside before is left out.
    ///
    /// # Errors
    /// As `on`: those of all hosts, also of what had failed before.
    pub fn send(&self, frame: &Frame) -> Result<(), Error> {
        self.send_of(frame, |queue| !queue.is_empty() || queue.failed().is_some())
    }

    fn send_of(&self, frame: &Frame, is_due: impl Fn(&Queue) -> bool) -> Result<(), Error> {
        let world = &frame.world;
        // Those where nothing waits stand beside: how many hosts may fail is judged by all that take part.
        let queues = of_hosts(&locked(&self.queues), is_due, |queue| world.roster.is_aside(&queue.here.server));
        if !queues.iter().any(|(_, is_due)| *is_due) {
            return Ok(());
        }
        let may_fail = world.roster.may_fail(self.max_fail, queues.len(), world.hosts_of_run());
        let label = |(queue, _): &(Arc<Queue>, bool)| queue.here.server.label();
        let send_one = |(queue, is_due): &(Arc<Queue>, bool), cancel: &Cancel| {
            if *is_due { queue.send(Vec::new(), world, cancel) } else { Ok(()) }
        };
        let policy = Policy { max_fail: may_fail, ..Policy::default() };
        let mut outcome = each(&queues, policy, &frame.cancel, label, send_one);
        for ((queue, _), error) in outcome.take_failed(may_fail) {
            let task = queue.failed().and_then(|failed| failed.task);
            set_aside(world, task.as_deref(), &queue.here.server, error);
        }
        let sent = outcome.into_result().map(|_| ());
        sent.map_err(|error| headed(without(error, &world.roster.aside(), self.max_fail)))
    }

    /// The end of the block. Where it has failed, what is left is sent nevertheless, but for the hosts where something had
    /// failed: the tasks that wanted it were told as done. Only a cancel leaves it.
    ///
    /// # Errors
    /// That of the block; else as [`Held::send`].
    pub fn finish(&self, done: Result<Dynamic, Error>, frame: &Frame) -> Result<Dynamic, Error> {
        over(done, frame, |has_failed| {
            if has_failed {
                self.send_of(frame, |queue| !queue.is_empty() && queue.failed().is_none())
            } else {
                self.send(frame)
            }
        })
    }
}

impl Queue {
    /// Keeps commands of this frame back.
    ///
    /// # Errors
    /// That of what had waited and failed: nothing may come behind it.
    pub fn keep(&self, kept: Vec<Kept>, frame: &Frame) -> Result<(), Error> {
        self.check()?;
        let depth = frame.held.as_ref().map_or(0, |held| held.depth);
        let steps = steps(frame, depth);
        locked(&self.kept).extend(kept.into_iter().map(|kept| Kept { steps: Some(steps.clone()), ..kept }));
        Ok(())
    }

    /// Sends what waits, and these commands behind it. What had waited and fails is remembered, and keeps all that comes
    /// later from running.
    ///
    /// # Errors
    /// As [`send`], and that of what had failed before.
    pub fn send(&self, behind: Vec<Kept>, world: &World, cancel: &Cancel) -> Result<(), Error> {
        self.check()?;
        self.send_unnoted(behind, world, cancel).map_err(|failed| {
            // Only what had waited has its steps already.
            if failed.error.parts().settled && failed.error.kind() != Kind::Cancelled {
                locked(&self.failed).get_or_insert_with(|| failed.clone());
            }
            failed.error
        })
    }

    /// As [`Queue::send`], but nothing is remembered: for those whose own commands wait here.
    ///
    /// # Errors
    /// As [`send`].
    pub fn send_unnoted(&self, behind: Vec<Kept>, world: &World, cancel: &Cancel) -> Result<(), Failed> {
        let mut kept = std::mem::take(&mut *locked(&self.kept));
        kept.extend(behind);
        send(&desk(world, &self.here, cancel), kept)
    }

    fn check(&self) -> Result<(), Error> {
        self.failed().map_or(Ok(()), |failed| Err(failed.error))
    }

    fn failed(&self) -> Option<Failed> {
        locked(&self.failed).clone()
    }

    fn is_empty(&self) -> bool {
        locked(&self.kept).is_empty()
    }

    fn is_way(&self, here: &Here) -> bool {
        Arc::ptr_eq(&self.here.transport, &here.transport)
    }
}

/// One way for each host of a block that was not set aside, and whether it is due: the one that is, where there is one.
fn of_hosts(
    queues: &[Arc<Queue>],
    is_due: impl Fn(&Queue) -> bool,
    is_aside: impl Fn(&Queue) -> bool,
) -> Vec<(Arc<Queue>, bool)> {
    let mut hosts = IndexMap::new();
    for queue in queues.iter().filter(|queue| !is_aside(queue)) {
        let is_due = is_due(queue);
        let host = hosts.entry(queue.here.server.key()).or_insert_with(|| (Arc::clone(queue), is_due));
        if is_due {
            *host = (Arc::clone(queue), true);
        }
    }
    hosts.into_values().collect()
}

/// The error of several hosts stands where those of all of them do, or nowhere: whoever sends for them has no part in it.
fn headed(error: Error) -> Error {
    if error.kind() != Kind::Hosts {
        return error;
    }
    let mut places = error.parts().causes.iter().map(|cause| &cause.parts().place);
    let first = places.next().cloned().flatten();
    let common = first.filter(|first| places.all(|place| place.as_ref() == Some(first)));
    error.at(common).settled(&[])
}

/// The tasks of a frame, but for the outermost ones.
fn steps(frame: &Frame, depth: usize) -> Vec<Step> {
    let tasks = frame.world.tasks.get();
    let place = |name: &str| tasks.and_then(|tasks| tasks.get(name)).map(|task| task.place().clone());
    let names = frame.tasks.iter().skip(depth);
    names.map(|name| Step { label: format!("task `{name}`"), place: place(name) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    #[test]
    fn a_stock_block_keeps_nothing_of_others_back() {
        let held = |file| Held::new(Some(file), 0, MaxFail::Hosts(0));
        let (stock, own) = (held("stdlib/deploy.rhai"), held("config/deploy.rhai"));
        assert!(stock.takes_from(Some("stdlib/git.rhai")) && !stock.takes_from(Some("config/deploy.rhai")));
        assert!(own.takes_from(Some("config/deploy.rhai")) && own.takes_from(None) && !stock.takes_from(None));
    }

    #[test]
    fn the_error_of_several_hosts_points_where_all_of_theirs_do() {
        let at = |line| Error::new(Kind::Command, "x").at(Some(Place::new("a.rhai", line, 1))).settled(&[]);
        let of = |lines: [u32; 2]| {
            lines.into_iter().fold(Error::new(Kind::Hosts, "2 of 2"), |all, line| all.because(at(line)))
        };
        let innocent = Some(Place::new("a.rhai", 9, 9));
        assert_eq!(headed(of([3, 3])).at(innocent.clone()).parts().place, Some(Place::new("a.rhai", 3, 1)));
        assert_eq!(headed(of([3, 4])).at(innocent).parts().place, None);
    }
}
