//! `-T`, `-A`, `-D`, `-P`, `-W`, `--plan`: what there is and what would happen.

use crate::support::scene::Scene;

const RECIPE: &str = r#"desc("Build it. Slowly, and with care.");
task("build", #{ args: ["target"], needs: ["clean"] }, |args| { info("built"); });
task("clean", || info("cleaned"));
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
    // It brings a deploy of its own, so the stock one is not loaded.
    Scene::with(RECIPE)
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
    assert_eq!(list, "windlass clean  config/deploy.rhai:3\nwindlass tell   config/deploy.rhai:11\n");
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
    let expected = "\
production deploy
└─ deploy             config/deploy.rhai:5
   ├─ before clean    hooked at config/deploy.rhai:10
   ├─ (own steps)     config/deploy.rhai:5
   ├─ build           invoked at config/deploy.rhai:6
   │  ├─ needs clean  needed at config/deploy.rhai:2 (skipped: already run)
   │  └─ (own steps)  config/deploy.rhai:2
   ├─ shout (if)      invoked at config/deploy.rhai:7
   └─ after tell      hooked at config/deploy.rhai:11
";
    assert_eq!(ran.out(), expected);
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
