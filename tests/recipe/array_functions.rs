//! Functions of arrays take closures, in every place where recipes have them.

use crate::support::scene::Scene;

const ARRAYS: &str = r#"
    let words = "a//b".split("/").filter(|part| part != "");
    let numbers = [1, 2, 3].map(|n| n * 10);
    let sum = numbers.reduce(|all, n| if all == () { n } else { all + n });
    let indexed = ["x", "y"].map(|item, i| `${i}${item}`);
    let has = numbers.some(|n| n == 20) && numbers.all(|n| n > 0);
    info(`${words} ${numbers} ${sum} ${indexed} ${has}`);
"#;
const SAID: &str = r#"["a", "b"] [10, 20, 30] 60 ["0x", "1y"] true"#;

#[test]
fn in_a_task() {
    assert_eq!(Scene::task(ARRAYS).said(["production", "t"]), [SAID]);
}

#[test]
fn on_a_host() {
    let scene = Scene::task(&format!("on(primary(\"app\"), |host| {{ {ARRAYS} }});"));
    assert_eq!(scene.said(["production", "t"]), [SAID]);
}

#[test]
fn with_a_closure_of_another_file() {
    let scene = Scene::with("task(\"t\", || info(`${[1, 2].map(fetch(\"change\"))}`));")
        .file("config/deploy/tasks/a.rhai", "set(\"change\", |n| n + 1);");
    assert_eq!(scene.said(["production", "t"]), ["[2, 3]"]);
}

#[test]
fn a_closure_with_too_many_parameters_is_told_apart() {
    let ran = Scene::task("[1].map(|a, b, c| a);").run(["--format", "json", "production", "t"]).fails(2);
    assert_eq!(ran.failure()["message"], "the closure is called with one argument fewer than it takes");
}
