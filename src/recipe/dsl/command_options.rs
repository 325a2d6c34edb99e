//! The options that all functions which run a command have.

use std::io::Cursor;

use rhai::{Dynamic, Map};

use crate::error::Error;
use crate::model::command::Command;
use crate::model::event::Level;
use crate::model::suggest::did_you_mean;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::call_command::command;
use crate::recipe::dsl::dispatch::{ask_job, desk, job, order};
use crate::recipe::dsl::limits::{Own, limits, own};
use crate::recipe::dsl::setting_values::text_of;
use crate::recipe::dsl::signature::{ANY, Parameter, TEXT, TRUTH, ValueKind, maybe};
use crate::recipe::dsl::talks::{ANSWER, PTY, Talk};
use crate::recipe::stdlib::is_stock;
use crate::recipe::values::text;
use crate::runner::execute::{Job, Ran, Wish, execute};
use crate::transport::api::Input;

/// How loud a command is to be.
pub const VERBOSITY: Parameter = maybe("verbosity", &[ValueKind::OneOf(&["debug", "info", "warn", "error"])]);
/// Whether a failure raises.
pub const RAISE: Parameter = maybe("raise", TRUTH);
/// What a dry run is told instead of an answer.
pub const DRY_RUN: Parameter = maybe("dry_run", ANY);
/// What every one has, beside its limits.
pub const COMMON: &[Parameter] = &[VERBOSITY, maybe("stdin", TEXT), maybe("shell", TEXT), PTY, ANSWER];

/// The longest text a command reads that goes along with it, in bytes: it is one variable of a process, for which Linux
/// allows 128 KiB. A longer one gets a channel of its own, as a file does.
const SHORT: usize = 64 * 1024;

/// What a call says about its command.
#[derive(Clone, Default)]
pub struct Options {
    /// All of it.
    pub map: Map,
    level: Option<Level>,
    stdin: Option<String>,
    shell: Option<String>,
    own: Own,
    talk: Talk,
}

impl Options {
    /// Takes the options of a call.
    ///
    /// # Errors
    /// An option there is none of, and a value that it cannot have.
    pub fn of(call: &mut Call<'_>) -> Result<Self, Error> {
        let map = call.options()?;
        Ok(Self {
            level: level(&map)?,
            stdin: string(call, &map, "stdin")?,
            shell: string(call, &map, "shell")?,
            own: own(call, &map)?,
            talk: Talk::of(call, &map)?,
            map,
        })
    }

    /// A truth value.
    ///
    /// # Errors
    /// When it is something else.
    pub fn flag(&self, call: &Call<'_>, name: &str, usual: bool) -> Result<bool, Error> {
        match self.map.get(name) {
            None => Ok(usual),
            Some(value) => value.as_bool().map_err(|_| call.wrong(&format!("`{name}`"), "true or false", value)),
        }
    }

    /// What a dry run is told instead of an answer, where the recipe says so.
    #[must_use]
    pub fn stand_in(&self, call: &Call<'_>) -> Option<Dynamic> {
        self.map.get("dry_run").filter(|_| call.world().options.dry_run).cloned()
    }

    /// The job of a call, from what is left of its arguments.
    ///
    /// # Errors
    /// Outside `on`, arguments that are no words, and a setting that cannot be used.
    pub fn job(&self, call: &mut Call<'_>, wish: Wish) -> Result<Job, Error> {
        let mut command = command(call)?;
        command.shell = self.shell(call)?;
        command.stdin.clone_from(&self.stdin);
        let wish = Wish { level: self.level.unwrap_or(wish.level), ..wish };
        Ok(Job { limits: limits(call, self.own)?, ..job(call, command, wish, None)? })
    }

    /// The shell of the option, else of the setting, which the lines of stock recipes were not written for.
    fn shell(&self, call: &Call<'_>) -> Result<Option<String>, Error> {
        if self.shell.is_some() || call.place().is_some_and(|place| is_stock(&place.file)) {
            return Ok(self.shell.clone());
        }
        text_of(call, "shell")
    }
}

/// Runs a job and makes a value of what it found. What it reads goes along, or if it is long, over a channel of its own,
/// after what was kept back; so does what is talked with.
///
/// # Errors
/// Those of the command, and those of `decode`.
pub fn ask(
    call: &Call<'_>,
    options: &Options,
    job: Job,
    decode: impl FnOnce(Ran) -> Result<Dynamic, Error> + Send + 'static,
) -> Result<Dynamic, Error> {
    match options.talk.run(call, &job)? {
        Some(ran) => decode(ran),
        None => ask_untalked(call, job, decode),
    }
}

fn ask_untalked(
    call: &Call<'_>,
    job: Job,
    decode: impl FnOnce(Ran) -> Result<Dynamic, Error> + Send + 'static,
) -> Result<Dynamic, Error> {
    let Some(text) = too_long(call, &job)? else { return ask_job(call, job, decode) };
    let here = call.here()?;
    call.frame().flush()?;
    let job = Job { command: Command { stdin: None, ..job.command }, ..job };
    decode(execute(&desk(call, &here), &job, Input::Bytes(&mut Cursor::new(text)))?)
}

/// Runs a job that nothing is read from; what it reads is as with [`ask`].
///
/// # Errors
/// Those of the command.
pub fn tell(call: &Call<'_>, options: &Options, job: Job) -> Result<Dynamic, Error> {
    if options.talk.run(call, &job)?.is_some() {
        return Ok(Dynamic::UNIT);
    }
    if too_long(call, &job)?.is_none() { order(call, job) } else { ask_untalked(call, job, |_| Ok(Dynamic::UNIT)) }
}

/// What a job reads, where that cannot go along with it.
fn too_long(call: &Call<'_>, job: &Job) -> Result<Option<String>, Error> {
    let text = job.command.stdin.as_deref().map(|text| call.world().vault.reveal(text)).transpose()?;
    Ok(text.filter(|text| text.len() > SHORT || text.contains('\0')))
}

/// How loud a command is to be.
///
/// # Errors
/// What is none of the levels.
pub fn level(options: &Map) -> Result<Option<Level>, Error> {
    let Some(value) = options.get("verbosity").filter(|value| !value.is_unit()) else { return Ok(None) };
    match text(value).map(|level| level.to_ascii_lowercase()).as_deref() {
        Some("info") => Ok(Some(Level::Info)),
        Some("debug") => Ok(Some(Level::Debug)),
        Some("warn") => Ok(Some(Level::Warn)),
        Some("error") => Ok(Some(Level::Error)),
        _ => Err(Error::recipe(format!("`{value}` is not a verbosity"))
            .maybe_help(did_you_mean(&value.to_string(), ["debug", "info", "warn", "error"]))
            .note("there are debug, info, warn and error")),
    }
}

fn string(call: &Call<'_>, options: &Map, name: &str) -> Result<Option<String>, Error> {
    let Some(value) = options.get(name).filter(|value| !value.is_unit()) else { return Ok(None) };
    text(value).map(Some).ok_or_else(|| call.wrong(&format!("`{name}`"), "a string", value))
}
