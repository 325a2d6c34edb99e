//! What can be typed. The doc comments here are the help.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::cli::command_args::{
    CheckArgs, CompleteArgs, CompletionsArgs, DefinitionsArgs, DemoArgs, DocsArgs, InitArgs,
};
use crate::model::span;

/// Shown below the options.
pub const AFTER_HELP: &str = "\
Exit codes:
  0    everything went as asked
  1    a task or a command failed
  2    a mistake on the command line or in a recipe, found before anything ran
  3    a host could not be reached, refused us, or was lost
  4    another deploy holds the lock, or deploys are frozen
  5    the fleet is mixed: some hosts have the new release, some have not
  130  cancelled

Examples:
  windlass init                            write a commented project
  windlass check                           look for mistakes in the recipes, without a network
  windlass -T                              list the tasks
  windlass production deploy               deploy
  windlass production deploy --plan        show what a deploy would do, task by task
  windlass production deploy --dry-run     show every command, change nothing
  windlass production deploy --lagging     bring hosts that were left behind to the release of the others
  windlass production deploy:rollback      go back to the release before
  windlass production doctor               look for what would keep a deploy from going well, on every host
  windlass production exec -- uptime       run a command on every host
  windlass production console              a prompt for commands and code
  windlass script look.rhai --hosts a,b    run a recipe of its own, without a project
  windlass production -e 'info(deploy_to())'
                                           run a piece of code
  windlass docs execute                    what a function of recipes takes";

/// Deploys from recipes that read like Capistrano's, over your own ssh.
#[derive(Debug, Parser)]
#[command(
    name = "windlass",
    version,
    after_help = AFTER_HELP,
    override_usage = "windlass [OPTIONS] STAGE TASK[ARG,…] … [KEY=value …]\n       windlass [OPTIONS] COMMAND",
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub struct Top {
    /// Options of every call.
    #[command(flatten)]
    pub options: Options,
    /// A command that needs no stage; anything else is a stage with its tasks.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Commands that need no stage.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented project into this folder; files that are there stay as they are.
    Init(InitArgs),
    /// Judge the recipes of all stages, of one, or files, without a network: names, calls, settings. Nothing of them is run.
    Check(CheckArgs),
    /// Deploy a throw-away project for real, to three hosts on this machine: twice, and back.
    Demo(DemoArgs),
    /// Print the reference of a function, setting, task, stock recipe or example; without a topic, what there is.
    Docs(DocsArgs),
    /// Print the manual page, for `man -l -` and packages.
    Man,
    /// Print the functions of recipes for Rhai's language server, or write them into a file.
    Definitions(DefinitionsArgs),
    /// Print the function with which a shell completes lines of windlass.
    Completions(CompletionsArgs),
    /// Print the words that can come next on a line: what that function calls.
    #[command(hide = true)]
    Complete(CompleteArgs),
    /// Run a recipe of its own on the hosts of --hosts; with a stage before it, on that stage's: `windlass STAGE script FILE`.
    #[command(override_usage = "windlass script FILE [ARG …] --hosts HOSTS", disable_help_flag = true)]
    Script(Rest),
    /// A prompt for commands and code with the hosts of --hosts; with a stage before it, with that stage's.
    #[command(override_usage = "windlass console --hosts HOSTS", disable_help_flag = true)]
    Console(Rest),
    /// A stage and its tasks.
    #[command(external_subcommand)]
    Stage(#[cfg_attr(not(test), expect(dead_code, reason = "`Call` reads the line again as a whole"))] Vec<String>),
}

/// Words that [`Call`] reads.
#[derive(Args, Debug)]
pub struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    words: Vec<String>,
}

