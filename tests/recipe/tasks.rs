//! `task` and its prerequisites; `namespace`, `invoke`, `clear_task`.

use crate::support::scene::Scene;

fn said(recipe: &str, args: &[&str]) -> Vec<String> {
    Scene::with(recipe).said([&["production"], args].concat())
}

#[test]
fn several_tasks_run_in_order_each_once() {
    let recipe = "task(\"a\", || info(\"a\")); task(\"b\", #{ needs: [\"a\"] }, || info(\"b\"));";
    assert_eq!(said(recipe, &["b", "a", "b"]), ["a", "b"]);
}

#[test]
fn a_stage_alone_runs_default() {
    assert_eq!(said("require(\"deploy\"); clear_task(\"default\"); task(\"default\", || info(\"d\"));", &[]), ["d"]);
}

#[test]
fn invoke_passes_values_of_any_kind() {
    let recipe = r#"
        task("inner", #{ args: ["n", "list"] }, |args| info(`${args.n + 1} ${args.list}`));
        task("t", || { info(invoke("inner", 1, [2, 3])); });
    "#;
    assert_eq!(said(recipe, &["t"]), ["2 [2, 3]", "true"]);
}

#[test]
fn a_task_declared_again_is_added_to() {
    let recipe = r#"
        task("x", || info("x")); task("y", || info("y"));
        task("t", #{ needs: ["x"] }, || info("one"));
        task("t", #{ needs: ["y"] }, || info("two"));
    "#;
    assert_eq!(said(recipe, &["t"]), ["x", "y", "one", "two"]);
}

#[test]
fn clear_task_empties_but_keeps_the_description() {
    let recipe = r#"
        desc("Says something.");
        task("t", || info("old"));
        after("t", "hook", || info("hook"));
        clear_task("t");
        task("t", || info("new"));
    "#;
    let scene = Scene::with(recipe);
    assert_eq!(scene.said(["production", "t"]), ["new"]);
    assert_eq!(scene.run(["-T", "^t$"]).ok().out(), "windlass t  # Says something\n");
}

#[test]
fn invoke_runs_once_and_invoke_again_runs_once_more() {
    let recipe = r#"
        task("x", || info("x"));
        after("x", "y", || info("y"));
        task("t", || { info(invoke("x")); info(invoke("x")); info(invoke_again("x")); });
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["x", "y", "true", "false", "x", "y", "true"]);
    assert_eq!(
        ran.messages("warn"),
        ["task `x` has run already and is skipped; `invoke_again(\"x\")` runs it once more"]
    );
}

#[test]
fn names_are_looked_up_from_the_namespace_outward() {
    let recipe = r#"
        task("look", || info("top"));
        namespace("a", || {
            task("look", || info("a:look"));
            namespace("b", || {
                task("t", || { invoke("look"); invoke("rake:look"); invoke("^^look"); });
            });
        });
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "a:b:t"]).ok();
    assert_eq!(ran.messages("info"), ["a:look", "top"]);
}

#[test]
fn a_failed_task_ends_the_run_and_what_follows_is_not_begun() {
    let recipe = "task(\"a\", || throw \"no\"); task(\"b\", || info(\"b\"));";
    let ran = Scene::with(recipe).run(["--format", "json", "production", "a", "b"]).fails(1);
    assert_eq!(ran.tasks(), ["a"]);
    assert_eq!(ran.failure()["message"], "no");
}

#[test]
fn a_failed_task_fails_again_with_the_same_error() {
    let recipe = r#"
        task("a", || { info("once"); throw "broken"; });
        task("t", || {
            try { invoke("a"); } catch (e) { info(e.message); }
            try { invoke("a"); } catch (e) { info(e.message); }
        });
    "#;
    assert_eq!(said(recipe, &["t"]), ["once", "broken", "broken"]);
}

#[test]
fn a_circle_of_invokes_is_told_with_its_way() {
    let recipe = "task(\"a\", || invoke(\"b\")); task(\"b\", || invoke(\"a\"));";
    let ran = Scene::with(recipe).run(["production", "a"]).fails(2);
    assert_eq!(ran.error(), "task `a` invokes itself: a → b → a");
}

