//! What a unit is told and asked: `start`, `stop`, `kill`, `status`, `show`, `logs`.
//!
//! Owns how their scripts are run and what their failures mean; the table of methods is in [`super::unit_methods`].

use crate::error::Error;
use crate::model::event::Level;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{ask_job, order};
use crate::recipe::dsl::managers::{LOUD, QUIET, failed, option, script_job, teller};
use crate::recipe::dsl::setting_values::value_of;
use crate::recipe::dsl::units::Unit;
use crate::recipe::values::text;
use crate::runner::execute::Ran;
use crate::systemd::signal_script::{self, Leave};
use crate::systemd::unit_report::UnitReport;
use crate::systemd::unit_script::{self, MISSING, Verb};
use rhai::{Array, Dynamic, Map};

/// The unit of a call.
///
/// # Errors
/// Anything that is no unit.
pub fn subject(call: &mut Call<'_>) -> Result<Unit, Error> {
    let value = call.any();
    value.clone().try_cast::<Unit>().ok_or_else(|| call.wrong("a unit", "what `unit(…)` gives", &value))
}

/// What a script about a unit has printed.
#[must_use]
pub fn report(ran: &Ran) -> UnitReport {
    UnitReport::parse(&String::from_utf8_lossy(&ran.stdout))
}

/// The error of a unit that did not do what it was told, with the end of its log.
pub fn unwilling(unit: &Unit, what: &str, ran: &Ran, host: &str) -> Option<Error> {
    let report = report(ran);
    // The manager itself did not answer: what any script can meet.
    report.properties.get("LoadState")?;
    let name = &unit.name;
    let why = report.why().map(|why| format!(": {why}")).unwrap_or_default();
    let mut error = failed(format!("`{name}` could not be {what} on {host}{why}"));
    if !report.journal.is_empty() {
        let last: Vec<&str> = report.journal.iter().rev().take(20).rev().map(String::as_str).collect();
        error = error.note(format!("the end of its log:\n{}", last.join("\n")));
    }
    if report.properties.is("LoadState", "not-found") {
        return Some(error.help("install it first: the task `install` of its service, or `unit.install(text)`"));
    }
    if let Some(words) = report.properties.get("LoadError") {
        error = error.note(format!("systemd says: {words}"));
    }
    Some(error.help(format!("read its whole log on {host}: `{}`", unit.manager.typed_log(name.as_str()))))
}

pub fn act(call: &mut Call<'_>, verb: Verb) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let title = unit.manager.typed(&[verb.word(), unit.name.as_str()]);
    let (script, host) = (unit_script::verb(&unit.manager, verb, &unit.name), call.here()?.transport.label());
    let what = match verb {
        Verb::Start => "started",
        Verb::Restart => "restarted",
        Verb::Reload => "reloaded",
        Verb::Stop => "stopped",
        Verb::Disable => "disabled",
    };
    let manager = unit.manager.clone();
    let job = script_job(call, &manager, script, title, LOUD, move |ran| unwilling(&unit, what, ran, &host))?;
    order(call, job)
}

/// As [`act`], for what is no failure where the host does not know the unit.
pub fn leave(call: &mut Call<'_>, verb: Verb) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let title = unit.manager.typed(&[verb.word(), unit.name.as_str()]);
    let script = unit_script::verb(&unit.manager, verb, &unit.name);
    there(call, unit, script, title, if verb == Verb::Stop { "stopped" } else { "disabled" })
}

