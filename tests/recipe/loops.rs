//! Closures made in a loop: each keeps the variable of its round, and shares all others.

use crate::support::scene::Scene;

#[test]
fn tasks_declared_in_a_loop_keep_their_round() {
    let scene = Scene::with(
        "for (name, at) in [\"start\", \"stop\"] {\n    task(name, || info(`${name} is ${at}`));\n    set(`${name}_line`, || `run ${name}`);\n}\n\
         task(\"lines\", || info(`${fetch(\"start_line\")}, ${fetch(\"stop_line\")}`));\n",
    );
    assert_eq!(
        scene.said(["production", "start", "stop", "lines"]),
        ["start is 0", "stop is 1", "run start, run stop"]
    );
}

#[test]
fn so_do_closures_inside_of_closures_and_of_functions() {
    let scene = Scene::with(
        "fn declare(names) {\n    for name in names {\n        namespace(name, || {\n            task(\"show\", || on(roles(\"db\"), |host| within(\"/\", || info(name))));\n        });\n    }\n}\n\
         declare([\"web\", \"jobs\"]);\n",
    );
    assert_eq!(scene.said(["production", "web:show", "jobs:show"]), ["web", "jobs"]);
}

#[test]
fn a_variable_of_no_loop_is_shared() {
    let scene = Scene::with(
        "let count = 0;\nfor name in [\"a\", \"b\"] {\n    task(name, || { count += 1; info(`${name} ${count}`); });\n}\n\
         task(\"c\", || info(`${count}`));\n",
    );
    assert_eq!(scene.said(["production", "a", "b", "c"]), ["a 1", "b 2", "2"]);
}

#[test]
fn nothing_cannot_be_joined_to_a_text() {
    for sum in
        ["fetch(\"none\") + \"/x\"", "\"/x\" + fetch(\"none\")", "{ let path = \"x\"; path += fetch(\"none\"); path }"]
    {
        let ran = Scene::task(&format!("info({sum});")).run(["production", "t"]).fails(2);
        assert!(ran.error().starts_with("nothing, `()`, cannot stand "), "{sum}\n{}", ran.stderr);
    }
    // Back-ticks show it as nothing, as in Ruby.
    assert_eq!(Scene::task("info(`[${fetch(\"none\")}]`);").said(["production", "t"]), ["[]"]);
}

#[test]
fn words_of_options_heed_no_case() {
    let scene = Scene::task("on(roles(\"app\"), #{ run: \"Sequence\" }, |host| info(host.name));");
    assert_eq!(scene.said(["production", "t"]), ["web1", "web2"]);
    assert_eq!(scene.run(["check"]).code, 0);
    let scene = Scene::task("on(roles(\"app\"), #{ run: \":sequence\" }, |host| info(host.name));");
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`on` cannot run `:sequence`");
    assert!(scene.run(["check"]).fails(2).out().contains("error[argument-kind]"));
}
