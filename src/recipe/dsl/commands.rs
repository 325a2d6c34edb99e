//! `execute`, `test`, `capture`, `run`, `raw`: commands on the host of the block.

use rhai::{Array, Dynamic, Engine, Map};

use crate::error::Error;
use crate::model::command::{Body, Command, Word};
use crate::model::event::Level;
use crate::model::secret::Vault;
use crate::recipe::batch::Batch;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::limits::{Own, limits, own};
use crate::recipe::dsl::surroundings::environment;
use crate::recipe::dsl::table::{Function, MANY, RangeInclusiveUsize as Args};
use crate::recipe::frame::Here;
use crate::recipe::kept::{self, Decode, Kept};
use crate::recipe::values::text;
use crate::runner::execute::{Desk, Job, Ran, Wish};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "execute",
        usage: "execute(\"program\", argument, …) or execute(\"a shell line\")",
        about: "Run a command; it raises unless it ends with status 0. Arguments are quoted, always; one string alone is \
                a shell line. Options: `verbosity: \"debug\"`, `help: \"what to do should it fail\"`, `timeout: 60`, \
                `idle_timeout: 60`.",
        arity: Args(1, MANY),
        run: execute,
    },
    Function {
        name: "test",
        usage: "test(\"program\", argument, …) or test(\"[ -f x ]\")",
        about: "Run a command and say whether it ended with status 0. Options: `dry_run: value` for what `--dry-run` is told, \
                `timeout`, `idle_timeout`.",
        arity: Args(1, MANY),
        run: test,
    },
    Function {
        name: "capture",
        usage: "capture(\"program\", argument, …) or capture(\"a shell line\")",
        about: "Run a command and give what it printed, without white space around it. Options: `strip: false`, \
                `dry_run: value` for what `--dry-run` is told, `timeout`, `idle_timeout`.",
        arity: Args(1, MANY),
        run: capture,
    },
    Function {
        name: "run",
        usage: "run(\"program\", argument, …) or run(\"a shell line\")",
        about: "Run a command that may fail and give `#{ ok, status, signal, stdout, stderr }`. Options: `timeout`, \
                `idle_timeout`, and reaching one raises.",
        arity: Args(1, MANY),
        run,
    },
    Function {
        name: "raw",
        usage: "raw(text)",
        about: "An argument the host's shell may expand: `execute(\"ls\", raw(\"$HOME/*\"))`.",
        arity: Args(1, 1),
        run: raw,
    },
];

/// A text that is not quoted.
#[derive(Clone, Debug)]
pub struct Raw(String);

/// Registers the type of unquoted text.
pub fn register_types(engine: &mut Engine) {
    engine.register_type_with_name::<Raw>("raw").register_fn("to_string", |raw: &mut Raw| raw.0.clone());
}

fn execute(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options(&["verbosity", "help", "timeout", "idle_timeout"])?;
    let own = own(call, &options)?;
    let level = match options.get("verbosity").and_then(text).map(|level| level.to_ascii_lowercase()).as_deref() {
        None | Some("info") => Level::Info,
        Some("debug") => Level::Debug,
        Some("warn") => Level::Warn,
        Some("error") => Level::Error,
        Some(other) => {
            return Err(
                Error::recipe(format!("`{other}` is not a verbosity")).note("there are debug, info, warn and error")
            );
        }
    };
    let help = options
        .get("help")
        .map(|help| text(help).ok_or_else(|| Error::recipe(format!("`help` is `{help}`, but has to be a string"))));
    let command = command(call)?;
    let wish = Wish { level, must_succeed: true, keep_output: false };
    let job = job(call, command, wish, None)?;
    order(call, Job { help: help.transpose()?, limits: limits(call, own)?, ..job })
}

fn test(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options(&["dry_run", "timeout", "idle_timeout"])?;
    let own = own(call, &options)?;
    let stand_in = stand_in(call, &options);
    run_command(call, Wish { level: Level::Debug, must_succeed: false, keep_output: false }, own, |ran| {
        Ok(stand_in.unwrap_or_else(|| (ran.exit.status == 0).into()))
    })
}

