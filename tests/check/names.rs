//! Findings about names: tasks, roles, stages, settings. Each with what stands beside it and is right.

use crate::check::frame::{found, found_in};
use crate::support::scene::{Scene, THREE_HOSTS};

#[track_caller]
fn finds(recipe: &str, expected: &[&str]) {
    let expected: Vec<&str> = expected.to_vec();
    assert_eq!(found(&Scene::with(recipe)), expected, "{recipe}");
}

/// The whole text of a recipe's only finding.
#[track_caller]
fn told(recipe: &str) -> String {
    let out = Scene::with(recipe).run(["check"]).fails(2).out();
    assert_eq!(out.lines().filter(|line| line.contains("]: ")).count(), 1, "{out}");
    out
}

#[test]
fn invoked_tasks_are_looked_up_as_in_a_run() {
    finds(
        "namespace(\"app\", || {\n    task(\"one\", || invoke(\"two\"));\n    task(\"two\", || invoke(\"rake:top\"));\n\
         });\ntask(\"top\", || invoke(\"app:one\"));\n",
        &[],
    );
    finds(
        "namespace(\"app\", || task(\"two\", || info(\"2\")));\ntask(\"top\", || invoke(\"two\"));\n",
        &["error[unknown-task]: no task `two`"],
    );
    let told = told("task(\"t\", || if env(\"X\") != () { invoke_again(\"deploy:publishd\"); });\n");
    assert!(told.contains("did you mean `deploy:published`?") && told.contains("deploy.rhai:1:47"), "{told}");
}

#[test]
fn a_function_may_be_called_from_any_namespace() {
    let function = "fn again() { invoke(\"two\") }\nnamespace(\"app\", || {\n    task(\"one\", || again());\n";
    finds(&format!("{function}    task(\"two\", || info(\"2\"));\n}});\n"), &[]);
    finds(&format!("{function}}});\n"), &["error[unknown-task]: no task `two`"]);
}

#[test]
fn a_task_of_another_stage_is_there() {
    let scene = Scene::with("task(\"t\", || if fetch(\"stage\") == \"staging\" { invoke(\"seed\") });\n")
        .stage("staging", &format!("{THREE_HOSTS}\ntask(\"seed\", || info(\"x\"));\n"));
    assert!(found(&scene).is_empty());
}

#[test]
fn tasks_nobody_declares() {
    finds(
        "fn jobs() { task(\"never\", || info(\"x\")); }\nfn others() { task(\"declared\", || info(\"x\")); }\nothers();\n\
         fn by_name() { task(\"by_name\", || info(\"x\")); }\nFn(\"by_name\").call();\n",
        &["error[unreachable-task]: no stage has the task `never`: it is declared in a function nobody calls"],
    );
}

#[test]
fn stages_there_are_not() {
    let recipe = "task(\"t\", || {\n    if fetch(\"stage\") == \"prodution\" { info(\"x\"); }\n\
                  \x20   if \"production\" != fetch(\"stage\") { info(\"y\"); }\n});\n";
    let told = told(recipe);
    assert!(told.starts_with("error[unknown-stage]: there is no stage `prodution`, so this is the same in every run"));
    assert!(told.contains("did you mean `production`?"), "{told}");
}

#[test]
fn roles_no_server_has() {
    finds(
        "task(\"t\", || {\n    on(roles(\"app\", [\"db\", \"wbe\"]), |host| info(`${host.has_role(\"dv\")}`));\n\
         \x20   info(`${primary(\"all\")} ${release_roles(\"w*,/^d/\")} ${roles(\"x*\")}`);\n});\n",
        &[
            "error[unknown-role]: no server of any stage has the role `wbe`",
            "error[unknown-role]: no server of any stage has the role `dv`",
            "error[unknown-role]: no server of any stage has a role that is like `x*`",
        ],
    );
    finds("task(\"t\", || if roles(\"none\").len > 0 || primary(\"none\") != () { info(\"x\") });\n", &[]);
    // A role of any stage will do, and where servers come from a command nobody knows.
    let recipe = "task(\"t\", || on(roles(\"worker\"), |host| info(\"x\")));\n";
    assert_eq!(found(&Scene::with(recipe)).len(), 1);
    let more = Scene::with(recipe).stage("big", "server(\"w\", #{ roles: [\"worker\"] });");
    assert!(found(&more).is_empty());
    let cloud = "for host in run_locally(|| capture(\"hosts\")).split(\" \") { if host != \"\" { server(host); } }";
    assert!(found(&Scene::with(recipe).stage("cloud", cloud)).is_empty());
}

#[test]
fn on_takes_roles_as_well_as_hosts() {
    finds(
        "task(\"t\", || {\n    on(\"web\", |host| info(\"x\"));\n    on([\"web1\", \"all\"], |host| info(\"x\"));\n\
         \x20   on(\"elsewhere.example.com\", |host| info(\"x\"));\n});\n",
        &[],
    );
}

#[test]
fn role_is_written_roles() {
    let stage = "server(\"a\", #{ role: \"web\" });\nserver(\"b\", #{ roles: [\"db\"], role: \"master\" });\n";
    let scene = Scene::new().file("config/deploy.rhai", "").stage("production", stage);
    let out = scene.run(["check"]).fails(2).out();
    assert_eq!(out.matches("error[").count(), 1, "{out}");
    assert!(out.contains("error[role-property]: `a` has the property `role`, but no role"), "{out}");
    assert!(out.contains("--> config/deploy/production.rhai:1:1") && out.contains("`roles: [\"web\"]`"), "{out}");
}

