//! Mistakes with tasks: their arguments, names, questions and files.

use crate::errors::catalogue::{recipe_shows, shows};
use crate::support::scene::Scene;

const TAIL: &str = "task(\"tail\", #{ args: [\"file\", \"lines=20\"] }, |args| info(args.file));\n";

#[test]
fn missing_task_argument() {
    shows("missing_task_argument", &Scene::with(TAIL), &["production", "tail"]);
}

#[test]
fn missing_argument_of_an_invoke() {
    recipe_shows("missing_argument_of_an_invoke", &format!("{TAIL}task(\"t\", || {{\n    invoke(\"tail\");\n}});\n"));
}

#[test]
fn need_without_its_argument() {
    recipe_shows("need_without_its_argument", &format!("{TAIL}task(\"t\", #{{ needs: [\"tail\"] }});\n"));
}

#[test]
fn hook_without_its_argument() {
    recipe_shows("hook_without_its_argument", &format!("{TAIL}task(\"t\", || ());\nafter(\"t\", \"tail\");\n"));
}

#[test]
fn need_with_too_many_arguments() {
    recipe_shows("need_with_too_many_arguments", &format!("{TAIL}task(\"t\", #{{ needs: [\"tail[a,5,b]\"] }});\n"));
}

#[test]
fn need_twice_with_other_arguments() {
    let needs = "task(\"t\", #{ needs: [\"tail[a]\", \"tail[b]\"] });\n";
    recipe_shows("need_twice_with_other_arguments", &format!("{TAIL}{needs}"));
}

#[test]
fn task_called_like_a_command() {
    recipe_shows("task_called_like_a_command", "task(\"exec\", || ());\n");
}

#[test]
fn alias_that_is_taken() {
    recipe_shows("alias_that_is_taken", "task(\"build\", || ());\ntask(\"make\", #{ alias: [\"build\"] }, || ());\n");
}

#[test]
fn nobody_to_confirm() {
    let recipe = "task(\"t\", #{ confirm: \"Really drop the database of production?\" }, || ());\n";
    recipe_shows("nobody_to_confirm", recipe);
}

#[test]
fn second_stage_on_the_line() {
    let scene = Scene::with("").stage("staging", "server(\"s\", #{ transport: \"local\" });");
    shows("second_stage_on_the_line", &scene, &["production", "staging", "deploy"]);
}

#[test]
fn file_made_of_nothing() {
    let recipe =
        "file_task(\"tmp/x\", #{ needs: [\"config/x.in\"] }, |path| ());\ntask(\"t\", #{ needs: [\"tmp/x\"] });\n";
    recipe_shows("file_made_of_nothing", recipe);
}

#[test]
fn file_that_is_not_made() {
    recipe_shows("file_that_is_not_made", "file_task(\"tmp/x\", |path| ());\ntask(\"t\", #{ needs: [\"tmp/x\"] });\n");
}
