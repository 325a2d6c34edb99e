//! Failures on hosts, and selections that find none.

use crate::errors::catalogue::{recipe_shows, shows, task_shows};
use crate::support::scene::Scene;

#[test]
fn one_host_fails() {
    task_shows(
        "one_host_fails",
        "on(roles(\"all\"), |host| {\n    if host.name == \"web2\" { execute(\"sh\", \"-c\", \"echo building; sleep 0.1; echo 'no such gem' >&2; exit 5\"); }\n});",
    );
}

#[test]
fn several_hosts_fail_alike() {
    task_shows(
        "several_hosts_fail_alike",
        "on(roles(\"all\"), |host| {\n    execute(\"test\", \"-e\", \"/no/such/file\");\n});",
    );
}

#[test]
fn several_hosts_fail_each_in_its_own_way() {
    task_shows(
        "several_hosts_fail_each_in_its_own_way",
        "on(roles(\"all\"), |host| {\n    execute(\"sh\", \"-c\", `echo problem of ${host} >&2; exit ${host.name.len}`);\n});",
    );
}

#[test]
fn killed_by_a_signal() {
    task_shows("killed_by_a_signal", "on(roles(\"db\"), |host| execute(\"kill -KILL $$\"));");
}

#[test]
fn program_that_is_not_there() {
    task_shows("program_that_is_not_there", "on(roles(\"db\"), |host| execute(\"no-such-program\", \"install\"));");
}

#[test]
fn program_that_may_not_run() {
    task_shows("program_that_may_not_run", "on(roles(\"db\"), |host| execute(\"/etc/passwd\", \"x\"));");
}

#[test]
fn within_a_missing_directory() {
    task_shows(
        "within_a_missing_directory",
        "on(roles(\"db\"), |host| within(\"/no/such/place\", || execute(\"ls\")));",
    );
}

#[test]
fn a_failing_step_of_a_nested_task() {
    recipe_shows(
        "a_failing_step_of_a_nested_task",
        "namespace(\"app\", || {\n    task(\"build\", || {\n        on(roles(\"db\"), |host| {\n            within(\"/tmp\", || with(#{ rails_env: \"production\" }, || execute(\"false\")));\n        });\n    });\n});\ntask(\"t\", #{ needs: [\"app:build\"] });\n",
    );
}

#[test]
fn unknown_role() {
    task_shows("unknown_role", "on(roles(\"wep\"), |host| execute(\"true\"));");
}

#[test]
fn role_without_hosts_that_meet_a_condition() {
    task_shows("condition_nobody_meets", "on(roles(\"app\", #{ active: true }), |host| execute(\"true\"));");
}

#[test]
fn no_servers() {
    let scene = Scene::task("on(roles(\"app\"), |host| execute(\"true\"));").stage("production", "// none yet\n");
    shows("no_servers", &scene, &["production", "t"]);
}

#[test]
fn selection_that_is_empty() {
    let scene = Scene::task("on(roles(\"app\"), |host| execute(\"true\"));");
    shows("selection_that_is_empty", &scene, &["production", "t", "-r", "web", "-z", "db1"]);
}

#[test]
fn selection_of_an_unknown_host() {
    let scene = Scene::task("on(roles(\"app\"), |host| execute(\"true\"));");
    shows("selection_of_an_unknown_host", &scene, &["production", "t", "-z", "wbe1"]);
}

#[test]
fn selection_of_an_unknown_role() {
    let scene = Scene::task("on(roles(\"app\"), |host| execute(\"true\"));");
    shows("selection_of_an_unknown_role", &scene, &["production", "t", "ROLES=bd"]);
}

#[test]
fn unreadable_file_to_upload() {
    task_shows(
        "unreadable_file_to_upload",
        "on(roles(\"db\"), |host| upload(\"config/master.key\", \"/tmp/master.key\"));",
    );
}

#[test]
fn word_of_a_limit_that_means_nothing() {
    let scene = Scene::task("on(roles(\"app\"), |host| execute(\"true\"));");
    shows("word_of_a_limit_that_means_nothing", &scene, &["production", "t", "--limit", "role:wbe,db1"]);
}

#[test]
fn limit_by_a_property_nobody_has() {
    let stage = "server(\"web[1:2]\", #{ roles: [\"app\"], zone: \"a\" });\n";
    let scene = Scene::task("on(roles(\"app\"), |host| execute(\"true\"));").stage("production", stage);
    shows("limit_by_a_property_nobody_has", &scene, &["production", "t", "--limit", "zoen=a"]);
}

#[test]
fn range_of_a_million() {
    let scene = Scene::task("").stage("production", "server(\"web[1:1000000]\", #{ roles: [\"app\"] });\n");
    shows("range_of_a_million", &scene, &["production", "t"]);
}

#[test]
fn range_with_ends_of_different_width() {
    let scene = Scene::task("").stage("production", "server(\"web[01:100]\", #{ roles: [\"app\"] });\n");
    shows("range_with_ends_of_different_width", &scene, &["production", "t"]);
}

#[test]
fn option_ssh_does_not_have() {
    let stage = "server(\"web1\", #{\n    roles: [\"app\"],\n    ssh_options: #{ forward_agnet: true },\n});\n";
    shows("option_ssh_does_not_have", &Scene::task("").stage("production", stage), &["production", "t", "--plan"]);
}

#[test]
fn property_a_host_does_not_have() {
    task_shows("property_a_host_does_not_have", "on(roles(\"db\"), |host| info(host.hostnam));");
}

#[test]
fn host_that_is_changed() {
    task_shows("host_that_is_changed", "on(roles(\"db\"), |host| {\n    host.user = \"root\";\n});");
}

#[test]
fn closure_in_place_of_the_filter() {
    recipe_shows("closure_in_place_of_the_filter", "set(\"filter\", |host| host.has_role(\"web\"));\n");
}

#[test]
fn filter_that_lets_nobody_through() {
    let recipe = "filter_hosts(|host| host.fetch(\"zone\") == \"b\");\ntask(\"t\", || on(roles(\"app\"), |host| execute(\"true\")));\n";
    recipe_shows("filter_that_lets_nobody_through", recipe);
}

#[test]
fn source_of_hosts_that_fails() {
    let scene = Scene::task("")
        .stage("production", "hosts_from(#{ command: \"inventory --env production\" });\n")
        .program("inventory", "echo 'no database' >&2; exit 3");
    shows("source_of_hosts_that_fails", &scene, &["production", "t"]);
}

#[test]
fn list_of_hosts_with_a_mistake() {
    let scene = Scene::task("")
        .stage("production", "hosts_from(#{ file: \"config/hosts\" });\n")
        .file("config/hosts", "web1 roles=app\nweb2 role app\n");
    shows("list_of_hosts_with_a_mistake", &scene, &["production", "t"]);
}
