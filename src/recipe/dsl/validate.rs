//! `validate`: a rule of the recipe's own for a setting.

use rhai::Dynamic;

use crate::error::Error;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{CLOSURE, NOTHING, TEXT, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::origin::origin;
use crate::recipe::validators::{Candidate, Validator, judge, judge_what_stands};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "validate",
    usage: "validate(name, |name, value| { … })",
    about: "Make a rule for a setting: the closure throws what is wrong with a value, or gives `false`. Values are judged \
            when they are set, a lazy one when it is first fetched; what was set before, and what servers say in place of \
            the setting, when all recipes are read. The error stands where the value was set. A setting may have several \
            rules.",
    takes: &[one("name", TEXT), one("rule", CLOSURE)],
    options: &[],
    gives: NOTHING,
    run: validate,
}];

fn validate(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("the name of a setting")?;
    let rule = call.closure("the rule")?;
    let place = call.place();
    call.world().settings.add_validator(&name, Validator { rule, place });
    // While recipes are read, a later file may still set another value.
    if call.world().tasks.get().is_some()
        && let Some(error) = judge_what_stands(call.engine(), call.frame(), &name).into_iter().next()
    {
        return Err(error);
    }
    Ok(Dynamic::UNIT)
}

/// Judges a value before it is stored.
///
/// # Errors
/// A refusal.
pub fn judge_new(call: &Call<'_>, candidate: &Candidate<'_>) -> Result<(), Error> {
    judge(call.engine(), call.frame(), &call.world().settings.validators(candidate.name), candidate)
}

/// Judges what a lazy setting was worked out to, which is remembered already so that its origin is known; a refused value
/// is forgotten again.
///
/// # Errors
/// A refusal.
pub fn judge_worked_out(call: &Call<'_>, name: &str, value: &Dynamic) -> Result<(), Error> {
    let settings = &call.world().settings;
    let rules = settings.validators(name);
    if rules.is_empty() {
        return Ok(());
    }
    let place = origin(call.frame(), name).place;
    judge(call.engine(), call.frame(), &rules, &Candidate { name, value, place, server: None })
        .inspect_err(|_| settings.forget_one(call.frame().owner(), name))
}