#[test]
fn settings_nothing_reads() {
    let told = told("set(\"keep_relases\", 3);\n");
    assert!(told.starts_with("warning[unread-setting]: `keep_relases` is set, but nothing reads it"), "{told}");
    assert!(told.contains("did you mean `keep_releases`?") && told.contains("deploy.rhai:1:5"), "{told}");
    let told = self::told("set(\"puma_threads\", \"1:5\");\n");
    assert!(told.contains("`require(\"puma\");` at the top of the recipe"), "{told}");
}

#[test]
fn whatever_writes_the_name_of_a_setting_out_reads_it() {
    let read = [
        "task(\"t\", || info(fetch(\"x_y\")));",
        "task(\"t\", || info(`${any(\"x_y\")}`));",
        "task(\"t\", || for name in [\"x_y\"] { info(fetch(name)) });",
        "task(\"t\", || { let names = #{ x_y: 1 }; for name in names.keys() { info(fetch(name)); } });",
        "task(\"t\", || { let name = \"x\"; info(fetch(`${name}_y`)); });",
        "task(\"t\", || { let name = \"x\"; info(fetch(name + \"_y\")); });",
        "task(\"t\", || info(eval(\"fetch\")));",
        "task(\"t\", || { import \"lib/other\" as other; other::f(); });",
    ];
    for task in read {
        let scene = Scene::with(&format!("set(\"x_y\", 1);\n{task}\n"));
        assert!(found(&scene.file("lib/other.rhai", "fn f() { info(fetch(\"x_y\")) }\n")).is_empty(), "{task}");
    }
    assert_eq!(found(&Scene::with("set(\"x_y\", 1);\ntask(\"t\", || info(fetch(\"x_z\", 1)));\n")).len(), 1);
}

#[test]
fn settings_of_services_are_read_by_name() {
    let recipe = "require(\"service\");\nservice(\"worker\", #{ command: \"bin/jobs\" });\n\
                  set(\"worker_restart_sec\", 1);\nset(\"worker_restart_sek\", 1);\nset(\"other_restart_sec\", 1);\n";
    finds(
        recipe,
        &[
            "warning[unread-setting]: `worker_restart_sek` is set, but nothing reads it",
            "warning[unread-setting]: `other_restart_sec` is set, but nothing reads it",
        ],
    );
}

#[test]
fn settings_of_capistrano_that_do_nothing() {
    let told = told("set(\"use_sudo\", false);\n");
    assert!(told.starts_with("warning[dead-setting]: `use_sudo` is a setting of Capistrano that does nothing here"));
    assert!(told.contains("as_user(\"root\", || execute(…))"), "{told}");
    finds("set(\"log_level\", \"debug\");\ntask(\"t\", || info(fetch(\"log_level\")));\n", &[]);
}

#[test]
fn settings_nothing_sets() {
    let told = told("task(\"t\", || info(fetch(\"brnch\")));\n");
    assert!(told.starts_with("warning[unset-setting]: `brnch` is read, but nothing sets it, so it is `()`"), "{told}");
    assert!(told.contains("did you mean `branch`?"), "{told}");
    finds(
        "task(\"t\", || {\n    let branch = fetch(\"brnch\");\n    if fetch(\"nobody\") { info(fetch(\"nowhere\").len); }\n});\n",
        &[
            "warning[unset-setting]: `brnch` is read, but nothing sets it, so it is `()`",
            "warning[unset-setting]: `nobody` is read, but nothing sets it, so it is `()`",
            "warning[unset-setting]: `nowhere` is read, but nothing sets it, so it is `()`",
        ],
    );
    let set = [
        "info(fetch(\"nobody\", 1))",
        "info(`${fetch(\"nobody\") ?? 1}`)",
        "if fetch(\"nobody\") == () { info(\"x\") }",
        "if any(\"nobody\") { info(\"x\") }",
        "let found = fetch(\"nobody\"); if found != () { info(found) }",
        "set(\"branch\", fetch(\"nobody\"))",
        "set(\"mine\", 1); info(fetch(\"mine\"))",
        "on(roles(\"db\"), |host| info(`${fetch(\"no_release\")}`))",
        "for name in [\"a\", \"b\"] { set(name, 1); } info(fetch(\"a\"))",
    ];
    for body in set {
        let recipe = format!("task(\"t\", || {{ {body}; info(fetch(\"mine\", 2)); }});\n");
        assert!(found(&Scene::with(&recipe)).is_empty(), "{body}");
    }
}

#[test]
fn a_recipe_of_the_users_own_is_for_other_projects_too() {
    let mine = "set(\"elsewhere\", 1);\ntask(\"mine\", || on(roles(\"worker\"), |host| invoke(fetch(\"theirs\"))));\n";
    assert!(found(&Scene::with("").home_file(".config/windlass/windlass.rhai", mine)).is_empty());
}

#[test]
fn a_stage_that_cannot_be_read_keeps_names_from_being_judged() {
    let recipe =
        "set(\"misspelt\", 1);\ntask(\"t\", || { on(roles(\"wbe\"), |host| info(\"x\")); invoke(\"nosuch\"); });\n";
    assert_eq!(found(&Scene::with(recipe)).len(), 3);
    let broken = Scene::with(recipe).stage("broken", "server(\"a\" \"b\");\n");
    assert_eq!(found(&broken).len(), 1);
    // And one stage alone is told what concerns it.
    let scene = Scene::with("").stage("a", &format!("{THREE_HOSTS}\nset(\"misspelt\", 1);\n")).stage("b", THREE_HOSTS);
    assert_eq!(found_in(&scene, &["check", "a"]).len(), 1);
    assert!(found_in(&scene, &["check", "b"]).is_empty());
}
