//! What a recipe holds in place of a value that is not known before its `batch` is over.

use std::any::TypeId;

use rhai::{Array, Dynamic, Engine, EvalAltResult, INT, ImmutableString, Map, Position};

use crate::error::{Error, Kind};
use crate::recipe::failure::raise;
use crate::recipe::frame::Frame;
use crate::recipe::position::place_of;

/// Name of [`Later`] in messages of Rhai.
pub const LATER: &str = "later";

/// Stands in for the value of a command, by its number in the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later(pub usize);

/// What `for` would go through.
impl IntoIterator for Later {
    type Item = Refused<Dynamic>;
    type IntoIter = std::iter::Once<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(refused())
    }
}

/// Whether something is not known yet in a value.
#[must_use]
pub fn is_later(value: &Dynamic) -> bool {
    value.is::<Later>()
        || value.read_lock::<Array>().is_some_and(|list| list.iter().any(is_later))
        || value.read_lock::<Map>().is_some_and(|map| map.values().any(is_later))
}

/// The error for a use of what is not known yet.
#[must_use]
pub fn too_early() -> Error {
    Error::recipe("what a command finds is not known before its `batch` is over")
        .help("return it from the block and use it afterwards: `let found = batch(|| test(…)); if found { … }`")
        .help("or run the command before the `batch`")
}

/// Whether an error is [`too_early`]: a mistake in how a `batch` is written.
#[must_use]
pub fn is_too_early(error: &Error) -> bool {
    error.kind() == Kind::Recipe && error.parts().message == too_early().parts().message
}

type Refused<T> = Result<T, Box<EvalAltResult>>;

fn refused<T>() -> Refused<T> {
    Err(raise(too_early(), Position::NONE))
}

/// Registers the stand-in. What would quietly give a wrong answer, such as a comparison, raises instead; all else is no
/// function of its type, and told by `recipe::diagnose`.
pub fn register_types(engine: &mut Engine) {
    engine.register_type_with_name::<Later>(LATER);
    for name in ["to_string", "to_debug"] {
        engine.register_raw_fn(name, [TypeId::of::<Later>()], |ctx, _| -> Refused<String> {
            if let Some(batch) = &Frame::of(&ctx).batch {
                // Back-ticks heed no error.
                batch.was_shown(place_of(ctx.call_source(), ctx.call_position()));
            }
            refused()
        });
    }
    // A text takes anything, so it has to be named.
    engine.register_fn("+=", |_: &mut ImmutableString, _: Later| -> Refused<()> { refused() });
    engine.register_fn("+", |_: ImmutableString, _: Later| -> Refused<Dynamic> { refused() });
    engine.register_fn("+", |_: Later, _: ImmutableString| -> Refused<Dynamic> { refused() });
    for operator in ["==", "!=", "<", "<=", ">", ">=", "+"] {
        engine.register_fn(operator, |_: Later, _: Dynamic| -> Refused<Dynamic> { refused() });
        engine.register_fn(operator, |_: Dynamic, _: Later| -> Refused<Dynamic> { refused() });
        engine.register_fn(operator, |_: Later, _: Later| -> Refused<Dynamic> { refused() });
    }
    engine.register_indexer_get(|_: &mut Later, _: ImmutableString| -> Refused<Dynamic> { refused() });
    engine.register_indexer_get(|_: &mut Later, _: INT| -> Refused<Dynamic> { refused() });
    engine.register_iterator_result::<Later, Dynamic>();
    engine.register_fn("!", |_: Later| -> Refused<Dynamic> { refused() });
}
