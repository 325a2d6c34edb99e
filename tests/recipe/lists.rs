//! `-T`, `-A`, `-D`, `-P`, `-W`, `--plan`: what there is and what would happen.

use crate::support::scene::Scene;

const RECIPE: &str = r#"desc("Build it. Slowly, and with care.");
task("build", #{ args: ["target"], needs: ["clean"] }, |args| { info("built"); });
task("clean", || info("cleaned"));
clear_task("deploy");
desc("Ship it.");
task("deploy", || {
    invoke("build");
    if any("loud") { invoke("shout"); }
});
task("shout");
before("deploy", "clean");
after("deploy", "tell", || info("told"));
"#;

fn scene() -> Scene {
    // Only the tasks of this recipe: what comes with windlass has its own tests.
    Scene::with(&RECIPE.replace("clear_task(\"deploy\");\n", ""))
}

fn out(args: &[&str]) -> String {
    let ran = scene().run(args).ok();
    assert_eq!(ran.stderr, "");
    ran.out()
}

#[test]
fn tasks_with_a_description_are_listed_with_its_first_sentence() {
    assert_eq!(out(&["-T"]), "windlass build[target]  # Build it\nwindlass deploy         # Ship it\n");
    assert_eq!(out(&["-T", "build"]), "windlass build[target]  # Build it\n");
    assert_eq!(out(&["-T", "nothing"]), "");
}

#[test]
fn all_tasks_are_listed_with_a() {
    let list = out(&["-AT"]);
    let names: Vec<&str> = list.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(names, ["build[target]", "clean", "deploy", "shout", "tell"]);
}

#[test]
fn whole_descriptions_are_shown_with_d() {
    assert_eq!(out(&["-D", "build"]), "windlass build[target]\n    Build it. Slowly, and with care.\n\n");
}

#[test]
fn places_are_shown_with_w() {
    let list = out(&["-W", "^(clean|tell)$"]);
    assert!(list.contains("config/deploy.rhai:3:1"), "{list}");
    assert!(list.contains("config/deploy.rhai:11:1"), "{list}");
}

#[test]
fn prerequisites_are_shown_with_p() {
    let list = out(&["-P"]);
    let lines: Vec<&str> = list.lines().collect();
    let build = lines.iter().position(|line| line.starts_with("windlass build")).unwrap();
    assert!(lines[build + 1].contains("clean"), "{list}");
}

#[test]
fn lists_need_no_stage_but_may_have_one() {
    assert_eq!(out(&["production", "-T", "build"]), out(&["-T", "build"]));
}

#[test]
fn a_plan_shows_what_would_run_and_who_said_so() {
    let ran = scene().run(["production", "deploy", "--plan"]).ok();
    let plan = ran.out();
    let lines: Vec<String> = plan.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines[0], "production deploy");
    for (part, place) in
        [("clean", "config/deploy.rhai:10"), ("build", "config/deploy.rhai:6"), ("tell", "config/deploy.rhai:11")]
    {
        assert!(lines.iter().any(|line| line.contains(part) && line.contains(place)), "{part} {place} in\n{plan}");
    }
    assert!(!plan.contains("built") && !plan.contains("told"), "{plan}");
}

#[test]
fn a_plan_runs_nothing_and_writes_nothing() {
    let scene = Scene::with("task(\"t\", || { run_locally(|| execute(\"touch\", \"made\")); });");
    let before = scene.everything();
    scene.run(["production", "t", "--plan"]).ok();
    assert_eq!(scene.everything(), before);
    assert!(!scene.path("log").exists());
}

#[test]
fn an_unknown_task_in_a_plan_is_a_mistake() {
    let ran = Scene::with("task(\"t\", || { invoke(\"nope\"); });").run(["production", "t", "--plan"]).fails(2);
    assert!(ran.error().contains("`nope`"), "{}", ran.error());
}
