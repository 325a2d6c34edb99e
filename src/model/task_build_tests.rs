use super::*;
use crate::model::task_confirm::{Confirm, Message};
use crate::model::task_ending::{Ending, When};
use crate::model::task_graph::Graph;
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

#[test]
fn what_is_asked_is_replaced_and_what_is_done_at_the_end_adds_up() {
    let confirm = |line| Some(Confirm { message: Message::Text(format!("{line}?")), place: place(line) });
    let ending = |when, body, line| Ending { when, body, place: place(line) };
    let mut recipe = Recipe::default();
    for (line, when) in [(1, When::Always), (2, When::Failure)] {
        let endings = vec![ending(when, "body", line)];
        recipe.0.define(Definition { confirm: confirm(line), endings, ..Definition::new("x", place(line)) });
    }
    recipe.0.define(Definition::new("x", place(3)));
    let again = Recipe(recipe.0.clone()).clear(4, "x", "").tasks();
    assert_eq!((&again.get("x").unwrap().confirm, again.get("x").unwrap().endings.len()), (&None, 0));
    let tasks = recipe.tasks();
    let task = tasks.get("x").unwrap();
    assert_eq!(task.confirm, confirm(2));
    assert_eq!(task.endings.iter().map(|ending| ending.when).collect::<Vec<_>>(), [When::Always, When::Failure]);
}

/// A task with this alias on line 2, beside tasks on line 1.
fn aliased(names: &[&'static str], alias: &str) -> Recipe {
    let mut recipe = Recipe::with(names);
    let definition =
        Definition { body: Some("work"), aliases: vec![alias.to_owned()], ..Definition::new("a:x", place(2)) };
    recipe.0.define(definition);
    recipe
}

#[test]
fn an_alias_stands_for_its_task_wherever_tasks_are_named() {
    let recipe = aliased(&["h", "n"], "b").before(3, "b", "h", "").after(4, "n", "b", "").task(5, "m", &["b"], None);
    let tasks = recipe.tasks();
    let shape = |name| shape(tasks.resolve(name, "").unwrap());
    assert_eq!((shape("b"), shape("n"), shape("m")), ("h | work".into(), "| n +a:x".into(), "a:x |".into()));
    assert_eq!(tasks.resolve("b", "deploy").unwrap().aliases, ["b"]);
    assert_eq!(tasks.names().collect::<Vec<_>>(), ["h", "n", "a:x", "m"]);
    let error = tasks.unknown(Kind::Usage, "b2", "");
    assert_eq!(error.parts().help[0], "did you mean `b`?");
    assert_eq!(aliased(&[], "b").clear(3, "b", "").task(4, "a:x", &[], Some("new")).shape("a:x"), "| new");
    // A hook on itself by another name is one on itself.
    assert!(aliased(&[], "b").before(3, "a:x", "b", "").error().to_string().contains("circle"));
}

#[test]
fn an_alias_that_is_taken_or_could_not_be_called_is_refused() {
    let told = |recipe: Recipe| {
        lines(&recipe.errors()).iter().map(|(line, text)| format!("{line}: {text}")).collect::<Vec<_>>()
    };
    assert_eq!(told(aliased(&["b"], "b")), ["2: `b` cannot be an alias of `a:x`: there is a task of that name"]);
    assert_eq!(told(aliased(&[], "a:x")), ["2: `a:x` cannot be an alias of `a:x`: there is a task of that name"]);
    let mut twice = aliased(&[], "b");
    twice.0.define(Definition { aliases: vec!["b".to_owned()], ..Definition::new("y", place(3)) });
    assert_eq!(told(twice), ["3: `b` cannot be an alias of `y`: it is one of `a:x` already"]);
    let name = "2: `b c` cannot be the name of a task: it has a space or one of `[ ] = ^` in it";
    assert_eq!(told(aliased(&[], "b c")), [name]);
}

fn judged(recipe: Recipe, words: &Words) -> (Tasks<&'static str>, Vec<String>) {
    let (tasks, errors) = recipe.0.judged(words);
    (tasks, errors.iter().map(ToString::to_string).collect())
}

#[test]
fn a_command_is_no_task_but_one_of_ours() {
    let words = Words { commands: vec!["exec"], ..Words::default() };
    let (_, errors) = judged(Recipe::with(&["exec", "app:exec"]), &words);
    assert_eq!(errors, ["`exec` cannot be the name of a task: it is a command of windlass"]);
    let mut recipe = Recipe::default();
    recipe.0.define(Definition { is_stock: true, ..Definition::new("exec", place(1)) });
    assert_eq!(judged(recipe, &words).1, [""; 0]);
    assert_eq!(judged(aliased(&[], "exec"), &words).1.len(), 1);
}

#[test]
fn a_stage_that_a_hook_names_is_a_task() {
    let words = Words { stages: vec!["production".to_owned(), "staging".to_owned()], ..Words::default() };
    let (tasks, errors) = judged(Recipe::with(&["h"]).after(7, "production", "h", "app"), &words);
    assert_eq!(errors, [""; 0]);
    assert_eq!(tasks.names().collect::<Vec<_>>(), ["production", "h"]);
    assert_eq!(shape(tasks.get("production").unwrap()), "| +h");
    assert_eq!(tasks.get("production").unwrap().places, [place(7)]);
    let own = Recipe::with(&["h", "production"]).before(7, "production", "h", "");
    assert_eq!(judged(own, &words).0.get("production").map(shape), Some("h | production".to_owned()));
    assert_eq!(judged(Recipe::with(&["h"]).after(7, "prod", "h", ""), &words).1, ["no task `prod` to run `h` after"]);
}

#[test]
fn needs_of_a_file_are_tasks_or_files() {
    let mut recipe = Recipe::with(&["app:prepare", "a.yml"]);
    let needs = ["prepare", "a.yml", "b.tmpl", "config/c", "typo"].map(str::to_owned).to_vec();
    recipe.0.define(Definition { needs, file: Some("app".to_owned()), ..Definition::new("x.yml", place(2)) });
    let (tasks, errors) = judged(recipe, &Words::default());
    assert_eq!(errors, ["no task `typo`, which `x.yml` needs"]);
    let task = tasks.get("x.yml").unwrap();
    assert_eq!(shape(task), "app:prepare a.yml |");
    let origins: Vec<_> = task.file.iter().flatten().map(|origin| origin.path.as_str()).collect();
    assert_eq!(origins, ["b.tmpl", "config/c"]);
}

#[test]
fn the_same_need_with_other_arguments_is_told() {
    let mut recipe = Recipe::default().described("b", "", &["n="]);
    for (line, needs) in [(2, &["b[1]", "b[1]"][..]), (3, &["b[2]"])] {
        let needs = needs.iter().map(|need| (*need).to_owned()).collect();
        recipe.0.define(Definition { needs, ..Definition::new("x", place(line)) });
    }
    assert_eq!(lines(&recipe.errors()), [(3, "`x` runs `b` twice with different arguments")]);
}

#[test]
fn what_only_adds_to_a_task_does_not_make_it() {
    let confirm = Some(Confirm { message: Message::Text("?".to_owned()), place: place(1) });
    let mut graph: Graph<&str> = Graph::default();
    graph.define(Definition { confirm: confirm.clone(), ..Definition::new("deploy", place(1)) });
    assert!(!graph.is_defined("deploy"));
    graph.define(Definition { confirm, body: Some("own"), ..Definition::new("deploy", place(1)) });
    assert!(graph.is_defined("deploy"));
}
