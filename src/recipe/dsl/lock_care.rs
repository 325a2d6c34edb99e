//! Locks looked at, broken and frozen, whoever has them.

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::command::Command;
use crate::model::lock::{Answer, Freeze, Verdict};
use crate::model::{lock_script, lock_words};
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::lock_spots::{record, spots};
use crate::runner::each::each;
use crate::runner::policy::Policy;
use crate::runner::spot::{ANSWER, Spot};

/// As its table says.
pub(super) fn lock_status(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let spots = spots(call)?;
    ask(call, &spots, "look at the deploy lock", |spot| lock_script::status(&spot.deploy_to), status_of)
}

/// As its table says.
pub(super) fn break_lock(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let spots = spots(call)?;
    let record = record(call)?;
    let script = |spot: &Spot| lock_script::break_it(&spot.deploy_to, &record);
    ask(call, &spots, "break the deploy lock", script, |answer| {
        let was = answer.lock.as_ref().filter(|_| answer.verdict == Verdict::Done);
        was.map_or(Dynamic::UNIT, |record| lock_words::who(record).into())
    })
}

/// As its table says.
pub(super) fn freeze_lock(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let spots = spots(call)?;
    let reason = call.text("the reason")?;
    let record = record(call)?;
    let reason = call.world().vault.redact(&reason).into_owned();
    let freeze = Freeze { reason, user: record.user, machine: record.machine, since: record.since };
    let script = |spot: &Spot| lock_script::freeze(&spot.deploy_to, &record.token, &freeze);
    ask(call, &spots, "freeze deploys", script, |_| Dynamic::UNIT).map(|_| Dynamic::UNIT)
}

/// As its table says.
pub(super) fn unfreeze_lock(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let spots = spots(call)?;
    ask(
        call,
        &spots,
        "end the freeze of deploys",
        |spot| lock_script::unfreeze(&spot.deploy_to),
        |answer| answer.freeze.map_or(Dynamic::UNIT, |freeze| freeze.reason.into()),
    )
}

/// Asks every host at the same time; gives a map from host to what was made of its answer.
fn ask(
    call: &Call<'_>,
    spots: &[Spot],
    title: &str,
    script: impl Fn(&Spot) -> Command + Sync,
    make: impl Fn(Answer) -> Dynamic,
) -> Result<Dynamic, Error> {
    if call.world().options.dry_run {
        return Ok(Map::new().into());
    }
    let office = call.world().office(call.frame().task(), call.place());
    let cancel = &call.frame().cancel;
    // Connecting has limits of its own.
    let label = |spot: &Spot| spot.transport.label();
    each(spots, Policy::default(), cancel, label, |spot, cancel| spot.transport.connect(cancel)).into_result()?;
    let answers = office.ask_all(spots, script, title, ANSWER, cancel).into_result()?;
    Ok(answers.into_iter().map(|(spot, answer)| (spot.server.address().into(), make(answer))).collect::<Map>().into())
}

#[expect(clippy::needless_pass_by_value, reason = "what makes a value of an answer takes it")]
fn status_of(answer: Answer) -> Dynamic {
    let mut map = Map::new();
    let mut put = |name: &str, value: Dynamic| map.insert(name.into(), value);
    let optional = |text: Option<String>| text.filter(|text| !text.is_empty()).map_or(Dynamic::UNIT, Dynamic::from);
    put("text", lock_words::status(&answer).into());
    put("held", answer.held().is_some().into());
    put("frozen", answer.freeze.is_some().into());
    put("reason", optional(answer.freeze.as_ref().map(|freeze| freeze.reason.clone())));
    let holder = answer.held().cloned();
    put("left", holder.as_ref().map_or(Dynamic::UNIT, |_| answer.left.into()));
    put("pid", holder.as_ref().map_or(Dynamic::UNIT, |holder| i64::from(holder.pid).into()));
    let holder = holder.unwrap_or_default();
    for (name, value) in [
        ("user", Some(holder.user)),
        ("machine", Some(holder.machine)),
        ("task", Some(holder.task)),
        ("since", Some(holder.since)),
        ("branch", holder.branch),
        ("commit", holder.commit),
        ("ci", holder.ci),
    ] {
        put(name, optional(value));
    }
    map.into()
}
