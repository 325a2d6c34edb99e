//! Chapters 2.9 and 2.10: hooks, plugins, and bringing the code by oneself.

use crate::capistrano::rows::{differs, has, no_function, recipe_refused, said_by};
use crate::support::scene::Scene;

/// 2.9.16
#[test]
fn a_hook_before_comes_behind_the_prerequisites_with_their_arguments() {
    let recipe =
        "task(\"p\", || info(\"p\")); task(\"x\", #{ args: [\"n\"], needs: [\"p\"] }, |args| info(\"x\" + args.n));
        task(\"h\", #{ args: [\"n\"] }, |args| info(\"h\" + args.n)); before(\"x\", \"h\");
        before(\"x\", \"i\", || info(\"i\")); task(\"t\", || invoke(\"x\", \"1\"));";
    assert_eq!(said_by(recipe), ["p", "h1", "i", "x1"]);
}

/// 2.9.17
#[test]
fn a_task_may_be_hooked_before_it_is_declared() {
    differs("`before` and `after` need a task that is declared already");
    assert_eq!(said_by("before(\"t\", \"h\", || info(\"h\")); task(\"t\", || info(\"t\"));"), ["h", "t"]);
}

/// 2.9.18
#[test]
fn a_hook_after_runs_behind_the_steps_so_far_and_is_known_in_time() {
    differs("task not known to `after`: found when it is too late");
    let recipe = "task(\"t\", || info(1)); after(\"t\", \"h\", || info(\"h\")); task(\"t\", || info(2));";
    assert_eq!(said_by(recipe), ["1", "h", "2"]);
    has(&recipe_refused("after(\"deploy:publshed\", \"t\"); task(\"t\");"), "did you mean `deploy:published`?");
}

/// 2.9.19
#[test]
fn a_hook_is_looked_for_beside_its_task_first() {
    let recipe =
        "task(\"look\", || info(\"top\")); task(\"n:look\", || info(\"n\")); task(\"n:a\"); before(\"n:a\", \"look\");
        task(\"t\", || invoke(\"n:a\"));";
    assert_eq!(said_by(recipe), ["n"]);
}

/// 2.9.21
#[test]
fn defaults_come_first_and_are_no_task() {
    differs("`load:defaults` can no longer be modified");
    assert_eq!(Scene::task("").run(["production", "load:defaults"]).fails(2).error(), "no task `load:defaults`");
    assert_eq!(said_by("set_if_empty(\"keep_releases\", 9); task(\"t\", || info(fetch(\"keep_releases\")));"), ["5"]);
}

/// 2.10.1
#[test]
fn a_plugin_is_a_file_that_is_required() {
    differs("`require \"capistrano/scm/git\"` + `install_plugin`");
    no_function("install_plugin(\"x\")", "write `require(\"git\")`");
    let scene = Scene::with("require(\"../lib/plugin\"); task(\"t\", || info(fetch(\"own\")));").file(
        "lib/plugin.rhai",
        "set_if_empty(\"own\", 1); task(\"own:x\", || info(\"own:x\")); after(\"t\", \"own:x\");",
    );
    assert_eq!(scene.said(["production", "t"]), ["1", "own:x"]);
}

/// 2.10.2
#[test]
fn a_hook_of_a_plugin_is_taken_back() {
    differs("`install_plugin X, load_hooks: false`");
    let scene = Scene::with("require(\"../lib/plugin\"); task(\"t\", || info(\"t\")); unhook(\"t\", \"own:x\");")
        .file("lib/plugin.rhai", "task(\"own:x\", || info(\"own:x\")); after(\"t\", \"own:x\");");
    assert_eq!(scene.said(["production", "t"]), ["t"]);
}

/// 2.10.3
#[test]
fn code_comes_from_a_task_of_ones_own() {
    differs("a class of one's own below `Capistrano::SCM::Plugin`");
    let recipe = "require(\"deploy\");
        after(\"deploy:new_release_path\", \"own:release\", || on(release_roles(\"all\"), |host| {
            execute(\"mkdir\", \"-p\", release_path());
            execute(\"echo\", \"it\", raw(\">\"), release_path(\"app\"));
        }));
        before(\"deploy:set_current_revision\", \"own:revision\", || set(\"current_revision\", \"build-7\"));";
    let scene = Scene::with(recipe);
    scene.run(["production", "deploy"]).ok();
    let read = |name: &str| std::fs::read_to_string(scene.host("web1", name)).unwrap();
    assert_eq!((read("current/app").as_str(), read("current/REVISION").as_str()), ("it\n", "build-7\n"));
}

/// 2.10.4
#[test]
fn the_code_comes_from_git_by_itself_or_by_name() {
    differs("`set :scm, :git`");
    let has_git = |recipe: &str| Scene::with(recipe).run(["-T", "^git:"]).ok().out().contains("git:check");
    assert!(has_git("") && has_git("require(\"git\");") && !has_git("require(\"deploy\");"));
}

/// 2.10.5
#[test]
fn the_flow_alone_is_made_by_emptying_tasks() {
    differs("`require \"capistrano/framework\"` alone");
    let recipe = "require(\"deploy\"); set(\"lock\", false);
        for name in [\"starting\", \"updating\", \"publishing\", \"finishing\", \"finished\"] { clear_task(\"deploy:\" + name); }
        after(\"deploy:updated\", \"own\", || info(\"own\"));";
    assert_eq!(Scene::with(recipe).said(["production", "deploy"]), ["own"]);
}

/// 2.10.6
#[test]
fn services_are_modules() {
    differs("plugins `capistrano/puma`, `sidekiq`");
    has(&Scene::with("require(\"sidekiq\");").run(["-T", "^sidekiq:restart"]).ok().out(), "sidekiq:restart");
}

/// 2.10.7
#[test]
fn other_plugins_are_tasks_of_ones_own_for_now() {
    differs("other plugins (`capistrano/bundler`, `rails`, …)");
    has(&recipe_refused("require(\"bundler\");"), "bundler");
}

/// 2.9.20
#[test]
fn a_hook_of_a_stage_runs_once_before_all_tasks() {
    let recipe =
        "after(\"production\", \"own\", || info(\"own\")); task(\"a\", || info(\"a\")); task(\"t\", || info(\"t\"));";
    assert_eq!(Scene::with(recipe).said(["production", "a", "t"]), ["own", "a", "t"]);
}
