//! `on` and `run_locally`: where the commands of a block go.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::event::Level;
use crate::model::filter::Filter;
use crate::model::selection::{self, Asked};
use crate::model::server::Server;
use crate::model::value::Value;
use crate::recipe::callable::{Callable, isolate};
use crate::recipe::connect::{this_machine, transport};
use crate::recipe::diagnose::diagnose;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::servers::Host;
use crate::recipe::dsl::settings::value_of;
use crate::recipe::dsl::table::{Function, RangeInclusiveUsize as Args};
use crate::recipe::dsl::wishes::wishes;
use crate::recipe::frame::{Block, Frame, Here};
use crate::recipe::progress;
use crate::recipe::values::{text, to_value};
use crate::runner::each::each;
use crate::runner::policy::{Mode, OnFailure, Policy};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "on",
        usage: "on(hosts, #{ run: \"parallel\", limit: 2, wait: 5 }, |host| { … })",
        about: "Run a block for each host: `run` is \"parallel\" (all at once, or `limit` at a time), \"sequence\" or \
                \"groups\" of `limit`; `wait` is seconds between hosts or groups. Gives a map from host to the value of its block.",
        arity: Args(2, 3),
        run: on,
    },
    Function {
        name: "run_locally",
        usage: "run_locally(|| { … })",
        about: "Run the commands of a block on this machine.",
        arity: Args(1, 1),
        run: run_locally,
    },
];

fn on(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let asked = call.any();
    let mut next = call.any();
    let mut options = Map::new();
    if next.is_map() {
        options = next.cast::<Map>();
        next = call.any();
    }
    let Some(block) = call.callable(&next) else {
        return Err(call.wrong("what to do", "a closure such as `|host| { … }`", &next));
    };
    if let Some(arity) = block.arity()
        && arity > 1
    {
        return Err(Error::recipe(format!("the closure takes {arity} parameters, but `on` gives one, the host")));
    }
    if call.frame().here.as_ref().is_some_and(|here| here.block == Block::On) {
        return Err(Error::recipe("`on` stands inside `on`")
            .help("collect what the inner block needs first, then call `on` a second time"));
    }
    let policy = policy(&options)?;
    let hosts = call.hosts(&asked)?;
    if hosts.is_empty() {
        return Err(nothing_there(call));
    }
    let selected = filter(call)?.select(&hosts);
    if selected.is_empty() {
        let text = format!("skipped: none of {} is among the hosts selected", names(&hosts));
        call.world().say(Level::Info, &text, call.frame(), call.place());
        return Ok(Map::new().into());
    }
    run_on(call, &selected, &block, policy)
}

fn run_on(call: &Call<'_>, hosts: &[Arc<Server>], block: &Callable, policy: Policy) -> Result<Dynamic, Error> {
    let world = call.world().clone();
    // One copy of the captured variables a host, made before the threads begin.
    let jobs: Vec<(Arc<Server>, Callable)> = hosts.iter().map(|server| (server.clone(), block.isolated())).collect();
    let frame = call.frame().clone();
    let engine = call.engine();
    let wishes = wishes(call)?;
    let file = block.place().map(|place| place.file);
    let outcome = each(
        &jobs,
        policy,
        &frame.cancel,
        |(server, _)| server.label(),
        |(server, block), cancel| {
            let transport = transport(&world, server, &wishes)?;
            let label = transport.label();
            let inner = Frame {
                here: Some(Here { server: server.clone(), transport, block: Block::On }),
                cancel: cancel.clone(),
                ..frame.clone()
            };
            progress::under(cancel, || {
                let value = block
                    .call(engine, inner, vec![Dynamic::from(Host::new(server.clone()))])
                    .map_err(|error| diagnose(*error, &world.scripts, file.clone()).on(label))?;
                Ok(isolate(&value))
            })
        },
    );
    let results = outcome.into_result()?;
    Ok(results.into_iter().map(|((server, _), value)| (server.address().into(), value)).collect::<Map>().into())
}

fn policy(options: &Map) -> Result<Policy, Error> {
    for name in options.keys() {
        if !["run", "limit", "wait"].contains(&name.as_str()) {
            return Err(Error::recipe(format!("`on` has no option `{name}`"))
                .maybe_help(crate::model::suggest::did_you_mean(name, ["run", "limit", "wait"]))
                .note("its options are `run`, `limit` and `wait`"));
        }
    }
    let run = options.get("run").map(|run| text(run).unwrap_or_default());
    let mode = match run.as_deref() {
        None | Some("parallel") => Mode::Parallel,
        Some("sequence") => Mode::Sequence,
        Some("groups") => Mode::Groups,
        Some(other) => {
            let known = ["parallel", "sequence", "groups"];
            return Err(Error::recipe(format!("`on` cannot run `{other}`"))
                .maybe_help(crate::model::suggest::did_you_mean(other, known))
                .note("`run` is \"parallel\", \"sequence\" or \"groups\""));
        }
    };
    let limit = match options.get("limit").map(to_value).transpose()? {
        None | Some(Value::Unit) => None,
        Some(Value::Int(limit)) if limit > 0 => usize::try_from(limit).ok(),
        Some(other) => {
            return Err(Error::recipe(format!("`limit` is `{other}`, but has to be a whole number of at least 1")));
        }
    };
    let wait = match options.get("wait").map(to_value).transpose()? {
        None | Some(Value::Unit) => Duration::ZERO,
        Some(Value::Int(seconds)) if seconds >= 0 => Duration::from_secs(seconds.unsigned_abs()),
        Some(Value::Float(seconds)) if seconds.is_finite() && seconds >= 0.0 => {
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
        }
        Some(other) => return Err(Error::recipe(format!("`wait` is `{other}`, but has to be a number of seconds"))),
    };
    let policy = Policy { mode, limit, wait, on_failure: OnFailure::FinishOthers };
    policy.check()?;
    Ok(policy)
}

/// The filter of the run: `-r`, `-z`, `ROLES`, `HOSTS` and the setting `filter`, worked out at the first `on`.
fn filter<'a>(call: &'a Call<'_>) -> Result<&'a Filter, Error> {
    let world = call.world();
    if let Some(filter) = world.filter.get() {
        return Ok(filter);
    }
    let setting = value_of(call, "filter")?.map(|value| to_value(&value)).transpose()?;
    let filter = crate::recipe::selection::filter(world, setting.as_ref())?;
    Ok(world.filter.get_or_init(|| filter))
}

fn nothing_there(call: &Call<'_>) -> Error {
    let world = call.world();
    let asked = world.nothing_found.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
    let asked = Asked { roles: &asked.0, conditions: &asked.1 };
    world.inventory(|inventory| selection::empty(asked, &Filter::default(), inventory))
}

fn names(hosts: &[Arc<Server>]) -> String {
    hosts.iter().map(|server| server.label()).collect::<Vec<_>>().join(", ")
}

fn run_locally(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let block = call.closure("what to do")?;
    let (server, transport) = this_machine(call.world());
    call.call(&block, Vec::new(), |frame| {
        if frame.here.replace(Here { server, transport, block: Block::Locally }).is_some() {
            // The directory, variables and user of a host mean nothing here.
            (frame.dir, frame.umask, frame.user) = (None, None, None);
            frame.env.clear();
            (frame.batch, frame.shielded) = (None, false);
        }
    })
}
