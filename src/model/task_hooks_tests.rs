use proptest::prelude::*;

use crate::model::task::LinkKind;
use crate::model::task_testing::{Recipe, lines, place};

#[test]
fn before_comes_after_the_prerequisites_so_far() {
    let recipe = Recipe::with(&["a", "b", "h"]).task(2, "x", &["a"], Some("work")).before(3, "x", "h", "");
    assert_eq!(recipe.task(4, "x", &["b"], None).shape("x"), "a h b | work");
}

#[test]
fn after_comes_before_actions_added_later() {
    let recipe = Recipe::with(&["h"]).task(2, "x", &[], Some("one")).after(3, "x", "h", "");
    assert_eq!(recipe.task(4, "x", &[], Some("two")).shape("x"), "| one +h two");
}

#[test]
fn links_know_how_and_where_they_were_written() {
    let recipe =
        Recipe::with(&["a", "h", "k"]).task(2, "x", &["a"], None).before(3, "x", "h", "").after(4, "x", "k", "");
    let tasks = recipe.tasks();
    let links: Vec<_> = tasks.get("x").unwrap().links().map(|link| (link.kind, link.place.line)).collect();
    assert_eq!(links, [(LinkKind::Need, 2), (LinkKind::Before, 3), (LinkKind::After, 4)]);
}

#[test]
fn hooks_may_name_tasks_that_are_defined_later() {
    let recipe = Recipe::default().before(1, "x", "h", "").after(2, "x", "k", "").task(3, "x", &[], Some("one"));
    let recipe = recipe.task(4, "x", &[], Some("two")).task(5, "k", &[], None).task(6, "h", &[], None);
    assert_eq!(recipe.shape("x"), "h | one +k two");
}

#[test]
fn hooks_that_wait_keep_their_order() {
    let recipe = Recipe::with(&["h", "k", "l"]).after(1, "x", "h", "").after(2, "x", "k", "");
    assert_eq!(recipe.task(3, "x", &[], Some("one")).after(4, "x", "l", "").shape("x"), "| one +h +k +l");
}

#[test]
fn a_hook_said_twice_stands_once_where_it_was_said_first() {
    let recipe = Recipe::with(&["x", "h", "k"]).after(2, "x", "h", "").after(3, "x", "k", "").after(4, "x", "h", "");
    assert_eq!(recipe.shape("x"), "| x +h +k");
    let recipe = Recipe::with(&["x", "h", "k"]).before(2, "x", "h", "").before(3, "x", "k", "").before(4, "x", "h", "");
    assert_eq!(recipe.shape("x"), "h k | x");
}

/// Capistrano #1652: `before "deploy:up", "check"` means `deploy:check` if there is one.
#[test]
fn a_hook_is_looked_up_from_the_namespace_of_the_hooked_task() {
    let names = ["check", "deploy:check", "deploy:up", "notify"];
    let recipe = Recipe::with(&names).before(2, "deploy:up", "check", "").after(3, "deploy:up", "notify", "");
    assert_eq!(recipe.shape("deploy:up"), "deploy:check | deploy:up +notify");
    let recipe = Recipe::with(&names).before(2, "deploy:up", "rake:check", "").after(3, "deploy:up", "^check", "");
    assert_eq!(recipe.shape("deploy:up"), "check | deploy:up +check");
}

#[test]
fn a_hook_of_the_same_name_is_looked_for_further_out() {
    let recipe = Recipe::with(&["check", "deploy:check"]).before(2, "deploy:check", "check", "");
    assert_eq!(recipe.shape("deploy:check"), "check | deploy:check");
    let recipe = Recipe::with(&["check", "deploy:check"]).after(2, "deploy:check", "check", "");
    assert_eq!(recipe.shape("deploy:check"), "| deploy:check +check");
}

#[test]
fn the_hooked_task_is_looked_up_from_where_the_hook_was_written() {
    let names = ["up", "deploy:up", "h"];
    assert_eq!(Recipe::with(&names).before(2, "up", "h", "deploy").shape("deploy:up"), "h | deploy:up");
    assert_eq!(Recipe::with(&names).before(2, "rake:up", "h", "deploy").shape("up"), "h | up");
    assert_eq!(Recipe::with(&names).before(2, "up", "h", "db:dump").shape("up"), "h | up");
}

/// As Rake: `task "deploy:up" => "check"` at the top level looks in `deploy` first.
#[test]
fn a_stage_can_be_hooked() {
    let recipe =
        Recipe::with(&["map_bins"]).after(1, "production", "map_bins", "").task(2, "production", &[], Some("load"));
    assert_eq!(recipe.shape("production"), "| load +map_bins");
}

#[test]
fn unhook_takes_back_hooks_said_so_far() {
    let recipe = Recipe::with(&["x", "h"]).before(2, "x", "h", "").after(3, "x", "h", "").unhook(4, "x", "h", "");
    assert_eq!(recipe.shape("x"), "| x");
    let recipe = Recipe::with(&["x", "h", "k"]).after(2, "x", "h", "").unhook(3, "x", "h", "").after(4, "x", "k", "");
    assert_eq!(recipe.after(5, "x", "h", "").shape("x"), "| x +k +h");
    let recipe = Recipe::with(&["h"]).after(2, "x", "h", "").unhook(3, "x", "h", "");
    assert_eq!(recipe.task(4, "x", &[], Some("one")).shape("x"), "| one");
}

#[test]
fn unhook_leaves_needs() {
    let recipe = Recipe::with(&["h"]).before(2, "x", "h", "").task(3, "x", &["h"], None).unhook(4, "x", "h", "");
    assert_eq!(recipe.shape("x"), "h |");
}

