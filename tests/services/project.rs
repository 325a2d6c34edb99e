//! A project that is deployed to a host of a lab.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::held::path;
use crate::support::host::Host;
use crate::support::lab::Lab;

/// A project with one stage, `production`, and a repository every host of the lab can read.
pub struct Project<'a> {
    lab: &'a Lab,
    folder: TempDir,
    name: String,
}

/// What a run said, and how it ended.
pub struct Said {
    /// Both streams, one behind the other.
    pub text: String,
    /// Exit code.
    pub code: Option<i32>,
}

impl Said {
    /// The text of a run that went well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.text);
        self.text
    }

    /// The text of a run that did not.
    #[track_caller]
    pub fn failed(self) -> String {
        assert_ne!(self.code, Some(0), "{}", self.text);
        self.text
    }
}

impl<'a> Project<'a> {
    /// One called `name`, whose recipe goes on with `recipe` behind what deploys need; `servers` stand in the stage file.
    pub fn new(lab: &'a Lab, name: &str, servers: &str, recipe: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("windlass-project-").tempdir().unwrap();
        let project = Self { lab, folder, name: name.to_owned() };
        for file in ["config/sidekiq.yml", "config/sidekiq_critical.yml"] {
            project.write(&format!("code/{file}"), ":concurrency: 2\n:queues:\n  - default\n");
        }
        project.write(
            "code/worker.rb",
            "require 'sidekiq'\nclass Note\n  include Sidekiq::Worker\n  \
             def perform(path) = File.write(path, \"#{Dir.pwd} #{ENV['GREETING']}\")\nend\n",
        );
        project.git(&["init", "-q", "-b", "master", "."]);
        project.git(&["add", "-A"]);
        project.git(&["commit", "-q", "-m", "one"]);
        let bare = lab.shared_folder().join(format!("{name}.git"));
        project.git(&["clone", "-q", "--bare", ".", &bare.display().to_string()]);
        project.write("project/config/deploy/production.rhai", servers);
        project.recipe(recipe);
        project
    }

    /// Writes the recipe anew.
    pub fn recipe(&self, recipe: &str) {
        let name = &self.name;
        let repository = self.lab.shared_folder().join(format!("{name}.git")).display().to_string();
        self.write(
            "project/config/deploy.rhai",
            &format!(
                "require(\"deploy\");\nrequire(\"git\");\nset(\"application\", \"{name}\");\n\
                 set(\"repo_url\", {repository:?});\nappend(\"linked_dirs\", \"log\");\n{recipe}"
            ),
        );
    }

    /// Runs windlass in the network of the lab.
    pub fn windlass(&self, words: &str) -> Said {
        let output = self.command(words).output().unwrap();
        let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
        Said { text, code: output.status.code() }
    }

    /// Starts windlass there, to be dealt with.
    pub fn start(&self, words: &str) -> Child {
        self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn command(&self, words: &str) -> Command {
        let [nsenter, net, end] = self.lab.through();
        let mut command = Command::new(nsenter);
        command
            .args([&*net, &*end, env!("CARGO_BIN_EXE_windlass"), "-C", &self.path("project").display().to_string()])
            .args(words.split_whitespace())
            .args(if words.contains("--json") { &[][..] } else { &["--format", "plain"] })
            .env_clear()
            .envs([("PATH", path()), ("HOME", self.path("home").display().to_string()), ("USER", "tester".into())])
            .stdin(Stdio::null());
        command
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file of the project.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, words: &[&str]) {
        git(&self.path("code"), words);
    }
}

fn git(folder: &Path, words: &[&str]) {
    let names = ["user.name=t", "user.email=t@example.org"];
    let output = Command::new("git")
        .args(names.iter().flat_map(|name| ["-c", name]))
        .args(words)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The number of the main process of a unit of a user.
pub fn main_pid(host: &Host, user: &str, unit: &str) -> String {
    host.sh_as(user, &format!("systemctl --user show {unit} -p MainPID --value"))
}

/// Puts a `loginctl` before the host's own that notes each call in the home of this user, and gives the line of a recipe
/// that has it found.
pub fn noted_loginctl(host: &Host, user: &str) -> String {
    let script = "#!/bin/sh\necho \"$*\" >>~/loginctl.calls\nexec /usr/bin/loginctl \"$@\"\n";
    host.sh_as(user, "mkdir -p bin");
    std::fs::write(host.path(&format!("/home/{user}/bin/loginctl")), script).unwrap();
    host.sh(&format!("chmod 755 /home/{user}/bin/loginctl"));
    format!("set(\"default_env\", #{{ PATH: raw(\"/home/{user}/bin:$PATH\") }});\n")
}

/// What it has noted since the last time it was asked.
pub fn loginctl_calls(host: &Host, user: &str) -> Vec<String> {
    let calls = host.sh_as(user, "touch loginctl.calls; cat loginctl.calls; : >loginctl.calls");
    calls.lines().map(str::to_owned).collect()
}
