//! Chapters 2.0 and 2.1: settings.

use crate::capistrano::rows::{differs, has, judged, no_function, recipe_refused, refused, said, said_by};
use crate::support::scene::Scene;

/// 2.0.1
#[test]
fn commands_need_a_host_and_the_rest_does_not() {
    assert_eq!(said_by("set(\"x\", roles(\"all\").len); task(\"t\", || info(fetch(\"x\")));"), ["0"]);
    has(&refused("execute(\"ls\");"), "`execute` needs a host, but this is outside `on`");
}

/// 2.0.2
#[test]
fn a_block_belongs_to_on_whatever_stands_before_it() {
    differs("`on roles(:app) { … }` gives the block to `roles`");
    assert_eq!(said("on(roles(\"db\"), |host| { info(host.name); });"), ["db1"]);
}

/// 2.1.set
#[test]
fn the_last_one_who_sets_wins() {
    differs("`x = set(:a, 1)` gives the value");
    assert_eq!(
        said("set(\"a\", 1); let given = set(\"a\", 2); info(fetch(\"a\")); info(type_of(given));"),
        ["2", "()"]
    );
}

/// 2.1.set2
#[test]
fn a_value_and_a_closure_are_too_much() {
    has(&refused("set(\"a\", 1, || 2);"), "call it as `set(name, value)`");
}

/// 2.1.key
#[test]
fn names_of_settings_are_texts() {
    differs("`:a` and `\"a\"` are two settings");
    has(&refused("set(1, 2);"), "expects the name of a setting as a string, and got a number");
}

/// 2.1.sie
#[test]
fn set_if_empty_looks_at_the_name() {
    assert_eq!(said("set(\"a\", ()); set_if_empty(\"a\", 1); info(type_of(fetch(\"a\")));"), ["()"]);
}

/// 2.1.fetch
#[test]
fn a_default_is_for_what_was_never_set() {
    let body = "set(\"a\", false); info(fetch(\"a\", 1)); info(fetch(\"b\", 1)); info(fetch(\"b\", || 2)); info(type_of(fetch(\"b\")));";
    assert_eq!(said(body), ["false", "1", "2", "()"]);
}

/// 2.1.fetch2
#[test]
fn a_default_is_told_the_name() {
    assert_eq!(said("info(fetch(\"color\", |name| \"no \" + name));"), ["no color"]);
}

/// 2.1.fetch3
#[test]
fn a_default_is_worked_out_each_time() {
    differs("`fetch(:x, -> { … })` stores what the default gives");
    assert_eq!(said("info(fetch(\"x\", || 1)); info(fetch(\"x\", || 2)); info(any(\"x\"));"), ["1", "2", "false"]);
}

/// 2.1.del
#[test]
fn delete_gives_what_was_there() {
    assert_eq!(said("set(\"a\", 1); info(delete(\"a\")); info(type_of(fetch(\"a\")));"), ["1", "()"]);
}

