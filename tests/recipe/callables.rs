//! Closures that are called in another file, on another thread, or later than where they were written.

use crate::support::scene::Scene;

#[test]
fn a_closure_of_one_file_runs_in_the_tasks_of_another() {
    let scene = Scene::with("task(\"t\", || { let f = fetch(\"greet\"); info(f.call(\"you\")); });")
        .file("config/deploy/tasks/a.rhai", "fn hello(name) { `hello ${name}` }\nset(\"greet\", |name| hello(name));");
    assert_eq!(scene.said(["production", "t"]), ["hello you"]);
}

#[test]
fn two_files_with_the_same_helper_each_call_their_own() {
    let file = |name: &str| format!("fn helper() {{ \"{name}\" }}\ntask(\"{name}\", || info(helper()));");
    let scene =
        Scene::with("").file("config/deploy/tasks/a.rhai", file("one")).file("config/deploy/tasks/b.rhai", file("two"));
    assert_eq!(scene.said(["production", "one", "two"]), ["one", "two"]);
}

#[test]
fn a_recipe_may_have_functions_of_the_same_name_as_the_stock_recipes() {
    let scene = Scene::with("fn url() { \"mine\" }\nfn options() { \"mine\" }\ntask(\"t\", || info(url()));");
    assert_eq!(scene.said(["production", "t"]), ["mine"]);
}

#[test]
fn a_lazy_setting_calls_the_functions_of_its_own_file_on_any_host() {
    let scene = Scene::with("task(\"t\", || info(on(roles(\"app\"), |host| fetch(\"x\"))));")
        .file("config/deploy/tasks/a.rhai", "fn own() { `${current_host()}!` }\nset(\"x\", || own());");
    assert_eq!(scene.said(["production", "t"]), [r#"#{"web1": "web1!", "web2": "web2!"}"#]);
}

#[test]
fn errors_tell_the_file_and_the_way() {
    let scene = Scene::with("task(\"t\", || { let f = fetch(\"f\");\n  f.call();\n});").file(
        "config/deploy/tasks/a.rhai",
        "fn inner() {\n  run_locally(|| execute(\"false\"));\n}\nset(\"f\", |x| inner());\nset(\"f\", |x = 1| 1);",
    );
    // A parameter cannot have a default.
    assert!(scene.run(["production", "t"]).fails(2).stderr.contains("config/deploy/tasks/a.rhai:5:"));
    let scene = scene.file(
        "config/deploy/tasks/a.rhai",
        "fn inner() {\n  run_locally(|| execute(\"false\"));\n}\ntask(\"t\", || inner());",
    );
    let scene = scene.file("config/deploy.rhai", "");
    let ran = scene.run(["production", "t"]).fails(1);
    assert!(ran.stderr.contains("config/deploy/tasks/a.rhai:2:18"), "{}", ran.stderr);
    assert!(ran.stderr.contains("function `inner` at config/deploy/tasks/a.rhai:4:14"), "{}", ran.stderr);
}

#[test]
fn a_closure_can_be_passed_on() {
    let recipe = r#"
        fn each_app(block) { on(roles("app"), |host| within("/tmp", block)) }
        task("t", || info(each_app(|| capture("pwd"))));
    "#;
    assert_eq!(Scene::with(recipe).said(["production", "t"]), [r#"#{"web1": "/tmp", "web2": "/tmp"}"#]);
}

#[test]
fn closures_inside_closures_reach_the_variables_of_both() {
    let body = r#"
        let a = "a";
        on(roles("db"), |host| {
            let b = "b";
            with(#{ x: a }, || within("/tmp", || info(capture("echo", a, b, host.name, raw("$X")))));
        });
    "#;
    assert_eq!(Scene::task(body).said(["production", "t"]), ["a b db1 a"]);
}

#[test]
fn a_variable_changed_inside_within_is_changed_on_that_host() {
    let body = "info(on(roles(\"db\"), |host| { let n = 0; within(\"/tmp\", || { n += 1; }); n }));";
    assert_eq!(Scene::task(body).said(["production", "t"]), [r#"#{"db1": 1}"#]);
}

#[test]
fn a_function_given_by_name_works_as_a_closure() {
    let recipe = "fn work(host) { info(`on ${host}`); }\ntask(\"t\", || { on(roles(\"db\"), work); });\ntask(\"u\", || { on(roles(\"db\"), Fn(\"work\")); });";
    let scene = Scene::with(recipe);
    assert_eq!(scene.said(["production", "t"]), ["on db1"]);
    assert_eq!(scene.said(["production", "u"]), ["on db1"]);
}

#[test]
fn an_imported_file_gives_functions_and_closures() {
    let scene = Scene::with(
        "import \"lib/notify\" as notify;\ntask(\"t\", notify::maker());\n\
         task(\"u\", || { on(roles(\"db\"), |host| notify::greet(host)); });",
    )
    .file(
        "lib/notify.rhai",
        "fn word() { \"hello\" }\nfn maker() { || info(word()) }\nfn greet(host) { info(`${word()} ${host}`); }",
    );
    assert_eq!(scene.said(["production", "u"]), ["hello db1"]);
    assert_eq!(scene.said(["production", "t"]), ["hello"]);
}

#[test]
fn a_mistake_in_an_imported_file_is_shown_there() {
    let scene = Scene::with("import \"lib/notify\" as notify;\ntask(\"t\", || notify::bad());")
        .file("lib/notify.rhai", "fn bad() {\n  run_locally(|| execute(\"exit 3\"));\n}");
    let ran = scene.run(["production", "t"]).fails(1);
    assert!(ran.stderr.contains("lib/notify.rhai:2:18"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 |   run_locally(|| execute(\"exit 3\"));"), "{}", ran.stderr);
    let scene = scene.file("lib/notify.rhai", "fn bad() {\n  exeucte(1);\n}");
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "there is no function `exeucte`");
    assert!(ran.stderr.contains("lib/notify.rhai:2:3"), "{}", ran.stderr);
}
