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
