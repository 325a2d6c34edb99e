//! The README's example project, with servers that are this machine.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::docs::readme;

/// The README's `config/deploy.rhai` in a folder of its own, and a repository it can deploy.
pub struct Project {
    top: TempDir,
}

impl Project {
    /// Writes the project. The stage has the README's servers, reached without ssh, and what only exists here.
    pub fn new() -> Self {
        let project = Self { top: tempfile::tempdir().expect("a temporary folder can be made") };
        project.write("bin/.keep", "");
        symlink(env!("CARGO_BIN_EXE_windlass"), project.top.path().join("bin/windlass")).expect("a link can be made");
        project.write("home/.keep", "");
        // Its pause between servers is for servers that carry traffic.
        let recipe = named("config/deploy.rhai");
        assert!(recipe.contains("wait: 5"), "the README's recipe has a pause");
        project.write("project/config/deploy.rhai", &recipe.replace("wait: 5", "wait: 0"));
        let stage = named("config/deploy/production.rhai");
        let (servers, repository) = (project.path("servers"), project.path("repository"));
        let local = format!(
            "{}set(\"repo_url\", `{}`);\nset(\"deploy_to\", || `{}/${{current_host().name}}`);\n",
            stage.replace("#{ roles", "#{ transport: \"local\", roles"),
            repository.display(),
            servers.display()
        );
        assert_ne!(local.matches("transport: \"local\"").count(), 0, "the README's stage declares servers");
        project.write("project/config/deploy/production.rhai", &local);
        project
    }

    /// A repository with what the README's tasks call, branch `main` and tag `v1.2`; linked files in place.
    pub fn with_repository(self) -> Self {
        self.write("repository/bin/migrate", "#!/bin/sh\necho \"migrating $APP_ENV\"\n");
        self.write("repository/tmp/.keep", "");
        for line in [
            "chmod +x bin/migrate",
            "git init --quiet --initial-branch=main",
            "git add --all",
            "git -c user.name=docs -c user.email=docs@localhost -c commit.gpgsign=false commit --quiet -m one",
            "git tag v1.2",
        ] {
            let output = self.shell("repository", line);
            assert!(output.status.success(), "{line}: {}", told(&output));
        }
        for host in ["web1", "web2", "db1"] {
            self.write(&format!("servers/{host}.example.com/shared/config/database.yml"), "production: {}\n");
        }
        self
    }

    /// A path below the folder that holds everything.
    pub fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(name)
    }

    /// Writes a file there.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or_else(|| Path::new("."))).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Runs a line in a folder, as a user types it; `windlass` is ours.
    pub fn shell(&self, folder: &str, line: &str) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin"));
        let paths = [self.path("bin")].into_iter().chain(std::env::split_paths(&path));
        Command::new("sh")
            .args(["-c", line])
            .current_dir(self.path(folder))
            .env_clear()
            .env("PATH", std::env::join_paths(paths).expect("folders of a PATH hold no colon"))
            .env("HOME", self.path("home"))
            .env("USER", "reader")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::null())
            .output()
            .expect("sh can be started")
    }

    /// Runs windlass in the project; fails unless it ends with 0. Gives standard output.
    pub fn windlass(&self, args: &str) -> String {
        let output = self.shell("project", &format!("windlass {args}"));
        assert!(output.status.success(), "windlass {args}\n{}", told(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The README's block that begins with a comment that names this file.
fn named(file: &str) -> String {
    let blocks = readme::blocks("rhai");
    let block = blocks.iter().find(|block| block.text.starts_with(&format!("// {file}\n")));
    block.unwrap_or_else(|| panic!("the README has no block of {file}")).text.clone()
}

/// Everything a command printed.
pub fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
