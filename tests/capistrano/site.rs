//! A project whose stage is one host, this machine, and the repository it deploys.

use std::fs;
use std::path::PathBuf;

use crate::support::ran::Ran;
use crate::support::repository::Repository;
use crate::support::scene::Scene;
use crate::support::tree::names_in;

/// A project to deploy: branch `main` with `app.txt`, host web1.
pub struct Site {
    /// The project.
    pub scene: Scene,
    /// What is deployed.
    pub repository: Repository,
}

impl Site {
    /// With these lines added to the recipe.
    pub fn new(more: &str) -> Self {
        let scene = Scene::new();
        let repository = Repository::new(&scene.top().join("repository"));
        repository.commit("app.txt", "one\n");
        let recipe = format!(
            "set(\"application\", \"app\");\nset(\"repo_url\", {:?});\nset(\"branch\", env(\"BRANCH\", \"main\"));\n\
             set(\"deploy_to\", {:?});\n{more}\n",
            repository.url(),
            scene.host("web1", "").display().to_string().trim_end_matches('/'),
        );
        let stage = "server(\"web1\", #{ transport: \"local\", roles: [\"app\"] });";
        Self { scene: scene.file("config/deploy.rhai", recipe).stage("production", stage), repository }
    }

    /// Runs `windlass production …`.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.scene.run(["--format", "json", "production"].iter().chain(args))
    }

    /// Deploys, and gives the name of the release.
    #[track_caller]
    pub fn deploy(&self) -> String {
        self.run(&["deploy"]).ok();
        self.current()
    }

    /// A path on the host.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scene.host("web1", name)
    }

    /// The text of a file of the host.
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("could not read {name}: {error}"))
    }

    /// Writes a file of the host.
    pub fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(self.path(name), text).expect("a file can be written");
    }

    /// The releases, oldest first.
    pub fn releases(&self) -> Vec<String> {
        names_in(&self.path("releases"))
    }

    /// The name of the release that is live.
    #[track_caller]
    pub fn current(&self) -> String {
        let link = fs::read_link(self.path("current")).expect("there is a link `current`");
        link.file_name().expect("a release has a name").to_string_lossy().into_owned()
    }
}