fn capture(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options(&["strip", "dry_run", "timeout", "idle_timeout"])?;
    let own = own(call, &options)?;
    let stand_in = stand_in(call, &options);
    let strip = options.get("strip").is_none_or(|strip| strip.as_bool().unwrap_or(true));
    run_command(call, Wish { level: Level::Debug, must_succeed: true, keep_output: true }, own, move |ran| {
        let stdout = output(&ran.stdout);
        Ok(stand_in.unwrap_or_else(|| if strip { stdout.trim().into() } else { stdout.into() }))
    })
}

fn run(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options(&["dry_run", "timeout", "idle_timeout"])?;
    let own = own(call, &options)?;
    let stand_in = stand_in(call, &options);
    run_command(call, Wish { level: Level::Info, must_succeed: false, keep_output: true }, own, |ran| {
        Ok(stand_in.unwrap_or_else(|| outcome(&ran)))
    })
}

/// How a command has ended, as `run` gives it.
fn outcome(ran: &Ran) -> Dynamic {
    let mut map = Map::new();
    map.insert("ok".into(), (ran.exit.status == 0).into());
    map.insert("status".into(), i64::from(ran.exit.status).into());
    map.insert("signal".into(), ran.exit.signal().map_or(Dynamic::UNIT, Dynamic::from));
    map.insert("stdout".into(), output(&ran.stdout).into());
    map.insert("stderr".into(), output(&ran.stderr).into());
    map.into()
}

/// Output of a command as a recipe gets it.
#[must_use]
pub fn output(bytes: &[u8]) -> String {
    Vault::foreign(String::from_utf8_lossy(bytes).into_owned())
}

/// What a dry run is told instead of an answer, where the recipe says so.
fn stand_in(call: &Call<'_>, options: &Map) -> Option<Dynamic> {
    options.get("dry_run").filter(|_| call.world().options.dry_run).cloned()
}

fn raw(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    Ok(Dynamic::from(Raw(call.text("the text")?)))
}

fn run_command(
    call: &mut Call<'_>,
    wish: Wish,
    own: Own,
    decode: impl FnOnce(Ran) -> Result<Dynamic, Error> + Send + 'static,
) -> Result<Dynamic, Error> {
    let command = command(call)?;
    let job = Job { limits: limits(call, own)?, ..job(call, command, wish, None)? };
    send_job(call, job, Some(Box::new(decode)))
}

/// The command of a call, from what is left of its arguments.
fn command(call: &mut Call<'_>) -> Result<Command, Error> {
    call.here()?;
    let words = call.rest();
    surrounded(call, body(call, words)?)
}

/// Runs a command on the host of the call and makes a value of what it found; inside `batch` it is kept back, and the
/// value is one that stands in for it.
///
/// # Errors
/// Outside `on`, those of the command, and those of `decode`.
pub fn send(
    call: &Call<'_>,
    command: Command,
    wish: Wish,
    title: Option<String>,
    decode: impl FnOnce(Ran) -> Result<Dynamic, Error> + Send + 'static,
) -> Result<Dynamic, Error> {
    send_job(call, job(call, command, wish, title)?, Some(Box::new(decode)))
}

/// Runs a command that nothing is read from; inside any `batch` it is kept back.
///
/// # Errors
/// Outside `on`, and those of the command.
pub fn order(call: &Call<'_>, job: Job) -> Result<Dynamic, Error> {
    send_job(call, job, None)
}

/// As [`send`] with a decoder, as [`order`] without one.
///
/// # Errors
/// As these.
pub fn send_job(call: &Call<'_>, job: Job, decode: Option<Decode>) -> Result<Dynamic, Error> {
    let here = call.here()?;
    job.command.check()?;
    let frame = call.frame();
    if let Some(batch) = &frame.batch {
        return Ok(batch.keep(job, frame.shielded, decode));
    }
    let alone = Batch::default();
    let value = alone.keep(job, frame.shielded, decode);
    send_or_hold(call, &here, alone.take()?)?;
    Ok(alone.resolve(value))
}

