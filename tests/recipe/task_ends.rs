//! `on_failure` and `always` of a task.

use crate::support::scene::Scene;

/// A task `t` with these steps and both ends.
fn scene(steps: &str) -> Scene {
    Scene::with(&format!(
        r#"
task("t", #{{
    on_failure: |error| info(`failed: ${{error.kind}} ${{error.message}}`),
    always: |error| info(`over: ${{error == ()}}`),
}}, || {{ {steps} }});
"#
    ))
}

#[test]
fn always_runs_and_on_failure_only_after_one() {
    assert_eq!(scene("info(\"t\");").said(["production", "t"]), ["t", "over: true"]);
    let ran = scene("info(\"t\"); throw \"broken\";").run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["t", "failed: thrown broken", "over: false"]);
    assert_eq!(ran.failure()["message"], "broken");
}

#[test]
fn the_reason_is_what_a_catch_would_get() {
    let recipe = r#"
        task("t", #{ on_failure: |e| info(`${e.host} ${e.status} ${e.command}`) },
            || on(roles("db"), |host| execute("sh", "-c", "exit 3")));
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["db1 3 sh -c 'exit 3'"]);
}

#[test]
fn commands_run_in_them_and_so_do_tasks() {
    let recipe = r#"
        task("clean", || on(roles("db"), |host| execute("rm", "-f", deploy_to("busy"))));
        task("t", #{ always: || invoke("clean") }, || on(roles("db"), |host| {
            execute("mkdir", "-p", deploy_to()); execute("touch", deploy_to("busy")); execute("false");
        }));
    "#;
    let scene = Scene::with(recipe);
    scene.run(["production", "t"]).fails(1);
    assert!(scene.host("db1", "").exists() && !scene.host("db1", "busy").exists());
    let plan = scene.run(["production", "t", "--plan"]).ok().out();
    let expected = "\
production t
└─ t             config/deploy.rhai:3
   ├─ (own steps)  config/deploy.rhai:3
   ├─ (always)     config/deploy.rhai:3
   └─ clean        invoked at config/deploy.rhai:3
";
    assert_eq!(plan.replace("  ", " ").replace("  ", " "), expected.replace("  ", " ").replace("  ", " "));
}

#[test]
fn the_first_failure_is_what_counts_and_others_are_told_beside_it() {
    let recipe = r#"
        task("t", #{ on_failure: || throw "second", always: || { info("still"); throw "third"; } }, || throw "first");
        task("u", #{ on_failure: || info("not this"), always: || throw "late" }, || info("u"));
        task("after", || info("after"));
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.failure()["message"], "first");
    assert_eq!(ran.messages("info"), ["still"]);
    assert_eq!(
        ran.messages("error"),
        ["`on_failure` of task `t` failed as well: second", "`always` of task `t` failed as well: third"]
    );
    let ran = Scene::with(recipe).run(["--format", "json", "production", "u", "after"]).fails(1);
    assert_eq!((ran.failure()["message"].as_str(), ran.messages("info")), (Some("late"), vec!["u".to_owned()]));
}

#[test]
fn what_a_task_needs_and_what_is_hooked_on_belongs_to_it() {
    let recipe = r#"
        task("need", || if env("NEED") != () { throw "need" });
        task("t", #{ needs: "need", on_failure: |e| info(`t: ${e.message}`) }, || info("t"));
        after("t", "hook", || throw "hook");
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t", "NEED=1"]).fails(1);
    assert_eq!(ran.messages("info"), ["t: need"]);
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["t", "t: hook"]);
}

#[test]
fn they_add_up_and_clear_task_takes_them_away() {
    let recipe = r#"
        task("t", #{ always: || info("one") }, || throw "x");
        task("t", #{ always: || info("two"), on_failure: || info("failed") });
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["failed", "one", "two"]);
    let cleared = format!("{recipe} clear_task(\"t\"); task(\"t\", || info(\"new\"));");
    assert_eq!(Scene::with(&cleared).said(["production", "t"]), ["new"]);
}

#[test]
fn a_failure_that_is_caught_has_run_them_once() {
    let recipe = r#"
        task("t", #{ on_failure: || info("failed") }, || throw "x");
        task("u", || for i in 0..2 { try { invoke("t"); } catch (e) { info(`caught ${e.message}`); } });
    "#;
    assert_eq!(Scene::with(recipe).said(["production", "u"]), ["failed", "caught x", "caught x"]);
}

#[test]
fn exit_is_an_end_as_any_and_0_is_no_failure() {
    let ran = scene("exit(0);").run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["over: false"]);
    let ran = scene("exit(7);").run(["--format", "json", "production", "t"]).fails(7);
    assert_eq!(ran.messages("info").len(), 2);
    let ran =
        Scene::with("task(\"t\", #{ on_failure: || exit(0) }, || throw \"x\");").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "x");
}

/// What waits in a `batch` has failed or not before the end of its task is looked at.
#[test]
fn in_a_batch_a_task_with_an_end_waits_for_its_commands() {
    let recipe = r#"
        task("make", || on(roles("db"), |host| execute("mkdir", "-p", deploy_to())));
        task("t", #{ on_failure: |e| info(`failed: ${e.kind}`), always: || info("over") },
            || on(roles("db"), |host| execute("false")));
        task("u", || batch(|| { invoke("make"); invoke("t"); info("not reached"); }));
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "u"]).fails(1);
    assert_eq!(ran.messages("info"), ["failed: command", "over"]);
}

#[test]
fn what_is_no_closure_is_told() {
    let error = |options: &str| {
        Scene::with(&format!("task(\"t\", #{{ {options} }}, || ());")).run(["production", "t"]).fails(2).error()
    };
    assert!(error("always: 1").starts_with("`task` expects `always` as a closure"));
    assert_eq!(error("on_failure: |a, b| ()"), "the closure of `on_failure` takes 2 parameters, but gets one");
    assert_eq!(error("on_failur: || ()"), "`task` has no option `on_failur`");
}
