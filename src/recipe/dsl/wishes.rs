//! What settings say about connections.

use indexmap::IndexMap;

use crate::error::Error;
use crate::model::value::Value;
use crate::recipe::connect::Wishes;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::limits::connect_timeout;
use crate::recipe::dsl::setting_values::value_of;
use crate::recipe::known_settings::check;
use crate::recipe::settings::Stored;
use crate::recipe::values::to_value;

/// Works out the settings that are about connections.
///
/// # Errors
/// A value outside its rule, or whatever a lazy one raises.
pub fn wishes(call: &Call<'_>) -> Result<Wishes, Error> {
    sudo_password(call)?;
    Ok(Wishes { ssh_options: ssh_options(call)?, warm: warm(call)?, connect_timeout: connect_timeout(call)? })
}

/// Takes in the setting `sudo_password`, unless `-K` or an earlier block has given one.
///
/// # Errors
/// A question that nobody answers, or what is no password.
pub fn sudo_password(call: &Call<'_>) -> Result<(), Error> {
    let world = call.world();
    let Some(setting) = world.settings.get("sudo_password") else { return Ok(()) };
    if world.options.dry_run || world.vault.sudo_password().is_some() {
        return Ok(());
    }
    let was_asked = matches!(setting.stored, Stored::Question(_));
    let fault = |what: &str| {
        Error::recipe(format!("the setting `sudo_password` {what}"))
            .help("call windlass with `-K` in a terminal, or `set(\"sudo_password\", secret(env(\"SUDO_PASSWORD\")))`")
            .at(setting.place.clone())
    };
    let value = value_of(call, "sudo_password")
        .map_err(|error| if was_asked { error.help("or call windlass with `-K`, in a terminal") } else { error })?;
    let value = value.map(|value| to_value(&value)).transpose()?;
    match value.as_ref().and_then(Value::as_text).filter(|text| !text.is_empty()) {
        Some(text) => world.vault.keep_sudo_password(&world.vault.reveal(text)?),
        None if was_asked => Err(fault("was asked for, and nobody has answered")),
        None => Err(fault("is no text")),
    }
}

/// The options of ssh for the stage: setting `ssh_options`, and `connection_timeout` as its `timeout`.
fn ssh_options(call: &Call<'_>) -> Result<IndexMap<String, Value>, Error> {
    let value = value_of(call, "ssh_options")?.map(|value| to_value(&value)).transpose()?;
    let mut options = match value {
        None | Some(Value::Unit) => IndexMap::new(),
        Some(Value::Map(map)) => map,
        Some(other) => {
            return Err(Error::recipe(format!("the setting `ssh_options` is `{other}`, but has to be a map"))
                .help("for example `set(\"ssh_options\", #{ forward_agent: true })`"));
        }
    };
    if let Some(timeout) = value_of(call, "connection_timeout")?.map(|value| to_value(&value)).transpose()? {
        options.entry("timeout".to_owned()).or_insert(timeout);
    }
    Ok(options)
}

/// How many seconds connections stay: `--warm`, or the setting.
fn warm(call: &Call<'_>) -> Result<u32, Error> {
    if let Some(seconds) = call.world().options.warm {
        return Ok(seconds);
    }
    let Some(value) = value_of(call, "warm")? else { return Ok(0) };
    check("warm", &value)?;
    Ok(value.as_int().ok().and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0))
}
