//! What hosts are asked together with something else: commands that a block has asked for, and that somebody else sends.
//!
//! Owns the block and its values. It sends nothing; `runner::attempt` does.

use std::collections::HashMap;
use std::sync::Arc;

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::recipe::batch::Batch;
use crate::recipe::callable::{Callable, isolate};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::host_type::Host;
use crate::recipe::frame::{Block, Frame, Here};
use crate::recipe::kept::{Kept, fill};
use crate::runner::execute::{Job, Ran};
use crate::runner::spot::Spot;

/// The questions to all hosts.
pub struct Along {
    jobs: Jobs,
    questions: HashMap<Key, Question>,
}

/// The commands of each host.
pub struct Jobs(HashMap<Key, Vec<Job>>);

/// Name and port of a host.
type Key = (String, u16);

/// What the block has asked of one host.
struct Question {
    kept: Vec<Kept>,
    batch: Arc<Batch>,
    /// What the block gave, with what is not known yet in it.
    value: Dynamic,
}

impl Along {
    /// Runs the block for each host, as inside `on` and `batch`.
    ///
    /// # Errors
    /// What the block raises.
    pub fn ask(call: &Call<'_>, block: &Callable, spots: &[Spot]) -> Result<Self, Error> {
        let (mut jobs, mut questions) = (HashMap::new(), HashMap::new());
        for spot in spots {
            let batch = Arc::new(Batch::default());
            let here =
                Here { server: Arc::clone(&spot.server), transport: Arc::clone(&spot.transport), block: Block::On };
            let inside =
                Frame { here: Some(here), batch: Some(Arc::clone(&batch)), held: None, ..call.frame().clone() };
            let host = Dynamic::from(Host::new(Arc::clone(&spot.server)));
            let value = call
                .call_in(&block.isolated(), vec![host], inside)
                .map_err(|error| error.on(spot.transport.label()))?;
            let kept = batch.take()?;
            jobs.insert(key(spot), kept.iter().map(|kept| kept.job.clone()).collect());
            questions.insert(key(spot), Question { kept, batch, value });
        }
        Ok(Self { jobs: Jobs(jobs), questions })
    }

    /// The commands.
    #[must_use]
    pub const fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// The values of the block by host, from what the commands of each host have found.
    ///
    /// # Errors
    /// What a command found and what cannot be read.
    pub fn found(mut self, found: Vec<(Spot, Vec<Ran>)>) -> Result<Map, Error> {
        let mut values = Map::new();
        for (spot, ran) in found {
            let Some(question) = self.questions.remove(&key(&spot)) else { continue };
            for (kept, ran) in question.kept.into_iter().zip(ran) {
                let place = kept.job.place.clone();
                fill(kept, ran).map_err(|error| error.at(place).on(spot.transport.label()))?;
            }
            values.insert(spot.server.address().into(), isolate(&question.batch.resolve(question.value)));
        }
        Ok(values)
    }
}

impl Jobs {
    /// Those of one host.
    #[must_use]
    pub fn of(&self, spot: &Spot) -> Vec<Job> {
        self.0.get(&key(spot)).cloned().unwrap_or_default()
    }
}

fn key(spot: &Spot) -> Key {
    let (name, port) = spot.server.key();
    (name.to_owned(), port)
}
