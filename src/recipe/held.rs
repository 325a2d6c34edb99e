//! The block `batch` around tasks: commands that nothing is read from wait, by host, and go out together.
//!
//! Owns the hosts of such a block, and its barriers: what all of them have done before anything comes behind it. What
//! waits for one of them, and what becomes of it, is `recipe::queue`'s.

use std::sync::{Arc, Mutex};

use indexmap::IndexMap;
use rhai::Dynamic;

use crate::error::{Error, Kind};
use crate::recipe::aside::{set_aside, without};
use crate::recipe::block_end::over;
use crate::recipe::frame::{Frame, Here};
use crate::recipe::kept::{Kept, locked};
use crate::recipe::queue::Queue;
use crate::recipe::stdlib::is_stock;
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

    /// Notes that a host takes part in the block, and gives what is kept back for it.
    pub fn queue(&self, here: &Here) -> Arc<Queue> {
        let mut queues = locked(&self.queues);
        if let Some(queue) = queues.iter().find(|queue| queue.is_way(here)) {
            return Arc::clone(queue);
        }
        let queue = Arc::new(Queue::new(here.clone()));
        queues.push(Arc::clone(&queue));
        queue
    }

    /// What is kept back for a host, once what waits for it on other ways, such as those of another user, is done:
    /// commands of a host keep their order.
    fn turn(&self, here: &Here, frame: &Frame) -> Result<Arc<Queue>, Error> {
        let is_other = |queue: &&Arc<Queue>| queue.here.server.key() == here.server.key() && !queue.is_way(here);
        let others: Vec<_> = locked(&self.queues).iter().filter(is_other).cloned().collect();
        others.iter().try_for_each(|queue| queue.flush(Vec::new(), &frame.world, &frame.cancel))?;
        Ok(self.queue(here))
    }

    /// Keeps commands for a host back.
    ///
    /// # Errors
    /// That of what had waited for it and failed.
    pub fn keep(&self, here: &Here, kept: Vec<Kept>, frame: &Frame) -> Result<(), Error> {
        self.turn(here, frame)?.keep(kept, frame, self.depth)
    }

    /// Sends what waits for a host, and these commands behind it.
    ///
    /// # Errors
    /// That of what had waited for it and failed, before or now, or that of a command behind.
    pub fn flush_host(&self, here: &Here, behind: Vec<Kept>, frame: &Frame) -> Result<(), Error> {
        self.turn(here, frame)?.flush(behind, &frame.world, &frame.cancel)
    }

    /// Sends everything that is kept back, to all hosts at once. Hosts that may fail are set aside; what is kept back for
    /// those that were set aside before is left out.
    ///
    /// # Errors
    /// As `on`: those of all hosts, also of what had failed before.
    pub fn flush(&self, frame: &Frame) -> Result<(), Error> {
        self.flush_with(frame, |_| Vec::new())
    }

    /// The same, with other commands behind what waits for a host: `behind` is asked for each where something does, as long
    /// as nothing has failed before.
    ///
    /// # Errors
    /// As [`Held::flush`].
    pub fn flush_with(&self, frame: &Frame, behind: impl Fn(&Here) -> Vec<Kept> + Sync) -> Result<(), Error> {
        self.flush_those(frame, |queue| queue.is_waiting() || queue.has_failed(), behind)
    }

    fn flush_those(
        &self,
        frame: &Frame,
        is_due: impl Fn(&Queue) -> bool,
        behind: impl Fn(&Here) -> Vec<Kept> + Sync,
    ) -> Result<(), Error> {
        let world = &frame.world;
        let is_aside = |queue: &Queue| world.roster.is_aside(&queue.here.server);
        // Those where nothing waits stand beside: how many hosts may fail is judged by all that take part.
        let queues = of_hosts(&locked(&self.queues), is_due, is_aside);
        if !queues.iter().any(|(_, is_due)| *is_due) {
            return Ok(());
        }
        let may_fail = world.roster.may_fail(self.max_fail, queues.len(), world.hosts_of_run());
        let has_failed = queues.iter().any(|(queue, _)| queue.has_failed());
        let label = |(queue, _): &(Arc<Queue>, bool)| queue.here.server.label();
        let flush = |(queue, is_due): &(Arc<Queue>, bool), cancel: &Cancel| {
            let behind = || if has_failed { Vec::new() } else { behind(&queue.here) };
            if *is_due { queue.flush(behind(), world, cancel) } else { Ok(()) }
        };
        let policy = Policy { max_fail: may_fail, ..Policy::default() };
        let mut outcome = each(&queues, policy, &frame.cancel, label, flush);
        for ((queue, _), error) in outcome.take_failed(may_fail) {
            set_aside(world, frame.task(), &queue.here.server, error);
        }
        locked(&self.queues).iter().filter(|queue| is_aside(queue)).for_each(|queue| queue.settle(true));
        let sent = outcome.into_result().map(|_| ());
        sent.map_err(|error| headed(without(error, &world.roster.aside(), self.max_fail)))
    }

    /// The end of the block. Where it has failed, what is left is sent nevertheless, but for the hosts where something had
    /// failed: whoever wanted it counts on it. Only a cancel leaves it. Tasks that had something waiting are over then.
    ///
    /// # Errors
    /// That of the block; else as [`Held::flush`].
    pub fn close(&self, done: Result<Dynamic, Error>, frame: &Frame) -> Result<Dynamic, Error> {
        let done = over(done, frame, |has_failed| {
            if has_failed { self.flush_those(frame, Queue::is_waiting, |_| Vec::new()) } else { self.flush(frame) }
        });
        for queue in &*locked(&self.queues) {
            queue.settle(frame.world.roster.is_aside(&queue.here.server));
        }
        done
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

/// The error of an `on` that only sent what had been kept back before it.
#[must_use]
pub fn sent(error: Error) -> Error {
    let is_of_others = error.parts().causes.iter().all(|cause| cause.parts().settled);
    if is_of_others { headed(error) } else { error }
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
