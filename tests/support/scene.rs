//! A project in a folder of its own, and the real binary run in it.
//!
//! Owns the isolation: no home, no configuration, no agent, no CI and no terminal of the machine the tests run on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::ran::Ran;

/// Three hosts that are this machine: two with the roles `app` and `web`, one with the role `db`.
pub const THREE_HOSTS: &str = r#"
server("web1", #{ transport: "local", roles: ["app", "web"] });
server("web2", #{ transport: "local", roles: ["app", "web"] });
server("db1", #{ transport: "local", roles: ["db"], no_release: true });
"#;

/// A temporary project. It is removed when the scene is dropped.
pub struct Scene {
    top: TempDir,
    env: Vec<(String, String)>,
    below: PathBuf,
    through: Vec<String>,
}

impl Scene {
    /// An empty project.
    pub fn new() -> Self {
        let top = tempfile::Builder::new().prefix("scene-").tempdir().expect("a temporary folder can be made");
        for folder in ["project", "home/.config", "home/.cache", "home/.local/share", "home/.local/state", "hosts"] {
            fs::create_dir_all(top.path().join(folder)).expect("a folder can be made in a temporary folder");
        }
        Self { top, env: Vec::new(), below: PathBuf::new(), through: Vec::new() }
    }

    /// A project with this recipe and a stage `production` of three local hosts, each with a folder of its own.
    pub fn with(recipe: &str) -> Self {
        let scene = Self::new();
        let hosts = scene.top().join("hosts");
        let folders = format!("set(\"deploy_to\", || `{}/${{current_host().name}}`);", hosts.display());
        let stage = format!("{THREE_HOSTS}{folders}\n");
        scene.file("config/deploy.rhai", recipe).stage("production", &stage)
    }

    /// A project as in [`Scene::with`] whose task `t` has this body.
    pub fn task(body: &str) -> Self {
        Self::with(&format!("task(\"t\", || {{\n{body}\n}});\n"))
    }

    /// Writes a file of the project.
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        write(&self.path(name), text.as_ref());
        self
    }

    /// Writes `config/deploy/NAME.rhai`.
    pub fn stage(self, name: &str, text: &str) -> Self {
        self.file(&format!("config/deploy/{name}.rhai"), text)
    }

    /// Writes a file below the home of the user who runs windlass.
    pub fn home_file(self, name: &str, text: &str) -> Self {
        write(&self.top().join("home").join(name), text.as_bytes());
        self
    }

    /// Adds an executable to the front of the PATH.
    pub fn program(self, name: &str, script: &str) -> Self {
        let path = self.top().join("bin").join(name);
        write(&path, format!("#!/bin/sh\n{script}\n").as_bytes());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file of ours can be made executable");
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs in this folder of the project from now on.
    pub fn below(mut self, folder: &str) -> Self {
        fs::create_dir_all(self.path(folder)).expect("a folder can be made in the project");
        self.below = PathBuf::from(folder);
        self
    }

    /// Runs windlass through another program, such as one that takes it into another network; that program has to
    /// become windlass, so that both are one process.
    pub fn through(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.through = words.into_iter().collect();
        self
    }

    /// The folder that holds everything: `project`, `home`, `hosts`.
    pub fn top(&self) -> &Path {
        self.top.path()
    }

    /// A path in the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.top().join("project").join(name)
    }

    /// A path in the folder of a host.
    pub fn host(&self, host: &str, name: &str) -> PathBuf {
        self.top().join("hosts").join(host).join(name)
    }

    /// The text of a file of the project.
    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()))
    }

    /// Runs windlass without a terminal.
    pub fn run<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        let output = self.command(args).output().expect("windlass can be started");
        Ran::new(&output, self.top())
    }

    /// Runs windlass with `--format json` and gives what recipes said with `info`, in order.
    pub fn said<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Vec<String> {
        self.run(json(args)).ok().messages("info")
    }

    /// Runs windlass with `--format json --dry-run` and gives the command lines of one host.
    pub fn lines<S: AsRef<str>>(&self, host: &str, args: impl IntoIterator<Item = S>) -> Vec<String> {
        self.run(json(args).into_iter().chain(["--dry-run".to_owned()])).ok().lines(host)
    }

    /// The process, not yet started. A session of its own keeps it from the terminal of whoever runs the tests.
    pub fn command<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        // Who runs the tests in the background has made them ignore Ctrl-C; windlass must not inherit that.
        let mut command = Command::new("env");
        command
            .args(["--default-signal=INT,HUP", "setsid"])
            .args(&self.through)
            .arg(env!("CARGO_BIN_EXE_windlass"))
            .stdin(Stdio::null())
            .current_dir(self.path("").join(&self.below));
        command.args(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        command.env_clear().envs(self.environment());
        command
    }

    /// The whole environment of the process.
    pub fn environment(&self) -> Vec<(String, String)> {
        let home = self.top().join("home");
        let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned());
        let fixed = [
            ("PATH", format!("{}:{path}", self.top().join("bin").display())),
            ("HOME", home.display().to_string()),
            ("XDG_CONFIG_HOME", home.join(".config").display().to_string()),
            ("XDG_CACHE_HOME", home.join(".cache").display().to_string()),
            ("XDG_DATA_HOME", home.join(".local/share").display().to_string()),
            ("XDG_STATE_HOME", home.join(".local/state").display().to_string()),
            ("TMPDIR", self.top().display().to_string()),
            ("USER", "tester".to_owned()),
            ("LOGNAME", "tester".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            // Submodules of local repositories, which git refuses by default.
            ("GIT_ALLOW_PROTOCOL", "file".to_owned()),
        ];
        fixed.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(self.env.iter().cloned()).collect()
    }

    /// Every file, folder and link below the top with its mode and content, to compare before and after. The log is
    /// left out: every run writes it.
    pub fn everything(&self) -> Vec<String> {
        let mut found = Vec::new();
        describe(self.top(), self.top(), &mut found);
        found.sort();
        found
    }
}

fn json<S: AsRef<str>>(args: impl IntoIterator<Item = S>) -> Vec<String> {
    let args = args.into_iter().map(|arg| arg.as_ref().to_owned());
    ["--format".to_owned(), "json".to_owned()].into_iter().chain(args).collect()
}

fn write(path: &Path, text: &[u8]) {
    let folder = path.parent().expect("every file of a scene is in a folder");
    fs::create_dir_all(folder).expect("a folder can be made in a scene");
    fs::write(path, text).unwrap_or_else(|error| panic!("could not write {}: {error}", path.display()));
}

fn describe(top: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of a scene can be read").flatten() {
        let path = entry.path();
        let name = path.strip_prefix(top).unwrap_or(&path).display().to_string();
        if name == "project/log" {
            continue;
        }
        let metadata = entry.metadata().expect("a file of a scene has metadata");
        let mode = metadata.permissions().mode();
        if metadata.is_symlink() {
            let target = fs::read_link(&path).unwrap_or_default();
            found.push(format!("{name} -> {}", target.display()));
        } else if metadata.is_dir() {
            found.push(format!("{name}/ {mode:o}"));
            describe(top, &path, found);
        } else {
            let text = fs::read(&path).unwrap_or_default();
            found.push(format!("{name} {mode:o} {:?} {}", metadata.modified().ok(), String::from_utf8_lossy(&text)));
        }
    }
}
