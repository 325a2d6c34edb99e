//! The example projects in `stdlib/examples` say what is true: `check` finds nothing, every stage has a plan, and every
//! task makes a dry run. `services::examples` deploys those with services for real, to hosts with systemd.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use windlass::recipe::examples::{PROJECTS, SCRIPTS};

use crate::docs::guides::tasks;
use crate::support::repository::Repository;
use crate::support::scene::Scene;

/// Where they are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/stdlib/examples");

/// Names of the examples that are projects.
fn projects() -> Vec<String> {
    let folders = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let projects = folders.filter(|folder| folder.join("config").is_dir());
    let mut names: Vec<String> = projects.map(|folder| folder.file_name().unwrap().display().to_string()).collect();
    names.sort();
    names
}

/// Every file of an example, by its path in the project.
pub fn files(example: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { collect(&path, found) } else { found.push(path) }
        }
    }
    let top = Path::new(FOLDER).join(example);
    let mut found = Vec::new();
    collect(&top, &mut found);
    let name = |path: &Path| path.strip_prefix(&top).unwrap().display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// An example as somebody's project.
pub fn project(example: &str) -> Scene {
    files(example).into_iter().fold(Scene::new(), |scene, (name, text)| scene.file(&name, text))
}

/// Has the project be a repository of git, as the ones whose recipes ask for the commit are.
pub fn under_git(scene: &Scene) {
    let project = Repository::new(&scene.path(""));
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "the project"]);
}

#[test]
fn every_file_of_them_is_in_the_binary() {
    let mut printed: Vec<String> = PROJECTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    printed.sort();
    assert_eq!(printed, projects());
    for (name, embedded) in PROJECTS {
        let mut here = files(name);
        here.sort();
        let mut there: Vec<_> = embedded.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        there.sort();
        assert_eq!(there, here, "{name}");
    }
    let scripts = fs::read_dir(Path::new(FOLDER).join("scripts")).unwrap();
    assert_eq!(scripts.count(), SCRIPTS.len());
}

#[test]
fn check_finds_nothing_in_them() {
    assert_eq!(projects(), ["binary", "fleet", "php", "rails"]);
    for example in projects() {
        let said = project(&example).run(["check"]).ok().out();
        assert!(said.starts_with("nothing to find fault with in "), "{example}: {said}");
    }
}

#[test]
fn every_stage_has_a_plan_and_every_task_makes_a_dry_run() {
    for example in projects() {
        let scene = project(&example).file("target/release/api", "what would be built");
        under_git(&scene);
        let own: Vec<String> = tasks(&scene.run(["-W"]).ok().out(), Some("config/deploy/tasks/"));
        for (file, _) in files(&example) {
            let Some(stage) = file.strip_prefix("config/deploy/").and_then(|file| file.strip_suffix(".rhai")) else {
                continue;
            };
            if stage.contains('/') {
                continue;
            }
            let plan = scene.run([stage, "deploy", "--plan"]).ok().out();
            assert!(plan.contains("deploy:symlink:release"), "{example}: {plan}");
            scene.run([stage, "deploy", "--dry-run"]).ok();
            let tasks = own.iter().map(|task| if task == "rails:run" { "rails:run[stats]" } else { task });
            scene.run([stage, "--dry-run"].into_iter().chain(tasks)).ok();
        }
    }
}

#[test]
fn the_php_application_is_deployed_and_taken_back() {
    let host = Scene::new();
    let repository = Repository::new(&host.top().join("code"));
    repository.commit("artisan", "the framework's program\n");
    repository.commit("bootstrap/cache/.gitignore", "*\n!.gitignore\n");
    let stage = format!(
        "server(\"www1\", #{{ transport: \"local\", roles: [\"web\", \"db\"] }});\n\
         set(\"deploy_to\", \"{0}/srv\");\nset(\"repo_url\", \"{1}\");\n",
        host.top().display(),
        repository.url()
    );
    let noted = |name: &str| format!("echo {name} \"$@\" >>{}/ran\n", host.top().display());
    let scene =
        project("php").stage("production", &stage).program("php", &noted("php")).program("sudo", &noted("sudo"));
    let scene =
        scene.program("composer", &format!("{}mkdir -p vendor && echo ok >>vendor/autoload.php", noted("composer")));

    // The linked file is missing, which is told before anything changes.
    let said = scene.run(["production", "deploy"]).fails(1).stderr;
    assert!(said.contains("shared/.env"), "{said}");
    fs::write(host.top().join("srv/shared/.env"), "APP_KEY=x\n").unwrap();
    scene.run(["production", "deploy"]).ok();
    let ran = fs::read_to_string(host.top().join("ran")).unwrap();
    assert_eq!(
        ran.lines().collect::<Vec<_>>(),
        [
            "composer install --no-dev --no-interaction --optimize-autoloader",
            "php artisan config:cache",
            "php artisan route:cache",
            "php artisan migrate --force",
            "sudo systemctl reload php8.2-fpm",
        ]
    );
    let current = host.top().join("srv/current");
    let first = fs::read_link(&current).unwrap();
    let mode = Command::new("stat").args(["-c", "%A"]).arg(current.join("bootstrap/cache")).output().unwrap();
    assert!(String::from_utf8_lossy(&mode.stdout).starts_with("drwxrwx"), "the group may write");

    scene.run(["production", "deploy"]).ok();
    assert_ne!(fs::read_link(&current).unwrap(), first);
    let packages = fs::read_to_string(current.join("vendor/autoload.php")).unwrap();
    assert_eq!(packages, "ok\nok\n", "the packages of the release before were the beginning");
    scene.run(["production", "deploy:rollback"]).ok();
    assert_eq!(fs::read_link(&current).unwrap(), first);
    let ran = fs::read_to_string(host.top().join("ran")).unwrap();
    assert!(ran.ends_with("sudo systemctl reload php8.2-fpm\n"), "a rollback reloads as well: {ran}");
    assert_eq!(ran.matches("reload").count(), 3, "{ran}");
}
