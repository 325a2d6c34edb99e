//! Which manager of services a call means, and how its scripts run.
//!
//! Owns the way from options and settings to a [`Manager`], and what all functions for services share: one script, one
//! trip, an error that says what to do.

use rhai::{Dynamic, Map};

use crate::error::{Error, Kind};
use crate::model::command::Body;
use crate::model::event::{Event, Level};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::surrounded;
use crate::recipe::dsl::dispatch::job;
use crate::recipe::dsl::setting_values::text_of;
use crate::recipe::dsl::signature::{Parameter, TEXT, ValueKind, maybe};
use crate::recipe::origin::origin;
use crate::recipe::values::text;
use crate::runner::execute::{Explain, Job, Ran, Wish};
use crate::systemd::bus::BusTrouble;
use crate::systemd::manager::{Manager, NO_USER};
use crate::systemd::mode::Mode;
use crate::systemd::user_name::check_user_name;

/// Options every function for services takes.
pub const MANAGER: &[Parameter] = &[maybe("mode", &[ValueKind::OneOf(&["user", "system"])]), maybe("user", TEXT)];

/// A command whose output is shown in the log only.
pub const QUIET: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };
/// A command that changes something.
pub const LOUD: Wish = Wish { level: Level::Info, must_succeed: true, keep_output: true };

/// The manager that options and settings name: `mode`, else setting `service_unit_user`; `user`, else whoever the
/// commands of the call run as.
///
/// # Errors
/// A mode or a user that cannot be one.
pub fn manager_of(call: &Call<'_>, options: &Map) -> Result<Manager, Error> {
    let mode = match option(call, options, "mode")? {
        Some(mode) => Mode::parse(&mode, "option `mode`")?,
        None => match text_of(call, "service_unit_user")? {
            Some(mode) => Mode::parse(&mode, "the setting `service_unit_user`")
                .map_err(|error| error.at(origin(call.frame(), "service_unit_user").place))?,
            None => Mode::default(),
        },
    };
    let user = option(call, options, "user")?;
    if let Some(user) = &user {
        check_user_name(user, "option `user`")?;
    }
    let folder = text_of(call, "service_unit_path")?;
    let systemctl = text_of(call, "systemctl_bin")?.unwrap_or_else(|| "systemctl".to_owned());
    Ok(Manager { mode, user: other_user(call, user).filter(|_| mode == Mode::User), systemctl, folder })
}

/// A user who is not the one the commands run as anyway: what is shown of these takes no `sudo` then, as it takes none.
fn other_user(call: &Call<'_>, user: Option<String>) -> Option<String> {
    let frame = call.frame();
    let runs_as = frame.user.as_ref().or_else(|| frame.here.as_ref()?.server.user.as_ref());
    user.filter(|user| runs_as != Some(user))
}

/// The manager of a user, whatever the settings say; of whoever the commands of the call run as where none is named.
///
/// # Errors
/// As [`manager_of`].
pub fn manager_of_user(call: &Call<'_>, user: Option<String>) -> Result<Manager, Error> {
    let systemctl = text_of(call, "systemctl_bin")?.unwrap_or_else(|| "systemctl".to_owned());
    Ok(Manager { systemctl, ..Manager::of_user(other_user(call, user))? })
}

/// An option that is a text; none for `()`.
///
/// # Errors
/// When it is something else.
pub fn option(call: &Call<'_>, options: &Map, name: &str) -> Result<Option<String>, Error> {
    match options.get(name).filter(|value| !value.is_unit()) {
        None => Ok(None),
        Some(value) => text(value).map(Some).ok_or_else(|| call.wrong(&format!("`{name}`"), "a string", value)),
    }
}

/// An option that is a number of seconds.
///
/// # Errors
/// When it is something else, or less than nothing.
pub fn seconds(call: &Call<'_>, options: &Map, name: &str, default: u64) -> Result<u64, Error> {
    match options.get(name).filter(|value| !value.is_unit()) {
        None => Ok(default),
        Some(value) => value
            .as_int()
            .ok()
            .and_then(|seconds| u64::try_from(seconds).ok())
            .ok_or_else(|| call.wrong(&format!("`{name}`"), "a whole number of seconds", value)),
    }
}