#[test]
fn unhook_without_effect_is_an_error() {
    let error = Recipe::with(&["x", "h", "k"]).before(2, "x", "k", "").unhook(3, "x", "h", "").error();
    assert_eq!(error.to_string(), "`h` is not a hook of `x` at this point");
    assert_eq!(error.parts().notes, ["hooks of `x` so far: `k` (deploy.rhai:2:1)"]);
    assert_eq!(error.parts().place, Some(place(3)));
    let error = Recipe::with(&["h"]).task(2, "x", &["h"], None).unhook(3, "x", "h", "").error();
    assert_eq!(
        error.parts().notes,
        ["`x` needs it by its own definition (deploy.rhai:2:1)", "hooks of `x` so far: there are none"]
    );
    assert_eq!(error.parts().help, ["`clear_task(\"x\")` forgets needs too; define the task anew after it"]);
}

#[test]
fn a_wrong_name_comes_with_a_guess_and_where_it_was_looked_for() {
    let error = Recipe::with(&["deploy:up", "notify"]).after(2, "deploy:up", "notfy", "").error();
    assert_eq!(error.parts().help[0], "did you mean `notify`?");
    assert_eq!(error.parts().notes, ["looked for `deploy:notfy`, then `notfy`"]);
    assert_eq!(error.exit_code(), 2);
    let error = Recipe::with(&["deploy:check", "h"]).before(2, "deploy:chekc", "h", "").error();
    assert_eq!(error.parts().help[0], "did you mean `deploy:check`?");
}

#[test]
fn a_hook_some_namespace_has_is_not_blamed_for_an_unknown_target() {
    let errors = Recipe::with(&["deploy:check"]).before(2, "dploy:up", "check", "").errors();
    assert_eq!(lines(&errors), [(2, "no task `dploy:up` to run `check` before")]);
}

#[test]
fn a_task_that_can_only_mean_itself_is_a_circle() {
    let errors = Recipe::with(&["x"]).before(2, "x", "x", "").errors();
    assert_eq!(lines(&errors), [(2, "tasks form a circle: `x → x`")]);
}

/// Something said about the task `x`; the numbers choose other tasks.
#[derive(Clone, Debug)]
enum Said {
    Define { needs: Vec<usize>, body: bool },
    Before(usize),
    After(usize),
}

const OTHERS: [&str; 5] = ["a", "b", "c", "d", "e"];

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        (prop::collection::vec(0..OTHERS.len(), 0..3), any::<bool>())
            .prop_map(|(needs, body)| Said::Define { needs, body }),
        (0..OTHERS.len()).prop_map(Said::Before),
        (0..OTHERS.len()).prop_map(Said::After),
    ]
}

#[test]
fn a_hook_that_would_fall_on_an_empty_task_is_an_error() {
    let recipe = Recipe::with(&["deploy:published", "restart"]).task(1, "deploy:restart", &[], None);
    let errors = recipe.after(7, "deploy:published", "restart", "").0.finish().unwrap_err();
    assert_eq!(errors[0].to_string(), "`restart` means `deploy:restart` here, which does nothing");
    assert_eq!(errors[0].parts().place, Some(place(7)));
    assert_eq!(errors[0].parts().notes, ["there is also `restart`, further out"]);
    for clear in ["rake:restart", "deploy:restart"] {
        let recipe = Recipe::with(&["deploy:published", "restart"]).task(1, "deploy:restart", &[], None);
        assert!(recipe.after(7, "deploy:published", clear, "").0.finish().is_ok(), "{clear}");
    }
}

proptest! {
    /// However definitions and hooks are mixed, everything runs in the order it was said; only `after` hooks from
    /// before the first definition move behind it.
    #[test]
    fn everything_runs_in_the_order_it_was_said(said in prop::collection::vec(said(), 0..12), others_first: bool) {
        let others = |recipe: Recipe| OTHERS.iter().fold(recipe, |recipe, name| recipe.task(1, name, &[], None));
        let mut said = said;
        said.push(Said::Define { needs: Vec::new(), body: true });
        let first = said.iter().position(|said| matches!(said, Said::Define { .. })).unwrap();

        let mut recipe = if others_first { others(Recipe::default()) } else { Recipe::default() };
        let mut prerequisites: Vec<String> = Vec::new();
        let mut actions: Vec<(usize, String)> = Vec::new();
        for (i, said) in said.iter().enumerate() {
            recipe = match said {
                Said::Define { needs, body } => {
                    let needs: Vec<&str> = needs.iter().map(|need| OTHERS[*need]).collect();
                    prerequisites.extend(needs.iter().map(|need| (*need).to_owned()));
                    if *body {
                        actions.push((2 * i, "body".to_owned()));
                    }
                    recipe.task(2, "x", &needs, body.then_some("body"))
                }
                Said::Before(hook) => {
                    prerequisites.push(OTHERS[*hook].to_owned());
                    recipe.before(2, "x", OTHERS[*hook], "")
                }
                Said::After(hook) => {
                    actions.push((2 * i.max(first) + 1, format!("+{}", OTHERS[*hook])));
                    recipe.after(2, "x", OTHERS[*hook], "")
                }
            };
        }
        let recipe = if others_first { recipe } else { others(recipe) };

        actions.sort_by_key(|(position, _)| *position);
        let mut expected: Vec<String> = Vec::new();
        for name in prerequisites.into_iter().chain(["|".to_owned()]).chain(actions.into_iter().map(|(_, name)| name)) {
            if name == "body" || !expected.contains(&name) {
                expected.push(name);
            }
        }
        prop_assert_eq!(recipe.shape("x"), expected.join(" "));
    }
}
