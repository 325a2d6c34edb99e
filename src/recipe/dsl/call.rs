//! One call of a host function: its arguments, its surroundings, its place.

use std::collections::VecDeque;
use std::sync::Arc;

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map, NativeCallContext, Position};

use crate::error::Error;
use crate::model::server::Server;
use crate::place::Place;
use crate::recipe::callable::Callable;
use crate::recipe::diagnose::diagnose;
use crate::recipe::dsl::table::Function;
use crate::recipe::failure::raise;
use crate::recipe::frame::{Frame, Here};
use crate::recipe::later::{is_later, too_early};
use crate::recipe::lint::outside_on;
use crate::recipe::position::place_of;
use crate::recipe::values::{kind, text};
use crate::recipe::world::World;

/// A call in progress. Arguments are taken from the front; a trailing map is taken with [`Call::options`].
pub struct Call<'a> {
    ctx: NativeCallContext<'a>,
    function: &'static Function,
    args: VecDeque<Dynamic>,
    taken: usize,
    frame: Arc<Frame>,
}

impl<'a> Call<'a> {
    /// Copies the arguments of a call: Rhai may pass the caller's own variable as the first one.
    pub fn new(ctx: NativeCallContext<'a>, args: &mut [&mut Dynamic], function: &'static Function) -> Self {
        let args = args.iter().map(|arg| arg.flatten_clone()).collect();
        let frame = Frame::of(&ctx);
        Self { ctx, function, args, taken: 0, frame }
    }

    /// Name of the function.
    #[must_use]
    pub fn name(&self) -> &str {
        self.function.name
    }

    /// What the run shares.
    #[must_use]
    pub fn world(&self) -> &Arc<World> {
        &self.frame.world
    }

