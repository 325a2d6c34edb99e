//! `enable_linger`, `disable_linger`, `linger_status`, `linger_users`, `manager_ready`.

use rhai::{Array, Dynamic, Map};

use crate::error::Error;
use crate::model::event::Level;
use crate::model::name_list::quoted;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::ask_job;
use crate::recipe::dsl::managers::{
    LOUD, QUIET, changed, failed, manager_of_user, option, script_job, seconds, teller,
};
use crate::recipe::dsl::signature::{
    CHANGED, LIST, MAP, MAYBE_TEXT, OPTIONS, Parameter, TEXTS, TRUTH, ValueKind, WHOLE, maybe,
};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;
use crate::runner::execute::Ran;
use crate::systemd::bus::BusTrouble;
use crate::systemd::linger::{Report, users};
use crate::systemd::linger_script::{self, FOLDER, Sudo};
use crate::systemd::manager::Manager;
use crate::systemd::refusal::Refusal;
use crate::systemd::user_name::check_user_name;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "enable_linger",
        usage: "enable_linger() or enable_linger(user, #{ sudo: \"auto\", timeout: 15 })",
        about: "Let the services of a user run while nobody is logged in: turn lingering on unless it is, wait until the \
                user's manager runs, and prove it. Gives \"changed\" or \"unchanged\". Without a user, or with (), whoever \
                the commands run as. `sudo` is \"auto\", \"never\" or \"always\", and never needed for oneself where the \
                host has polkit.",
        takes: &[maybe("user", MAYBE_TEXT), OPTIONS],
        options: &[&[SUDO, maybe("timeout", WHOLE)]],
        gives: CHANGED,
        run: enable,
    },
    Function {
        name: "disable_linger",
        usage: "disable_linger() or disable_linger(user, #{ force: false, except: [] })",
        about: "Turn lingering off: the services of the user end with the last login. Refuses while other units of the user \
                are enabled than those in `except`, unless `force` is set. Gives \"changed\" or \"unchanged\".",
        takes: &[maybe("user", MAYBE_TEXT), OPTIONS],
        options: &[&[SUDO, maybe("force", TRUTH), maybe("except", TEXTS)]],
        gives: CHANGED,
        run: disable,
    },
    Function {
        name: "linger_status",
        usage: "linger_status() or linger_status(user)",
        about: "How lingering stands: `#{ user, uid, linger, file, manager, ready, sessions, reason }`. `linger` is true when \
                logind was told, knows, and the user's manager runs; `reason` says why it does not.",
        takes: &[maybe("user", MAYBE_TEXT)],
        options: &[],
        gives: MAP,
        run: status,
    },
    Function {
        name: "linger_users",
        usage: "linger_users()",
        about: "The users of the host who linger, sorted.",
        takes: &[],
        options: &[],
        gives: LIST,
        run: list,
    },
    Function {
        name: "manager_ready",
        usage: "manager_ready() or manager_ready(user, #{ timeout: 15 })",
        about: "Wait until the manager of a user's services answers; it raises, and says why, when it does not.",
        takes: &[maybe("user", MAYBE_TEXT), OPTIONS],
        options: &[&[maybe("timeout", WHOLE)]],
        gives: TRUTH,
        run: ready,
    },
];

/// Whether the host is asked as root.
const SUDO: Parameter = maybe("sudo", &[ValueKind::OneOf(&["auto", "never", "always"])]);

/// Seconds the manager of a user may take to start.
const PATIENCE: u64 = 15;

/// The user of a call; none for whoever its commands run as.
fn user(call: &mut Call<'_>) -> Result<Option<String>, Error> {
    let value = call.any();
    if value.is_unit() {
        return Ok(None);
    }
    let Some(user) = text(&value) else { return Err(call.wrong("the user", "a name", &value)) };
    check_user_name(&user, &format!("the user of `{}`", call.name()))?;
    Ok(Some(user))
}

/// What a script is called: not `loginctl …`, because where nothing has to change that is not run.
fn titled(what: &str, manager: &Manager) -> String {
    manager.user.as_ref().map_or_else(|| what.to_owned(), |user| format!("{what} for {user}"))
}

fn sudo(call: &Call<'_>, options: &Map) -> Result<Sudo, Error> {
    match option(call, options, "sudo")?.as_deref() {
        None | Some("auto") => Ok(Sudo::Auto),
        Some("never") => Ok(Sudo::Never),
        Some("always") => Ok(Sudo::Always),
        Some(other) => Err(Error::recipe(format!("option `sudo` of `{}` is `{other}`", call.name()))
            .note("there are auto, never and always")),
    }
}

fn enable(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let (sudo, patience) = (sudo(call, &options)?, seconds(call, &options, "timeout", PATIENCE)?);
    let user = user(call)?;
    let manager = manager_of_user(call, user)?;
    let title = titled("lingering on", &manager);
    let host = call.here()?.transport.label();
    let script = linger_script::enable(&manager, sudo, patience);
    let job = script_job(call, &manager, script, title, LOUD, move |ran| {
        (ran.exit.status == linger_script::NOT_REACHED).then(|| not_enabled(&report(ran), &host))
    })?;
    let (tell, is_dry) = (teller(call)?, call.world().options.dry_run);
    ask_job(call, job, move |ran| {
        let report = report(&ran);
        let is_changed = report.way.is_some() || report.was_started || is_dry;
        if !is_dry {
            let word = if is_changed { "now on" } else { "on" };
            tell(Level::Info, format!("lingering is {word} for {}: its services outlive every login", report.user));
        }
        Ok(changed(is_changed))
    })
}

