//! What a recipe wishes of the output: the setting `format_options`, with the names of Capistrano.
//!
//! Owns which parts it has and what they may be. What comes of a wish is decided where the command line, the environment
//! and the terminal are known.

use indexmap::IndexMap;

use crate::error::Error;
use crate::model::event::Stream;
use crate::model::suggest::did_you_mean;
use crate::model::value::Value;

/// The name of the setting.
pub const NAME: &str = "format_options";

/// Its parts.
pub const PARTS: &[&str] = &["color", "command_output", "log_file", "truncate"];

/// The setting, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormatOptions {
    /// Whether to use colours; none leaves it to the terminal.
    pub color: Option<bool>,
    /// What commands print, and is shown.
    pub command_output: Streams,
    /// Where the log is.
    pub log_file: Log,
    /// Where lines are cut.
    pub truncate: Truncate,
}

/// Streams of commands whose lines are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
}

impl Streams {
    /// Both.
    pub const ALL: Self = Self { stdout: true, stderr: true };
    /// Neither.
    pub const NONE: Self = Self { stdout: false, stderr: false };

    /// Whether a stream is among them.
    #[must_use]
    pub const fn has(self, stream: Stream) -> bool {
        match stream {
            Stream::Stdout => self.stdout,
            Stream::Stderr => self.stderr,
        }
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self::ALL
    }
}

/// Where the log of a project is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// Where it always is.
    #[default]
    Usual,
    /// In this file, from the top of the project.
    At(String),
    /// Nowhere.
    None,
}

/// Where lines are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truncate {
    /// At the width of the terminal, and nowhere without one.
    #[default]
    Auto,
    /// Nowhere.
    Never,
    /// At this many columns, with and without a terminal.
    At(usize),
}

impl FormatOptions {
    /// Understands the setting; `()` is as leaving it out.
    ///
    /// # Errors
    /// A part there is not, or a value it cannot have.
    pub fn of(value: &Value) -> Result<Self, Error> {
        match value {
            Value::Unit => Ok(Self::default()),
            Value::Map(parts) => Self::of_parts(parts),
            other => Err(Error::recipe(format!("setting `{NAME}` cannot be `{other}`"))
                .help(format!("expected a map: `set(\"{NAME}\", #{{ command_output: false }})`"))),
        }
    }

    fn of_parts(parts: &IndexMap<String, Value>) -> Result<Self, Error> {
        let mut options = Self::default();
        for (name, value) in parts {
            match name.as_str() {
                "color" => options.color = color(value)?,
                "command_output" => options.command_output = streams(value)?,
                "log_file" => options.log_file = log(value)?,
                "truncate" => options.truncate = truncate(value)?,
                _ => return Err(unknown(name)),
            }
        }
        Ok(options)
    }
}

fn color(value: &Value) -> Result<Option<bool>, Error> {
    match value {
        Value::Unit => Ok(None),
        Value::Bool(color) => Ok(Some(*color)),
        Value::Text(text) if text == "auto" => Ok(None),
        _ => Err(wrong("color", value, "true, false or \"auto\"")),
    }
}

fn streams(value: &Value) -> Result<Streams, Error> {
    let wrong = || wrong("command_output", value, "true, false, \"stdout\", \"stderr\" or a list of these two");
    let add = |streams: Streams, word: &Value| match word.as_text() {
        Some("stdout") => Ok(Streams { stdout: true, ..streams }),
        Some("stderr") => Ok(Streams { stderr: true, ..streams }),
        _ => Err(wrong()),
    };
    match value {
        Value::Unit | Value::Bool(true) => Ok(Streams::ALL),
        Value::Bool(false) => Ok(Streams::NONE),
        Value::List(words) => words.iter().try_fold(Streams::NONE, add),
        word => add(Streams::NONE, word),
    }
}

fn log(value: &Value) -> Result<Log, Error> {
    match value {
        // As `nil` in Capistrano.
        Value::Unit | Value::Bool(false) => Ok(Log::None),
        Value::Text(path) if path.starts_with('~') => Err(wrong("log_file", value, "a path of a file or false")
            .note("`~` is the shell's word for a home, and no shell reads this")
            .help("write `log_file: env(\"HOME\") + \"/windlass.log\"`")),
        Value::Text(path) if !path.trim().is_empty() && !path.ends_with('/') => Ok(Log::At(path.clone())),
        _ => Err(wrong("log_file", value, "a path of a file or false")),
    }
}

fn truncate(value: &Value) -> Result<Truncate, Error> {
    let columns = |number: &i64| usize::try_from(*number).ok().filter(|columns| *columns > 0);
    match value {
        Value::Unit => Ok(Truncate::Auto),
        Value::Text(text) if text == "auto" => Ok(Truncate::Auto),
        Value::Bool(false) => Ok(Truncate::Never),
        Value::Int(number) if columns(number).is_some() => Ok(columns(number).map_or(Truncate::Auto, Truncate::At)),
        _ => Err(wrong("truncate", value, "a number of columns, false or \"auto\"")),
    }
}

