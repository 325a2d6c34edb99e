//! `info`, `warn`, `error`: what a recipe says.

use rhai::Dynamic;

use crate::error::Error;
use crate::model::event::Level;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::table::{Function, RangeInclusiveUsize as Args};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "info",
        usage: "info(text)",
        about: "Say something.",
        arity: Args(1, 1),
        run: |call| say(call, Level::Info),
    },
    Function {
        name: "warn",
        usage: "warn(text)",
        about: "Say something that should be looked at.",
        arity: Args(1, 1),
        run: |call| say(call, Level::Warn),
    },
    Function {
        name: "error",
        usage: "error(text)",
        about: "Say that something failed. To stop, use `throw`.",
        arity: Args(1, 1),
        run: |call| say(call, Level::Error),
    },
    Function {
        name: "debug",
        usage: "debug(text)",
        about: "Say something that only the log and `-v` show.",
        arity: Args(1, 1),
        run: |call| say(call, Level::Debug),
    },
];

fn say(call: &mut Call<'_>, level: Level) -> Result<Dynamic, Error> {
    let text = call.any().to_string();
    call.world().say(level, &text, call.frame(), call.place());
    Ok(Dynamic::UNIT)
}