/// Why lingering could not be turned on, or is of no use.
fn not_enabled(report: &Report, host: &str) -> Error {
    let user = &report.user;
    if report.file
        && let Some((why, help)) = report.why_not_running()
    {
        return failed(format!("lingering is on for `{user}` on {host}, but its services do not run: {why}"))
            .help(help);
    }
    if report.file {
        return failed(format!("lingering of `{user}` on {host} cannot be proved: logind does not know of it"))
            .note(report.unknown.clone().unwrap_or_else(|| "`loginctl show-user` says `Linger=no`".to_owned()))
            .help(format!("look at `loginctl show-user {user}` and at `sudo journalctl -u systemd-logind -n 20`"));
    }
    let refusal = Refusal::read(&report.said.join("\n"));
    let mut error =
        failed(format!("lingering was refused for `{user}` on {host}: {}", refusal.cause(&report.me, user)))
            .note("without it systemd ends the services of a user about 10 seconds after the last login has ended");
    for help in refusal.help(&report.me, user) {
        error = error.help(help);
    }
    error
}

fn disable(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let sudo = sudo(call, &options)?;
    let is_forced = options.get("force").is_some_and(|force| force.as_bool() == Ok(true));
    let except: Vec<String> = match options.get("except") {
        None => Vec::new(),
        Some(value) => match value.read_lock::<Array>() {
            Some(list) => list.iter().filter_map(text).collect(),
            None => text(value).into_iter().collect(),
        },
    };
    let user = user(call)?;
    let manager = manager_of_user(call, user)?;
    let title = titled("lingering off", &manager);
    let host = call.here()?.transport.label();
    let script = linger_script::disable(&manager, sudo, &except, is_forced);
    let job = script_job(call, &manager, script, title, LOUD, move |ran| {
        (ran.exit.status == linger_script::NOT_REACHED).then(|| not_disabled(&report(ran), &host))
    })?;
    ask_job(call, job, |ran| Ok(changed(report(&ran).way.is_some())))
}

fn not_disabled(report: &Report, host: &str) -> Error {
    let user = &report.user;
    if !report.enabled.is_empty() {
        let units = quoted(report.enabled.iter().map(String::as_str));
        return failed(format!("lingering of `{user}` on {host} is still needed by {units}"))
            .help("disable these first, or leave lingering on")
            .help("`disable_linger(user, #{ force: true })` turns it off all the same, and ends them");
    }
    let refusal = Refusal::read(&report.said.join("\n"));
    failed(format!("lingering of `{user}` on {host} could not be turned off: {}", refusal.cause(&report.me, user)))
        .help(format!("as an administrator of the host: `sudo loginctl disable-linger {user}`"))
}

fn status(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let user = user(call)?;
    let manager = manager_of_user(call, user)?;
    let title = titled("lingering?", &manager);
    let job = script_job(call, &manager, linger_script::status(&manager), title, QUIET, |_| None)?;
    let is_dry = call.world().options.dry_run;
    ask_job(call, job, move |ran| Ok(described(&report(&ran), is_dry)))
}

/// A report as a recipe gets it. A dry run goes on as if lingering were on: it has asked nobody.
fn described(report: &Report, is_dry: bool) -> Dynamic {
    let is_on = is_dry || report.is_on();
    let reason = if is_on {
        Dynamic::UNIT
    } else if !report.file {
        "lingering is off".into()
    } else {
        report.why_not_running().map_or_else(|| "logind does not know of it".into(), |(why, _)| why.into())
    };
    Map::from([
        ("user".into(), report.user.as_str().into()),
        ("uid".into(), i64::from(report.uid).into()),
        ("linger".into(), is_on.into()),
        ("file".into(), report.file.into()),
        ("manager".into(), report.manager.get("ActiveState").unwrap_or("unknown").into()),
        ("ready".into(), (report.ready == Some(true)).into()),
        ("sessions".into(), i64::try_from(report.sessions()).unwrap_or_default().into()),
        ("reason".into(), reason),
    ])
    .into()
}

fn list(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let manager = manager_of_user(call, None)?;
    let script = format!("[ ! -d {FOLDER} ] || ls -A {FOLDER}");
    let job = script_job(call, &manager, script, format!("ls {FOLDER}"), QUIET, |_| None)?;
    ask_job(call, job, |ran| {
        let listing = String::from_utf8_lossy(&ran.stdout).into_owned();
        Ok(users(&listing).into_iter().map(Dynamic::from).collect::<Array>().into())
    })
}

fn ready(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let patience = seconds(call, &options, "timeout", PATIENCE)?;
    let user = user(call)?;
    let manager = manager_of_user(call, user)?;
    let title = manager.typed(&["show", "-p", "Version"]);
    let host = call.here()?.transport.label();
    let script = linger_script::ready(&manager, patience);
    let job = script_job(call, &manager, script, title, QUIET, move |ran| {
        (ran.exit.status == linger_script::NOT_REACHED).then(|| not_ready(&report(ran), patience, &host))
    })?;
    ask_job(call, job, |_| Ok(true.into()))
}

fn not_ready(report: &Report, patience: u64, host: &str) -> Error {
    let user = &report.user;
    let error =
        failed(format!("the manager of the services of `{user}` on {host} does not answer within {patience} s"));
    if !report.file {
        return error
            .note("lingering is off, so it runs only while the user is logged in")
            .help(format!("turn lingering on: `sudo loginctl enable-linger {user}`"));
    }
    if let Some((why, help)) = report.why_not_running() {
        return error.note(why).help(help);
    }
    let said = report.said.join("; ");
    let trouble = BusTrouble::read(&said).filter(|trouble| !trouble.may_pass());
    let help = trouble.map_or_else(|| "give it more time: `timeout: 60`".to_owned(), |trouble| trouble.remedy(user));
    error.note(said).help(help)
}

fn report(ran: &Ran) -> Report {
    Report::parse(&String::from_utf8_lossy(&ran.stdout))
}
