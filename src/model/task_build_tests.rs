use super::*;
use crate::model::task_testing::{Recipe, lines, place, shape};

#[test]
fn a_further_definition_adds_to_the_first() {
    let recipe =
        Recipe::with(&["a", "b", "c"]).task(2, "x", &["a", "b"], Some("one")).task(3, "x", &["b", "c"], Some("two"));
    let tasks = recipe.tasks();
    let task = tasks.get("x").unwrap();
    assert_eq!(shape(task), "a b c | one two");
    assert_eq!(task.places, [place(2), place(3)]);
    assert_eq!(task.prerequisites.iter().map(|link| link.place.line).collect::<Vec<_>>(), [2, 2, 3]);
    assert_eq!(task.actions[1], Action::Body { body: "two", place: place(3) });
}

#[test]
fn descriptions_add_up_and_arguments_are_replaced() {
    let recipe =
        Recipe::default().described("x", " One ", &["a"]).described("x", "Two", &[]).described("x", "One", &["b", "c"]);
    let tasks = recipe.described("x", "  ", &[]).tasks();
    let task = tasks.get("x").unwrap();
    assert_eq!(task.description().as_deref(), Some("One / Two"));
    assert_eq!(task.signature(), "x[b,c]");
}

#[test]
fn needs_are_looked_up_from_the_namespace_of_the_task() {
    let names = ["check", "deploy:check"];
    assert_eq!(Recipe::with(&names).task(2, "deploy:up", &["check"], None).shape("deploy:up"), "deploy:check |");
    assert_eq!(Recipe::with(&names).task(2, "deploy:up", &["^check"], None).shape("deploy:up"), "check |");
    assert_eq!(
        Recipe::with(&names).task(2, "deploy:check", &["check"], None).shape("deploy:check"),
        "check | deploy:check"
    );
}

#[test]
fn clear_forgets_everything_but_the_description() {
    let recipe = Recipe::with(&["a", "h"]).described("x", "Old", &["arg"]).task(2, "x", &["a"], Some("old"));
    let recipe = recipe.before(3, "x", "h", "").after(4, "x", "h", "").clear(5, "x", "");
    let tasks = recipe.task(6, "x", &[], Some("new")).tasks();
    let task = tasks.get("x").unwrap();
    assert_eq!(shape(task), "| new");
    assert_eq!((task.description().as_deref(), task.signature().as_str()), (Some("Old"), "x"));
    assert_eq!(task.places, [place(1), place(2), place(6)]);
}

#[test]
fn clear_before_the_definition_is_an_error() {
    let error = Recipe::default().clear(1, "x", "").task(2, "x", &[], None).error();
    assert_eq!(error.to_string(), "`x` is cleared before it is defined, which has no effect");
    assert_eq!(error.parts().help, ["move `clear_task` below the definition, or below the `require` that brings it"]);
}

/// Capistrano runs the whole task before it finds that an `after` hook does not exist.
#[test]
fn every_wrong_name_is_reported_at_its_place() {
    let recipe = Recipe::with(&["deploy:check", "deploy:up", "notify"]);
    let recipe = recipe.task(2, "db:dump", &["conect"], None).before(3, "deploy:chek", "notify", "");
    let recipe = recipe.after(4, "deploy:up", "notfy", "").before(5, "nope", "never", "db");
    let errors =
        recipe.clear(6, "gone", "").unhook(7, "gone", "notify", "").unhook(8, "deploy:up", "gone", "").errors();
    assert_eq!(
        lines(&errors),
        [
            (2, "no task `conect`, which `db:dump` needs"),
            (3, "no task `deploy:chek` to run `notify` before"),
            (4, "no task `notfy` to run after `deploy:up`"),
            (5, "no task `nope` to run `never` before"),
            (5, "no task `never` to run before `nope`"),
            (6, "no task `gone` to clear"),
            (7, "no task `gone` to unhook `notify` from"),
            (8, "no task `gone` to unhook from `deploy:up`"),
        ]
    );
}

#[test]
fn names_and_arguments_that_could_not_be_used_are_refused() {
    let errors = Recipe::with(&["a b"]).described("x", "", &["a", "a"]).errors();
    let message = "`a b` cannot be the name of a task: it has a space or one of `[ ] = ^` in it";
    assert_eq!(lines(&errors), [(1, message), (1, "the argument `a` is declared twice, in task `x`")]);
}
