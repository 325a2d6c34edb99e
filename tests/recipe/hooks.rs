//! `before`, `after`, `unhook`, and the hooks of a failed deploy.

use crate::support::scene::Scene;

fn said(recipe: &str) -> Vec<String> {
    Scene::with(recipe).said(["production", "t"])
}

#[test]
fn hooks_run_in_the_order_they_were_registered() {
    let recipe = r#"
        task("t", || info("t"));
        after("t", "a1", || info("a1"));
        before("t", "b1", || info("b1"));
        after("t", "a2", || info("a2"));
        before("t", "b2", || info("b2"));
        task("t", || info("t again"));
    "#;
    // As in Capistrano an `after` hook is a step: what the task gains later comes behind it.
    assert_eq!(said(recipe), ["b1", "b2", "t", "a1", "a2", "t again"]);
}

#[test]
fn before_hooks_come_after_the_prerequisites() {
    let recipe = r#"
        before("t", "hook", || info("hook"));
        task("need", || info("need"));
        task("t", #{ needs: ["need"] }, || info("t"));
        before("t", "second", || info("second"));
    "#;
    let said = said(recipe);
    assert_eq!(said.last().map(String::as_str), Some("t"));
    assert_eq!(said.len(), 4);
}

#[test]
fn a_task_may_be_hooked_before_it_is_declared() {
    assert_eq!(said("after(\"t\", \"h\"); task(\"h\", || info(\"h\")); task(\"t\", || info(\"t\"));"), ["t", "h"]);
}

#[test]
fn a_hook_is_looked_for_beside_its_task_first() {
    let recipe = r#"
        task("look", || info("top"));
        namespace("n", || { task("x", || info("x")); task("look", || info("n:look")); });
        before("n:x", "look");
        before("n:x", "rake:look");
        task("t", || invoke("n:x"));
    "#;
    assert_eq!(said(recipe), ["n:look", "top", "x"]);
}

#[test]
fn a_hook_without_a_name_is_called_after_its_place() {
    let scene =
        Scene::with("task(\"t\", || info(\"t\"));\nafter(\"t\", || info(\"one\"));\nafter(\"t\", || info(\"two\"));");
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["t", "one", "two"]);
    assert_eq!(ran.tasks(), ["t", "after_t_line_2", "after_t_line_3"]);
}

#[test]
fn a_closure_hook_inside_a_namespace_is_declared_there() {
    let recipe = "task(\"t\", || info(\"t\")); task(\"h\", || info(\"wrong\")); namespace(\"n\", || after(\"t\", \"h\", || info(\"n:h\")));";
    assert_eq!(said(recipe), ["t", "n:h"]);
}

#[test]
fn unhook_takes_a_hook_back() {
    let recipe = r#"
        task("t", || info("t")); task("h", || info("h"));
        before("t", "h"); after("t", "h"); unhook("t", "h");
    "#;
    assert_eq!(said(recipe), ["t"]);
}

#[test]
fn an_after_hook_does_not_run_when_the_task_fails() {
    let recipe = "task(\"t\", || { throw \"no\"; }); after(\"t\", \"h\", || info(\"h\"));";
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), [""; 0]);
}

#[test]
fn a_hook_runs_once_however_many_tasks_it_hangs_on() {
    let recipe = r#"
        task("a", || info("a")); task("b", || info("b")); task("h", || info("h"));
        after("a", "h"); after("b", "h");
        task("t", #{ needs: ["a", "b"] });
    "#;
    assert_eq!(said(recipe), ["a", "h", "b"]);
}

#[test]
fn unknown_hooks_are_told_before_anything_runs() {
    for (recipe, name) in [
        ("after(\"t\", \"nope\"); task(\"t\", || info(\"ran\"));", "nope"),
        ("before(\"nobody\", \"t\"); task(\"t\", || info(\"ran\"));", "nobody"),
        ("unhook(\"t\", \"other\"); task(\"t\", || info(\"ran\"));", "other"),
    ] {
        let ran = Scene::with(recipe).run(["production", "t"]).fails(2);
        assert!(ran.error().contains(&format!("`{name}`")), "{}", ran.error());
        assert!(ran.stderr.contains("config/deploy.rhai:1:1"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn the_hooks_of_a_failed_deploy_run() {
    let recipe = r#"
        require("deploy");
        clear_task("deploy");
        task("deploy", || { set("deploying", true); on(roles("app"), |host| execute("false")); });
        after("deploy:failed", "tell", || info("telling"));
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "deploy"]).fails(1);
    assert_eq!(ran.messages("info"), ["telling"]);
    assert_eq!(ran.messages("error"), ["the deploy has failed: 2 of 2 hosts failed"]);
}

/// Each puts right what is its own: the worker of one service is not to stay quiet because that of another is broken.
#[test]
fn a_hook_of_a_failed_deploy_that_fails_does_not_keep_the_others_from_running() {
    let recipe = r#"
        require("deploy");
        clear_task("deploy");
        task("deploy", || { set("deploying", true); throw "no"; });
        after("deploy:failed", "one", || throw "one is broken");
        after("deploy:failed", "two", || info("two"));
        after("deploy:failed", "three", || throw "three is broken");
        after("deploy:failed", "four", || info("four"));
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "deploy"]).fails(1);
    assert_eq!(ran.messages("info"), ["two", "four"]);
    let said = ran.messages("error").join("\n");
    assert!(said.contains("a hook of deploy:failed failed as well: one is broken"), "{said}");
    assert!(said.contains("a further hook of deploy:failed failed: three is broken"), "{said}");
}

#[test]
fn no_failure_hooks_without_a_deploy() {
    let recipe = "task(\"t\", || { throw \"no\"; }); after(\"deploy:failed\", \"tell\", || info(\"telling\"));";
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), [""; 0]);
}
