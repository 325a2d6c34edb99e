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

/// What is typed, by the name of its snapshot.
const LINES: &[(&str, &[&str])] = &[
    ("option_without_its_value", &["production", "t", "--limit"]),
    ("value_an_option_cannot_have", &["--format", "jsn", "production", "t"]),
    ("time_of_an_option_that_is_none", &["production", "t", "--command-timeout", "5min"]),
    ("options_that_contradict_each_other", &["-v", "-q", "production", "t"]),
    ("option_that_stands_there_twice", &["--format", "plain", "--format", "dots", "production", "t"]),
    ("plan_of_a_command", &["production", "--plan", "exec", "--", "ls"]),
    ("lagging_with_another_task", &["production", "t[x]", "--lagging"]),
    ("command_of_a_stage_that_is_mistyped", &["production", "dcotor"]),
    ("command_that_is_mistyped", &["chekc"]),
    ("exec_without_a_command", &["production", "exec"]),
    ("script_that_is_not_there", &["production", "script", "tools/clean.rhai"]),
    ("script_that_is_not_named", &["production", "script"]),
    ("code_with_a_mistake", &["production", "-e", "exeucte(\"ls\")"]),
    ("code_that_cannot_be_read", &["production", "-e", "info(\"x\""]),
    ("shell_without_completions", &["completions", "tcsh"]),
    ("topic_there_is_not", &["docs", "sidkiq"]),
    ("folder_that_is_not_there", &["-C", "nowhere", "production", "t"]),
    ("setting_of_the_line_that_breaks_a_rule", &["production", "t[x]", "--max-fail", "many"]),
    ("limit_that_selects_nobody", &["production", "t[x]", "--limit", "web9"]),
    ("stage_that_init_cannot_write", &["init", "--stages", "check"]),
];

#[test]
fn lines_that_cannot_be_followed() {
    for (name, line) in LINES {
        shows(name, &scene(), line);
    }
}