/// `windlass STAGE TASK …`, with options anywhere.
#[derive(Debug, Parser)]
#[command(name = "windlass", override_usage = "windlass [OPTIONS] STAGE TASK[ARG,…] … [KEY=value …]")]
pub struct Call {
    /// Options of every call.
    #[command(flatten)]
    pub options: Options,
    /// The stage, its tasks, and KEY=value words.
    pub words: Vec<String>,
    /// The command of `exec`, or arguments of a script.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Options that may stand anywhere on the line.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Options {
    /// List the tasks that have a description; with PATTERN those whose name matches.
    #[arg(short = 'T', long = "tasks", value_name = "PATTERN", num_args = 0..=1, default_missing_value = "")]
    pub list: Option<String>,
    /// With -T or -D, list tasks without a description too.
    #[arg(short = 'A', long)]
    pub all: bool,
    /// List the tasks with their whole descriptions.
    #[arg(short = 'D', long, value_name = "PATTERN", num_args = 0..=1, default_missing_value = "")]
    pub describe: Option<String>,
    /// List the tasks with what runs before and after each.
    #[arg(short = 'P', long = "prereqs")]
    pub prerequisites: bool,
    /// List where each task is written.
    #[arg(short = 'W', long = "where", value_name = "PATTERN", num_args = 0..=1, default_missing_value = "")]
    pub places: Option<String>,
    /// List the settings with who set each: before the tasks of the line run, and without a task alone. With PATTERN those
    /// whose name matches, and lazy ones are worked out.
    #[arg(short = 'p', long, value_name = "PATTERN", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub print_settings: Option<String>,
    /// Show the tasks and hooks that would run, in order, and what put each there; run nothing.
    #[arg(long)]
    pub plan: bool,
    /// Show every command that would run; change nothing anywhere, on this machine neither.
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Wait for another deploy that holds the lock instead of failing; with SECONDS no longer than that.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "clap's type of an option with a value that may be left out")]
    pub wait: Option<Option<u64>>,
    /// Tell every task as it is invoked.
    #[arg(short = 't', long)]
    pub trace: bool,
    /// Only hosts with one of these roles: names, web*, /regex/, separated by commas. Given again, it narrows further.
    #[arg(short = 'r', long, value_name = "ROLES", action = ArgAction::Append)]
    pub roles: Vec<String>,
    /// Only these hosts: names, web[01:20], web*, /regex/, separated by commas. Given again, it narrows further.
    #[arg(short = 'z', long, value_name = "HOSTS", action = ArgAction::Append)]
    pub hosts: Vec<String>,
    /// Only hosts that one of these words means: what `-z` takes, role:NAME or PROPERTY=VALUE, separated by commas. Given
    /// again, it narrows further.
    #[arg(long, value_name = "WORDS", action = ArgAction::Append)]
    pub limit: Vec<String>,
    /// How many hosts may fail before the run stops: a number or a part such as 20%. They are set aside: later steps leave
    /// them out.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub max_fail: Option<String>,
    /// With `deploy`: bring the hosts that lag behind to the release the newest of them has.
    #[arg(long)]
    pub lagging: bool,
    /// Say yes to what tasks ask before they run.
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Ask for the password of sudo on the servers, before anything connects.
    #[arg(short = 'K', long)]
    pub ask_sudo_password: bool,
    /// Keep the connections for the next run, until they have been idle for SECONDS; 0 closes them. Never in CI.
    #[arg(long, value_name = "SECONDS")]
    pub warm: Option<u32>,
    /// Longest time to connect to a host: seconds, or 90s, 5m, 1h. By default what ssh's configuration says, else 10.
    #[arg(long, value_name = "TIME", value_parser = connect_time)]
    pub connect_timeout: Option<Duration>,
    /// Longest time a command may take, unless it has one of its own; 0 for no limit.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub command_timeout: Option<Duration>,
    /// Longest time a command may print nothing, unless it has one of its own; 0 for no limit.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub idle_timeout: Option<Duration>,
    /// Longest time the whole run may take; 0 for no limit.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub run_timeout: Option<Duration>,
    /// Run this code, with the stage that is named, or on the hosts of --hosts.
    #[arg(short = 'e', long, value_name = "CODE", allow_hyphen_values = true)]
    pub execute: Option<String>,
    /// Use this recipe instead of looking for config/deploy.rhai.
    #[arg(short = 'f', long = "file", value_name = "FILE", global = true)]
    pub file: Option<PathBuf>,
    /// Change to this folder first.
    #[arg(short = 'C', long = "directory", value_name = "DIR", value_hint = ValueHint::DirPath, global = true)]
    pub directory: Option<PathBuf>,
    /// How to tell what happens: by default `pretty` on a terminal, else `plain`.
    #[arg(long, value_name = "FORMAT", global = true)]
    pub format: Option<Format>,
    /// The same as `--format json`: for monitoring and other programs.
    #[arg(long, conflicts_with = "format", global = true)]
    pub json: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: When,
    /// Tell more: commands that only look, and their output.
    #[arg(short = 'v', long, conflicts_with = "quiet", global = true)]
    pub verbose: bool,
    /// Tell only warnings, failures and the end.
    #[arg(short = 'q', long, global = true)]
    pub quiet: bool,
    /// As `-h`, for those who know it from Rake.
    #[arg(short = 'H', action = ArgAction::HelpShort, hide = true, global = true)]
    pub help_of_rake: Option<bool>,
}