/// 2.1.app
#[test]
fn append_flattens_and_leaves_doubles_out() {
    differs("`append :x, [\"a\"], \"b\"` nests");
    assert_eq!(said("append(\"x\", [\"a\"], \"b\", \"a\"); info(fetch(\"x\"));"), [r#"["a", "b"]"#]);
}

/// 2.1.rem
#[test]
fn remove_takes_all_that_are_equal() {
    assert_eq!(said("set(\"x\", [1, 2, 1]); remove(\"x\", 1); info(fetch(\"x\"));"), ["[2]"]);
}

/// 2.1.any
#[test]
fn false_is_not_any() {
    differs("`any? :x` is true for `false`");
    assert_eq!(said("set(\"x\", false); info(any(\"x\")); set(\"x\", []); info(any(\"x\"));"), ["false", "false"]);
}

/// 2.1.any2
#[test]
fn a_list_of_nothing_is_something() {
    differs("`any? :x` is false for `[nil]`");
    assert_eq!(said("set(\"x\", [()]); info(any(\"x\"));"), ["true"]);
}

/// 2.1.isq
#[test]
fn questions_stand_in_the_list_of_settings() {
    differs("`is_question? :x`");
    no_function("is_question(\"x\")", "look at `settings()`");
    let body = "ask(\"color\", 1); info(settings().filter(|one| one.name == \"color\")[0].value);";
    assert_eq!(said(body).len(), 1);
}

/// 2.1.val
#[test]
fn a_rule_sees_name_and_value() {
    let rule = "validate(\"color\", |name, value| if value != \"blue\" { throw `${name} is not blue`; });\n";
    has(&recipe_refused(&format!("{rule}set(\"color\", \"red\"); task(\"t\");")), "color is not blue");
}

/// 2.1.val2
#[test]
fn a_rule_is_for_what_was_set_before_it_too() {
    differs("`validate` never sees what was set before it");
    let error = recipe_refused("set(\"x\", 1);\nvalidate(\"x\", |name, value| value > 1); task(\"t\");");
    has(&error, "the setting `x` cannot be `1`");
    has(&error, "config/deploy.rhai:1:");
}

/// 2.1.val3
#[test]
fn a_lazy_value_is_judged_when_it_is_needed() {
    let recipe = "validate(\"x\", |n, v| v > 1); validate(\"x\", |n, v| v < 9);\nset(\"x\", || 9);\n";
    assert_eq!(said_by(&format!("{recipe}task(\"t\", || info(\"fine\"));")), ["fine"]);
    has(&recipe_refused(&format!("{recipe}task(\"t\", || fetch(\"x\"));")), "the setting `x` cannot be `9`");
}

/// 2.1.env
#[test]
fn what_the_object_env_tells_is_told_by_functions() {
    differs("`env.keys`, `env.servers`, `env.timestamp`");
    let body = "info(settings().len > 9); info(roles(\"all\").len); info(now().len); info(env(\"USER\"));";
    assert_eq!(said(body), ["true", "3", "14", "tester"]);
}

/// 2.1.dry
#[test]
fn a_recipe_knows_a_dry_run() {
    differs("`dry_run?`");
    assert_eq!(said("info(is_dry_run());"), ["false"]);
    no_function("dry_run()", "ask with `is_dry_run()`");
}

/// 2.1.lock
#[test]
fn a_recipe_says_for_which_version_it_is() {
    differs("`lock \"~> 3.19\"` names a version of Capistrano");
    assert_eq!(said_by("lock(\"~> 0.1\"); requires(\"~> 0.1\"); task(\"t\", || info(\"fine\"));"), ["fine"]);
    has(&recipe_refused("lock(\"~> 3.19.2\");"), "this looks like a version of Capistrano");
}

/// 2.1.lazy
#[test]
fn a_closure_without_parameters_is_worked_out_once() {
    let body = "set(\"x\", || { info(\"working\"); 5 }); info(fetch(\"x\")); info(fetch(\"x\"));
        set(\"f\", |n| n + 1); info(fetch(\"f\").call(1));";
    assert_eq!(said(body), ["working", "5", "5", "2"]);
}

/// 2.1.nested
#[test]
fn closures_in_closures_are_unwrapped() {
    assert_eq!(said("set(\"x\", || || 3); info(fetch(\"x\"));"), ["3"]);
}

/// 2.1.order
#[test]
fn a_lazy_value_sees_what_the_stage_sets() {
    let scene = Scene::with("set(\"x\", || fetch(\"color\")); task(\"t\", || info(fetch(\"x\")));");
    assert_eq!(scene.stage("production", "set(\"color\", \"blue\");").said(["production", "t"]), ["blue"]);
}

/// 2.1.race
#[test]
fn hosts_work_a_value_out_once_each() {
    differs("a lazy value that hosts fetch at once is worked out by each of them, and the last one stays");
    let body = "set(\"x\", || { info(\"working\"); current_host().name });
        on(roles(\"all\"), |host| { if fetch(\"x\") + fetch(\"x\") != host.name + host.name { throw 1; } });";
    assert_eq!(said(body), ["working", "working", "working"]);
}

/// 2.1.app1
#[test]
fn the_name_of_the_application_is_checked() {
    has(&recipe_refused("set(\"application\", \"my app\"); task(\"t\");"), "my app");
}

/// 2.1.app2
#[test]
fn settings_that_have_gone_are_told_by_check() {
    differs("`:git_strategy`, `:hg_strategy`, `:svn_strategy`");
    has(&judged("set(\"git_strategy\", 1);"), "git_strategy");
}
