//! `capture`, `capture_lines`, `capture_json`, `run`: what a command has printed.

use rhai::{Array, Dynamic, Map};
use serde_json::Value as Json;

use crate::error::{Error, Kind};
use crate::model::event::Level;
use crate::model::secret::Vault;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::command_options::{COMMON, DRY_RUN, Options, RAISE, ask};
use crate::recipe::dsl::limits::LIMITS;
use crate::recipe::dsl::signature::{ANY, LIST, MAP, OPTIONS, PROGRAM, TEXT, TRUTH, WORDS, any_number, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::runner::execute::{Ran, Wish};

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "capture",
        usage: "capture(\"program\", argument, …) or capture(\"a shell line\")",
        about: "Run a command and give what it printed, without white space around it. Options: `strip: false`, \
                `raise: false` gives it after a failure too, `dry_run: value` for what `--dry-run` is told.",
        takes: &[one("program", PROGRAM), any_number("argument", WORDS), OPTIONS],
        options: &[&[maybe("strip", TRUTH), RAISE, DRY_RUN], COMMON, LIMITS],
        gives: TEXT,
        run: capture,
    },
    Function {
        name: "capture_lines",
        usage: "capture_lines(\"program\", argument, …) or capture_lines(\"a shell line\")",
        about: "As `capture`, as a list of lines without their ends.",
        takes: &[one("program", PROGRAM), any_number("argument", WORDS), OPTIONS],
        options: &[&[RAISE, DRY_RUN], COMMON, LIMITS],
        gives: LIST,
        run: capture_lines,
    },
    Function {
        name: "capture_json",
        usage: "capture_json(\"program\", argument, …) or capture_json(\"a shell line\")",
        about: "As `capture`, read as JSON: maps, lists, texts, numbers, truth values, and () for null.",
        takes: &[one("program", PROGRAM), any_number("argument", WORDS), OPTIONS],
        options: &[&[RAISE, DRY_RUN], COMMON, LIMITS],
        gives: ANY,
        run: capture_json,
    },
    Function {
        name: "run",
        usage: "run(\"program\", argument, …) or run(\"a shell line\")",
        about: "Run a command that may fail and give `#{ ok, status, signal, stdout, stderr }`; a limit that is reached raises. \
                Option: `dry_run: value`.",
        takes: &[one("program", PROGRAM), any_number("argument", WORDS), OPTIONS],
        options: &[&[DRY_RUN], COMMON, LIMITS],
        gives: MAP,
        run,
    },
];

/// What is read is not worth a line by itself.
const LOOK: Wish = Wish { level: Level::Debug, must_succeed: true, keep_output: true };

fn capture(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = Options::of(call)?;
    let strip = options.flag(call, "strip", true)?;
    captured(call, &options, move |ran, _| {
        let stdout = output(&ran.stdout);
        Ok(if strip { stdout.trim().into() } else { stdout.into() })
    })
}

fn capture_lines(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = Options::of(call)?;
    captured(call, &options, |ran, _| {
        let stdout = output(&ran.stdout);
        Ok(stdout.lines().map(|line| Dynamic::from(line.to_owned())).collect::<Array>().into())
    })
}

fn capture_json(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = Options::of(call)?;
    let is_dry = call.world().options.dry_run;
    captured(call, &options, move |ran, name| {
        let stdout = output(&ran.stdout);
        match serde_json::from_str(&stdout) {
            Ok(json) => Ok(from_json(json)),
            // Nothing was run, or its failure is none and left nothing to read.
            Err(_) if is_dry || ran.exit.status != 0 => Ok(Dynamic::UNIT),
            Err(problem) => Err(Error::new(Kind::Command, format!("`{name}` printed no JSON: {problem}"))
                .help("see what it prints with `capture`")),
        }
    })
}

/// Runs a command for what it prints; `decode` is given its name as well.
fn captured(
    call: &mut Call<'_>,
    options: &Options,
    decode: impl FnOnce(Ran, &str) -> Result<Dynamic, Error> + Send + 'static,
) -> Result<Dynamic, Error> {
    let wish = Wish { must_succeed: options.flag(call, "raise", true)?, ..LOOK };
    let stand_in = options.stand_in(call);
    let job = options.job(call, wish)?;
    let name = job.command.display_body(&call.world().vault);
    ask(call, job, move |ran| stand_in.map_or_else(|| decode(ran, &name), Ok))
}

fn run(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = Options::of(call)?;
    let stand_in = options.stand_in(call);
    let job = options.job(call, Wish { level: Level::Info, must_succeed: false, keep_output: true })?;
    ask(call, job, |ran| Ok(stand_in.unwrap_or_else(|| outcome(&ran))))
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

fn from_json(json: Json) -> Dynamic {
    match json {
        Json::Null => Dynamic::UNIT,
        Json::Bool(value) => value.into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) => float.into(),
            (None, None) => number.to_string().into(),
        },
        // An escape in JSON may stand for what was taken out of the output before.
        Json::String(text) => Vault::foreign(text).into(),
        Json::Array(items) => items.into_iter().map(from_json).collect::<Array>().into(),
        Json::Object(items) => {
            items.into_iter().map(|(name, item)| (name.into(), from_json(item))).collect::<Map>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::values::to_value;

    #[test]
    fn json_is_plain_data() {
        let json = r#"{"a": [1, -2.5, true, null, "é"], "big": 18446744073709551615, "e": {}}"#;
        let value = to_value(&from_json(serde_json::from_str(json).unwrap())).unwrap();
        assert_eq!(value.to_string(), r#"#{ a: [1, -2.5, true, (), "é"], big: 18446744073709552000, e: #{} }"#);
    }

    #[test]
    fn json_brings_no_seal() {
        let vault = Vault::default();
        let seal = vault.seal("hunter2");
        let json = serde_json::to_string(&seal).unwrap();
        let escaped = seal.chars().fold(String::new(), |text, c| text + &format!("\\u{:04x}", u32::from(c)));
        for json in [json, format!("\"{escaped}\"")] {
            let text = from_json(serde_json::from_str(&json).unwrap()).to_string();
            assert!(!Vault::is_sealed(&text), "{json}");
        }
    }
}