/// Sends commands, after those that were kept back; where nothing is read from them they may be kept back themselves.
///
/// # Errors
/// Those of the commands.
pub fn send_or_hold(call: &Call<'_>, here: &Here, kept: Vec<Kept>) -> Result<(), Error> {
    let frame = call.frame();
    match &frame.held {
        None => Ok(kept::run(&desk(call, here), kept)?),
        // What is shielded may fail as a whole, and be caught.
        Some(held) if kept::gives_something(&kept) || frame.shielded => held.flush_host(here, kept, frame),
        Some(held) => held.keep(here, kept, frame),
    }
}

/// What surrounds everything a call does on its host.
#[must_use]
pub fn desk<'a>(call: &'a Call<'_>, here: &'a Here) -> Desk<'a> {
    kept::desk(call.world(), here, &call.frame().cancel)
}

/// A command as this call wants it run.
///
/// # Errors
/// A time-out in the settings that is none.
pub fn job(call: &Call<'_>, command: Command, wish: Wish, title: Option<String>) -> Result<Job, Error> {
    let (limits, task) = (limits(call, Own::default())?, call.frame().task().map(str::to_owned));
    Ok(Job { command, wish, limits, title, task, place: call.place(), help: None, explain: None })
}

/// A command body with the surroundings of the call.
///
/// # Errors
/// A `default_env` that is no map.
pub fn surrounded(call: &Call<'_>, body: Body) -> Result<Command, Error> {
    let frame = call.frame();
    let mut env = Vec::new();
    if let Some(default) = super::settings::value_of(call, "default_env")?.filter(|value| !value.is_unit()) {
        let map = default.clone().try_cast::<Map>().ok_or_else(|| {
            Error::recipe(format!(
                "setting `default_env` is a {}, but has to be a map",
                crate::recipe::values::kind(&default)
            ))
        })?;
        env = environment(call, &map)?;
    }
    env.extend(frame.env.iter().cloned());
    let mut umask = frame.umask.clone();
    if umask.is_none() {
        umask = super::settings::text_of(call, "umask")?;
    }
    Ok(Command { body, dir: frame.dir.clone(), env, umask, user: frame.user.clone() })
}

/// The body of a command from the arguments of a call: one string alone is a shell line, anything else a program.
fn body(call: &Call<'_>, args: Vec<Dynamic>) -> Result<Body, Error> {
    if let [only] = args.as_slice()
        && let Some(line) = text(only)
    {
        return Ok(Body::Line(line));
    }
    let mut words = Vec::new();
    for (i, arg) in args.into_iter().enumerate() {
        flatten(call, arg, i + 1, &mut words)?;
    }
    Ok(Body::Program(words))
}

fn flatten(call: &Call<'_>, value: Dynamic, number: usize, words: &mut Vec<Word>) -> Result<(), Error> {
    match value.try_cast_result::<Array>() {
        Ok(list) => list.into_iter().try_for_each(|item| flatten(call, item, number, words)),
        Err(single) => {
            words.push(word(call, &single, &format!("argument {number}"))?);
            Ok(())
        }
    }
}

/// A value as a word of a command.
///
/// # Errors
/// For `()`, which would silently become an empty argument in other tools, and for anything that is no text.
pub fn word(call: &Call<'_>, value: &Dynamic, what: &str) -> Result<Word, Error> {
    if let Some(text) = text(value) {
        return Ok(Word::Text(text));
    }
    if let Some(raw) = value.clone().try_cast::<Raw>() {
        return Ok(Word::Raw(raw.0));
    }
    if value.is_int() || value.is_bool() || value.is_float() {
        return Ok(Word::Text(value.to_string()));
    }
    if value.is_unit() {
        return Err(Error::recipe(format!("{what} of `{}` is ()", call.name()))
            .help("a setting that is not set gives (): give it a default, `fetch(\"name\", \"default\")`")
            .help("an argument that is meant to be empty is \"\""));
    }
    Err(call.wrong(what, "text or a number", value))
}
