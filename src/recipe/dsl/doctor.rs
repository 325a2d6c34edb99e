//! `examine_host`: what keeps a host from being deployed to.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::command::Body;
use crate::model::doctor::asked::{Asked, Git, USUAL_PROGRAMS};
use crate::model::doctor::facts::Facts;
use crate::model::doctor::probe;
use crate::model::doctor::rules::examine;
use crate::model::doctor::seen::Seen;
use crate::model::doctor::shown::shown;
use crate::model::event::Level;
use crate::model::value::Value;
use crate::recipe::closures::{constant_text, each_call};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::surrounded;
use crate::recipe::dsl::dispatch::{ask_job, job};
use crate::recipe::dsl::health::described;
use crate::recipe::dsl::managers::option;
use crate::recipe::dsl::signature::{LIST, MAP, OPTIONS, TEXT, maybe};
use crate::recipe::dsl::table::Function;
use crate::recipe::stdlib::is_stock;
use crate::recipe::values::{from_value, to_value};
use crate::recipe::world::World;
use crate::runner::execute::{Job, Ran, Wish};

/// Seconds git may take.
const GIT_SECONDS: u64 = 20;

/// The script never fails by itself: each of its answers has a status of its own.
const LOOK: Wish = Wish { level: Level::Debug, must_succeed: false, keep_output: true };

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "examine_host",
    usage: "examine_host(#{ deploy_to: deploy_to(), folders: [shared_path()], needed: [\"git\"] })",
    about: "Look, in one trip that changes nothing, for what keeps a host from being deployed to, as `windlass STAGE doctor` \
            does. Gives `#{ facts, findings }`: what is shown of the host, and a list, the worst first and empty where all is \
            well, of `#{ id, severity, user, problem, consequence, repair, details }`. May be said: `deploy_to`, `folders` \
            that are written into, `current`, the link, `tmp`, `programs` that may stand only in the PATH of a login, those \
            that are `needed`, and `git`, the words of a command that reads the repository at `url`.",
    takes: &[OPTIONS],
    options: &[&[
        maybe("deploy_to", TEXT),
        maybe("folders", LIST),
        maybe("current", TEXT),
        maybe("tmp", TEXT),
        maybe("programs", LIST),
        maybe("needed", LIST),
        maybe("git", LIST),
        maybe("url", TEXT),
    ]],
    gives: MAP,
    run: examine_host,
}];

fn examine_host(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let texts = |name: &str| -> Result<Vec<String>, Error> {
        options.get(name).map_or_else(|| Ok(Vec::new()), |list| Ok(flat(&to_value(list)?)))
    };
    let world = call.world().clone();
    let mut asked = Asked {
        deploy_to: option(call, &options, "deploy_to")?,
        folders: texts("folders")?,
        current: option(call, &options, "current")?,
        tmp: option(call, &options, "tmp")?.unwrap_or_else(|| "/tmp".to_owned()),
        programs: USUAL_PROGRAMS.iter().map(|name| (*name).to_owned()).chain(texts("programs")?).collect(),
        needed: texts("needed")?,
        git: None,
        other_users: other_users(&world),
        has_sudo_password: world.vault.sudo_password().is_some(),
    };
    let words = texts("git")?;
    if !words.is_empty() {
        let url = option(call, &options, "url")?.unwrap_or_else(|| "the repository".to_owned());
        asked.git = Some(Git { words, url, seconds: GIT_SECONDS });
    }
    let here = call.here()?;
    let is_dry = world.options.dry_run;
    // Connecting is not part of the time in which the clocks are compared.
    here.transport.connect(&call.frame().cancel)?;
    let command = surrounded(call, Body::Own(probe::script(&asked)))?;
    let job = Job { answers: true, ..job(call, command, LOOK, Some("look at the host".to_owned()))? };
    let begun = Timestamp::now().as_millisecond();
    ask_job(call, job, move |ran: Ran| {
        if is_dry {
            return Ok(Map::from([("facts".into(), Dynamic::UNIT), ("findings".into(), Array::new().into())]).into());
        }
        let span = (begun, Timestamp::now().as_millisecond());
        let facts = Facts::parse(&String::from_utf8_lossy(&ran.stdout), &asked)
            .map_err(|error| error.on(here.transport.label()))?;
        let login = here.transport.login();
        let seen = Seen { asked: &asked, facts: &facts, login: login.as_ref(), span };
        let findings: Array = examine(&seen).iter().map(described).collect();
        Ok(Map::from([("facts".into(), from_value(&shown(&seen))), ("findings".into(), findings.into())]).into())
    })
}

/// The texts of a list, of lists in it as well.
fn flat(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().flat_map(flat).collect(),
        Value::Text(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// Users whom the recipes name in `as_user`. The stock recipes ask sudo for what they need themselves.
fn other_users(world: &World) -> Vec<String> {
    let mut users = BTreeSet::new();
    for (file, ast) in world.scripts.asts() {
        if is_stock(&file) {
            continue;
        }
        each_call(&ast, &mut |found| {
            if found.call.name == "as_user" {
                users.extend(found.call.args.first().and_then(constant_text));
            }
        });
    }
    users.into_iter().collect()
}
