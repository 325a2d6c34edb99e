//! `install`, `check`, `remove` and `enable` of a unit: what is on disk.

use rhai::Dynamic;

use crate::error::Error;
use crate::model::command::Body;
use crate::model::event::Level;
use crate::model::file_script::Written;
use crate::model::secret::Vault;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::dispatch::ask_job;
use crate::recipe::dsl::managers::{LOUD, body_job, changed, failed, option, script_job, teller};
use crate::recipe::dsl::unit_actions::{report, subject, unwilling};
use crate::recipe::dsl::units::Unit;
use crate::systemd::install_script;
use crate::systemd::mode::Mode;
use crate::systemd::unit_script::{self, NEVER_STARTED, UNCHANGED};
use crate::systemd::unit_text;

pub fn install(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let unit = subject(call)?;
    let content = call.text("the text of the unit")?;
    let is_secret = Vault::is_sealed(&content);
    let mode = match option(call, &options, "mode")? {
        None if is_secret => 0o600,
        None => 0o644,
        Some(mode) => u32::from_str_radix(&mode, 8).ok().filter(|mode| *mode <= 0o7777).ok_or_else(|| {
            Error::recipe(format!("`{mode}` is not a mode")).help("write it in octal: `mode: \"0600\"`")
        })?,
    };
    check_text(&unit, &content)?;
    let content = if content.ends_with('\n') { content } else { format!("{content}\n") };
    let line = install_script::install(&unit.manager, &unit.name, mode, !is_secret);
    let title = format!("install {}", unit.name);
    let body = Body::Fed { line, text: content, title: title.clone() };
    let (tell, is_dry) = (teller(call)?, call.world().options.dry_run);
    let (manager, name, host) = (unit.manager, unit.name, call.here()?.transport.label());
    let unwritten = name.clone();
    let job = body_job(call, &manager, body, title, LOUD, move |ran| {
        let said = String::from_utf8_lossy(&ran.stderr);
        let is_ours = !said.contains("sudo:") && ran.exit.status == 1;
        is_ours.then(|| {
            failed(format!("`{unwritten}` could not be written on {host}: {}", said.trim()))
                .help("whoever owns the manager has to be able to write into the folder of its units")
        })
    })?;
    ask_job(call, job, move |ran| {
        let written = Written::read(&ran.stdout);
        if written.is_changed && !written.diff.is_empty() {
            tell(Level::Info, format!("{name} has changed:\n{}", written.diff));
        } else if written.is_changed && is_secret && !is_dry {
            tell(Level::Info, format!("{name} has changed; it holds secrets, so what has changed is not shown"));
        }
        Ok(changed(written.is_changed))
    })
}

pub fn check(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let content = call.text("the text of the unit")?;
    check_text(&unit, &content)?;
    Ok(Dynamic::UNIT)
}

/// What can be known to be wrong with a text before systemd sees it.
fn check_text(unit: &Unit, content: &str) -> Result<(), Error> {
    check_user_lines(unit, content)?;
    unit_text::check(content)
}

/// A unit of a user must have no `User=`, or it cannot start (216/GROUP); one of the machine without it runs as root.
fn check_user_lines(unit: &Unit, content: &str) -> Result<(), Error> {
    if !unit.name.as_str().ends_with(".service") {
        return Ok(());
    }
    let mut users = content.lines().filter_map(|line| line.trim().strip_prefix("User=")).map(str::trim);
    let last = users.next_back();
    match (unit.manager.mode, last) {
        (Mode::User, Some(user)) => Err(Error::recipe(format!(
            "`{}` is a service of a user and has the line `User={user}`, with which it cannot start",
            unit.name
        ))
        .help("leave that line out")
        .help(format!("to run it as `{user}`: `unit(name, #{{ user: \"{user}\" }})`"))),
        (Mode::System, None | Some("")) => Err(Error::recipe(format!(
            "`{}` is a service of the machine without a `User=`, so it would run as root",
            unit.name
        ))
        .help("name who runs it: `set(\"service_user\", \"deploy\")`, or `User=root` where root is meant")),
        _ => Ok(()),
    }
}

pub fn remove(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let title = format!("remove {}", unit.name);
    let script = install_script::remove(&unit.manager, &unit.name);
    let job = script_job(call, &unit.manager, script, title, LOUD, |_| None)?;
    let is_dry = call.world().options.dry_run;
    ask_job(call, job, move |ran| {
        Ok(changed(is_dry || report(&ran).before.iter().any(|line| line == install_script::REMOVED)))
    })
}

pub fn enable(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let unit = subject(call)?;
    let title = unit.manager.typed(&["enable", unit.name.as_str()]);
    let script = unit_script::enable(&unit.manager, &unit.name);
    let (manager, host) = (unit.manager.clone(), call.here()?.transport.label());
    let job = script_job(call, &manager, script, title, LOUD, move |ran| {
        if ran.exit.status != NEVER_STARTED {
            return unwilling(&unit, "enabled", ran, &host);
        }
        let target = if unit.manager.mode == Mode::User { "default.target" } else { "multi-user.target" };
        Some(
            failed(format!("`{}` is enabled on {host}, and would never start at boot", unit.name))
                .note("nothing that its manager starts wants it: `systemctl show -p WantedBy` is empty")
                .help(format!("its section [Install] needs `WantedBy={target}`, or `sockets.target` for a socket")),
        )
    })?;
    let is_dry = call.world().options.dry_run;
    ask_job(call, job, move |ran| Ok(changed(is_dry || !report(&ran).before.iter().any(|line| line == UNCHANGED))))
}
