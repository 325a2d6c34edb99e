//! The block `batch` on one host: its commands wait until it is over, and their values are known then.

use std::sync::{Arc, Mutex};

use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::place::Place;
use crate::recipe::kept::{Decode, Found, Kept, locked};
use crate::recipe::later::{Later, too_early};
use crate::runner::execute::Job;

/// The commands of one `batch` block on one host.
#[derive(Default)]
pub struct Batch {
    kept: Mutex<Vec<Kept>>,
    found: Found,
    /// What is wrong, where a value was made a text before it was known.
    shown: Mutex<Option<Error>>,
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
        locked(&self.kept).push(Kept { job, shielded, decode, gives, owner: None, forgiven: None });
        value
    }

    /// Notes that a value was made a text before it was known.
    pub fn was_shown(&self, place: Option<Place>) {
        locked(&self.shown).get_or_insert_with(|| too_early().at(place));
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
        locked(&self.shown).clone().map_or(Ok(()), Err)
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
}
