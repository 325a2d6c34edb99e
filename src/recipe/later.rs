//! What a recipe holds in place of a value that is not known before its `batch` is over.

use rhai::{Dynamic, Engine, EvalAltResult, Position};

use crate::error::Error;
use crate::recipe::failure::raise;

/// Name of [`Later`] in messages of Rhai.
pub const LATER: &str = "later";

/// Stands in for the value of a command, by its number in the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later(pub usize);

/// The error for a use of what is not known yet.
#[must_use]
pub fn too_early() -> Error {
    Error::recipe("what a command finds is not known before its `batch` is over")
        .help("return it from the block and use it afterwards: `let found = batch(|| test(…)); if found { … }`")
        .help("or run the command before the `batch`")
}

type Refused<T> = Result<T, Box<EvalAltResult>>;

fn refused<T>() -> Refused<T> {
    Err(raise(too_early(), Position::NONE))
}

/// Registers the stand-in. What would quietly give a wrong answer, such as a comparison, raises instead; all else is no
/// function of its type, and told by `recipe::diagnose`.
pub fn register_types(engine: &mut Engine) {
    engine.register_type_with_name::<Later>(LATER);
    engine.register_fn("to_string", |_: &mut Later| -> Refused<String> { refused() });
    engine.register_fn("to_debug", |_: &mut Later| -> Refused<String> { refused() });
    for operator in ["==", "!=", "<", "<=", ">", ">=", "+"] {
        engine.register_fn(operator, |_: Later, _: Dynamic| -> Refused<Dynamic> { refused() });
        engine.register_fn(operator, |_: Dynamic, _: Later| -> Refused<Dynamic> { refused() });
        engine.register_fn(operator, |_: Later, _: Later| -> Refused<Dynamic> { refused() });
    }
    engine.register_fn("!", |_: Later| -> Refused<Dynamic> { refused() });
}
