//! `on` and `run_locally`: where the commands of a block go.

use std::sync::{Arc, PoisonError};

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::event::Level;
use crate::model::filter::Filter;
use crate::model::selection;
use crate::model::server::Server;
use crate::recipe::aside::{set_aside, without};
use crate::recipe::callable::{Callable, isolate};
use crate::recipe::connect::{this_machine, transport};
use crate::recipe::diagnose::diagnose;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::host_type::Host;
use crate::recipe::dsl::on_options::{ON, OnOptions, on_options, usual_max_fail};
use crate::recipe::dsl::setting_values::value_of;
use crate::recipe::dsl::signature::{ANY, CLOSURE, HOSTS, MAP, NOTHING, OPTIONS, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::wishes::{sudo_password, wishes};
use crate::recipe::frame::{Block, Frame, Here};
use crate::recipe::held::sent;
use crate::recipe::progress;
use crate::recipe::selection::choose;
use crate::recipe::values::to_value;
use crate::runner::each::each;
use crate::runner::policy::Policy;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "on",
        usage: "on(hosts, #{ run: \"parallel\", limit: 2, wait: 5, max_fail: \"20%\", once: false }, |host| { … })",
        about: "Run a block for each host: `run` is \"parallel\" (all at once, or `limit` at a time), \"sequence\" or \
                \"groups\" of `limit`; `wait` is seconds between hosts or groups. Up to `max_fail` hosts of the run may fail and \
                are set aside: later blocks leave them out. With `once: true` only the first of the hosts that are selected \
                has its turn. Gives a map from host to the value of its block.",
        takes: &[one("hosts", HOSTS), OPTIONS, one("block", CLOSURE)],
        options: &[ON],
        gives: MAP,
        run: on,
    },
    Function {
        name: "only_hosts",
        usage: "only_hosts(hosts)",
        about: "Narrow the rest of the run to these hosts, as `-z` does for all of it: every later `on` leaves the others \
                out. Called again, it narrows further.",
        takes: &[one("hosts", HOSTS)],
        options: &[],
        gives: NOTHING,
        run: only_hosts,
    },
    Function {
        name: "filter_hosts",
        usage: "filter_hosts(|host| host.fetch(\"zone\") == env(\"ZONE\"))",
        about: "Use only hosts the closure is true for, in the whole run, as `-z` does. It is asked once for each host. Several \
                narrow further.",
        takes: &[one("closure", CLOSURE)],
        options: &[],
        gives: NOTHING,
        run: filter_hosts,
    },
    Function {
        name: "run_locally",
        usage: "run_locally(|| { … })",
        about: "Run the commands of a block on this machine.",
        takes: &[one("block", CLOSURE)],
        options: &[],
        gives: ANY,
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
    if call.frame().batch.is_some() {
        return Err(Error::recipe("`on` stands inside a `batch` of one host")
            .help("put the `batch` around the whole block, or inside the `on`"));
    }
    let OnOptions { policy, max_fail, once } = on_options(call, &options)?;
    if max_fail.is_some() {
        // What was kept back before goes by what is usual.
        call.frame().flush()?;
    }
    let holds = max_fail.is_none();
    let max_fail = max_fail.map_or_else(|| usual_max_fail(call), Ok)?;
    let hosts = call.hosts(&asked)?;
    if hosts.is_empty() {
        let Some(sources) = call.world().unknown_sources() else { return Err(nothing_there(call)) };
        let text = format!("skipped: the hosts of {sources} are not known");
        call.world().say(Level::Info, &text, call.frame(), call.place());
        return Ok(Map::new().into());
    }
    let selected = selected(call, &hosts)?;
    if selected.is_empty() {
        let text = format!("skipped: none of {} is among the hosts selected", names(&hosts));
        call.world().say(Level::Info, &text, call.frame(), call.place());
        return Ok(Map::new().into());
    }
    let mut left = call.world().roster.left(&selected);
    if once {
        left.hosts.truncate(1);
    }
    if left.hosts.is_empty() {
        let why = if left.without_aside { "was set aside" } else { "is left out by `only_hosts`" };
        let text = format!("skipped: every one of {} {why}", names(&selected));
        call.world().say(Level::Debug, &text, call.frame(), call.place());
        return Ok(Map::new().into());
    }
    let may_fail = call.world().roster.may_fail(max_fail, left.hosts.len(), call.world().hosts_of_run());
    run_on(call, &left.hosts, &block, holds, Policy { max_fail: may_fail, ..policy })
        .map_err(|error| without(sent(error), &call.world().roster.aside(), max_fail))
}