/// A script as this call wants it run: shown as `title`, its failure explained by `explain` where it knows, and by what
/// any script can meet otherwise.
///
/// # Errors
/// Outside `on`, and what [`surrounded`] refuses.
pub fn script_job(
    call: &Call<'_>,
    manager: &Manager,
    script: String,
    title: String,
    wish: Wish,
    explain: impl Fn(&Ran) -> Option<Error> + Send + Sync + 'static,
) -> Result<Job, Error> {
    body_job(call, manager, Body::Own(script), title, wish, explain)
}

/// As [`script_job`], of any body.
///
/// # Errors
/// As [`script_job`].
pub fn body_job(
    call: &Call<'_>,
    manager: &Manager,
    body: Body,
    title: String,
    wish: Wish,
    explain: impl Fn(&Ran) -> Option<Error> + Send + Sync + 'static,
) -> Result<Job, Error> {
    let here = call.here()?;
    let (host, user) = (here.transport.label(), manager.user.clone());
    let explain = Explain::new(move |ran: &Ran| explain(ran).or_else(|| meets(ran, user.as_deref(), &host)));
    Ok(Job { explain: Some(explain), answers: true, ..job(call, surrounded(call, body)?, wish, Some(title))? })
}

/// What every script can meet: a user who is not there, a `sudo` that refuses, a bus nobody answers.
fn meets(ran: &Ran, user: Option<&str>, host: &str) -> Option<Error> {
    let said = String::from_utf8_lossy(&ran.stderr);
    // Without a user it is whoever logs in, and the host is called `user@host` where that is known.
    let login = host.split_once('@').map(|(login, _)| login);
    let name = user.or(login).unwrap_or("whoever logs in");
    if ran.exit.status == NO_USER
        && let Some(user) = user
    {
        return Some(
            failed(format!("there is no user `{user}` on {host}"))
                .help(format!("create it: `sudo useradd --create-home {user}`, or change the setting that names it")),
        );
    }
    if said.contains("sudo:") {
        let error = failed(match user {
            Some(user) => format!("sudo does not let windlass manage the services of `{user}` on {host}"),
            None => format!("sudo does not let windlass manage the services of {host}"),
        });
        let whom = user.unwrap_or("root");
        return Some(
            error
                .help(format!(
                    "on {host}, `visudo -f /etc/sudoers.d/windlass` with the line `{} ALL=({whom}) NOPASSWD: ALL`, or `-K` for a password",
                    login.unwrap_or("LOGIN")
                ))
                .help(match user {
                    Some(user) => format!("or log in as `{user}` itself"),
                    None => "or let a user run them: `set(\"service_unit_user\", \"user\")`".to_owned(),
                }),
        );
    }
    let trouble = BusTrouble::read(&said)?;
    Some(failed(format!("{}, on {host}", trouble.cause(name))).help(trouble.remedy(name)))
}

/// The error of a service that is not as it should be.
pub fn failed(message: impl Into<String>) -> Error {
    Error::new(Kind::Command, message)
}

/// Says something about the host of a call, later.
///
/// # Errors
/// Outside `on`.
pub fn teller(call: &Call<'_>) -> Result<impl Fn(Level, String) + Send + Sync + 'static + use<>, Error> {
    let world = std::sync::Arc::clone(call.world());
    let (host, task) = (Some(call.here()?.transport.label()), call.frame().task().map(str::to_owned));
    let place = call.place();
    Ok(move |level, text: String| {
        let text = world.vault.redact(&text).into_owned();
        world.sink.emit(&Event::Message { level, text, host: host.clone(), task: task.clone(), place: place.clone() });
    })
}

/// What a function that may change something gives.
pub fn changed(is_changed: bool) -> Dynamic {
    if is_changed { "changed".into() } else { "unchanged".into() }
}
