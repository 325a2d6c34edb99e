//! Findings of the language and of tasks, each by its rule.

use crate::check::frame::found;
use crate::support::scene::Scene;

#[track_caller]
fn finds(recipe: &str, expected: &[&str]) {
    assert_eq!(found(&Scene::with(recipe)), expected, "{recipe}");
}

#[test]
fn functions_that_hide_methods() {
    finds(
        "fn restart(name) { name }\ntask(\"t\", || on(roles(\"app\"), |host| unit(\"x\").restart(5)));\n",
        &["error[hidden-method]: `.restart(…)` calls the function `restart` of this file, and not the method"],
    );
}

#[test]
fn names_and_circles_of_tasks() {
    finds(
        "task(\"a b\");\ntask(\"x\", #{ needs: [\"y\"] });\ntask(\"y\", #{ needs: \"x\" });\n",
        &[
            "error[task-name]: `a b` cannot be the name of a task: it has a space or one of `[ ] = ^` in it",
            "error[task-circle]: tasks form a circle: `x → y → x`",
        ],
    );
}

#[test]
fn hooks_that_do_nothing() {
    finds(
        "task(\"a\");\ntask(\"b\");\nunhook(\"a\", \"b\");\nclear_task(\"c\");\ntask(\"c\", || info(\"c\"));\n\
         task(\"restart\", || info(\"x\"));\nafter(\"deploy:published\", \"restart\");\n",
        &[
            "error[idle-hook]: `b` is not a hook of `a` at this point",
            "error[idle-hook]: `c` is cleared before it is defined, which has no effect",
            "error[idle-hook]: `restart` means `deploy:restart` here, which does nothing",
        ],
    );
}

#[test]
fn arguments_of_tasks_that_run_because_of_others() {
    let recipe = "task(\"a\", #{ args: [\"file\"] }, |args| info(args.file));\n\
                  task(\"t\", #{ needs: [\"a[one,two]\"] }, || info(\"t\"));\n";
    let found = found(&Scene::with(recipe));
    assert!(matches!(&found[..], [only] if only.starts_with("error[task-arguments]: ")), "{found:?}");
}
