//! `require`: stock modules and further recipe files.

use rhai::Dynamic;

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{NOTHING, TEXT, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::loader;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "require",
    usage: "require(\"deploy\") or require(\"./lib/notify\")",
    about: "Load a stock module, or a recipe file by its path from this one; once, however often it is required.",
    takes: &[one("name", TEXT)],
    options: &[],
    gives: NOTHING,
    run: require,
}];

fn require(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("the name of a module")?;
    let from = call.place().map(|place| place.file);
    loader::require(call.engine(), call.world(), &name, from.as_deref())?;
    Ok(Dynamic::UNIT)
}
