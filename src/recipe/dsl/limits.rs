//! How long commands may take, from their options, the command line and the settings.

use std::time::Duration;

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::limits::{Limit, Limits, nearest};
use crate::model::span;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::setting_values::value_of;
use crate::recipe::dsl::signature::{Parameter, TIME, maybe};
use crate::recipe::values::to_value;

/// The options of a command that limit it.
pub const LIMITS: &[Parameter] = &[maybe("timeout", TIME), maybe("idle_timeout", TIME)];

/// What a command says about itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own {
    timeout: Option<Duration>,
    idle: Option<Duration>,
}

/// Reads [`LIMITS`].
///
/// # Errors
/// A value that is no length of time.
pub fn own(call: &Call<'_>, options: &Map) -> Result<Own, Error> {
    let read = |name: &str| {
        let value = options.get(name).filter(|value| !value.is_unit());
        value
            .map(time)
            .transpose()
            .map_err(|error| error.note(format!("it is the option `{name}` of `{}`", call.name())))
    };
    Ok(Own { timeout: read("timeout")?, idle: read("idle_timeout")? })
}

/// The limits of a command.
///
/// # Errors
/// A setting that is no length of time, and whatever a lazy one raises.
pub fn limits(call: &Call<'_>, own: Own) -> Result<Limits, Error> {
    let line = call.world().options.times;
    let of = |limit, call_time, line_time| -> Result<_, Error> {
        Ok(nearest(call_time, line_time, setting(call, Limit::setting(limit))?))
    };
    Ok(Limits { command: of(Limit::Command, own.timeout, line.command)?, idle: of(Limit::Idle, own.idle, line.idle)? })
}

/// The setting `connect_timeout`.
///
/// # Errors
/// As [`limits`].
pub fn connect_timeout(call: &Call<'_>) -> Result<Option<Duration>, Error> {
    setting(call, "connect_timeout")
}

fn setting(call: &Call<'_>, name: &str) -> Result<Option<Duration>, Error> {
    value_of(call, name)?.filter(|value| !value.is_unit()).map(|value| time(&value)).transpose()
}

fn time(value: &Dynamic) -> Result<Duration, Error> {
    span::of_value(&to_value(value)?).map_err(Error::recipe)
}
