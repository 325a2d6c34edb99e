//! Values that host functions and settings do not take.

use crate::errors::catalogue::{recipe_shows, shows, task_shows};
use crate::support::scene::Scene;

/// What stands in a task, by the name of its snapshot.
const TASKS: &[(&str, &str)] = &[
    ("way_to_run_there_is_not", "on(roles(\"app\"), #{ run: \"serial\" }, |host| info(\"x\"));"),
    ("limit_of_none", "on(roles(\"app\"), #{ limit: 0 }, |host| info(\"x\"));"),
    ("once_for_several", "on(roles(\"app\"), #{ once: true, limit: 2 }, |host| info(\"x\"));"),
    ("host_in_place_of_hosts", "on(5, |host| info(\"x\"));"),
    ("nobody_at_all", "on([], |host| info(\"x\"));"),
    ("variables_that_are_no_map", "on(roles(\"db\"), |host| with(\"A=b\", || execute(\"ls\")));"),
    ("empty_command", "on(roles(\"db\"), |host| execute(\"\"));"),
    ("empty_program", "on(roles(\"db\"), |host| execute(\"\", \"x\"));"),
    ("time_out_that_is_no_time", "on(roles(\"db\"), |host| execute(\"ls\", #{ timeout: \"soon\" }));"),
    ("verbosity_there_is_not", "on(roles(\"db\"), |host| execute(\"ls\", #{ verbosity: \"degub\" }));"),
    ("output_that_is_no_json", "on(roles(\"db\"), |host| capture_json(\"echo '{a'\"));"),
    ("file_that_is_not_there", "on(roles(\"db\"), |host| read_file(\"/no/such/file\"));"),
    ("mode_that_is_no_mode", "on(roles(\"db\"), |host| write_file(\"x\", \"text\", #{ mode: \"rw\" }));"),
    ("text_that_is_a_number", "on(roles(\"db\"), |host| write_file(\"x\", 5));"),
    ("template_that_is_not_there", "on(roles(\"db\"), |host| write_file(\"x\", template(\"nginx.conf\")));"),
    ("exit_code_there_is_not", "exit(300);"),
    ("failure_without_a_word", "fail();"),
    ("name_no_unit_can_have", "on(roles(\"db\"), |host| unit(\"my worker\").start());"),
    ("task_declared_in_a_task", "task(\"x\", || ());"),
];

/// What stands at the top of a recipe.
const RECIPES: &[(&str, &str)] = &[
    ("max_fail_that_is_no_number", "set(\"max_fail\", \"many\");\n"),
    ("time_of_a_setting_that_is_none", "set(\"connect_timeout\", \"soon\");\n"),
    ("lock_that_is_no_truth", "set(\"lock\", \"no\");\n"),
    ("lock_that_is_too_short", "set(\"lock_ttl\", 1);\n"),
    ("ssh_options_that_are_no_map", "set(\"ssh_options\", \"port=22\");\n"),
    ("filter_that_is_no_map", "set(\"filter\", \"web\");\n"),
    ("filter_with_an_unknown_part", "set(\"filter\", #{ rolls: [\"web\"] });\n"),
    ("warm_that_is_no_number", "set(\"warm\", \"long\");\n"),
    ("version_that_is_too_new", "requires(\">= 99\");\n"),
    ("rule_without_a_closure", "validate(\"color\");\n"),
    ("namespace_without_a_closure", "namespace(\"cache\", \"clear\");\n"),
    ("hook_without_a_hook", "before(\"deploy\");\n"),
    ("task_without_a_name", "task(|| ());\n"),
    ("argument_declared_twice", "task(\"t\", #{ args: [\"file\", \"file\"] }, |args| ());\n"),
    ("host_that_is_empty", "server(\"\");\n"),
    ("port_that_is_too_large", "server(\"web1:70000\");\n"),
    ("address_that_is_none", "server(\"::1:22:x\");\n"),
    ("roles_that_are_a_number", "server(\"web1\", #{ roles: 5 });\n"),
    ("way_to_a_server_there_is_not", "server(\"web1\", #{ transport: \"telnet\" });\n"),
    ("role_without_a_name", "role(\"\", [\"web1\"]);\n"),
    ("source_of_hosts_that_is_not_said", "hosts_from(#{});\n"),
    ("list_of_hosts_that_is_not_there", "hosts_from(#{ file: \"config/hosts\" });\n"),
    ("list_of_hosts_that_is_no_json", "hosts_from(#{ command: \"echo '{a'\" });\n"),
    ("list_of_hosts_that_is_empty", "hosts_from(#{ command: \"true\" });\n"),
];

#[test]
fn values_given_to_functions() {
    for (name, body) in TASKS {
        task_shows(name, body);
    }
}

#[test]
fn values_given_at_the_top() {
    for (name, recipe) in RECIPES {
        recipe_shows(name, recipe);
    }
}

#[test]
fn environment_that_is_no_map() {
    recipe_shows(
        "environment_that_is_no_map",
        "set(\"default_env\", \"A=b\");\ntask(\"t\", || on(roles(\"db\"), |host| execute(\"true\")));\n",
    );
}

#[test]
fn shell_that_is_not_there() {
    recipe_shows(
        "shell_that_is_not_there",
        "set(\"shell\", \"no-such-shell\");\ntask(\"t\", || on(roles(\"db\"), |host| execute(\"true\")));\n",
    );
}

#[test]
fn template_with_an_unknown_variable() {
    let scene = Scene::task("on(roles(\"db\"), |host| write_file(\"x\", template(\"app.conf\", #{ port: 80 })));")
        .file("config/deploy/templates/app.conf", "listen {{ port }};\nname {{ nmae }};\n");
    shows("template_with_an_unknown_variable", &scene, &["production", "t"]);
}

#[test]
fn template_that_cannot_be_read() {
    let scene = Scene::task("on(roles(\"db\"), |host| write_file(\"x\", template(\"app.conf\")));")
        .file("config/deploy/templates/app.conf", "listen {% if x %};\n");
    shows("template_that_cannot_be_read", &scene, &["production", "t"]);
}

#[test]
fn check_of_a_stage_there_is_not() {
    shows("check_of_a_stage_there_is_not", &Scene::with(""), &["check", "prodution"]);
}

#[test]
fn doctor_without_servers() {
    shows(
        "doctor_without_servers",
        &Scene::new().file("config/deploy.rhai", "").stage("production", ""),
        &["production", "doctor"],
    );
}