    /// Where the call stands.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Recipe file, line and column of the call.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        place_of(self.ctx.call_source(), self.ctx.call_position())
    }

    /// The host the call is on.
    ///
    /// # Errors
    /// Outside `on` and `run_locally`.
    pub fn here(&self) -> Result<Here, Error> {
        self.frame.here.clone().ok_or_else(|| outside_on(self.name()))
    }

    /// Refuses arguments that are not known before their `batch` is over, and what was made a text of such a value.
    ///
    /// # Errors
    /// That it is too early.
    pub fn check_known(&self) -> Result<(), Error> {
        let Some(batch) = &self.frame.batch else { return Ok(()) };
        batch.check()?;
        if self.args.iter().any(is_later) { Err(too_early()) } else { Ok(()) }
    }

    /// How many arguments are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.args.len()
    }

    /// The next argument, `()` when there is none.
    pub fn any(&mut self) -> Dynamic {
        self.taken += 1;
        self.args.pop_front().unwrap_or(Dynamic::UNIT)
    }

    /// All arguments that are left.
    pub fn rest(&mut self) -> Vec<Dynamic> {
        self.args.drain(..).collect()
    }

    /// The next argument as text; `what` says what it is, for example "the name of a setting".
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&mut self, what: &str) -> Result<String, Error> {
        let value = self.any();
        text(&value).ok_or_else(|| self.wrong(what, "a string", &value))
    }

    /// The next argument as a closure.
    ///
    /// # Errors
    /// When it is something else.
    pub fn closure(&mut self, what: &str) -> Result<Callable, Error> {
        let value = self.any();
        let found = kind(&value);
        match value.try_cast::<FnPtr>() {
            Some(closure) => Ok(Callable::capture(&self.ctx, closure)),
            None => Err(self.wrong_kind(what, "a closure such as `|| { … }`", found)),
        }
    }

    /// A closure among other values, kept with its home.
    #[must_use]
    pub fn callable(&self, value: &Dynamic) -> Option<Callable> {
        value.clone().try_cast::<FnPtr>().map(|closure| Callable::capture(&self.ctx, closure))
    }

    /// A trailing map of options, taken from the end of the arguments; an empty one when there is none.
    ///
    /// # Errors
    /// For an option that the table of functions does not know.
    pub fn options(&mut self) -> Result<Map, Error> {
        if !self.args.back().is_some_and(Dynamic::is_map) {
            return Ok(Map::new());
        }
        let map = self.args.pop_back().and_then(Dynamic::try_cast::<Map>).unwrap_or_default();
        self.check_options(&map)?;
        Ok(self.function.in_known_words(map))
    }

    /// Options with their words in the case the table of functions has.
    #[must_use]
    pub fn in_known_words(&self, map: Map) -> Map {
        self.function.in_known_words(map)
    }

    /// Refuses options that the table of functions does not know.
    ///
    /// # Errors
    /// The first of them.
    pub fn check_options(&self, map: &Map) -> Result<(), Error> {
        let unknown = map.keys().find(|name| self.function.options().all(|option| option.name != name.as_str()));
        unknown.map_or(Ok(()), |name| Err(self.function.no_option(name)))
    }

    /// A value as a recipe prints it: a host as its name, an error as its message.
    #[must_use]
    pub fn shown(&self, value: &Dynamic) -> String {
        // What Rhai itself does for `print` and in back-ticks; types without a name to print print their type.
        self.ctx.call_native_fn("to_string", (value.clone(),)).unwrap_or_else(|_| value.to_string())
    }

    /// Calls a closure with the surroundings of this call, changed by `change`.
    ///
    /// # Errors
    /// What the closure raises.
    pub fn call(
        &self,
        callable: &Callable,
        args: Vec<Dynamic>,
        change: impl FnOnce(&mut Frame),
    ) -> Result<Dynamic, Error> {
        let mut frame = (*self.frame).clone();
        change(&mut frame);
        self.call_in(callable, args, frame)
    }

    /// Calls a closure in a frame.
    ///
    /// # Errors
    /// What the closure raises.
    pub fn call_in(&self, callable: &Callable, args: Vec<Dynamic>, frame: Frame) -> Result<Dynamic, Error> {
        callable
            .call(self.ctx.engine(), frame, args)
            .map_err(|error| diagnose(*error, &self.frame.world.scripts, callable.place().map(|place| place.file)))
    }

    /// The engine, for work that goes on below this call.
    #[must_use]
    pub fn engine(&self) -> &rhai::Engine {
        self.ctx.engine()
    }

    /// The error for an argument of the wrong kind.
    #[must_use]
    pub fn wrong(&self, what: &str, expected: &str, found: &Dynamic) -> Error {
        self.wrong_kind(what, expected, kind(found))
    }

    fn wrong_kind(&self, what: &str, expected: &str, found: &str) -> Error {
        let found = if found == "()" && self.taken > 0 { "nothing, `()`".to_owned() } else { format!("a {found}") };
        Error::recipe(format!("`{}` expects {what} as {expected}, and got {found}", self.name()))
            .help(format!("call it as `{}`", self.function.usage))
    }

    /// Hosts from a value: a host, a name, or a list of these.
    ///
    /// # Errors
    /// For anything else, and for a host string that cannot be read.
    pub fn hosts(&self, value: &Dynamic) -> Result<Vec<Arc<Server>>, Error> {
        if let Some(list) = value.read_lock::<Array>() {
            let mut hosts: Vec<Arc<Server>> = Vec::new();
            for item in list.iter() {
                for host in self.hosts(item)? {
                    if !hosts.iter().any(|known| known.key() == host.key() && known.user == host.user) {
                        hosts.push(host);
                    }
                }
            }
            return Ok(hosts);
        }
        if let Some(host) = value.clone().try_cast::<super::host_type::Host>() {
            return Ok(vec![host.server()]);
        }
        if value.is_unit() {
            return Ok(Vec::new());
        }
        match text(value) {
            Some(name) => super::servers::called(self.world(), &name),
            None => Err(self.wrong("hosts", "hosts from `roles(…)`, or their names", value)),
        }
    }

    /// An error as Rhai carries it, with the place and host of this call where it has none.
    #[must_use]
    pub fn raise(&self, mut error: Error, position: Position) -> Box<EvalAltResult> {
        error = error.at(self.place());
        if let Some(here) = &self.frame.here {
            error = error.on(here.transport.label());
        }
        raise(error, position)
    }
}
