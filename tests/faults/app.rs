//! A project that deploys a small git repository to three hosts that are this machine, and a look at what is on them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::ran::Ran;
use crate::support::repository::Repository;
use crate::support::scene::Scene;

/// Names of releases that other deploys have left, oldest first.
pub const OLD: [&str; 3] = ["20200101000000", "20200102000000", "20200103000000"];

/// The hosts of an [`App`].
pub const HOSTS: [&str; 3] = ["web1", "web2", "web3"];

/// A scene with a repository and three hosts, each with a folder of its own.
pub struct App {
    pub scene: Scene,
    pub repository: Repository,
}

impl App {
    /// The stock deploy, and these lines behind it.
    pub fn new(lines: &str) -> Self {
        Self::on(&HOSTS, lines)
    }

    /// The same to a single host, where the number of hosts does not matter.
    pub fn small(lines: &str) -> Self {
        Self::on(&HOSTS[..1], lines)
    }

    fn on(hosts: &[&str], lines: &str) -> Self {
        let server = |host: &&str| format!("server(\"{host}\", #{{ transport: \"local\", roles: [\"app\"] }});");
        Self::with_stage(&hosts.iter().map(server).collect::<Vec<_>>().join("\n"), lines)
    }

    /// The stock deploy to the servers of a stage file.
    pub fn with_stage(stage: &str, lines: &str) -> Self {
        let scene = Scene::new();
        let repository = Repository::new(&scene.top().join("repository"));
        repository.commit("app.sh", "echo version 1\n");
        let recipe = format!(
            "require(\"deploy\");\nrequire(\"git\");\nset(\"application\", \"app\");\nset(\"repo_url\", {:?});\n\
             set(\"branch\", \"main\");\nset(\"deploy_to\", || `{}/${{current_host().name}}`);\n{lines}\n",
            repository.url(),
            scene.top().join("hosts").display(),
        );
        let scene = scene.file("config/deploy.rhai", recipe).stage("production", stage);
        Self { scene, repository }
    }

    /// Runs tasks, and words behind them, in the stage `production`.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.scene.run([&["production"], words].concat())
    }

    /// The same, told as JSON.
    pub fn json(&self, words: &[&str]) -> Ran {
        self.scene.run([&["--format", "json", "production"], words].concat())
    }

    /// A path on a host.
    pub fn path(&self, host: &str, name: &str) -> PathBuf {
        self.scene.host(host, name)
    }

    /// Makes a release by hand, with a file that tells which one it is.
    pub fn release(&self, host: &str, name: &str) {
        let folder = self.path(host, "releases").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("which"), name).unwrap();
    }

    /// Makes the three old releases on every host, the last of them current.
    pub fn with_history(self) -> Self {
        for host in self.hosts() {
            for name in OLD {
                self.release(&host, name);
            }
            self.point(&host, &self.path(&host, "releases").join(OLD[2]));
        }
        self
    }

    /// Points `current` of a host somewhere.
    pub fn point(&self, host: &str, target: &Path) {
        let current = self.path(host, "current");
        fs::remove_file(&current).ok();
        symlink(target, current).unwrap();
    }

    /// The release `current` of a host points to; fails where that is no release that is there.
    #[track_caller]
    pub fn current(&self, host: &str) -> String {
        let link = self.path(host, "current");
        let target = fs::read_link(&link).unwrap_or_else(|error| panic!("{}: {error}", link.display()));
        assert!(link.is_dir(), "{} dangles: {}", link.display(), target.display());
        target.file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// The names in a folder of a host, in order.
    pub fn names(&self, host: &str, folder: &str) -> Vec<String> {
        names(&self.path(host, folder))
    }

    /// Everything on the hosts, to compare before and after.
    pub fn hosts_tree(&self) -> Vec<String> {
        let on_hosts = |line: &String| line.starts_with("hosts/") && !line.starts_with("hosts/ ");
        self.scene.everything().into_iter().filter(on_hosts).collect()
    }

    /// What of an earlier [`App::hosts_tree`] is no longer there, or another than it was. The mirrors of the
    /// repository do not count.
    pub fn lost(&self, before: &[String]) -> Vec<String> {
        let now = self.hosts_tree();
        before.iter().filter(|line| !line.contains("/repo/") && !now.contains(line)).cloned().collect()
    }

    fn hosts(&self) -> Vec<String> {
        let stage = self.scene.read("config/deploy/production.rhai");
        HOSTS.iter().filter(|host| stage.contains(**host)).map(|host| (*host).to_owned()).collect()
    }
}

/// The names in a folder, in order; none where there is no folder.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    names
}
