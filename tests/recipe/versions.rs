//! `requires` and `lock`: a recipe that is for another windlass.

use crate::support::scene::Scene;

const THIS: &str = env!("CARGO_PKG_VERSION");

#[test]
fn a_version_that_fits_goes_on() {
    let recipe = format!(
        "requires(\"~> {THIS}\");\nlock(\"{THIS}\");\nrequires(\">= 0.0.1\", [\"< 99\", \"!= 98.0\"]);\ntask(\"t\", || info(\"ran\"));"
    );
    assert_eq!(Scene::with(&recipe).said(["production", "t"]), ["ran"]);
}

#[test]
fn one_that_is_too_old_or_too_new_is_told_with_what_to_do() {
    let ran = Scene::with("\nrequires(\"~> 98.1\");").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), format!("this is windlass {THIS}, and the recipe works with `~> 98.1`"));
    assert!(ran.err().contains("--> config/deploy.rhai:2:1"), "{}", ran.err());
    assert!(ran.err().contains("help: install a windlass that is `~> 98.1`"), "{}", ran.err());
    let ran = Scene::with("requires(\">= 0.0.1\", \"< 0.0.2\");").run(["production", "t"]).fails(2);
    assert!(ran.err().contains("help: read in the changelog what is different since"), "{}", ran.err());
}

#[test]
fn a_line_of_capistrano_is_recognized() {
    let ran = Scene::with("lock(\"~> 3.19.2\");").run(["-T"]).fails(2);
    assert!(ran.err().contains("note: this looks like a version of Capistrano"), "{}", ran.err());
}

#[test]
fn it_is_told_before_what_this_windlass_does_not_know() {
    let ran = Scene::with("requires(\"~> 98.1\");\nfunction_of_tomorrow();").run(["production", "t"]).fails(2);
    assert!(ran.error().starts_with("this is windlass"), "{}", ran.err());
}

#[test]
fn a_condition_that_is_worked_out_counts_too() {
    let ran = Scene::with("let v = 98;\nrequires(`~> ${v}.1`);").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), format!("this is windlass {THIS}, and the recipe works with `~> 98.1`"));
    let ran = Scene::with("if false { requires(\"~> 98\"); }\ntask(\"t\", || info(\"ran\"));").run(["production", "t"]);
    ran.ok();
}

#[test]
fn what_is_no_condition_is_told() {
    let ran = Scene::with("requires(\"newest\");").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the condition `newest` cannot be read: `newest` is no version");
    let ran = Scene::with("requires(1.2);").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`requires` expects a version as a string such as \"~> 1.2\", and got a number");
}

#[test]
fn a_function_of_ones_own_of_that_name_is_left_alone() {
    let recipe = "fn lock(what) { info(`locking ${what}`); }\ntask(\"t\", || lock(\"3.1\"));";
    assert_eq!(Scene::with(recipe).said(["production", "t"]), ["locking 3.1"]);
}

#[test]
fn the_setting_lock_is_still_that_of_the_deploy() {
    assert_eq!(
        Scene::with("set(\"lock\", false); task(\"t\", || info(fetch(\"lock\")));").said(["production", "t"]),
        ["false"]
    );
}
