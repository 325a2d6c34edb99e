//! The options of `on`.

use std::time::Duration;

use rhai::Map;

use crate::error::Error;
use crate::model::suggest::did_you_mean;
use crate::model::value::Value;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::setting_values::value_of;
use crate::recipe::dsl::signature::{Parameter, TRUTH, ValueKind, WHOLE, maybe};
use crate::recipe::values::{text, to_value};
use crate::runner::max_fail::MaxFail;
use crate::runner::policy::{Mode, Policy};

/// What they are called, and what they may be.
pub(super) const ON: &[Parameter] = &[
    maybe("run", &[ValueKind::OneOf(&["parallel", "sequence", "groups"])]),
    maybe("limit", WHOLE),
    maybe("wait", &[ValueKind::Number]),
    maybe("max_fail", &[ValueKind::Whole, ValueKind::Text]),
    maybe("once", TRUTH),
];

/// What the options of an `on` say.
#[derive(Debug, Default)]
pub struct OnOptions {
    /// How to spread the work.
    pub policy: Policy,
    /// How many hosts may fail, where the `on` says so.
    pub max_fail: Option<MaxFail>,
    /// Whether it is for the first of its hosts only.
    pub once: bool,
}

/// Reads the options of an `on`.
///
/// # Errors
/// An option there is none of, a value that it cannot have, options that contradict each other.
pub fn on_options(call: &Call<'_>, options: &Map) -> Result<OnOptions, Error> {
    call.check_options(options)?;
    let options = &call.in_known_words(options.clone());
    let run = options.get("run").map(|run| text(run).unwrap_or_default());
    let mode = match run.as_deref() {
        None | Some("parallel") => Mode::Parallel,
        Some("sequence") => Mode::Sequence,
        Some("groups") => Mode::Groups,
        Some(other) => {
            let known = ["parallel", "sequence", "groups"];
            return Err(Error::recipe(format!("`on` cannot run `{other}`"))
                .maybe_help(did_you_mean(other, known))
                .note("`run` is \"parallel\", \"sequence\" or \"groups\""));
        }
    };
    let limit = match options.get("limit").map(to_value).transpose()? {
        None | Some(Value::Unit) => None,
        Some(Value::Int(limit)) if limit > 0 => usize::try_from(limit).ok(),
        Some(other) => {
            return Err(Error::recipe(format!("`limit` is `{other}`, but has to be a whole number of at least 1")));
        }
    };
    let wait = match options.get("wait").map(to_value).transpose()? {
        None | Some(Value::Unit) => Duration::ZERO,
        Some(Value::Int(seconds)) if seconds >= 0 => Duration::from_secs(seconds.unsigned_abs()),
        Some(Value::Float(seconds)) if seconds.is_finite() && seconds >= 0.0 => {
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
        }
        Some(other) => return Err(Error::recipe(format!("`wait` is `{other}`, but has to be a number of seconds"))),
    };
    let max_fail = match options.get("max_fail").map(to_value).transpose()? {
        None | Some(Value::Unit) => None,
        Some(value) => Some(MaxFail::of(&value).map_err(|problem| Error::recipe(format!("`max_fail` {problem}")))?),
    };
    let policy = Policy { mode, limit, wait, ..Policy::default() };
    policy.check()?;
    let once = match options.get("once").map(to_value).transpose()? {
        None | Some(Value::Unit) => false,
        Some(Value::Bool(once)) => once,
        Some(other) => return Err(Error::recipe(format!("`once` is `{other}`, but has to be true or false"))),
    };
    if let Some(name) = ["run", "limit", "wait"].into_iter().find(|name| once && options.contains_key(*name)) {
        return Err(
            Error::recipe(format!("`once` is for one host, and `{name}` for several")).help("leave out one of the two")
        );
    }
    Ok(OnOptions { policy, max_fail, once })
}

/// How many hosts of the run may fail where the `on` does not say: `--max-fail`, else the setting.
///
/// # Errors
/// A lazy setting with a value that it cannot have.
pub fn usual_max_fail(call: &Call<'_>) -> Result<MaxFail, Error> {
    if let Some(max_fail) = call.world().options.max_fail {
        return Ok(max_fail);
    }
    match value_of(call, "max_fail")?.map(|value| to_value(&value)).transpose()? {
        None | Some(Value::Unit) => Ok(MaxFail::Hosts(0)),
        Some(value) => {
            MaxFail::of(&value).map_err(|problem| Error::recipe(format!("the setting `max_fail` {problem}")))
        }
    }
}
