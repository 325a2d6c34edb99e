//! `windlass init`: a commented project to begin with.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use crate::cli::args::Options;
use crate::cli::command_args::InitArgs;
use crate::cli::results::print;
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
    print(&format!(
        "\nnext: name your servers in config/deploy/{stage}.rhai, then `windlass {stage} deploy --dry-run`\n"
    ))?;
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
                .map_or_else(|| "git@example.com:me/my_app.git".to_owned(), |url| without_password(&url)),
            branch: git(top, &["symbolic-ref", "--short", "HEAD"]).unwrap_or_else(|| "main".to_owned()),
        }
    }
}

/// An address without the user and password for the web that may stand in it: the recipe is for everybody to read. The
/// user of ssh is no secret.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("http")) else {
        return url.to_owned();
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{path}", host.rsplit_once('@').map_or(host, |(_, host)| host))
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
            print(&format!("create {name}\n"))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            print(&format!("skip   {name}, which is there already\n"))
        }
        Err(error) => Err(Error::io("could not write", &path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_gets_into_a_recipe() {
        for (url, expected) in [
            ("https://me:ghp_x@git.example.com/a/b.git", "https://git.example.com/a/b.git"),
            ("https://ghp_x@git.example.com", "https://git.example.com"),
            ("http://git.example.com:8080/a@b.git", "http://git.example.com:8080/a@b.git"),
            ("ssh://git@git.example.com/a.git", "ssh://git@git.example.com/a.git"),
            ("git@git.example.com:a/b.git", "git@git.example.com:a/b.git"),
            ("/srv/git/a.git", "/srv/git/a.git"),
        ] {
            assert_eq!(without_password(url), expected);
        }
    }
}
