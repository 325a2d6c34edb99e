//! `windlass demo`: the main job, for real, on this machine, with nothing of the user's touched.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::args::Options;
use crate::cli::command_args::DemoArgs;
use crate::cli::demo_hosts::Hosts;
use crate::cli::output::Output;
use crate::cli::results::print;
use crate::cli::signals;
use crate::error::{EXIT_OK, Error, Kind};
use crate::transport::cancel::Cancel;

const RECIPE: &str = include_str!("demo/deploy.rhai");
const APPLICATION: &str = include_str!("demo/app.sh");

/// Deploys a small project twice, rolls back, and shows the tree; gives the exit code.
///
/// # Errors
/// A missing git; a folder that cannot be written; a step that fails.
pub fn demo(options: &Options, args: DemoArgs) -> Result<u8, Error> {
    let folder = tempfile::Builder::new()
        .prefix("windlass-demo-")
        .tempdir()
        .map_err(|error| Error::io("could not make a folder in", &env::temp_dir(), &error))?;
    // A signal must not end this process before its hosts and folders are gone; the running step gets it as well.
    let cancel = Cancel::new();
    signals::listen(cancel.clone(), Output::none(), signals::Turns::one(), || {});
    let demo = Demo { top: folder.path().to_path_buf() };
    demo.write_project()?;
    let hosts = Hosts::start(&demo.path("sshd")?)?;
    demo.write("project/config/deploy/production.rhai", &hosts.stage)?;
    print(&format!(
        "a project, its repository and three hosts ({}) in {}\n\nthe recipe, config/deploy.rhai:\n\n{}\n",
        hosts.kind,
        demo.top.display(),
        indented(&demo.recipe())
    ))?;
    let steps = [
        ("the shared settings, once", "settings"),
        ("the first deploy", "deploy"),
        ("a change is committed, and the second deploy", "deploy"),
        ("back to the first release", "deploy:rollback"),
    ];
    for (i, (what, task)) in steps.into_iter().enumerate() {
        if i == 2 {
            demo.commit_change()?;
            // Releases are named by the second.
            std::thread::sleep(std::time::Duration::from_millis(1100));
        }
        print(&format!("\n── {what}: windlass production {task}\n\n"))?;
        let outcome = demo.windlass(options, task);
        if cancel.is_raised() {
            return Err(Error::new(Kind::Cancelled, "the demo was cancelled; what it made is removed"));
        }
        outcome?;
    }
    print(&format!("\n── what one of the hosts looks like now\n\n{}\n", indented(&demo.tree()?)))?;
    drop(hosts);
    print(&if args.keep {
        format!("kept in {}\n", folder.keep().display())
    } else {
        "all of it is removed again; `windlass demo --keep` keeps it, `windlass init` begins a project of yours\n"
            .to_owned()
    })?;
    Ok(EXIT_OK)
}

struct Demo {
    top: PathBuf,
}

impl Demo {
    /// A folder below the demo's, made.
    fn path(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.top.join(name);
        fs::create_dir_all(&path).map_err(|error| Error::io("could not make", &path, &error))?;
        Ok(path)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.top.join(name);
        self.path(path.parent().and_then(Path::to_str).unwrap_or_default())?;
        fs::write(&path, text).map_err(|error| Error::io("could not write", &path, &error))
    }

    fn recipe(&self) -> String {
        let shown = |name: &str| self.top.join(name).display().to_string();
        RECIPE.replace("{repo_url}", &shown("repository")).replace("{hosts}", &shown("hosts"))
    }

    fn write_project(&self) -> Result<(), Error> {
        self.write("project/config/deploy.rhai", &self.recipe())?;
        self.path("hosts")?;
        self.write("repository/app.sh", APPLICATION)?;
        self.write("repository/log/.keep", "")?;
        self.git(&["init", "--quiet", "--initial-branch=main", "."])?;
        self.commit("first version")
    }

    fn commit_change(&self) -> Result<(), Error> {
        self.write("repository/app.sh", &APPLICATION.replace("version 1", "version 2"))?;
        self.commit("second version")
    }

    fn commit(&self, message: &str) -> Result<(), Error> {
        self.git(&["add", "--all"])?;
        let who = ["-c", "user.name=windlass demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"];
        self.git(&[who.as_slice(), &["commit", "--quiet", "-m", message]].concat())
    }

    fn git(&self, args: &[&str]) -> Result<(), Error> {
        let output =
            Command::new("git").arg("-C").arg(self.top.join("repository")).args(args).output().map_err(|error| {
                Error::io("could not run", Path::new("git"), &error).help("the demo needs git on this machine")
            })?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::new(
            Kind::Io,
            format!("git {} failed: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim()),
        ))
    }

    /// This very program, as a user would call it.
    fn windlass(&self, options: &Options, task: &str) -> Result<(), Error> {
        let program = env::current_exe().map_err(|error| Error::io("could not find", Path::new("windlass"), &error))?;
        let mut command = Command::new(program);
        command
            .args(["production", task])
            .current_dir(self.top.join("project"))
            .env("XDG_CONFIG_HOME", self.top.join("config"))
            .env("XDG_CACHE_HOME", self.top.join("cache"));
        command.args(options.verbose.then_some("--verbose")).args(options.quiet.then_some("--quiet"));
        let status = command.status().map_err(|error| Error::io("could not start", Path::new("windlass"), &error))?;
        if status.success() {
            return Ok(());
        }
        Err(Error::new(Kind::Io, format!("`windlass production {task}` ended with {status}")))
    }

    fn tree(&self) -> Result<String, Error> {
        let hosts = self.top.join("hosts");
        let mut names: Vec<PathBuf> = fs::read_dir(&hosts)
            .map_err(|error| Error::io("could not read", &hosts, &error))?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        names.sort();
        let mut text = String::new();
        if let Some(first) = names.first() {
            text.push_str(&format!("{}\n", first.display()));
            branch(first, "", 2, &mut text);
            let log = fs::read_to_string(first.join("revisions.log")).unwrap_or_default();
            text.push_str(&format!("\nrevisions.log:\n{log}"));
        }
        Ok(text)
    }
}

/// Draws what is in a folder, `depth` levels deep.
fn branch(folder: &Path, indent: &str, depth: usize, text: &mut String) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for (i, path) in paths.iter().enumerate() {
        let last = i + 1 == paths.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = fs::read_link(path).map(|target| format!(" -> {}", target.display())).unwrap_or_default();
        text.push_str(&format!("{indent}{}{name}{target}\n", if last { "└── " } else { "├── " }));
        if depth > 0 && target.is_empty() && path.is_dir() && name != "repo" {
            branch(path, &format!("{indent}{}", if last { "    " } else { "│   " }), depth - 1, text);
        }
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}
