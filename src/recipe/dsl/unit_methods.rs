//! What can be done with a unit: `unit("app_worker").restart()`.

use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::event::Level;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::{ask_job, order};
use crate::recipe::dsl::managers::{LOUD, QUIET, failed, option, script_job, teller};
use crate::recipe::dsl::settings::value_of;
use crate::recipe::dsl::table::{Function, RangeInclusiveUsize as Args};
use crate::recipe::dsl::units::Unit;
use crate::recipe::dsl::{unit_install, unit_wait};
use crate::recipe::values::text;
use crate::runner::execute::Ran;
use crate::systemd::unit_report::UnitReport;
use crate::systemd::unit_script::{self, Leave, MISSING, Verb};

/// The methods; the unit itself counts as their first argument.
pub const METHODS: &[Function] = &[
    Function {
        name: "install",
        usage: "unit.install(text, #{ mode: \"0644\" })",
        about: "Write the file of the unit where it differs, in one step, and show what has changed. With a secret in it the \
                mode is 0600 and nothing is shown. Gives \"changed\" or \"unchanged\".",
        arity: Args(2, 3),
        run: unit_install::install,
    },
    Function {
        name: "remove",
        usage: "unit.remove()",
        about: "Remove the file of the unit, its additions and the links that start it. Gives \"changed\" or \"unchanged\".",
        arity: Args(1, 1),
        run: unit_install::remove,
    },
    Function {
        name: "enable",
        usage: "unit.enable()",
        about: "Have it started at boot. Gives \"changed\" or \"unchanged\"; raises where it is wanted by a target its \
                manager does not have, and so would never start.",
        arity: Args(1, 1),
        run: unit_install::enable,
    },
    Function {
        name: "disable",
        usage: "unit.disable()",
        about: "Have it started at boot no more. Gives whether the host knows it.",
        arity: Args(1, 1),
        run: |call| leave(call, Verb::Disable),
    },
    Function {
        name: "start",
        usage: "unit.start()",
        about: "Start it; one that runs is left as it is.",
        arity: Args(1, 1),
        run: |call| act(call, Verb::Start),
    },
    Function {
        name: "stop",
        usage: "unit.stop()",
        about: "Stop it. Gives whether the host knows it.",
        arity: Args(1, 1),
        run: |call| leave(call, Verb::Stop),
    },
    Function {
        name: "restart",
        usage: "unit.restart()",
        about: "Stop and start it.",
        arity: Args(1, 1),
        run: |call| act(call, Verb::Restart),
    },
    Function {
        name: "reload",
        usage: "unit.reload()",
        about: "Tell it to read its configuration again, as its `ExecReload=` says.",
        arity: Args(1, 1),
        run: |call| act(call, Verb::Reload),
    },
    Function {
        name: "kill",
        usage: "unit.kill(\"TSTP\", #{ who: \"main\", while_locked: deploy_to() })",
        about: "Send a signal to its main process, or to all with `who: \"all\"`. Gives whether there was one. With \
                `while_locked` the host starts it anew by itself should nobody have done so when the lock of that folder is no \
                longer kept alive.",
        arity: Args(2, 3),
        run: kill,
    },
    Function {
        name: "status",
        usage: "unit.status()",
        about: "How it stands: `#{ active, sub, loaded, enabled, pid, restarts, result, since, reason, journal }`.",
        arity: Args(1, 1),
        run: status,
    },
    Function {
        name: "show",
        usage: "unit.show(\"MainPID\", …) or unit.show([…])",
        about: "Properties of it, as texts in a map.",
        arity: Args(2, 8),
        run: show,
    },
    Function {
        name: "logs",
        usage: "unit.logs(100)",
        about: "The last lines of its log, 100 of them unless another number is given.",
        arity: Args(1, 2),
        run: logs,
    },
    Function {
        name: "wait_active",
        usage: "unit.wait_active(#{ timeout: 30, settle: 2, current: current_path() })",
        about: "Wait until it runs and goes on running for `settle` seconds with the same process; with `current` it has to \
                run from the release this leads to. Gives `#{ pid, release, title }`, and raises with the reason and the end \
                of its log.",
        arity: Args(1, 2),
        run: unit_wait::wait_active,
    },
];

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

fn act(call: &mut Call<'_>, verb: Verb) -> Result<Dynamic, Error> {
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
fn leave(call: &mut Call<'_>, verb: Verb) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let title = unit.manager.typed(&[verb.word(), unit.name.as_str()]);
    let script = unit_script::verb(&unit.manager, verb, &unit.name);
    there(call, unit, script, title, if verb == Verb::Stop { "stopped" } else { "disabled" })
}

fn kill(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options(&["who", "while_locked"])?;
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
    let script = unit_script::kill(&unit.manager, name, all, leave.transpose()?.as_ref(), &unit.name);
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

fn status(call: &mut Call<'_>) -> Result<Dynamic, Error> {
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

fn show(call: &mut Call<'_>) -> Result<Dynamic, Error> {
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

fn logs(call: &mut Call<'_>) -> Result<Dynamic, Error> {
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
