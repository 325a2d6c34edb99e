//! A project whose stage is real sshd processes, each with a folder of its own to deploy to.

use std::cell::Cell;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::ran::Ran;
use crate::support::repository::Repository;
use crate::support::scene::Scene;
use crate::support::sshd::Sshd;
use crate::support::tree::{names_in, tree};

/// A running fleet with its project and the repository it deploys.
pub struct Fleet {
    /// The project.
    pub scene: Scene,
    /// What is deployed: branch `main`, one commit with `app.sh`.
    pub repository: Repository,
    hosts: Vec<(&'static str, Sshd)>,
    last_run: Cell<u64>,
}

impl Fleet {
    /// Hosts `web1` to `webN`, all with the role `app`; `recipe` is added to a recipe that deploys the repository.
    /// None only where sshd is missing on purpose.
    pub fn start(count: usize, recipe: &str) -> Option<Self> {
        let names = ["web1", "web2", "web3", "web4", "web5"];
        let hosts: Vec<_> = names.iter().take(count).map(|name| (*name, r#"roles: ["app"]"#)).collect();
        Self::with(&hosts, recipe)
    }

    /// Hosts with these names and properties.
    pub fn with(hosts: &[(&'static str, &str)], recipe: &str) -> Option<Self> {
        let scene = Scene::new();
        let repository = Repository::new(&scene.top().join("repository"));
        repository.commit("app.sh", "echo version 1\n");
        let mut stage = String::new();
        let mut running = Vec::new();
        for (name, properties) in hosts {
            let sshd = Sshd::start()?;
            stage.push_str(&format!(
                "server(\"{name}\", #{{ port: {}, ssh_options: {}, {properties} }});\n",
                sshd.port(),
                ssh_options(&sshd),
            ));
            running.push((*name, sshd));
        }
        let hosts = scene.top().join("hosts");
        let text = format!(
            "require(\"deploy\");\nrequire(\"git\");\nset(\"application\", \"app\");\nset(\"repo_url\", {:?});\n\
             set(\"branch\", \"main\");\nset(\"deploy_to\", || `{}/${{current_host().name}}`);\n{recipe}\n",
            repository.url(),
            hosts.display(),
        );
        let scene = scene.file("config/deploy.rhai", text).stage("production", &stage);
        Some(Self { scene, repository, hosts: running, last_run: Cell::new(0) })
    }

    /// Sets a variable of the environment windlass runs in.
    pub fn env(self, name: &str, value: &str) -> Self {
        Self { scene: self.scene.env(name, value), ..self }
    }

    /// Adds to the end of the recipe.
    pub fn add_to_recipe(&self, text: &str) {
        let recipe = self.scene.read("config/deploy.rhai") + text;
        std::fs::write(self.scene.path("config/deploy.rhai"), recipe).expect("the recipe can be written");
    }

    /// The sshd of a host.
    pub fn sshd(&self, host: &str) -> &Sshd {
        let found = self.hosts.iter().find(|(name, _)| *name == host);
        &found.unwrap_or_else(|| panic!("there is no host {host}")).1
    }

    /// The host as it is called in output.
    pub fn label(&self, host: &str) -> String {
        format!("{host}:{}", self.sshd(host).port())
    }

    /// A path below the folder a host is deployed to.
    pub fn path(&self, host: &str, name: &str) -> PathBuf {
        self.scene.host(host, name)
    }

    /// The text of a file below the folder a host is deployed to.
    #[track_caller]
    pub fn read(&self, host: &str, name: &str) -> String {
        let path = self.path(host, name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()))
    }

    /// What stands in the folder of a host; see [`tree`].
    pub fn tree(&self, host: &str) -> Vec<String> {
        tree(&self.path(host, ""))
    }

    /// The releases of a host, oldest first.
    pub fn releases(&self, host: &str) -> Vec<String> {
        names_in(&self.path(host, "releases"))
    }

    /// The name of the release that is current on a host.
    #[track_caller]
    pub fn current(&self, host: &str) -> String {
        let target = std::fs::read_link(self.path(host, "current")).expect("there is a link `current`");
        target.file_name().expect("a release has a name").to_string_lossy().into_owned()
    }

    /// Puts a file into the shared folder of every host.
    pub fn share(&self, name: &str, text: &str) {
        for (host, _) in &self.hosts {
            let path = self.path(host, "shared").join(name);
            std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
            std::fs::write(path, text).expect("a file can be written");
        }
    }

    /// Runs `windlass production …`, in another second than the last time: releases are named by the second.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.in_a_second_of_its_own(|| self.scene.run(["production"].iter().chain(args)))
    }

    /// As [`Fleet::run`], with `--format json`.
    pub fn json(&self, args: &[&str]) -> Ran {
        self.in_a_second_of_its_own(|| self.scene.run(["--format", "json", "production"].iter().chain(args)))
    }

    /// Deploys, and gives the name of the release on the first host.
    #[track_caller]
    pub fn deploy(&self) -> String {
        self.run(&["deploy"]).ok();
        self.current(self.hosts[0].0)
    }

    /// What a run calls now is at the latest the second in which it ends.
    fn in_a_second_of_its_own(&self, run: impl FnOnce() -> Ran) -> Ran {
        self.next_second();
        let ran = run();
        self.last_run.set(second());
        ran
    }

    /// Waits until the clock shows another second than at the last run.
    pub fn next_second(&self) {
        while second() == self.last_run.get() {
            sleep(Duration::from_millis(10));
        }
        self.last_run.set(second());
    }
}

/// How a recipe reaches an sshd of ours without anything of this machine's own configuration.
pub fn ssh_options(sshd: &Sshd) -> String {
    format!(
        "#{{ host_name: {:?}, config: false, use_agent: false, keys_only: true, keys: [{:?}], \
         user_known_hosts_file: {:?}, global_known_hosts_file: \"/dev/null\" }}",
        sshd.address(),
        sshd.path("client_key").display().to_string(),
        sshd.path("known_hosts").display().to_string(),
    )
}

fn second() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs()
}
