//! `examine_services`, `disconnect`: whether services are up, and stay up when nobody looks.

use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::host_finding::{Finding, Severity};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::ask_job;
use crate::recipe::dsl::managers::{MANAGER, QUIET, manager_of, option, script_job};
use crate::recipe::dsl::signature::{LIST, MAP, NOTHING, OPTIONS, Parameter, TEXT, TRUTH, ValueKind, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;
use crate::runner::execute::Ran;
use crate::systemd::cksum::cksum;
use crate::systemd::health::asked::{Asked, Examined};
use crate::systemd::health::facts::Facts;
use crate::systemd::health::probe;
use crate::systemd::health::rules::examine;
use crate::systemd::mode::Mode;
use crate::systemd::unit_name::UnitName;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "examine_services",
        usage: "examine_services([#{ unit: name, service: \"app\", current: current_path() }], #{ mode, user })",
        about: "Look, in one trip that changes nothing, for the 28 ways in which services of a host do not live or do not \
                go on living. Gives a list, the worst first and empty where all is well, of `#{ id, severity, unit, user, \
                problem, consequence, repair, details }`. Of a unit may be said: `reads` and `writes`, paths; `text`, its \
                file as it would be written; `runs_as`; `running: false` where it need not run. Options beside `mode` and \
                `user`: `lingering_user`, `missing_linger` (\"error\", \"warning\", \"note\" or \"\"), `others`, the modes of \
                other services by name.",
        takes: &[one("units", &[ValueKind::Maps(EXAMINED)]), OPTIONS],
        options: &[
            MANAGER,
            &[maybe("lingering_user", TEXT), maybe("missing_linger", MISSING_LINGER), maybe("others", MAP)],
        ],
        gives: LIST,
        run: examine_services,
    },
    Function {
        name: "disconnect",
        usage: "disconnect()",
        about: "Close all connections, also those that are to stay for the next run; the next command makes new ones. To see \
                what a host does when nobody is logged in.",
        takes: &[],
        options: &[],
        gives: NOTHING,
        run: disconnect,
    },
];

/// What may be said of a unit.
const EXAMINED: &[Parameter] = &[
    one("unit", TEXT),
    maybe("service", TEXT),
    maybe("runs_as", TEXT),
    maybe("reads", LIST),
    maybe("writes", LIST),
    maybe("current", TEXT),
    maybe("text", TEXT),
    maybe("running", TRUTH),
];
/// How bad it is that a user does not linger.
const MISSING_LINGER: &[ValueKind] = &[ValueKind::OneOf(&["error", "warning", "note", ""])];

fn examine_services(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let value = call.any();
    let Some(list) = value.clone().try_cast::<Array>() else {
        return Err(call.wrong("the units", "a list of maps", &value));
    };
    let mut asked = Asked::of(manager_of(call, &options)?);
    asked.lingering_user = option(call, &options, "lingering_user")?;
    match option(call, &options, "missing_linger")?.as_deref() {
        None => {}
        Some("error") => asked.missing_linger = Some(Severity::Error),
        Some("warning") => asked.missing_linger = Some(Severity::Warning),
        Some("note") => asked.missing_linger = Some(Severity::Note),
        Some("") => asked.missing_linger = None,
        Some(other) => {
            return Err(Error::recipe(format!("option `missing_linger` is `{other}`"))
                .note("there are error, warning, note and an empty text"));
        }
    }
    if let Some(others) = options.get("others").and_then(Dynamic::read_lock::<Map>) {
        for (name, mode) in others.iter() {
            asked.others.push((name.to_string(), Mode::parse(&call.shown(mode), &format!("the mode of `{name}`"))?));
        }
    }
    for unit in list {
        asked.units.push(examined(call, &unit)?);
    }
    let script = probe::script(&asked);
    let (host, manager) = (call.here()?.transport.label(), asked.manager.clone());
    let title = format!("examine {} services", asked.manager.mode.name());
    let job = script_job(call, &manager, script, title, QUIET, |_| None)?;
    let is_dry = call.world().options.dry_run;
    ask_job(call, job, move |ran: Ran| {
        if is_dry {
            return Ok(Array::new().into());
        }
        let facts = Facts::parse(&String::from_utf8_lossy(&ran.stdout), &asked).map_err(|error| error.on(host))?;
        Ok(examine(&asked, &facts).iter().map(described).collect::<Array>().into())
    })
}

/// A unit to examine, as a recipe says it.
fn examined(call: &Call<'_>, value: &Dynamic) -> Result<Examined, Error> {
    let known = || EXAMINED.iter().map(|key| key.name);
    let Some(map) = value.read_lock::<Map>() else {
        return Err(call.wrong("a unit", "a map such as `#{ unit: \"app_worker\", service: \"worker\" }`", value));
    };
    if let Some(name) = map.keys().find(|name| known().all(|key| key != name.as_str())) {
        return Err(Error::recipe(format!("a unit to examine has no `{name}`"))
            .maybe_help(crate::model::suggest::did_you_mean(name, known())));
    }
    let word = |name: &str| map.get(name).filter(|value| !value.is_unit()).and_then(text);
    let paths = |name: &str| -> Vec<String> {
        map.get(name)
            .and_then(|list| list.read_lock::<Array>().map(|list| list.iter().filter_map(text).collect()))
            .unwrap_or_default()
    };
    let name = UnitName::parse(&word("unit").unwrap_or_default())?;
    let service = word("service").unwrap_or_else(|| name.stem().to_owned());
    let content = word("text").map(|text| call.world().vault.reveal(&text)).transpose()?;
    Ok(Examined {
        is_meant_to_run: map.get("running").is_none_or(|running| running.as_bool() != Ok(false)),
        runs_as: word("runs_as"),
        reads: paths("reads"),
        writes: paths("writes"),
        current: word("current"),
        checksum: content.map(|content| {
            let ended = if content.ends_with('\n') { content } else { format!("{content}\n") };
            cksum(ended.as_bytes())
        }),
        ..Examined::of(name, service)
    })
}

/// A finding as a recipe gets it.
pub(super) fn described(finding: &Finding) -> Dynamic {
    let optional = |text: Option<&str>| text.map_or(Dynamic::UNIT, |text| text.to_owned().into());
    Map::from([
        ("id".into(), finding.id.into()),
        ("severity".into(), finding.severity.name().into()),
        ("unit".into(), optional(finding.unit.as_deref())),
        ("user".into(), optional(finding.user.as_deref())),
        ("problem".into(), finding.problem.as_str().into()),
        ("consequence".into(), finding.consequence.as_str().into()),
        ("repair".into(), finding.repair.as_str().into()),
        ("details".into(), finding.details.iter().cloned().map(Dynamic::from).collect::<Array>().into()),
    ])
    .into()
}

fn disconnect(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    if call.frame().here.is_some() {
        return Err(Error::recipe("`disconnect` closes all connections, and stands inside `on`, which is using one")
            .help("call it between two `on` blocks"));
    }
    call.frame().flush()?;
    if let Some(pool) = call.world().pool.get() {
        pool.hang_up();
    }
    Ok(Dynamic::UNIT)
}
