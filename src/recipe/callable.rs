//! A closure together with the place it was written.
//!
//! Rhai's closures are names, looked up in the script that runs; a [`Callable`] keeps the script it came from, so it
//! can be called from anywhere, on any thread. `store_data` is volatile upstream: `tests/recipe/contract.rs`.
#![expect(deprecated, reason = "Rhai marks the stored context as volatile this way; the exact version is pinned")]

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, Map, NativeCallContext, NativeCallContextStore, Shared};

use crate::place::Place;
use crate::recipe::frame::Frame;

/// A script closure that can be called later and elsewhere.
#[derive(Clone)]
pub struct Callable {
    closure: FnPtr,
    home: Arc<NativeCallContextStore>,
    /// How many arguments it takes, captured variables not counted; none when it is not a script closure.
    arity: Option<usize>,
}

impl Callable {
    /// Takes a closure from a host function's arguments.
    #[must_use]
    pub fn capture(ctx: &NativeCallContext, mut closure: FnPtr) -> Self {
        Frame::of(ctx).world.scripts.keep_round(&mut closure);
        let mut home = ctx.store_data();
        let find = |lib: &Shared<rhai::Module>| (0..=20).find(|n| lib.get_script_fn(closure.fn_name(), *n).is_some());
        let mut parameters = ctx.namespaces().iter().find_map(find);
        if parameters.is_none() {
            // Written in another file than the one that calls us: look for its home among all files.
            let frame = Frame::of(ctx);
            for (source, lib) in frame.world.scripts.libraries() {
                if let Some(count) = find(&lib) {
                    parameters = Some(count);
                    home.global.lib.clear();
                    home.global.lib.push(lib);
                    home.global.source = Some(source.as_ref().into());
                    break;
                }
            }
        }
        let arity = parameters.map(|count| count.saturating_sub(closure.curry().len()));
        Self { closure, home: Arc::new(home), arity }
    }

    /// A copy that shares no captured variable with this one. One per host: Rhai's shared variables give up when two
    /// threads want them at once.
    #[must_use]
    pub fn isolated(&self) -> Self {
        let mut copy = self.clone();
        isolate_closure(&mut copy.closure);
        copy
    }

    /// Calls it with as many of `args` as it takes.
    ///
    /// # Errors
    /// What the closure raises.
    pub fn call(&self, engine: &Engine, frame: Frame, mut args: Vec<Dynamic>) -> Result<Dynamic, Box<EvalAltResult>> {
        if let Some(arity) = self.arity {
            args.truncate(arity);
        }
        let mut home = (*self.home).clone();
        home.global.tag = frame.into_tag();
        let ctx = home.create_context(engine);
        self.closure.call_raw(&ctx, None, args)
    }

    /// How many arguments it takes.
    #[must_use]
    pub const fn arity(&self) -> Option<usize> {
        self.arity
    }

    /// Name of the function behind the closure, to find its body in the script.
    #[must_use]
    pub fn function(&self) -> &str {
        self.closure.fn_name()
    }

    /// The recipe file it was written in, and the place of the call that took it.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let source = self.home.global.source.as_ref()?;
        let line = u32::try_from(self.home.pos.line()?).ok()?;
        let column = u32::try_from(self.home.pos.position().unwrap_or(0)).ok()?;
        Some(Place::new(source.as_str(), line, column))
    }
}

/// A deep copy: captured variables, lists, maps and closures in them.
pub fn isolate(value: &Dynamic) -> Dynamic {
    let mut copy = value.flatten_clone();
    if let Some(mut list) = copy.write_lock::<Array>() {
        for item in list.iter_mut() {
            *item = isolate(item);
        }
    }
    if let Some(mut map) = copy.write_lock::<Map>() {
        for item in map.values_mut() {
            *item = isolate(item);
        }
    }
    if let Some(mut closure) = copy.write_lock::<FnPtr>() {
        isolate_closure(&mut closure);
    }
    copy
}

fn isolate_closure(closure: &mut FnPtr) {
    for captured in closure.iter_curry_mut() {
        *captured = isolate(captured);
    }
}
