//! Commands of a `batch`, kept back until they go to the host together.
//!
//! Owns what a recipe holds in place of a value that is not known yet, and how the values come into what the block
//! returns. It must not decide which functions can wait; `recipe::dsl::commands` does.

use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rhai::{Array, Dynamic, Engine, EvalAltResult, Map};

use crate::error::Error;
use crate::recipe::failure::raise;
use crate::runner::execute::{Desk, Job, Ran, perform};

/// Makes the value a recipe gets of a command that has run.
pub type Decode = Box<dyn FnOnce(Ran) -> Result<Dynamic, Error> + Send>;

/// Name of [`Later`] in messages of Rhai.
pub const LATER: &str = "later";

/// How a value that is not known yet prints. Stands for nothing anywhere else.
const UNKNOWN: &str = "\u{F8F3}not known before the batch is over\u{F8F3}";

/// What a command of a batch gives as long as nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later(usize);

/// The commands of one `batch` block on one host.
#[derive(Default)]
pub struct Batch(Mutex<State>);

#[derive(Default)]
struct State {
    pending: Vec<(Job, Decode)>,
    /// By the number in [`Later`].
    found: Vec<Dynamic>,
}

impl Batch {
    /// Keeps a command back.
    pub fn keep(&self, job: Job, decode: Decode) -> Dynamic {
        let mut state = self.state();
        let number = state.found.len() + state.pending.len();
        state.pending.push((job, decode));
        Dynamic::from(Later(number))
    }

    /// Sends what was kept back, in one trip.
    ///
    /// # Errors
    /// That of the first command that fails, at its own place.
    pub fn send(&self, desk: &Desk<'_>, shielded: bool) -> Result<(), Error> {
        let (jobs, decodes): (Vec<Job>, Vec<Decode>) = take(&mut self.state().pending).into_iter().unzip();
        if jobs.is_empty() {
            return Ok(());
        }
        for ((ran, decode), job) in perform(desk, &jobs, shielded).into_iter().zip(decodes).zip(&jobs) {
            let value = decode(ran?).map_err(|error| error.at(job.place.clone()).on(desk.transport.label()))?;
            self.state().found.push(value);
        }
        Ok(())
    }

    /// A value with everything in it that was not known before.
    pub fn resolve(&self, value: Dynamic) -> Dynamic {
        if let Some(Later(number)) = value.clone().try_cast::<Later>() {
            return self.state().found.get(number).cloned().unwrap_or(Dynamic::UNIT);
        }
        match value.try_cast_result::<Array>() {
            Ok(list) => list.into_iter().map(|item| self.resolve(item)).collect::<Array>().into(),
            Err(value) => match value.try_cast_result::<Map>() {
                Ok(map) => map.into_iter().map(|(name, item)| (name, self.resolve(item))).collect::<Map>().into(),
                Err(value) => value,
            },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error for a use of what is not known yet.
#[must_use]
pub fn too_early() -> Error {
    Error::recipe("what a command finds is not known before its `batch` is over")
        .help("return it from the block and use it afterwards: `let found = batch(|| test(…)); if found { … }`")
        .help("or run the command before the `batch`")
}

/// Refuses a text that was made of a value that is not known yet.
///
/// # Errors
/// [`too_early`].
pub fn known(text: &str) -> Result<(), Error> {
    if text.contains(UNKNOWN) { Err(too_early()) } else { Ok(()) }
}

type Refused<T> = Result<T, Box<EvalAltResult>>;

fn refused<T>() -> Refused<T> {
    Err(raise(too_early(), rhai::Position::NONE))
}

/// Registers the stand-in. What would quietly give a wrong answer, such as a comparison, raises instead; all else is no
/// function of its type, and told by `recipe::diagnose`.
pub fn register_types(engine: &mut Engine) {
    engine.register_type_with_name::<Later>(LATER);
    // Rhai swallows what these raise; the text is found where it is used.
    engine.register_fn("to_string", |_: &mut Later| UNKNOWN.to_owned());
    engine.register_fn("to_debug", |_: &mut Later| UNKNOWN.to_owned());
    for operator in ["==", "!=", "<", "<=", ">", ">=", "+"] {
        engine.register_fn(operator, |_: Later, _: Dynamic| -> Refused<Dynamic> { refused() });
        engine.register_fn(operator, |_: Dynamic, _: Later| -> Refused<Dynamic> { refused() });
        engine.register_fn(operator, |_: Later, _: Later| -> Refused<Dynamic> { refused() });
    }
    engine.register_fn("!", |_: Later| -> Refused<Dynamic> { refused() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_deep_inside() {
        let batch = Batch::default();
        batch.state().found = vec![1.into(), 2.into()];
        let inner: Array = vec![Dynamic::from(Later(1)), "x".into()];
        let map = Map::from([("a".into(), Dynamic::from(Later(0))), ("b".into(), inner.into())]);
        let found = batch.resolve(map.into()).cast::<Map>();
        assert_eq!(found["a"].as_int(), Ok(1));
        assert_eq!(found["b"].read_lock::<Array>().unwrap()[0].as_int(), Ok(2));
    }
}
