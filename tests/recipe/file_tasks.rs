//! `file_task`: a file of this machine that is made only when it has to be.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::support::scene::Scene;

const RECIPE: &str = r#"
file_task("tmp/x.yml", #{ needs: ["config/x.tmpl", "prepare"] }, |path| {
    info(`making ${path}`);
    run_locally(|| { execute("mkdir", "-p", "tmp"); execute("cp", "config/x.tmpl", path); });
});
task("prepare", || info("prepared"));
task("t", #{ needs: ["tmp/x.yml"] }, || info("t"));
"#;

fn scene() -> Scene {
    Scene::with(RECIPE).file("config/x.tmpl", "one")
}

/// Makes a file look as if it was changed so many seconds ago.
fn age(scene: &Scene, name: &str, seconds: u64) {
    let file = fs::File::options().write(true).open(scene.path(name)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

#[test]
fn it_is_made_when_it_is_missing_or_older_than_what_it_needs() {
    let scene = scene();
    let made = ["prepared", "making tmp/x.yml", "t"];
    assert_eq!(scene.said(["production", "t"]), made);
    assert_eq!(scene.read("tmp/x.yml"), "one");
    let again = scene.run(["--format", "json", "-v", "production", "t"]).ok();
    assert_eq!(again.messages("info"), ["prepared", "t"], "tasks among its needs run");
    assert_eq!(again.messages("debug"), ["`tmp/x.yml` is up to date"]);
    age(&scene, "tmp/x.yml", 60);
    assert_eq!(scene.said(["production", "t"]), made);
    age(&scene, "config/x.tmpl", 60);
    assert_eq!(scene.said(["production", "tmp/x.yml"]), ["prepared"]);
}

#[test]
fn one_that_is_made_of_another_is_made_after_it() {
    let scene = scene().file("config/deploy/tasks/more.rhai", r#"
        namespace("more", || file_task("./tmp/y.yml", #{ needs: ["./tmp/x.yml"] }, |path| run_locally(|| execute("cp", "tmp/x.yml", path))));
    "#);
    scene.run(["production", "tmp/y.yml"]).ok();
    assert_eq!(scene.read("tmp/y.yml"), "one");
    age(&scene, "tmp/y.yml", 60);
    let ran = scene.run(["--format", "json", "production", "tmp/y.yml"]).ok();
    assert_eq!(ran.tasks(), ["prepare", "tmp/y.yml"]);
}

#[test]
fn lists_and_plans_show_what_it_is_made_of() {
    let list = scene().run(["-P"]).ok().out();
    let expected = "windlass tmp/x.yml\n    file   config/x.tmpl";
    assert!(list.contains(expected), "{list}");
    let plan = scene().run(["production", "t", "--plan"]).ok().out();
    assert!(plan.contains("needs tmp/x.yml (if older)") && plan.contains("needs prepare"), "{plan}");
}

#[test]
fn a_dry_run_makes_nothing() {
    let scene = scene();
    let before = scene.everything();
    assert_eq!(scene.said(["production", "t", "--dry-run"]), ["prepared", "making tmp/x.yml", "t"]);
    assert_eq!(scene.everything(), before);
}

#[test]
fn a_need_that_is_neither_task_nor_file_is_told() {
    let scene = Scene::with(RECIPE);
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "there is no file `config/x.tmpl`, which `tmp/x.yml` is made of");
    assert!(ran.ending().contains("config/deploy.rhai:2"), "{}", ran.ending());
    let ran = Scene::with(&RECIPE.replace("\"prepare\"]", "\"prepair\"]")).run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "no task `prepair`, which `tmp/x.yml` needs");
    assert!(ran.err().contains("did you mean `prepare`?"), "{}", ran.err());
}

#[test]
fn steps_that_make_no_file_are_told() {
    let ran = Scene::with("file_task(\"tmp/z\", || info(\"nothing\"));").run(["production", "tmp/z"]).fails(2);
    assert_eq!(ran.error(), "the steps of `tmp/z` have not made the file `tmp/z`");
    let ran = Scene::with("file_task(\"tmp/z\", #{ needs: [\"x.y\"] });").run(["production", "tmp/z"]).fails(2);
    assert!(ran.error().starts_with("`file_task` expects what makes the file as a closure"), "{}", ran.error());
    let ran = Scene::with("file_task(\"tmp/z\", #{ args: [\"x\"] }, || ());").run(["production", "tmp/z"]).fails(2);
    assert_eq!(ran.error(), "`file_task` has no option `args`");
}
