//! `windlass docs [TOPIC]`: the reference, by name.

use crate::cli::command_args::DocsArgs;
use crate::cli::results::print;
use crate::error::{EXIT_OK, Error};
use crate::model::suggest::did_you_mean;
use crate::recipe::docs::{LISTS, list, names, page};
use crate::report::json::{EVENTS_PAGE, EVENTS_SCHEMA};

/// The topic of what `--format json` prints.
pub const EVENTS: &str = "events";

/// Prints a page, or what there is; gives the exit code.
///
/// # Errors
/// A topic there is not, with a suggestion; standard output that cannot be written to.
pub fn docs(args: &DocsArgs) -> Result<u8, Error> {
    let topic = args.topic.as_deref().map(|topic| topic.trim_end_matches("()"));
    if args.schema {
        if topic != Some(EVENTS) {
            return Err(Error::usage("only `events` has a schema").help("write `windlass docs events --schema`"));
        }
        print(EVENTS_SCHEMA)?;
        return Ok(EXIT_OK);
    }
    print(&match topic {
        None => overview(),
        Some(EVENTS) => EVENTS_PAGE.to_owned(),
        Some(topic) => list(topic).or_else(|| page(topic)).ok_or_else(|| unknown(topic))?,
    })?;
    Ok(EXIT_OK)
}

/// What can be asked for.
fn overview() -> String {
    let mut text =
        "windlass docs TOPIC, with one of these, or the name of a function, a setting, a task, a stock recipe or an example:\n\n"
            .to_owned();
    let events = (EVENTS, "what `--format json` prints; with --schema as JSON Schema");
    for (name, about) in LISTS.iter().chain([&events]) {
        text.push_str(&format!("  {name:<10} {about}\n"));
    }
    text + "\nFor example: windlass docs execute, windlass docs keep_releases, windlass docs deploy:rollback\n"
}

fn unknown(topic: &str) -> Error {
    let names = names();
    let known = names.iter().map(String::as_str).chain([EVENTS]);
    Error::usage(format!("there is nothing about `{topic}`"))
        .maybe_help(did_you_mean(topic, known))
        .help("`windlass docs` lists what there is; options are in `windlass --help`")
}
