//! `windlass man`: the manual page, from the options, the settings and the files there are.

use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use crate::cli::args::{AFTER_HELP, Top};
use crate::cli::results::print;
use crate::error::{EXIT_OK, Error};
use crate::recipe::docs::settings_in_short;

/// Files of a project and of a user, as the README lists them.
pub const FILES: &[(&str, &str)] = &[
    ("config/deploy.rhai", "settings and tasks"),
    ("config/deploy/STAGE.rhai", "the servers of a stage, and what is different there"),
    ("config/deploy/tasks/*.rhai", "more tasks"),
    ("config/deploy/templates/", "templates in place of the stock ones"),
    ("~/.config/windlass/windlass.rhai", "your own recipe, read before every project's"),
    ("~/.cache/windlass/words/", "what completions know of your projects; may be removed at any time"),
    ("~/.local/state/windlass/console_history", "lines of the console, without secrets"),
    ("log/windlass.log", "everything that was run and said, without secrets"),
];

/// Variables of the environment that windlass reads.
pub const VARIABLES: &[(&str, &str)] = &[
    ("WINDLASS_SILENCE", "after how long a silence of a command windlass says what it waits for; 10s, 0 for never"),
    ("WINDLASS_AFTER_FAILURE", "how long may take what is done after a deploy has failed"),
    ("WINDLASS_TRACE", "tell what the libraries below do, for example `debug`, on standard error"),
    ("NO_COLOR", "no colour, whatever the terminal"),
    (
        "CLICOLOR_FORCE, FORCE_COLOR, SSHKIT_COLOR",
        "colour, whatever the terminal, unless it is 0 or false; NO_COLOR goes first",
    ),
    ("COLUMNS", "how wide the terminal is"),
];

/// Prints the page; gives the exit code.
///
/// # Errors
/// Standard output that cannot be written to.
pub fn man() -> Result<u8, Error> {
    let page = page().map_err(|error| Error::usage(format!("the manual page could not be made: {error}")))?;
    print(&page)?;
    Ok(EXIT_OK)
}

fn page() -> std::io::Result<String> {
    let mut command = Top::command();
    command.build();
    let man = Man::new(command).manual("windlass").source(concat!("windlass ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    synopsis().to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    commands().to_writer(&mut page)?;
    list("SETTINGS", settings_in_short()).to_writer(&mut page)?;
    list("FILES", pairs(FILES)).to_writer(&mut page)?;
    list("ENVIRONMENT", pairs(VARIABLES)).to_writer(&mut page)?;
    list("EXIT STATUS", block("Exit codes:")).to_writer(&mut page)?;
    list("EXAMPLES", block("Examples:")).to_writer(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn synopsis() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold("windlass"), roman(" [OPTIONS] "), italic("STAGE TASK"), roman("[ARG,…] … [KEY=value …]")]);
    roff.control("br", []);
    roff.text([bold("windlass"), roman(" [OPTIONS] "), italic("COMMAND")]);
    roff
}

/// The commands, which have no pages of their own.
fn commands() -> Roff {
    let top = Top::command();
    let shown = top.get_subcommands().filter(|command| !command.is_hide_set());
    let about = |command: &clap::Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    list("COMMANDS", shown.map(|command| (command.get_name().to_owned(), about(command))).collect())
}

/// A list below the options of the help: what stands left and right of the gap in each line.
fn block(title: &str) -> Vec<(String, String)> {
    let lines = AFTER_HELP.lines().skip_while(|line| *line != title).skip(1).take_while(|line| !line.is_empty());
    let mut rows: Vec<(String, String)> = Vec::new();
    for line in lines.map(str::trim) {
        match (line.split_once("  "), rows.last_mut()) {
            (Some((left, right)), _) => rows.push((left.to_owned(), right.trim().to_owned())),
            // A left side that is too long has its right side on the next line.
            (None, Some((_, right))) if right.is_empty() => line.clone_into(right),
            (None, _) => rows.push((line.to_owned(), String::new())),
        }
    }
    rows
}

fn pairs(table: &[(&str, &str)]) -> Vec<(String, String)> {
    table.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned())).collect()
}

fn list(title: &str, rows: Vec<(String, String)>) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (name, about) in rows {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(about)]);
    }
    roff
}
