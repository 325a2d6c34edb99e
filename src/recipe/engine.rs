//! Builds the one engine of a run, and freezes it.

use std::sync::Arc;

use rhai::{Dynamic, Engine, EvalContext, NativeCallContext, OptimizationLevel, Position};

use crate::model::event::{Event, Level};
use crate::recipe::asked::Asked;
use crate::recipe::dsl;
use crate::recipe::failure;
use crate::recipe::frame::Frame;
use crate::recipe::imports::Imports;
use crate::recipe::nothing;
use crate::recipe::progress;
use crate::recipe::stdlib::is_stock;
use crate::recipe::values::text;
use crate::recipe::words::free_reserved_words;
use crate::recipe::world::World;

/// Stack of the thread recipes run on, in bytes; Rhai needs about 9 KiB a call level, debug builds several times that.
pub const STACK: usize = 256 * 1024 * 1024;
/// Levels of function calls; Rhai's own default differs between debug and release builds.
const CALL_LEVELS: usize = 128;
/// Depth of expressions, at the top and in functions.
pub(super) const EXPRESSION_DEPTH: usize = 256;

/// The engine of a run. Nothing is registered after this.
#[must_use]
pub fn build(world: &Arc<World>) -> Engine {
    let mut engine = Engine::new();
    free_reserved_words(&mut engine);
    // `Full` runs host functions with constant arguments while compiling, even in branches that are never taken.
    engine.set_optimization_level(OptimizationLevel::Simple);
    engine.set_strict_variables(true);
    // The fast ones ask nobody what `+` means for a text and `()`.
    engine.set_fast_operators(false);
    engine.set_max_call_levels(CALL_LEVELS);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    // The interner is one write lock for all host threads, with a sleep of 10 ms when it is taken.
    engine.set_max_strings_interned(0);
    engine.set_module_resolver(Imports::new(world.clone()));
    engine.set_default_tag(Frame::top(world.clone()).into_tag());
    progress::install(&mut engine);
    failure::register(&mut engine);
    nothing::register(&mut engine);
    dsl::register(&mut engine);
    say_what_is_printed(&mut engine, world);
    find_what_is_missing(&mut engine, world);
    engine
}

fn say_what_is_printed(engine: &mut Engine, world: &Arc<World>) {
    let world = world.clone();
    engine.on_print(move |text| {
        let text = world.vault.redact(text).into_owned();
        world.sink.emit(&Event::Message { level: Level::Info, text, host: None, task: None, place: None });
    });
    // Our own `debug` has said it, with its host and task.
    engine.on_debug(|_, _, _| ());
}

/// Closures of other files, which Rhai looks for in the file that runs, and functions of other files that are not private:
/// who requires a file can call them, as in Ruby.
fn find_what_is_missing(engine: &mut Engine, world: &Arc<World>) {
    let world = Arc::downgrade(world);
    #[expect(deprecated, reason = "Rhai marks the hook as volatile this way; the exact version is pinned")]
    engine.on_missing_function(move |name: &str, args: &mut [&mut Dynamic], _, context: EvalContext| {
        let is_closure = name.starts_with("anon$");
        let Some(world) = world.upgrade() else { return Ok(None) };
        let mut libraries = world.scripts.libraries();
        // Stock recipes are of several files: a function of the user's that is called like one of theirs is not meant.
        if context.global_runtime_state().source.as_ref().is_some_and(|from| is_stock(from)) {
            libraries.sort_by_key(|(source, _)| !is_stock(source));
        }
        for (source, library) in libraries {
            match library.get_script_fn(name, args.len()) {
                Some(function) if is_closure || function.access.is_public() => {}
                _ => continue,
            }
            let mut global = context.global_runtime_state().clone();
            // Rhai has looked here already. It asks for a method first, and on its own error, no other, tries again with
            // the element as an argument, as in `list.map(|item| …)`.
            if global.lib.first().is_some_and(|here| rhai::Shared::ptr_eq(here, &library)) {
                return Ok(None);
            }
            let from =
                global.source.as_ref().filter(|from| is_stock(&source) && !is_stock(from)).map(ToString::to_string);
            if let Some(file) = from.filter(|_| !is_closure) {
                let first = args.first().and_then(|arg| text(arg));
                let asked = Some(Arc::new(Asked { file, function: name.to_owned(), first }));
                global.tag = Frame { asked, ..(*Frame::of_tag(&global.tag)).clone() }.into_tag();
            }
            global.lib.clear();
            global.lib.push(library);
            global.source = Some(source.as_ref().into());
            global.level += 1;
            let ctx =
                NativeCallContext::new_with_all_fields(context.engine(), name, Some(&*source), &global, Position::NONE);
            // A script function takes its arguments away, and the first one may be the caller's own variable.
            let mut copies: Vec<Dynamic> = args.iter().map(|arg| (**arg).clone()).collect();
            return ctx.call_fn_raw(name, false, false, &mut copies.iter_mut().collect::<Vec<_>>()).map(Some);
        }
        Ok(None)
    });
}
