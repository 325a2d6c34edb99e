//! The table of host functions: the one source of registration, usage texts and "did you mean".
//!
//! Every host function takes its arguments as they come and reads them through [`Call`], so that a wrong argument gives
//! a message in the recipe writer's words and not Rhai's "function not found".

use std::any::TypeId;
use std::ops::RangeInclusive;

use rhai::{Array, Dynamic, Engine, FLOAT, FnPtr, INT, ImmutableString, Map};

use crate::error::Error;
use crate::recipe::dsl::call::Call;

/// The most arguments a host function takes when it takes any number; longer lists go in as a list.
pub const MANY: usize = 16;

/// One host function.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name in recipes.
    pub name: &'static str,
    /// How it is called, for example `set(name, value)`.
    pub usage: &'static str,
    /// What it does, one sentence or two.
    pub about: &'static str,
    /// How many arguments it takes.
    pub arity: RangeInclusiveUsize,
    /// What it does, in Rust.
    pub run: fn(&mut Call<'_>) -> Result<Dynamic, Error>,
}

/// A range of argument counts that can stand in a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeInclusiveUsize(pub usize, pub usize);

impl RangeInclusiveUsize {
    /// As a range.
    #[must_use]
    pub const fn range(self) -> RangeInclusive<usize> {
        self.0..=self.1
    }
}

/// Registers a function with every number of arguments it takes.
pub fn register(engine: &mut Engine, function: &Function) {
    for count in function.arity.range() {
        // Rhai's own string functions of the same name (`append`, `remove`) have exact types; ours must be as exact to
        // be found first. Their first argument is the name of a setting, never a text to change.
        let any = TypeId::of::<Dynamic>();
        let text = TypeId::of::<ImmutableString>();
        let mut shapes = vec![vec![any; count]];
        if matches!(function.name, "append" | "remove") && count >= 2 {
            let mut first_text = vec![any; count];
            first_text[0] = text;
            shapes.push(first_text);
            if count == 2 {
                shapes.extend([vec![text, text], vec![text, TypeId::of::<char>()]]);
            }
        }
        // Rhai's own `debug` has exact types too, and whatever is called `debug` has to give a text, which Rhai hands to
        // `on_debug`.
        let is_debug = function.name == "debug";
        if is_debug {
            shapes.extend(plain_types().map(|plain| vec![plain]));
        }
        // Rhai's own `sleep` is as exact; a cancel does not end it.
        if function.name == "sleep" {
            shapes.extend([vec![TypeId::of::<INT>()], vec![TypeId::of::<FLOAT>()]]);
        }
        for shape in shapes {
            let run = function.run;
            engine.register_raw_fn(function.name, shape, move |ctx, args| {
                let position = ctx.call_position();
                let mut call = Call::new(ctx, args);
                let value =
                    call.check_known().and_then(|()| run(&mut call)).map_err(|error| call.raise(error, position))?;
                Ok(if is_debug { Dynamic::from("") } else { value })
            });
        }
    }
}

/// Registers a method of a type of ours: a function whose first argument is that type, and counts as one.
pub fn register_method(engine: &mut Engine, receiver: TypeId, method: &Function) {
    for count in method.arity.range() {
        let mut shape = vec![TypeId::of::<Dynamic>(); count];
        shape[0] = receiver;
        let run = method.run;
        engine.register_raw_fn(method.name, shape, move |ctx, args| {
            let position = ctx.call_position();
            let mut call = Call::new(ctx, args);
            call.check_known().and_then(|()| run(&mut call)).map_err(|error| call.raise(error, position))
        });
    }
}

/// The types of Rhai itself.
fn plain_types() -> impl Iterator<Item = TypeId> {
    [
        TypeId::of::<ImmutableString>(),
        TypeId::of::<char>(),
        TypeId::of::<bool>(),
        TypeId::of::<()>(),
        TypeId::of::<INT>(),
        TypeId::of::<FLOAT>(),
        TypeId::of::<Array>(),
        TypeId::of::<Map>(),
        TypeId::of::<FnPtr>(),
    ]
    .into_iter()
}
