//! What can be typed of windlass itself, as data: options, commands, and what each of them takes.
//!
//! Filled by the cli, which knows the options; used to complete a line.

use crate::model::known_words::Word;

/// What a value can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Anything; nothing can be offered.
    Anything,
    /// One of these.
    OneOf(Vec<Word>),
    /// Names of hosts, with commas between them.
    Hosts,
    /// Names of roles, with commas between them.
    Roles,
    /// Hosts, or roles as `role:NAME`, with commas between them.
    HostsAndRoles,
    /// A task.
    Task,
    /// A setting.
    Setting,
    /// A stage first, and files.
    StageOrFile,
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionValue {
    /// What it can be.
    pub takes: Takes,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// Whether it has to stand behind `=`.
    pub needs_equals: bool,
}

/// An option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionWord {
    /// What clap calls it.
    pub id: String,
    /// `-x`.
    pub short: Option<char>,
    /// `--long`, without the dashes.
    pub long: Option<String>,
    /// What it does, in one line.
    pub about: String,
    /// Its value, if it has one.
    pub value: Option<OptionValue>,
    /// Whether it may be given again.
    pub is_repeatable: bool,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandWord {
    /// Its name and what it does.
    pub word: Word,
    /// Its options.
    pub options: Vec<OptionWord>,
    /// What its words are.
    pub takes: Takes,
}

/// All that can be typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grammar {
    /// Options before there is a stage or a command.
    pub options: Vec<OptionWord>,
    /// Options behind a stage.
    pub stage_options: Vec<OptionWord>,
    /// Commands that stand in place of a stage.
    pub commands: Vec<CommandWord>,
    /// Commands that stand behind a stage, in place of a task.
    pub stage_commands: Vec<Word>,
}

impl Grammar {
    /// A command by its name.
    #[must_use]
    pub fn command(&self, name: &str) -> Option<&CommandWord> {
        self.commands.iter().find(|command| command.word.word == name)
    }
}
