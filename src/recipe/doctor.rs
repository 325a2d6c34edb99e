//! The check-up of a stage: every host looked at, and what recipes of their own found there.
//!
//! Owns the way from what `stdlib/doctor.rhai` gives to plain findings, without what is secret in them.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, Map, Scope};

use crate::error::{Error, Kind};
use crate::model::doctor::checkup::{Checkup, HostCheckup, Told};
use crate::model::doctor::table::finding;
use crate::model::doctor::unreachable::unreachable;
use crate::model::host_finding::Severity;
use crate::model::redacted::redacted;
use crate::model::secret::Vault;
use crate::model::server::Server;
use crate::recipe::diagnose::diagnose;
use crate::recipe::failure::Failure;
use crate::recipe::setting_rows::masked;
use crate::recipe::values::{text, to_value};
use crate::recipe::world::World;
use crate::recipe::{loader, progress};

/// The stock recipe, and its function that looks at all hosts.
const MODULE: &str = "doctor";
const FUNCTION: &str = "check_up";

/// Looks at every host of the stage that the filters leave.
///
/// # Errors
/// A selection without a host, and a cancel. What is wrong with a host is a finding.
pub fn check_up(engine: &Engine, world: &Arc<World>) -> Result<Checkup, Error> {
    loader::require(engine, world, MODULE, None)?;
    let file = format!("stdlib/{MODULE}.rhai");
    let ast = world.scripts.asts().into_iter().find(|(name, _)| **name == *file);
    let (_, ast) = ast.ok_or_else(|| Error::new(Kind::Internal, format!("`{file}` was not read")))?;
    let found: Map = progress::under(&world.cancel, || {
        engine
            .call_fn(&mut Scope::new(), &ast, FUNCTION, ())
            .map_err(|error| diagnose(*error, &world.scripts, Some(file.as_str().into())))
    })?;
    let servers: Vec<Arc<Server>> = world.inventory(|inventory| inventory.servers().cloned().collect());
    let hosts =
        servers.iter().filter_map(|server| Some(host(&world.vault, server, found.get(server.address().as_str())?)));
    Ok(Checkup { hosts: hosts.collect(), findings: Vec::new() })
}

/// What was found on a host.
fn host(vault: &Vault, server: &Server, found: &Dynamic) -> HostCheckup {
    let found = found.clone().try_cast::<Map>().unwrap_or_default();
    let list = |name: &str| found.get(name).and_then(|list| list.clone().try_cast::<Array>()).unwrap_or_default();
    let mut findings: Vec<Told> = Vec::new();
    if let Some(thrown) = found.get("error") {
        findings.push(failed(vault, thrown, true));
    }
    for value in list("findings") {
        let told = told(&value).unwrap_or_else(|| odd(&value));
        // The look at services may say what another one has said.
        if !findings.iter().any(|known| known.problem == told.problem) {
            findings.push(told);
        }
    }
    findings.extend(list("errors").iter().map(|thrown| failed(vault, thrown, false)));
    findings.sort_by_key(|told| std::cmp::Reverse(told.severity));
    let facts = found.get("facts").filter(|facts| facts.is_map()).and_then(|facts| to_value(facts).ok());
    HostCheckup {
        host: server.label(),
        roles: server.roles.iter().cloned().collect(),
        facts: facts.map(|facts| masked(&facts, vault)),
        findings: findings.into_iter().map(|told| without_secrets(told, vault)).collect(),
    }
}

/// An error of a host: of the way there and the look itself, or of a look of the recipe's own.
fn failed(vault: &Vault, thrown: &Dynamic, is_whole: bool) -> Told {
    let Some(failure) = thrown.clone().try_cast::<Failure>() else {
        let what = text(thrown).unwrap_or_else(|| thrown.to_string());
        return look_failed(&what, String::new());
    };
    let error = redacted(vault, failure.error().clone());
    if is_whole && !matches!(error.kind(), Kind::Recipe | Kind::Thrown | Kind::Usage) {
        return unreachable(&error).into();
    }
    let parts = error.parts();
    let place = parts.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    let mut told = look_failed(&format!("{error}{place}"), parts.help.first().cloned().unwrap_or_default());
    told.details.clone_from(&parts.notes);
    told
}

fn look_failed(what: &str, repair: String) -> Told {
    finding("look-failed", what).then("nobody knows what else is wrong there").repair(repair).into()
}

/// A finding that is none.
fn odd(value: &Dynamic) -> Told {
    let repair = r#"#{ id: "queue", severity: "warning", problem: "…", consequence: "…", repair: "…" }"#;
    look_failed(&format!("a look of the setting `doctor` gave {value}, and not a finding"), repair.to_owned())
}

/// A finding as recipes have it.
fn told(value: &Dynamic) -> Option<Told> {
    let map = value.read_lock::<Map>()?;
    let word = |name: &str| map.get(name).and_then(text);
    let details = map
        .get("details")
        .and_then(|list| list.read_lock::<Array>().map(|list| list.iter().filter_map(text).collect()));
    Some(Told {
        id: word("id")?,
        severity: match word("severity")?.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            "note" => Severity::Note,
            _ => return None,
        },
        problem: word("problem")?,
        consequence: word("consequence").unwrap_or_default(),
        repair: word("repair").unwrap_or_default(),
        details: details.unwrap_or_default(),
        unit: word("unit"),
        user: word("user"),
    })
}

fn without_secrets(told: Told, vault: &Vault) -> Told {
    let clean = |text: String| vault.redact(&text).into_owned();
    Told {
        problem: clean(told.problem),
        consequence: clean(told.consequence),
        repair: clean(told.repair),
        details: told.details.into_iter().map(clean).collect(),
        ..told
    }
}
