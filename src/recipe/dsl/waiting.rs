//! `sleep`: a pause that a cancel ends.

use std::time::Duration;

use rhai::Dynamic;

use crate::error::Error;
use crate::model::value::Value;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{NOTHING, ValueKind, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::to_value;
use crate::runner::pause::pause;
use crate::transport::api::cancelled;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "sleep",
    usage: "sleep(seconds)",
    about: "Wait. A Ctrl-C ends it; a dry run does not wait.",
    takes: &[one("seconds", &[ValueKind::Number])],
    options: &[],
    gives: NOTHING,
    run: sleep,
}];

fn sleep(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let asked = call.any();
    let time = match to_value(&asked) {
        Ok(Value::Int(seconds)) => Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
        Ok(Value::Float(seconds)) if !seconds.is_nan() => {
            Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
        }
        _ => return Err(call.wrong("how long", "a number of seconds", &asked)),
    };
    call.frame().flush()?;
    if call.world().options.dry_run || pause(time, &call.frame().cancel) { Ok(Dynamic::UNIT) } else { Err(cancelled()) }
}