fn run_on(
    call: &Call<'_>,
    hosts: &[Arc<Server>],
    block: &Callable,
    holds: bool,
    policy: Policy,
) -> Result<Dynamic, Error> {
    let world = call.world().clone();
    // One copy of the captured variables a host, made before the threads begin.
    let jobs: Vec<(Arc<Server>, Callable)> = hosts.iter().map(|server| (server.clone(), block.isolated())).collect();
    let frame = call.frame().clone().for_code_of(call.place().as_ref().map(|place| &*place.file))?;
    // Otherwise what one host does has to be done before the next one begins.
    let holds = holds && policy.is_all_at_once(hosts.len());
    let engine = call.engine();
    let wishes = wishes(call)?;
    let file = block.place().map(|place| place.file);
    let mut outcome = each(
        &jobs,
        policy,
        &frame.cancel,
        |(server, _)| server.label(),
        |(server, block), cancel| {
            let transport = transport(&world, server, &wishes)?;
            let label = transport.label();
            let here = Here { server: server.clone(), transport, block: Block::On };
            if let Some(held) = &frame.held {
                held.queue(&here);
            }
            let inner = Frame { here: Some(here), cancel: cancel.clone(), ..frame.clone() };
            progress::under(cancel, || {
                let value = block
                    .call(engine, inner.clone(), vec![Dynamic::from(Host::new(server.clone()))])
                    .map_err(|error| diagnose(*error, &world.scripts, file.clone()).on(label));
                if value.is_err() {
                    // What a block has asked for before it gave up, such as to clean up. It must not hide why.
                    let _ = inner.flush();
                } else if !holds {
                    inner.flush()?;
                }
                Ok(isolate(&value?))
            })
        },
    );
    for ((server, _), error) in outcome.take_failed(policy.max_fail) {
        set_aside(&world, frame.task(), &server, error);
    }
    let results = outcome.into_result()?;
    Ok(results.into_iter().map(|((server, _), value)| (server.address().into(), value)).collect::<Map>().into())
}

fn only_hosts(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let asked = call.any();
    let hosts = call.hosts(&asked)?;
    if call.frame().here.as_ref().is_some_and(|here| here.block == Block::On) {
        return Err(Error::recipe("`only_hosts` stands inside `on`")
            .help("let the block return what decides, and call `only_hosts` afterwards"));
    }
    // What was asked of the others before is still meant for them.
    call.frame().flush()?;
    let selected = selected(call, &hosts)?;
    if call.world().roster.narrowed(&selected).is_empty() {
        return Err(Error::recipe("`only_hosts` leaves no host")
            .note(format!("it was given {}", if hosts.is_empty() { "none".to_owned() } else { names(&hosts) })));
    }
    call.world().roster.narrow(&selected);
    Ok(Dynamic::UNIT)
}

fn filter_hosts(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let closure = call.closure("which hosts to use")?;
    if closure.arity().is_some_and(|arity| arity > 1) {
        return Err(Error::recipe("the closure takes more than one parameter, but `filter_hosts` gives one, the host"));
    }
    if call.world().filter.get().is_some() {
        return Err(Error::recipe("`filter_hosts` comes after the hosts were selected, too late to count")
            .help("call it at the top of `deploy.rhai` or of the stage file; in a task use `only_hosts`"));
    }
    call.world().host_filters.add(closure, call.place());
    Ok(Dynamic::UNIT)
}

/// The filter of the run: `-r`, `-z`, `--limit`, `ROLES`, `HOSTS` and the setting `filter`, worked out at the first `on`.
fn filter<'a>(call: &'a Call<'_>) -> Result<&'a Filter, Error> {
    let world = call.world();
    if let Some(filter) = world.filter.get() {
        return Ok(filter);
    }
    let setting = value_of(call, "filter")?.map(|value| to_value(&value)).transpose()?;
    choose(call.engine(), world, setting.as_ref())
}

/// Those of these hosts that the run is not kept from.
fn selected(call: &Call<'_>, hosts: &[Arc<Server>]) -> Result<Vec<Arc<Server>>, Error> {
    let left = filter(call)?.select(hosts);
    call.world().host_filters.select(call.engine(), call.world(), &left)
}

fn nothing_there(call: &Call<'_>) -> Error {
    let world = call.world();
    if world.options.stage.is_none() && world.inventory(|inventory| inventory.servers().len() == 0) {
        return Error::recipe("there are no hosts")
            .help("name them on the command line: `--hosts web1,web2`")
            .help("or declare them: `server(\"web1\", #{ roles: [\"web\"] });`");
    }
    let asked = world.nothing_found.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
    world.inventory(|inventory| selection::empty(&asked, &Filter::default(), inventory))
}

fn names(hosts: &[Arc<Server>]) -> String {
    hosts.iter().map(|server| server.label()).collect::<Vec<_>>().join(", ")
}

fn run_locally(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let block = call.closure("what to do")?;
    sudo_password(call)?;
    call.frame().flush()?;
    let (server, transport) = this_machine(call.world());
    call.call(&block, Vec::new(), |frame| {
        if frame.here.replace(Here { server, transport, block: Block::Locally }).is_some() {
            // The directory, variables and user of a host mean nothing here.
            (frame.dir, frame.umask, frame.user, frame.group) = (None, None, None, None);
            frame.env.clear();
            frame.shielded = false;
        }
        (frame.batch, frame.held) = (None, None);
    })
}
