//! `ask`, `secret`, `env`, `is_dry_run`: values from outside the recipe.

use std::sync::{Mutex, PoisonError};

use rhai::Dynamic;

use crate::error::Error;
use crate::model::secret::Vault;
use crate::place::Place;
use crate::recipe::asking;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::signature::{ANY, NOTHING, OPTIONS, TEXT, TRUTH, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::validate::judge_new;
use crate::recipe::settings::{Question, Stored};
use crate::recipe::validators::Candidate;
use crate::recipe::values::text;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "ask",
        usage: "ask(name, default, #{ prompt: \"…\", echo: false })",
        about: "Make a setting whose value is typed when it is first fetched. With `echo: false` it is a secret. Where nobody \
                can answer the default is the value, and without one that is an error.",
        takes: &[one("name", TEXT), maybe("default", ANY), OPTIONS],
        options: &[&[maybe("prompt", TEXT), maybe("echo", TRUTH)]],
        gives: NOTHING,
        run: ask,
    },
    Function {
        name: "secret",
        usage: "secret(text)",
        about: "A text that is never shown: not in logs, plans, errors or argument lists of this machine.",
        takes: &[one("text", TEXT)],
        options: &[],
        gives: TEXT,
        run: secret,
    },
    Function {
        name: "is_dry_run",
        usage: "is_dry_run()",
        about: "Whether this is a run with `--dry-run`, that changes nothing.",
        takes: &[],
        options: &[],
        gives: TRUTH,
        run: is_dry_run,
    },
    Function {
        name: "env",
        usage: "env(name, default)",
        about: "A variable of this machine's environment, or a KEY=value word of the command line.",
        takes: &[one("name", TEXT), maybe("default", ANY)],
        options: &[],
        gives: ANY,
        run: env,
    },
];

/// One question at a time, whatever thread it comes from.
static ASKING: Mutex<()> = Mutex::new(());

fn ask(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    let name = call.text("the name of a setting")?;
    let default = call.any();
    let prompt = options.get("prompt").and_then(text);
    let echo = options.get("echo").is_none_or(|echo| echo.as_bool().unwrap_or(true));
    let question = Stored::Question(Question { prompt, default, echo });
    call.world().settings.set(&name, question, call.place())?;
    Ok(Dynamic::UNIT)
}

/// Puts a question to the user, once: the answer becomes the value of the setting.
///
/// # Errors
/// An answer the setting cannot have.
pub fn answer(call: &Call<'_>, name: &str, question: &Question, place: Option<Place>) -> Result<Dynamic, Error> {
    let _one = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let world = call.world();
    if let Some(Stored::Value(value)) = world.settings.get(name).map(|setting| setting.stored) {
        return Ok(value);
    }
    call.frame().flush()?;
    let subject = question.prompt.clone().unwrap_or_else(|| format!("Please enter {name}"));
    let default = if question.default.is_unit() { None } else { Some(question.default.to_string()) };
    let shown = match (&default, question.echo) {
        (Some(default), true) => format!("{subject} ({}): ", world.vault.redact(default)),
        _ => format!("{subject}: "),
    };
    let typed = asking::ask(world, &call.frame().cancel, shown, question.echo)?;
    if typed.is_none() && question.default.is_unit() {
        return Err(Error::recipe(format!("nobody answers the question for `{name}`, and it has no default"))
            .at(place)
            .note("a question is asked on the terminal, and never in CI")
            .help(format!("give a default: `ask(\"{name}\", env(\"{}\"))`", name.to_uppercase())));
    }
    let value = match typed.filter(|typed| !typed.is_empty()) {
        Some(typed) if question.echo => Dynamic::from(Vault::foreign(typed)),
        Some(typed) => world.vault.seal(&typed).into(),
        None if question.echo || question.default.is_unit() => question.default.clone(),
        None => world.vault.seal(&question.default.to_string()).into(),
    };
    judge_new(call, &Candidate { name, value: &value, place: place.clone(), server: None })?;
    world.settings.set(name, Stored::Value(value.clone()), place)?;
    Ok(value)
}

fn secret(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let value = call.any();
    match text(&value) {
        Some(text) if text.is_empty() => Err(Error::recipe("the secret is empty")
            .help("`secret(env(\"NAME\"))` needs the variable NAME to be set where windlass runs")),
        Some(text) => Ok(call.world().vault.seal(&text).into()),
        None if value.is_unit() => Err(Error::recipe("the secret is (), there is no text to keep")
            .help("`secret(env(\"NAME\"))` needs the variable NAME to be set where windlass runs")),
        None => Err(call.wrong("the secret", "a string", &value)),
    }
}

fn env(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let name = call.text("the name of a variable")?;
    let default = call.any();
    Ok(call.world().env(&name).map_or(default, |value| Vault::foreign(value).into()))
}

#[expect(clippy::unnecessary_wraps, reason = "the table wants every function to be able to fail")]
fn is_dry_run(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    Ok(call.world().options.dry_run.into())
}