fn wrong(name: &str, value: &Value, expected: &str) -> Error {
    Error::recipe(format!("`{name}` of the setting `{NAME}` cannot be `{value}`")).help(format!("expected {expected}"))
}

/// What Airbrussh has besides, and why it is not missed.
const LEFT_OUT: &[(&str, &str)] = &[
    ("banner", "leave it out: there is no banner"),
    ("task_prefix", "leave it out: jobs of Buildkite, GitHub and GitLab are folded by themselves"),
    ("context", "leave it out: there is no Rake to patch"),
    ("monkey_patch_rake", "leave it out: there is no Rake to patch"),
];

fn unknown(name: &str) -> Error {
    let error = Error::recipe(format!("setting `{NAME}` has no part `{name}`"));
    match LEFT_OUT.iter().find(|(old, _)| *old == name) {
        Some((_, instead)) => error.help(*instead),
        None => {
            error.maybe_help(did_you_mean(name, PARTS.iter().copied())).note(format!("its parts are {}", list(PARTS)))
        }
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: Value) -> Result<FormatOptions, Error> {
        FormatOptions::of(&Value::Map(IndexMap::from([(name.to_owned(), value)])))
    }

    fn refused(name: &str, value: Value) -> (String, String) {
        let error = of(name, value).unwrap_err();
        (error.to_string(), error.parts().help[0].clone())
    }

    #[test]
    fn nothing_is_as_leaving_it_out() {
        assert_eq!(FormatOptions::of(&Value::Unit).unwrap(), FormatOptions::default());
        assert_eq!(FormatOptions::of(&Value::Map(IndexMap::new())).unwrap(), FormatOptions::default());
        let error = FormatOptions::of(&"pretty".into()).unwrap_err();
        assert_eq!(error.to_string(), "setting `format_options` cannot be `\"pretty\"`");
    }

    #[test]
    fn the_defaults_of_capistrano_are_ours() {
        let theirs = [
            ("command_output", Value::Bool(true)),
            ("color", "auto".into()),
            ("truncate", "auto".into()),
            ("color", Value::Unit),
            ("command_output", Value::Unit),
            ("truncate", Value::Unit),
        ];
        for (name, value) in theirs {
            assert_eq!(of(name, value).unwrap(), FormatOptions::default(), "{name}");
        }
    }

    #[test]
    fn every_part_is_understood() {
        assert_eq!(of("color", Value::Bool(false)).unwrap().color, Some(false));
        assert_eq!(of("truncate", Value::Int(80)).unwrap().truncate, Truncate::At(80));
        assert_eq!(of("truncate", Value::Bool(false)).unwrap().truncate, Truncate::Never);
        assert_eq!(of("log_file", "log/a.log".into()).unwrap().log_file, Log::At("log/a.log".to_owned()));
        assert_eq!(of("log_file", Value::Unit).unwrap().log_file, Log::None);
        assert_eq!(of("log_file", Value::Bool(false)).unwrap().log_file, Log::None);
        let shown = |value: Value| of("command_output", value).unwrap().command_output;
        assert_eq!(shown(Value::Bool(false)), Streams::NONE);
        assert_eq!(shown("stderr".into()), Streams { stdout: false, stderr: true });
        assert_eq!(shown(Value::List(vec!["stdout".into()])), Streams { stdout: true, stderr: false });
        assert_eq!(shown(Value::List(vec!["stdout".into(), "stderr".into()])), Streams::ALL);
        assert_eq!(shown(Value::List(Vec::new())), Streams::NONE);
    }

    #[test]
    fn a_value_that_cannot_be_is_told_with_what_can() {
        let told = |name: &str, shown: &str| format!("`{name}` of the setting `format_options` cannot be `{shown}`");
        for (name, value, shown, expected) in [
            ("color", Value::Int(1), "1", "expected true, false or \"auto\""),
            ("truncate", Value::Int(0), "0", "expected a number of columns, false or \"auto\""),
            ("truncate", Value::Bool(true), "true", "expected a number of columns, false or \"auto\""),
            ("log_file", "".into(), "\"\"", "expected a path of a file or false"),
            ("log_file", "log/".into(), "\"log/\"", "expected a path of a file or false"),
            ("log_file", "~/x.log".into(), "\"~/x.log\"", "expected a path of a file or false"),
            (
                "command_output",
                Value::List(vec!["out".into()]),
                "[\"out\"]",
                "expected true, false, \"stdout\", \"stderr\" or a list of these two",
            ),
        ] {
            assert_eq!(refused(name, value), (told(name, shown), expected.to_owned()));
        }
    }

    #[test]
    fn a_part_there_is_not_is_told() {
        let (error, help) = refused("comand_output", Value::Bool(true));
        assert_eq!(error, "setting `format_options` has no part `comand_output`");
        assert_eq!(help, "did you mean `command_output`?");
        assert_eq!(refused("banner", Value::Bool(false)).1, "leave it out: there is no banner");
        let error = of("x", Value::Unit).unwrap_err();
        assert_eq!(error.parts().notes, ["its parts are `color`, `command_output`, `log_file`, `truncate`"]);
    }
}
