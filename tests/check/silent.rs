//! No false alarms: everything that is known to be right is found right.

use windlass::recipe::stdlib::MODULES;

use crate::docs::guides;
use crate::docs::project::{Project, told};
use crate::docs::readme;
use crate::support::scene::{Scene, THREE_HOSTS};

#[track_caller]
fn is_clean(scene: &Scene, what: &str) {
    let ran = scene.run(["check"]);
    assert_eq!(ran.code, 0, "{what}\n{}{}", ran.out(), ran.err());
    assert!(ran.stdout.starts_with("nothing to find fault with in "), "{what}\n{}", ran.stdout);
}

#[test]
fn a_new_project() {
    let scene = Scene::new();
    scene.run(["init", "--stages", "staging,production,eu-west"]).ok();
    is_clean(&scene, "init");
}

#[test]
fn every_stock_recipe_required() {
    for (name, _) in MODULES {
        is_clean(&Scene::with(&format!("require({name:?});\n")), name);
    }
    let all: Vec<String> = MODULES.iter().map(|(name, _)| format!("require({name:?});\n")).collect();
    is_clean(&Scene::with(&all.concat()), "all of them");
}

/// Ours are trusted when they are required, and so hardly looked at; a copy in the project is not.
#[test]
fn every_stock_recipe_as_a_file_of_the_project() {
    for (name, text) in MODULES {
        let scene = Scene::with("require(\"deploy\");\nrequire(\"git\");\n");
        is_clean(&scene.file(&format!("config/deploy/tasks/{name}.rhai"), text), name);
    }
}

#[test]
fn every_recipe_of_the_guides() {
    let recipes = guides::recipes();
    assert!(recipes.len() >= 10, "only {} recipes", recipes.len());
    for (place, scene) in recipes {
        is_clean(&scene, &place);
    }
}

#[test]
fn every_recipe_of_the_readme() {
    let project = Project::new();
    let mut count = 0;
    for block in readme::blocks("rhai").iter().filter(|block| !block.text.starts_with("// config/")) {
        project.write(&format!("project/config/deploy/tasks/readme_{}.rhai", block.line), &block.text);
        count += 1;
    }
    assert!(count > 3, "{count}");
    let output = project.shell("project", "windlass check");
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn the_demo() {
    let recipe = include_str!("../../src/cli/demo/deploy.rhai");
    is_clean(&Scene::new().file("config/deploy.rhai", recipe).stage("production", THREE_HOSTS), "demo");
}