pub fn kill(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let all = match option(call, &options, "who")?.as_deref() {
        None | Some("main") => false,
        Some("all") => true,
        Some(other) => {
            return Err(Error::recipe(format!("option `who` of `kill` is `{other}`")).note("there are main and all"));
        }
    };
    let unit = subject(call)?;
    let signal = call.text("the signal")?;
    let name = signal.strip_prefix("SIG").unwrap_or(&signal);
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'-') {
        return Err(Error::recipe(format!("`{signal}` is no signal")).help("for example `unit.kill(\"TSTP\")`"));
    }
    let title = unit.manager.typed(&["kill", "-s", name, unit.name.as_str()]);
    let leave = option(call, &options, "while_locked")?.map(|folder| -> Result<Leave, Error> {
        let ttl = value_of(call, "lock_ttl")?.and_then(|ttl| ttl.as_int().ok()).unwrap_or(60);
        Ok(Leave { folder, ttl: ttl.unsigned_abs() })
    });
    let script = signal_script::kill(&unit.manager, name, all, leave.transpose()?.as_ref(), &unit.name);
    there(call, unit, script, title, "signalled")
}

fn there(call: &Call<'_>, unit: Unit, script: String, title: String, what: &'static str) -> Result<Dynamic, Error> {
    let (manager, host) = (unit.manager.clone(), call.here()?.transport.label());
    let (tell, name) = (teller(call)?, unit.name.clone());
    let job = script_job(call, &manager, script, title, LOUD, move |ran| unwilling(&unit, what, ran, &host))?;
    ask_job(call, job, move |ran| {
        let is_there = !report(&ran).before.iter().any(|line| line == MISSING);
        if !is_there {
            tell(Level::Debug, format!("{name} does not run here, so it is not {what}"));
        }
        Ok(is_there.into())
    })
}

pub fn status(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let title = unit.manager.typed(&["status", unit.name.as_str()]);
    let job =
        script_job(call, &unit.manager, unit_script::show(&unit.manager, &unit.name, &[]), title, QUIET, |_| None)?;
    ask_job(call, job, |ran| {
        let report = report(&ran);
        let word = |name: &str| Dynamic::from(report.properties.get(name).unwrap_or_default().to_owned());
        let number = |name: &str| {
            Dynamic::from(i64::try_from(report.properties.number(name).unwrap_or_default()).unwrap_or_default())
        };
        Ok(Map::from([
            ("active".into(), word("ActiveState")),
            ("sub".into(), word("SubState")),
            ("loaded".into(), word("LoadState")),
            ("enabled".into(), word("UnitFileState")),
            ("pid".into(), number("MainPID")),
            ("restarts".into(), number("NRestarts")),
            ("result".into(), word("Result")),
            ("since".into(), word("ActiveEnterTimestamp")),
            ("reason".into(), report.why().map_or(Dynamic::UNIT, Dynamic::from)),
            ("journal".into(), report.journal.iter().cloned().map(Dynamic::from).collect::<Array>().into()),
        ])
        .into())
    })
}

pub fn show(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let mut names = Vec::new();
    for value in call.rest() {
        for name in value.clone().try_cast::<Array>().unwrap_or_else(|| vec![value]) {
            names.push(text(&name).ok_or_else(|| call.wrong("a property", "a string", &name))?);
        }
    }
    let title = unit.manager.typed(&["show", unit.name.as_str()]);
    let script = unit_script::show(&unit.manager, &unit.name, &names);
    let job = script_job(call, &unit.manager, script, title, QUIET, |_| None)?;
    ask_job(call, job, |ran| {
        let report = report(&ran);
        Ok(report.properties.iter().map(|(name, value)| (name.into(), value.into())).collect::<Map>().into())
    })
}

pub fn logs(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let count = call.any();
    let lines = match count.as_int() {
        _ if count.is_unit() => 100,
        Ok(lines) if lines > 0 => lines.unsigned_abs(),
        _ => return Err(call.wrong("how many lines", "a number", &count)),
    };
    let title = format!("journalctl -u {} -n {lines}", unit.name);
    let mut job =
        script_job(call, &unit.manager, unit_script::logs(&unit.manager, &unit.name, lines), title, QUIET, |_| None)?;
    job.answers = false;
    ask_job(call, job, |ran| Ok(String::from_utf8_lossy(&ran.stdout).into_owned().into()))
}
