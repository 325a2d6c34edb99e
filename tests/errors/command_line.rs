//! Mistakes on the command line.

use crate::errors::catalogue::shows;
use crate::support::scene::Scene;

fn scene() -> Scene {
    Scene::with(
        "task(\"t\", #{ args: [\"host\"] }, |args| info(\"t\"));\nnamespace(\"cache\", || task(\"clear\", || ()));\n",
    )
    .stage("staging", "server(\"s\", #{ transport: \"local\" });")
}

#[test]
fn unknown_stage() {
    shows("unknown_stage", &scene(), &["prodution", "deploy"]);
}

#[test]
fn task_in_place_of_the_stage() {
    shows("task_in_place_of_the_stage", &scene(), &["deploy"]);
}

#[test]
fn task_with_arguments_in_place_of_the_stage() {
    shows("task_with_arguments_in_place_of_the_stage", &scene(), &["t[web1]"]);
}

#[test]
fn unknown_task() {
    shows("unknown_task", &scene(), &["production", "cache:claer"]);
}

#[test]
fn task_of_another_namespace() {
    shows("task_of_another_namespace", &scene(), &["production", "clear"]);
}

#[test]
fn too_many_task_arguments() {
    shows("too_many_task_arguments", &scene(), &["production", "t[web1,web2]"]);
}

#[test]
fn unbalanced_brackets() {
    shows("unbalanced_brackets", &scene(), &["production", "t[web1"]);
}

#[test]
fn unknown_command_line_option() {
    shows("unknown_command_line_option", &scene(), &["production", "t", "--dryrun"]);
}

#[test]
fn no_stage_at_all() {
    shows("no_stage_at_all", &scene(), &["-n"]);
}

#[test]
fn no_recipe() {
    shows("no_recipe", &Scene::new(), &["production", "deploy"]);
}

#[test]
fn no_stage_file() {
    shows("no_stage_file", &Scene::new().file("config/deploy.rhai", ""), &["production", "deploy"]);
}

#[test]
fn reserved_stage_name() {
    shows("reserved_stage_name", &scene().stage("check", ""), &["production", "t"]);
}

#[test]
fn exec_without_dashes() {
    shows("exec_without_dashes", &scene(), &["production", "exec", "ls", "-la"]);
}

#[test]
fn missing_file_option() {
    shows("missing_file_option", &scene(), &["-f", "config/depoly.rhai", "production", "t"]);
}

#[test]
fn bad_pattern() {
    shows("bad_pattern", &scene(), &["production", "t[web1]", "-z", "/web(/"]);
}
