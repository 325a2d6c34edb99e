//! `confirm`: who is asked, when, and what becomes of the answer.

use crate::support::scene::Scene;
use crate::support::terminal::on_terminal;

const DROP: &str = "task(\"drop\", #{ confirm: \"Really drop the database?\" }, || info(\"dropped\"));\n";

fn drop_and(more: &str) -> Scene {
    Scene::with(&format!("{DROP}{more}"))
}

#[test]
fn without_a_terminal_it_refuses_before_anything_runs_and_says_what_to_do() {
    let scene = drop_and("task(\"first\", || info(\"first\"));");
    let ran = scene.run(["production", "first", "drop"]).fails(2);
    assert_eq!(ran.error(), "task `drop` has to be confirmed, and there is no terminal to ask on");
    assert!(ran.err().contains("note: drop: Really drop the database?"), "{}", ran.err());
    assert!(ran.err().contains("help: `--yes` says yes beforehand"), "{}", ran.err());
    assert_eq!(ran.stdout, "");
}

#[test]
fn yes_beforehand_and_a_dry_run_ask_nothing() {
    for option in ["--yes", "-y", "--dry-run"] {
        assert_eq!(drop_and("").said(["production", "drop", option]), ["dropped"], "{option}");
    }
}

#[test]
fn a_plan_and_lists_show_that_it_asks() {
    let scene = drop_and("");
    let plan = scene.run(["production", "drop", "--plan"]).ok().out();
    assert_eq!(plan, "production drop\n└─ drop (asks first)  config/deploy.rhai:1\n");
    assert!(scene.run(["-P"]).ok().out().contains("    asks   Really drop the database?"));
    assert!(scene.run(["-AD", "^drop"]).ok().out().contains("    Asks first: Really drop the database?\n"));
}

#[test]
fn on_a_terminal_it_is_asked_once_for_all_tasks_of_the_line() {
    let scene = drop_and(
        "task(\"wipe\", #{ confirm: |args| `Wipe ${fetch(\"stage\")} (${args.what})?`, args: [\"what=all\"] }, || info(\"wiped\"));\n\
         task(\"both\", #{ needs: [\"wipe[disk]\"] }, || { invoke(\"drop\"); info(\"done\"); });\n",
    );
    let args = ["production", "both", "drop", "--format", "plain"];
    let prompt = "wipe: Wipe production (disk)?\r\ndrop: Really drop the database?\r\nGo on with all 2? [y/N] ";
    let screen = on_terminal(&scene, &args, &[(prompt, "y")]);
    assert_eq!(screen.code, 0, "{}", screen.text);
    assert_eq!(screen.text.matches("[y/N]").count(), 1, "{}", screen.text);
    assert!(screen.text.contains("wiped") && screen.text.contains("dropped"), "{}", screen.text);
}

#[test]
fn anything_but_yes_ends_it_before_anything_runs() {
    for answer in ["", "n", "perhaps"] {
        let scene = drop_and("task(\"first\", || info(\"first ran\"));");
        let args = ["production", "first", "drop", "--format", "plain"];
        let screen = on_terminal(&scene, &args, &[("drop: Really drop the database? [y/N] ", answer)]);
        assert_eq!(screen.code, 130, "{}", screen.text);
        assert!(screen.text.contains("task `drop` was not confirmed"), "{}", screen.text);
        assert!(!screen.text.contains("first ran") && !screen.text.contains("dropped"), "{}", screen.text);
    }
}

#[test]
fn what_hangs_on_a_condition_is_asked_as_such() {
    let scene = drop_and("task(\"t\", || if env(\"DROP\") != () { invoke(\"drop\"); });");
    let screen =
        on_terminal(&scene, &["production", "t"], &[("drop (perhaps): Really drop the database? [y/N] ", "y")]);
    assert_eq!(screen.code, 0, "{}", screen.text);
}

#[test]
fn what_nobody_could_know_is_asked_when_it_comes() {
    let scene = drop_and("task(\"t\", || { info(\"first ran\"); let name = \"dr\" + \"op\"; invoke(name); });");
    let screen = on_terminal(&scene, &["production", "t", "--format", "plain"], &[("[y/N] ", "yes")]);
    assert_eq!(screen.code, 0, "{}", screen.text);
    let [first, asked, dropped] = ["first ran", "[y/N]", "dropped"].map(|text| screen.text.find(text));
    assert!(first < asked && asked < dropped && first.is_some(), "{}", screen.text);
    let ran = scene.run(["production", "t"]).fails(2);
    assert!(ran.error().starts_with("task `drop` has to be confirmed"), "{}", ran.error());
}

#[test]
fn a_whole_stage_can_ask() {
    let scene =
        Scene::with("task(\"t\", || info(\"t ran\"));\ntask(\"production\", #{ confirm: \"This is production.\" });");
    let scene = scene.stage("staging", "");
    scene.run(["production", "t"]).fails(2);
    assert_eq!(scene.said(["production", "t", "-y"]), ["t ran"]);
    assert_eq!(scene.said(["staging", "t"]), ["t ran"]);
}

#[test]
fn a_question_for_the_stock_deploy_leaves_it_as_it_is() {
    let scene = Scene::with("task(\"deploy\", #{ confirm: \"Deploy?\" });");
    let list = scene.run(["-T", "^deploy"]).ok().out();
    assert!(list.contains("windlass deploy ") && list.contains("windlass deploy:check "), "{list}");
    assert!(scene.run(["production", "--plan"]).ok().out().contains("deploy:starting"));
    scene.run(["production"]).fails(2);
}

#[test]
fn a_secret_in_a_question_is_not_shown() {
    let scene = Scene::with("task(\"t\", #{ confirm: || `With ${secret(\"hunter2\")}?` }, || info(\"t\"));");
    let ran = scene.run(["production", "t"]).fails(2);
    assert!(ran.err().contains("t: With [secret]?") && !ran.err().contains("hunter2"), "{}", ran.err());
}

#[test]
fn questions_that_are_none_are_told() {
    let error = |confirm: &str| {
        let scene = Scene::with(&format!("task(\"t\", #{{ confirm: {confirm} }}, || ());"));
        scene.run(["production", "t"]).fails(2).error()
    };
    assert_eq!(error("\" \""), "the question of `confirm` is empty");
    assert!(error("[1]").starts_with("`task` expects `confirm` as the text of a question"));
    assert_eq!(error("|a, b| \"x\""), "the closure of `confirm` takes 2 parameters, but gets one");
    assert_eq!(error("|| [1]"), "`confirm` of task `t` gives a list, and not a text");
}
