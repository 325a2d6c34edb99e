//! The table of host functions: the one source of registration, usage texts and "did you mean".
//!
//! Every host function takes its arguments as they come and reads them through [`Call`], so that a wrong argument gives
//! a message in the recipe writer's words and not Rhai's "function not found".

use std::any::TypeId;
use std::ops::RangeInclusive;

use rhai::{Array, Dynamic, Engine, FLOAT, FnPtr, INT, ImmutableString, Map};

use crate::error::Error;
use crate::model::name_list::quoted;
use crate::model::suggest::did_you_mean;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::given::is_a;
use crate::recipe::dsl::signature::{Parameter, ValueKind, arity};
use crate::recipe::old_words;
use crate::recipe::values::text;

/// One host function.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name in recipes.
    pub name: &'static str,
    /// How it is called, for example `set(name, value)`.
    pub usage: &'static str,
    /// What it does, one sentence or two.
    pub about: &'static str,
    /// What it takes, in order; of a method without what stands before the dot.
    pub takes: &'static [Parameter],
    /// Its options, as groups: its own, and those it shares with others.
    pub options: &'static [&'static [Parameter]],
    /// What it gives; inside a `batch` that is known later.
    pub gives: &'static [ValueKind],
    /// What it does, in Rust.
    pub run: fn(&mut Call<'_>) -> Result<Dynamic, Error>,
}

impl Function {
    /// How many arguments it takes.
    #[must_use]
    pub const fn arity(&self) -> RangeInclusive<usize> {
        let (least, most) = arity(self.takes);
        least..=most
    }

    /// Its options.
    pub fn options(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        self.options.iter().copied().flatten()
    }

    /// Options with the words that only some may be in the case they are written in here, so that `"Sequence"` is
    /// `"sequence"`.
    #[must_use]
    pub fn in_known_words(&self, mut given: Map) -> Map {
        for option in self.options() {
            let [ValueKind::OneOf(words)] = option.kinds else { continue };
            if let Some(value) = given.get_mut(option.name)
                && let Some(word) =
                    text(value).and_then(|text| words.iter().find(|word| word.eq_ignore_ascii_case(&text)))
            {
                *value = (*word).into();
            }
        }
        given
    }

    /// Runs it.
    fn call(&self, call: &mut Call<'_>) -> Result<Dynamic, Error> {
        call.check_known()?;
        let value = (self.run)(call)?;
        // What the documentation and `check` say of it is true.
        debug_assert!(is_a(&value, self.gives), "`{}` gives {value:?}", self.name);
        Ok(value)
    }

    /// The error for an option that it has not.
    #[must_use]
    pub fn no_option(&self, name: &str) -> Error {
        let known = || self.options().map(|option| option.name);
        let is_command = known().any(|option| option == "answer");
        let instead = old_words::option(name).filter(|_| is_command).map(str::to_owned);
        Error::recipe(format!("`{}` has no option `{name}`", self.name))
            .maybe_help(instead.or_else(|| did_you_mean(name, known())))
            .note(format!("its options are {}", quoted(known())))
    }
}

/// Registers a function with every number of arguments it takes.
pub fn register(engine: &mut Engine, function: &'static Function) {
    for count in function.arity() {
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
            engine.register_raw_fn(function.name, shape, move |ctx, args| {
                let position = ctx.call_position();
                let mut call = Call::new(ctx, args, function);
                let value = function.call(&mut call).map_err(|error| call.raise(error, position))?;
                Ok(if is_debug { Dynamic::from("") } else { value })
            });
        }
    }
}

/// Registers a method of a type of ours: a function whose first argument is that type.
pub fn register_method(engine: &mut Engine, receiver: TypeId, method: &'static Function) {
    for count in method.arity() {
        let mut shape = vec![TypeId::of::<Dynamic>(); 1 + count];
        shape[0] = receiver;
        engine.register_raw_fn(method.name, shape, move |ctx, args| {
            let position = ctx.call_position();
            let mut call = Call::new(ctx, args, method);
            method.call(&mut call).map_err(|error| call.raise(error, position))
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
