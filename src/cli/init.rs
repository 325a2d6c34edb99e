//! `windlass init`: a commented project to begin with.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use crate::cli::args::Options;
use crate::cli::command_args::InitArgs;
use crate::error::{EXIT_OK, Error};
use crate::recipe::project::RESERVED;

/// The version a new recipe asks for: this one, or a later one that breaks nothing.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
/// The recipe, with `{version}`, `{application}`, `{repo_url}` and `{branch}` to fill in.
const RECIPE: &str = include_str!("init/deploy.rhai");
/// A stage, with `{stage}` to fill in.
const STAGE: &str = include_str!("init/stage.rhai");

/// Writes the project and tells each file; gives the exit code.
///
/// # Errors
/// A stage name that cannot be one; a file that cannot be written.
pub fn init(options: &Options, args: &InitArgs) -> Result<u8, Error> {
    let top = options.directory.clone().unwrap_or_else(|| ".".into());
    for stage in &args.stages {
        check_stage(stage)?;
    }
    let guess = Guess::at(&top);
    let recipe = RECIPE
        .replace("{version}", VERSION)
        .replace("{application}", &guess.application)
        .replace("{repo_url}", &guess.repo_url)
        .replace("{branch}", &guess.branch);
    write_new(&top, "config/deploy.rhai", &recipe)?;
    for stage in &args.stages {
        write_new(&top, &format!("config/deploy/{stage}.rhai"), &STAGE.replace("{stage}", stage))?;
    }
    let stage = args.stages.first().map_or("production", String::as_str);
    println!("\nnext: name your servers in config/deploy/{stage}.rhai, then `windlass {stage} deploy --dry-run`");
    Ok(EXIT_OK)
}

fn check_stage(stage: &str) -> Result<(), Error> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if stage.is_empty() || stage.starts_with('-') || !stage.chars().all(is_name) {
        return Err(
            Error::usage(format!("`{stage}` cannot be the name of a stage")).help("use letters, digits, `-` and `_`")
        );
    }
    if RESERVED.contains(&stage) {
        return Err(Error::usage(format!("a stage cannot be called `{stage}`, because that is a command")));
    }
    Ok(())
}

/// What can be found out instead of asked.
struct Guess {
    application: String,
    repo_url: String,
    branch: String,
}

impl Guess {
    fn at(top: &Path) -> Self {
        let folder =
            top.canonicalize().ok().and_then(|top| top.file_name().map(|name| name.to_string_lossy().into_owned()));
        let folder = folder.unwrap_or_default();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let application: String = folder.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
        Self {
            application: if application.is_empty() { "my_app".to_owned() } else { application },
            repo_url: git(top, &["remote", "get-url", "origin"])
                .unwrap_or_else(|| "git@example.com:me/my_app.git".to_owned()),
            branch: git(top, &["symbolic-ref", "--short", "HEAD"]).unwrap_or_else(|| "main".to_owned()),
        }
    }
}

fn git(top: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(top).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().replace(['"', '\\'], "");
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// Writes a file that is not there; tells either way.
fn write_new(top: &Path, name: &str, text: &str) -> Result<(), Error> {
    let path = top.join(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Error::io("could not make", folder, &error))?;
    }
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| Error::io("could not write", &path, &error))?;
            println!("create {name}");
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            println!("skip   {name}, which is there already");
            Ok(())
        }
        Err(error) => Err(Error::io("could not write", &path, &error)),
    }
}
