//! `batch` and `shield`: commands that go to the host together, and commands that are not left half done.

use std::sync::Arc;

use rhai::Dynamic;

use crate::error::Error;
use crate::recipe::batch::Batch;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::commands::desk;
use crate::recipe::dsl::table::{Function, RangeInclusiveUsize as Args};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "batch",
        usage: "batch(|| { … })",
        about: "Send the commands of a block to the host together, in one round trip. Each is shown and fails by itself; \
                the first failure keeps the later ones from running. What they find is known when the block is over: \
                return it, alone or in a list or map.",
        arity: Args(1, 1),
        run: batch,
    },
    Function {
        name: "shield",
        usage: "shield(|| { … })",
        about: "A Ctrl-C or a broken connection does not stop the commands of a block once they have begun. For short \
                steps that must not be left half done; with `batch` inside, all of them together.",
        arity: Args(1, 1),
        run: shield,
    },
];

fn batch(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let block = call.closure("what to do")?;
    let here = call.here()?;
    if call.frame().batch.is_some() {
        return call.call(&block, Vec::new(), |_| ());
    }
    let batch = Arc::new(Batch::default());
    let value = call.call(&block, Vec::new(), |frame| frame.batch = Some(Arc::clone(&batch)))?;
    batch.send(&desk(call, &here), call.frame().shielded)?;
    Ok(batch.resolve(value))
}

fn shield(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let block = call.closure("what to do")?;
    call.here()?;
    call.call(&block, Vec::new(), |frame| frame.shielded = true)
}
