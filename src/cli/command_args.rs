//! What can be typed behind a command that needs no stage. The doc comments here are its help.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `init`.
#[derive(Args, Clone, Debug)]
pub struct InitArgs {
    /// Names of the stages, separated by commas.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "staging,production")]
    pub stages: Vec<String>,
}

/// Arguments of `check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// The stage, all of them without one; files, which may be scripts, to be told of these alone; and KEY=value words.
    #[arg(value_name = "STAGE")]
    pub words: Vec<String>,
}

/// Arguments of `demo`.
#[derive(Args, Clone, Copy, Debug)]
pub struct DemoArgs {
    /// Leave the project and its hosts' folders where they are, and say where that is.
    #[arg(long)]
    pub keep: bool,
}

/// Arguments of `docs`.
#[derive(Args, Clone, Debug)]
pub struct DocsArgs {
    /// A function, setting, task, stock recipe or example, or one of `functions`, `settings`, `tasks`, `modules`, `guides`,
    /// `examples`, `events`.
    #[arg(value_name = "TOPIC")]
    pub topic: Option<String>,
    /// With `events`: print their JSON Schema.
    #[arg(long)]
    pub schema: bool,
}

/// Arguments of `definitions`.
#[derive(Args, Clone, Debug)]
pub struct DefinitionsArgs {
    /// Where to write them, such as `windlass.d.rhai`.
    #[arg(value_name = "PATH")]
    pub into: Option<PathBuf>,
}

/// Shells whose lines can be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// `source <(windlass completions bash)`.
    Bash,
    /// `source <(windlass completions zsh)`.
    Zsh,
    /// `windlass completions fish | source`.
    Fish,
}

/// Arguments of `completions`.
#[derive(Args, Clone, Copy, Debug)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Arguments of `complete`.
#[derive(Args, Clone, Debug)]
pub struct CompleteArgs {
    /// Who asks.
    pub shell: Option<Shell>,
    /// Characters at which the shell begins a new piece of a word.
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    pub breaks: String,
    /// Read the recipes, and keep what can be typed.
    #[arg(long)]
    pub renew: bool,
    /// The words of the line behind the program, the last one as far as it is typed; for bash the whole line as one.
    #[arg(last = true)]
    pub words: Vec<String>,
}
