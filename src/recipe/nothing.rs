//! Nothing, `()`, joined to a text with `+`.
//!
//! Rhai leaves the text as it is. A setting that is not set would go unseen that way, and `fetch("folder") + "/tmp"` would
//! be `/tmp`; in Ruby as here it is an error. Back-ticks show `()` as nothing, as Ruby does.

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Position};

use crate::error::Error;
use crate::recipe::diagnose::kinds::OF_NOTHING;
use crate::recipe::failure::raise;

/// Registers the errors.
pub fn register(engine: &mut Engine) {
    engine
        .register_fn("+", |_: ImmutableString, (): ()| refused("behind a string"))
        .register_fn("+", |(): (), _: ImmutableString| refused("before a string"))
        .register_fn("+=", |_: &mut ImmutableString, (): ()| refused("behind a string").map(|_| ()));
}

fn refused(place: &str) -> Result<Dynamic, Box<EvalAltResult>> {
    let error = Error::recipe(format!("nothing, `()`, cannot stand {place}"))
        .width(1)
        .help(OF_NOTHING)
        .help("where nothing is to be added write an empty string, `\"\"`");
    Err(raise(error, Position::NONE))
}
