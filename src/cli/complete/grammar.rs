//! Options and commands, as clap has them, in the form completions are worked out from.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, CommandFactory, ValueHint};

use crate::cli::args::{Call, Top};
use crate::cli::docs::EVENTS;
use crate::cli::doctor::WORD;
use crate::model::grammar::{CommandWord, Grammar, OptionValue, OptionWord, Takes};
use crate::model::known_words::Word;
use crate::recipe::docs::quick_names;

/// Commands that stand behind a stage.
pub const STAGE_COMMANDS: &[(&str, &str)] = &[
    (WORD, "look for what would keep a deploy from going well"),
    ("exec", "run one command on every host"),
    ("console", "a prompt for commands and code"),
    ("script", "run a recipe of its own"),
];

/// Commands that read the rest of the line as one with a stage does, and what their first word is.
const AS_BEHIND_A_STAGE: &[(&str, Takes)] = &[("console", Takes::Anything), ("script", Takes::File)];

/// All that can be typed.
#[must_use]
pub fn grammar() -> Grammar {
    let (mut call, mut top) = (Call::command(), Top::command());
    call.build();
    top.build();
    Grammar {
        options: options(&top),
        stage_options: options(&call),
        commands: top.get_subcommands().filter(|one| !one.is_hide_set()).map(|one| command(one, &call)).collect(),
        stage_commands: STAGE_COMMANDS.iter().map(|(name, about)| Word::new(*name, *about)).collect(),
    }
}

fn command(command: &Command, call: &Command) -> CommandWord {
    let word = Word::new(command.get_name(), line(command.get_about()));
    if let Some((_, takes)) = AS_BEHIND_A_STAGE.iter().find(|(name, _)| *name == command.get_name()) {
        return CommandWord { word, options: options(call), takes: takes.clone() };
    }
    let takes = command.get_positionals().next().map_or(Takes::Anything, takes);
    CommandWord { word, options: options(command), takes }
}

fn options(command: &Command) -> Vec<OptionWord> {
    command.get_opts().chain(flags(command)).filter(|arg| !arg.is_hide_set()).map(option).collect()
}

/// Options without a value, which clap does not count among its `get_opts`.
fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_positional() && !arg.get_action().takes_values())
}

fn option(arg: &Arg) -> OptionWord {
    let value = arg.get_action().takes_values().then(|| OptionValue {
        takes: takes(arg),
        is_optional: arg.get_num_args().is_some_and(|count| count.min_values() == 0),
        needs_equals: arg.is_require_equals_set(),
    });
    OptionWord {
        id: arg.get_id().to_string(),
        short: arg.get_short(),
        long: arg.get_long().map(str::to_owned),
        about: line(arg.get_help()),
        value,
        is_repeatable: matches!(arg.get_action(), ArgAction::Append),
    }
}

/// What the value of an argument can be: by what clap knows, else by its name.
fn takes(arg: &Arg) -> Takes {
    let possible: Vec<Word> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| Word::new(value.get_name(), line(value.get_help())))
        .collect();
    if !possible.is_empty() {
        return Takes::OneOf(possible);
    }
    match (arg.get_id().as_str(), value_name(arg)) {
        ("hosts", _) => Takes::Hosts,
        ("roles", _) => Takes::Roles,
        ("limit", _) => Takes::HostsAndRoles,
        ("list" | "describe" | "places", _) => Takes::Task,
        ("print_settings", _) => Takes::Setting,
        (_, "STAGE") => Takes::StageOrFile,
        (_, "TOPIC") => {
            let names = quick_names().into_iter().chain([EVENTS.to_owned()]);
            Takes::OneOf(names.map(|name| Word::new(name, "")).collect())
        }
        _ => match arg.get_value_hint() {
            ValueHint::DirPath => Takes::Folder,
            ValueHint::FilePath | ValueHint::AnyPath => Takes::File,
            _ => Takes::Anything,
        },
    }
}

fn value_name(arg: &Arg) -> &str {
    arg.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str())
}

/// The first sentence of a help text.
fn line(help: Option<&StyledStr>) -> String {
    let text = help.map(ToString::to_string).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    line.split_once(": ")
        .or_else(|| line.split_once("; "))
        .map_or(line, |(before, _)| before)
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(grammar: &'a Grammar, long: &str) -> &'a Takes {
        let option = grammar.options.iter().find(|option| option.long.as_deref() == Some(long));
        &option.and_then(|option| option.value.as_ref()).unwrap_or_else(|| panic!("no value of --{long}")).takes
    }

    #[test]
    fn options_know_what_they_take() {
        let grammar = grammar();
        assert_eq!(value(&grammar, "hosts"), &Takes::Hosts);
        assert_eq!(value(&grammar, "roles"), &Takes::Roles);
        assert_eq!(value(&grammar, "tasks"), &Takes::Task);
        assert_eq!(value(&grammar, "print-settings"), &Takes::Setting);
        assert_eq!(value(&grammar, "file"), &Takes::File);
        assert_eq!(value(&grammar, "directory"), &Takes::Folder);
        assert!(
            matches!(value(&grammar, "format"), Takes::OneOf(words) if words.len() == 4 && words[0].word == "pretty")
        );
        assert!(!grammar.stage_options.iter().any(|option| option.id == "version"), "it stands alone");
        for flag in ["dry-run", "help", "version", "verbose"] {
            let option = grammar.options.iter().find(|option| option.long.as_deref() == Some(flag));
            assert!(option.is_some_and(|option| option.value.is_none()), "{flag}");
        }
    }

    #[test]
    fn commands_have_their_own_options() {
        let grammar = grammar();
        let init = grammar.command("init").expect("there is `init`");
        let longs: Vec<&str> = init.options.iter().filter_map(|option| option.long.as_deref()).collect();
        assert!(longs.contains(&"stages") && longs.contains(&"directory") && !longs.contains(&"plan"), "{longs:?}");
        assert_eq!(grammar.command("check").map(|check| &check.takes), Some(&Takes::StageOrFile));
        assert!(grammar.command("complete").is_none(), "nobody types that");
        let script = grammar.command("script").expect("there is `script`");
        assert_eq!(script.takes, Takes::File);
        assert!(script.options.iter().any(|option| option.id == "hosts"));
    }
}
