//! `execute`, `test`, `capture`, `run`, `raw`: commands on the host of the block.

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::event::Level;
use crate::model::secret::Vault;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::{Raw, command};
use crate::recipe::dsl::dispatch::{ask_job, job, order};
use crate::recipe::dsl::limits::{Own, limits, own};
use crate::recipe::dsl::table::{Function, MANY, RangeInclusiveUsize as Args};
use crate::recipe::values::text;
use crate::runner::execute::{Job, Ran, Wish};

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
    ask_job(call, job, decode)
}