fn time(text: &str) -> Result<Duration, String> {
    span::parse(text)
}

fn connect_time(text: &str) -> Result<Duration, String> {
    match time(text)? {
        time if time.is_zero() => Err("in no time no host can be reached; leave it out for ssh's own limit".to_owned()),
        time => Ok(time),
    }
}

/// Forms of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Headings, numbered commands, one line per host.
    Pretty,
    /// The same in whole lines, without colour.
    Plain,
    /// One JSON object a line.
    Json,
    /// One dot a command.
    Dots,
}

/// When to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// As `NO_COLOR`, `CLICOLOR_FORCE`, `FORCE_COLOR`, the recipe and the terminal say, in this order.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn both_parsers_are_sound() {
        Top::command().debug_assert();
        Call::command().debug_assert();
    }

    #[test]
    fn options_may_stand_anywhere() {
        let call = Call::try_parse_from(["windlass", "production", "-n", "deploy", "-z", "web1", "A=b", "-z", "web*"])
            .unwrap();
        assert_eq!(call.words, ["production", "deploy", "A=b"]);
        assert!(call.options.dry_run);
        assert_eq!(call.options.hosts, ["web1", "web*"]);
    }

    #[test]
    fn a_large_h_is_help_too() {
        let error = Call::try_parse_from(["windlass", "-H"]).unwrap_err();
        assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp);
    }

    #[test]
    fn times_have_units() {
        let call = Call::try_parse_from(["windlass", "p", "t", "--idle-timeout", "5m", "--run-timeout=0"]).unwrap();
        assert_eq!(call.options.idle_timeout, Some(Duration::from_secs(300)));
        assert_eq!((call.options.run_timeout, call.options.command_timeout), (Some(Duration::ZERO), None));
        let error = Call::try_parse_from(["windlass", "p", "t", "--command-timeout", "5min"]).unwrap_err();
        assert!(error.to_string().contains("there is no unit `min`; there are h, m and s"), "{error}");
        assert!(Call::try_parse_from(["windlass", "p", "t", "--connect-timeout", "0"]).is_err());
    }

    #[test]
    fn what_follows_two_dashes_is_the_command() {
        let call = Call::try_parse_from(["windlass", "production", "exec", "--", "ls", "-l"]).unwrap();
        assert_eq!(call.words, ["production", "exec"]);
        assert_eq!(call.command, ["ls", "-l"]);
    }

    #[test]
    fn waiting_takes_seconds_only_behind_an_equals_sign() {
        let wait = |words: &[&str]| Call::try_parse_from([&["windlass"], words].concat()).map(|call| call.options.wait);
        assert_eq!(wait(&["production", "deploy"]).unwrap(), None);
        assert_eq!(wait(&["production", "--wait", "deploy"]).unwrap(), Some(None));
        assert_eq!(wait(&["production", "deploy", "--wait=90"]).unwrap(), Some(Some(90)));
        assert!(wait(&["production", "deploy", "--wait=soon"]).is_err());
    }

    #[test]
    fn settings_are_printed_by_pattern_only_behind_an_equals_sign() {
        let call = Call::try_parse_from(["windlass", "production", "-p", "deploy"]).unwrap();
        assert_eq!((call.options.print_settings.as_deref(), call.words.len()), (Some(""), 2));
        let call = Call::try_parse_from(["windlass", "production", "-p=^git_", "--print-settings=x"]);
        assert!(call.is_err(), "once is enough");
        let call = Call::try_parse_from(["windlass", "production", "-p=^git_"]).unwrap();
        assert_eq!(call.options.print_settings.as_deref(), Some("^git_"));
    }

    #[test]
    fn a_stage_is_no_command() {
        let top = Top::try_parse_from(["windlass", "production", "deploy", "-n"]).unwrap();
        assert!(matches!(top.command, Some(Command::Stage(words)) if words == ["production", "deploy", "-n"]));
        let top = Top::try_parse_from(["windlass", "init", "--stages", "a,b"]).unwrap();
        assert!(matches!(top.command, Some(Command::Init(InitArgs { stages })) if stages == ["a", "b"]));
    }
}
