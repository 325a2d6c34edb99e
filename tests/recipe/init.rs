//! `windlass init`.

use std::fs;
use std::process::Stdio;

use crate::support::repository::Repository;
use crate::support::scene::Scene;

#[test]
fn a_new_project_loads() {
    let scene = Scene::new();
    let ran = scene.run(["init"]).ok();
    assert_eq!(
        ran.stdout,
        "create config/deploy.rhai\ncreate config/deploy/staging.rhai\ncreate config/deploy/production.rhai\n\n\
         next: name your servers in config/deploy/staging.rhai, then `windlass staging deploy --dry-run`\n"
    );
    assert!(scene.read("config/deploy.rhai").contains("\nrequires(\"~> 0.1\");\n"));
    let list = scene.run(["-T"]).ok().stdout;
    assert!(list.starts_with("windlass deploy "), "{list}");
    scene.run(["production", "deploy", "--plan"]).ok();
    scene.run(["staging", "deploy", "--dry-run"]).ok();
}

#[test]
fn what_is_there_is_never_overwritten() {
    let scene = Scene::new().file("config/deploy.rhai", "// mine");
    scene.run(["init", "--stages", "one,two"]).ok();
    assert_eq!(scene.read("config/deploy.rhai"), "// mine");
    let before = scene.everything();
    let ran = scene.run(["init", "--stages", "one,two"]).ok();
    assert_eq!(scene.everything(), before);
    assert_eq!(ran.stdout.lines().next(), Some("skip   config/deploy.rhai, which is there already"));
    assert_eq!(ran.stdout.matches("skip ").count(), 3);
}

#[test]
fn what_can_be_found_out_is_filled_in() {
    let scene = Scene::new();
    let repository = Repository::new(&scene.path("my app"));
    repository.commit("a", "a");
    repository.branch("trunk");
    scene.run(["-C", "my app", "init"]).ok();
    let recipe = fs::read_to_string(scene.path("my app/config/deploy.rhai")).unwrap();
    assert!(recipe.contains("set(\"application\", \"my_app\");"), "{recipe}");
    assert!(recipe.contains("set(\"branch\", env(\"BRANCH\", \"trunk\"));"), "{recipe}");
}

#[test]
fn a_password_of_the_remote_stays_out_of_the_recipe() {
    let scene = Scene::new();
    let repository = Repository::new(&scene.path("app"));
    repository.git(&["remote", "add", "origin", "https://me:ghp_token@git.example.com/me/app.git"]);
    scene.run(["-C", "app", "init"]).ok();
    let recipe = fs::read_to_string(scene.path("app/config/deploy.rhai")).unwrap();
    assert!(recipe.contains("set(\"repo_url\", \"https://git.example.com/me/app.git\");"), "{recipe}");
}

#[test]
fn it_is_done_even_if_nobody_reads_what_it_says() {
    let scene = Scene::new();
    let mut child = scene.command(["init"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    assert!(scene.path("config/deploy/production.rhai").exists());
}

#[test]
fn stages_need_names_that_can_be_typed() {
    let error = |stage: &str| Scene::new().run(["init", "--stages", stage]).fails(2).error();
    assert_eq!(error("a b"), "`a b` cannot be the name of a stage");
    assert_eq!(error("../x"), "`../x` cannot be the name of a stage");
    assert_eq!(error("init"), "a stage cannot be called `init`, because that is a command");
    let scene = Scene::new();
    scene.run(["init", "--stages", "good,b d"]).fails(2);
    assert!(!scene.path("config").exists());
}