#[test]
fn a_circle_of_prerequisites_is_found_before_anything_runs() {
    let recipe = "task(\"a\", #{ needs: [\"b\"] }, || info(\"a\")); task(\"b\", #{ needs: [\"a\"] });";
    let ran = Scene::with(recipe).run(["production", "t"]).fails(2);
    assert!(ran.error().contains("a → b → a") || ran.error().contains("b → a → b"), "{}", ran.error());
    assert_eq!(ran.stdout, "");
}

#[test]
fn unknown_prerequisites_are_all_told_before_anything_runs() {
    let recipe = "task(\"a\", #{ needs: [\"x\"] }); task(\"b\", #{ needs: [\"y\"] }); task(\"t\", || info(\"t\"));";
    let ran = Scene::with(recipe).run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "2 mistakes in the recipes");
    assert!(ran.stderr.contains("`x`") && ran.stderr.contains("`y`"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn tasks_cannot_be_declared_while_tasks_run() {
    let ran = Scene::task("task(\"new\", || ());").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "tasks and hooks cannot be declared while tasks run");
}

#[test]
fn invoke_is_not_for_hosts() {
    let ran = Scene::with("task(\"x\"); task(\"t\", || { on(roles(\"db\"), |host| { invoke(\"x\"); }); });")
        .run(["production", "t"])
        .fails(2);
    assert_eq!(ran.error(), "`invoke` runs a task once for the whole run, but this is inside `on`");
    let ran = Scene::with("task(\"x\"); task(\"t\", || { run_locally(|| { invoke(\"x\"); }); });")
        .run(["production", "t"])
        .fails(2);
    assert_eq!(ran.error(), "`invoke` runs a task once for the whole run, but this is inside `run_locally`");
}

#[test]
fn a_task_of_a_loop_keeps_its_own_variable() {
    let recipe = "for name in [\"one\", \"two\"] { let mine = name; task(`say_${mine}`, || info(mine)); }";
    assert_eq!(said(recipe, &["say_one", "say_two"]), ["one", "two"]);
}

#[test]
fn tasks_share_a_variable_at_the_top_of_the_recipe() {
    let recipe = "let n = 0; task(\"a\", || { n += 1; }); task(\"b\", || info(n));";
    assert_eq!(said(recipe, &["a", "b"]), ["1"]);
}

#[test]
fn a_task_that_stands_twice_on_the_line_is_told() {
    let scene = Scene::with("task(\"t\", #{ args: [\"a\"] }, |args| info(args.a));");
    let ran = scene.run(["--format", "json", "production", "t[1]", "t[2]"]).ok();
    assert_eq!(ran.messages("info"), ["1"]);
    assert_eq!(ran.messages("warn"), ["task `t` has run already and is skipped: a task runs once"]);
}

#[test]
fn a_stage_alone_runs_a_deploy_of_ones_own() {
    assert_eq!(Scene::with("task(\"deploy\", || info(\"mine\"));").said(["production"]), ["mine"]);
}

#[test]
fn a_row_that_starts_over_runs_again_what_an_earlier_row_has_run() {
    let recipe = r#"
        task("once", || info("once"));
        task("step", || info("step"));
        before("step", "hook", || info("hook"));
        task("there", || { start_over(); invoke("step"); });
        task("back", #{ needs: ["once"] }, || { start_over(); invoke("step"); });
        after("back", "look", || info("look"));
    "#;
    let scene = Scene::with(recipe);
    let said = scene.said(["production", "once", "there", "back", "there"]);
    assert_eq!(said, ["once", "hook", "step", "hook", "step", "look", "hook", "step"]);
    let said = scene.said(["production", "step", "there", "back"]);
    assert_eq!(said, ["hook", "step", "once", "look"], "what ran on its own stays done");
    let named = Scene::with(&recipe.replace("start_over()", "start_over(\"step\")"));
    let said = named.said(["production", "step", "hook", "there"]);
    assert_eq!(said, ["hook", "step", "hook", "step"], "unless it is named");
    let ran =
        Scene::with(&recipe.replace("start_over()", "start_over(\"stpe\")")).run(["production", "there"]).fails(2);
    assert_eq!(ran.error(), "no task `stpe`");
    let ran = Scene::with("start_over();").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`start_over` begins the steps of a task, and is called at its top");
}
