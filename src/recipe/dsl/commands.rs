//! `execute`, `test`, `raw`: commands on the host of the block.

use rhai::Dynamic;

use crate::error::Error;
use crate::model::event::Level;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::Raw;
use crate::recipe::dsl::command_options::{COMMON, DRY_RUN, Options, RAISE, ask, tell};
use crate::recipe::dsl::limits::LIMITS;
use crate::recipe::dsl::signature::{OPTIONS, PROGRAM, TEXT, TRUTH, ValueKind, WORDS, any_number, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::values::text;
use crate::runner::execute::{Job, Wish};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "execute",
        usage: "execute(\"program\", argument, …) or execute(\"a shell line\")",
        about: "Run a command; it raises unless it ends with status 0. Arguments are quoted, always; one string alone is \
                a shell line. Options of every command: `verbosity: \"debug\"`, `stdin: \"what it reads\"`, \
                `shell: \"bash\"`, `timeout: 60`, `idle_timeout: 60`; of this one: `help: \"what to do should it fail\"`, and \
                `raise: false`, which gives whether it has ended with status 0.",
        takes: &[one("program", PROGRAM), any_number("argument", WORDS), OPTIONS],
        options: &[&[maybe("help", TEXT), RAISE], COMMON, LIMITS],
        gives: &[ValueKind::Nothing, ValueKind::Truth],
        run: execute,
    },
    Function {
        name: "test",
        usage: "test(\"program\", argument, …) or test(\"[ -f x ]\")",
        about: "Run a command and say whether it ended with status 0. Option: `dry_run: value` for what `--dry-run` is told.",
        takes: &[one("program", PROGRAM), any_number("argument", WORDS), OPTIONS],
        options: &[&[DRY_RUN], COMMON, LIMITS],
        gives: TRUTH,
        run: test,
    },
    Function {
        name: "raw",
        usage: "raw(text)",
        about: "An argument the host's shell may expand: `execute(\"ls\", raw(\"$HOME/*\"))`.",
        takes: &[one("text", TEXT)],
        options: &[],
        gives: &[ValueKind::Raw],
        run: raw,
    },
];

fn execute(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = Options::of(call)?;
    let help = options
        .map
        .get("help")
        .map(|help| text(help).ok_or_else(|| Error::recipe(format!("`help` is `{help}`, but has to be a string"))));
    let must_succeed = options.flag(call, "raise", true)?;
    let job = options.job(call, Wish { level: Level::Info, must_succeed, keep_output: false })?;
    let job = Job { help: help.transpose()?, ..job };
    if !must_succeed {
        return ask(call, job, |ran| Ok((ran.exit.status == 0).into()));
    }
    tell(call, job)
}

fn test(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = Options::of(call)?;
    let stand_in = options.stand_in(call);
    let job = options.job(call, Wish { level: Level::Debug, must_succeed: false, keep_output: false })?;
    ask(call, job, |ran| Ok(stand_in.unwrap_or_else(|| (ran.exit.status == 0).into())))
}

fn raw(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    Ok(Dynamic::from(Raw(call.text("the text")?)))
}
