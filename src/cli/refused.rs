//! What clap refuses on the command line, in our form: what is wrong, and what to type.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::Error;
use crate::model::name_list::quoted;

/// The error for a command line that cannot be read; `words` are what was typed, the program left out. What is asked for
/// rather than wrong, such as `--help`, is printed, and ends the process.
pub fn refused(refusal: &clap::Error, words: &[String]) -> Error {
    let Some(error) = told(refusal, words) else { refusal.exit() };
    if error.parts().help.is_empty() { error.help("`windlass --help` lists what can be typed") } else { error }
}

fn told(refusal: &clap::Error, words: &[String]) -> Option<Error> {
    let text = |kind| match refusal.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let all = |kind| match refusal.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    };
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    let name = name_of(&argument);
    let suggested = |kind| text(kind).map(|near| format!("did you mean `{near}`?"));
    Some(match refusal.kind() {
        ErrorKind::UnknownArgument => {
            let behind = behind_dashes(words, &argument);
            let known = if argument.starts_with('-') { "there is no option" } else { "there is a word too many:" };
            Error::usage(format!("{known} `{argument}`"))
                .maybe_help(behind.or_else(|| suggested(ContextKind::SuggestedArg)))
        }
        ErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            Error::usage(format!("there is no command `{word}`"))
                .maybe_help(suggested(ContextKind::SuggestedSubcommand))
        }
        ErrorKind::InvalidValue => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            let valid = all(ContextKind::ValidValue);
            let error = if value.is_empty() {
                Error::usage(format!("`{name}` needs a value")).help(format!("write `{}`", spelled(&argument)))
            } else {
                Error::usage(format!("`{name}` cannot be `{value}`")).maybe_help(suggested(ContextKind::SuggestedValue))
            };
            if valid.is_empty() {
                error
            } else {
                error.note(format!("there are {}", quoted(valid.iter().map(String::as_str))))
            }
        }
        ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            match std::error::Error::source(refusal) {
                Some(why) => Error::usage(format!("`{name}` cannot be used: {why}")),
                None => Error::usage(format!("`{name}` cannot be `{value}`")),
            }
        }
        ErrorKind::ArgumentConflict => {
            let prior = text(ContextKind::PriorArg).unwrap_or_default();
            if name_of(&prior) == name || prior.is_empty() {
                Error::usage(format!("`{name}` stands there twice")).help("take one of them away")
            } else {
                Error::usage(format!("`{name}` and `{}` do not go together", name_of(&prior)))
                    .help("take one of them away")
            }
        }
        ErrorKind::NoEquals => Error::usage(format!("`{name}` takes its value behind a `=`"))
            .help(format!("write `{}`", spelled(&argument))),
        ErrorKind::MissingRequiredArgument => {
            let missing = all(ContextKind::InvalidArg);
            Error::usage(format!("{} is missing", quoted(missing.iter().map(|word| word.trim_matches(['<', '>'])))))
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Error::usage(format!("`{name}` has another number of values than it takes"))
                .help(format!("write `{}`", spelled(&argument)))
        }
        ErrorKind::InvalidUtf8 => Error::usage("an argument is not UTF-8"),
        ErrorKind::MissingSubcommand => Error::usage("a command is missing"),
        _ => return None,
    })
}

/// An option without the value that clap shows behind it, as in `--limit <HOSTS>`.
fn name_of(argument: &str) -> &str {
    argument.split([' ', '=', '[']).next().unwrap_or(argument).trim_matches(['<', '>'])
}

/// An option as it is typed with its value.
fn spelled(argument: &str) -> String {
    argument.replace(['<', '>'], "")
}

/// The words of a command that was put behind `exec` without `--`.
fn behind_dashes(words: &[String], argument: &str) -> Option<String> {
    let at = words.iter().position(|word| word == "exec")?;
    let is_behind = words[at + 1..].iter().any(|word| word.starts_with(argument));
    let (before, command) = words.split_at(at + 1);
    (is_behind && !command.iter().any(|word| word == "--"))
        .then(|| format!("a command stands behind `--`: `windlass {} -- {}`", before.join(" "), command.join(" ")))
}
