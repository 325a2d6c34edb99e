//! `batch` and `shield`: commands that go to the host together, and commands that are not left half done.

use std::sync::Arc;

use rhai::Dynamic;

use crate::error::Error;
use crate::recipe::batch::Batch;
use crate::recipe::block_end::over;
use crate::recipe::callable::Callable;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::dispatch;
use crate::recipe::dsl::on_options::usual_max_fail;
use crate::recipe::dsl::signature::{ANY, CLOSURE, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::held::Held;
use crate::recipe::later::is_too_early;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "batch",
        usage: "batch(|| { … })",
        about: "Send commands together, in one round trip. On a host: those of the block; each is shown and fails by \
                itself, the first failure keeps the later ones from running, and what they find is known when the block \
                is over: return it, alone or in a list or map. Should the block itself fail or call \
                `exit`, what it has asked for before is done all the same. Around tasks: what their `on` blocks only do, and read \
                nothing from, waits for the next command something is read from on that host, or for the end of the block; should it fail \
                then, the block fails, whatever a `try` around the command does.",
        takes: &[one("block", CLOSURE)],
        options: &[],
        gives: ANY,
        run: batch,
    },
    Function {
        name: "shield",
        usage: "shield(|| { … })",
        about: "A Ctrl-C or a broken connection does not stop the commands of a block once they have begun. For short \
                steps that must not be left half done; with `batch` inside, all of them together.",
        takes: &[one("block", CLOSURE)],
        options: &[],
        gives: ANY,
        run: shield,
    },
];

fn batch(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let block = call.closure("what to do")?;
    let frame = call.frame();
    let Some(here) = &frame.here else { return around_tasks(call, &block) };
    if frame.batch.is_some() {
        return call.call(&block, Vec::new(), |_| ());
    }
    let batch = Arc::new(Batch::default());
    let done = call.call(&block, Vec::new(), |frame| frame.batch = Some(Arc::clone(&batch)));
    // A block that takes for known what is not has to be written anew, and nothing has happened yet.
    if done.as_ref().is_err_and(is_too_early) {
        return done;
    }
    let value = over(done, frame, |_| dispatch(call, here, batch.take()?))?;
    Ok(batch.resolve(value))
}

/// A batch outside `on`: what the `on` blocks inside have kept back goes out at the end. One inside another one begins when
/// all is done that was asked for before it, and is over when its own is: whoever wrote it counts on that.
fn around_tasks(call: &Call<'_>, block: &Callable) -> Result<Dynamic, Error> {
    let frame = call.frame();
    frame.flush()?;
    let file = call.place().map(|place| place.file);
    let held = Arc::new(Held::new(file.as_deref(), frame.tasks.len(), usual_max_fail(call)?));
    let done = call.call(block, Vec::new(), |frame| {
        frame.held = Some(Arc::clone(&held));
        // The task around the block is told what becomes of it.
        frame.open = None;
    });
    held.close(done, frame).map_err(Error::reopened)
}

fn shield(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let block = call.closure("what to do")?;
    call.here()?;
    call.call(&block, Vec::new(), |frame| frame.shielded = true)
}
