//! Chapter 2.9: tasks.

use crate::capistrano::rows::{differs, has, no_function, recipe_refused, said, said_by};
use crate::support::scene::Scene;

/// 2.9.1
#[test]
fn a_task_has_arguments_and_prerequisites() {
    let recipe = "task(\"b\", || info(\"b\")); task(\"t\", #{ args: [\"x\"], needs: [\"b\"] }, |args| info(args.x));";
    assert_eq!(Scene::with(recipe).said(["production", "t[1]"]), ["b", "1"]);
}

/// 2.9.2
#[test]
fn a_task_declared_again_is_added_to() {
    let recipe = "task(\"a\", || info(\"a\")); task(\"t\", || info(1)); task(\"t\", #{ needs: [\"a\"] }, || info(2));";
    assert_eq!(said_by(recipe), ["a", "1", "2"]);
}

/// 2.9.3
#[test]
fn a_task_is_emptied_as_a_whole() {
    differs("`Rake::Task[\"x\"].clear`, `clear_actions`, `clear_prerequisites`, `clear_comments`, `clear_args`");
    let recipe = "task(\"a\", || info(\"a\")); task(\"t\", #{ needs: [\"a\"] }, || info(1)); before(\"t\", \"a\");
        clear_task(\"t\"); task(\"t\", || info(2));";
    assert_eq!(said_by(recipe), ["2"]);
}

/// 2.9.4
#[test]
fn arguments_are_a_map() {
    differs("`args[:x]`, `args.to_a`, `args.with_defaults(x: 1)`");
    let recipe = "task(\"t\", #{ args: [\"x\", \"n=5\", \"*rest\"] }, |args| { info(args.x); info(args.n); info(args.extras); });";
    assert_eq!(Scene::with(recipe).said(["production", "t[1,,3]"]), ["1", "5", r#"["3"]"#]);
}

/// 2.9.5
#[test]
fn return_leaves_a_task() {
    differs("`next` leaves a task");
    assert_eq!(said("info(1); if true { return; } info(2);"), ["1"]);
}

/// 2.9.6
#[test]
fn names_are_looked_up_from_the_namespace_outward() {
    let recipe =
        "task(\"a\", || info(\"top\")); namespace(\"n\", || { task(\"a\", || info(\"n:a\")); namespace(\"m\", || {
        task(\"b\", #{ needs: [\"a\", \"^a\", \"rake:a\"] }); }); }); task(\"t\", || invoke(\"n:m:b\"));";
    assert_eq!(said_by(recipe), ["n:a", "top"]);
}

/// 2.9.7
#[test]
fn a_description_is_for_the_next_task() {
    let list = Scene::with("desc(\"It.\"); task(\"own:a\"); task(\"own:b\");").run(["-T", "^own"]).ok().out();
    assert_eq!(list, "windlass own:a  # It\n");
}

/// 2.9.8
#[test]
fn prerequisites_run_in_order() {
    differs("`multitask`");
    no_function("multitask(\"x\")", "write `task(…)`");
}

/// 2.9.10
#[test]
fn shell_lines_of_this_machine_are_run_locally() {
    differs("`sh \"ls\"`, `rm_rf`, `cp` and the rest of FileUtils; `import \"x.rake\"`");
    no_function("sh(\"ls\")", "run it on this machine: `run_locally(|| execute(\"…\"))`");
    assert_eq!(said("run_locally(|| info(capture(\"echo it\")));"), ["it"]);
}

/// 2.9.11
#[test]
fn a_task_runs_once_and_fails_again_with_the_same_error() {
    let recipe = "task(\"a\", || { info(\"ran\"); throw \"bad\"; });
        task(\"t\", || { for i in 0..2 { try { invoke(\"a\"); } catch (e) { info(e); } } });";
    assert_eq!(said_by(recipe), ["ran", "bad", "bad"]);
}

/// 2.9.12
#[test]
fn a_circle_is_told() {
    let error = recipe_refused("task(\"a\", #{ needs: [\"b\"] }); task(\"b\", #{ needs: [\"a\"] }); task(\"t\");");
    has(&error, "circle");
}

/// 2.9.13
#[test]
fn a_second_invoke_is_skipped_and_said_in_one_line() {
    differs("a second `invoke` is skipped with five lines, two of them red");
    let scene = Scene::with("task(\"a\", || info(\"ran\")); task(\"t\", || { invoke(\"a\"); invoke(\"a\"); });");
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["ran"]);
    assert_eq!(
        ran.messages("warn"),
        ["task `a` has run already and is skipped; `invoke_again(\"a\")` runs it once more"]
    );
}

/// 2.9.14
#[test]
fn invoke_again_runs_the_hooks_again() {
    differs("`invoke! \"x\"` runs the task without its hooks");
    let recipe = "task(\"a\", || info(\"a\")); after(\"a\", \"h\", || info(\"h\")); task(\"t\", || { invoke(\"a\"); invoke_again(\"a\"); });";
    assert_eq!(said_by(recipe), ["a", "h", "a", "h"]);
}

/// 2.9.15
#[test]
fn tasks_are_no_objects() {
    differs("`Rake::Task[\"x\"].execute`, `.reenable`, `.invoke`");
    let recipe = "task(\"a\", #{ args: [\"n\"] }, |args| info(args.n)); task(\"t\", || { invoke(\"a\", 1); invoke_again(\"a\", 2); });";
    assert_eq!(said_by(recipe), ["1", "2"]);
}

/// 2.9.22
#[test]
fn a_file_of_all_releases_is_uploaded_by_a_task() {
    differs("`remote_file \"config/x\" => \"/tmp/x\"`");
    no_function("remote_file(\"x\")", "write a task that calls `upload(local, shared_path(\"…\"))`");
}

/// 2.9.9
#[test]
fn a_file_is_made_where_it_is_missing_or_old() {
    differs("`file \"x\" => \"y\" do`");
    differs("`directory`, `rule`");
    no_function("directory(\"x\")", "write `execute(\"mkdir\", \"-p\", …)`");
    no_function("rule(\"x\")", "write a task for each");
    no_function("file(\"x\")", "write `file_task(\"x\", ");
    let recipe = "file_task(\"made\", #{ needs: [\"config/deploy.rhai\"] }, |path| { info(\"made\");
        run_locally(|| execute(\"touch\", path)); }); task(\"t\", #{ needs: \"made\" });";
    let scene = Scene::with(recipe);
    assert_eq!((scene.said(["production", "t"]).len(), scene.said(["production", "t"]).len()), (1, 0));
}

/// 2.9.7b
#[test]
fn a_task_cannot_be_called_like_a_command() {
    differs("a task may be called `console`, `exec` or `init`");
    has(&recipe_refused("task(\"console\");"), "console");
    assert_eq!(said_by("task(\"own:console\", || info(\"it\")); task(\"t\", || invoke(\"own:console\"));"), ["it"]);
}
