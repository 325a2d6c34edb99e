//! What a recipe says, as it is said.

use serde_json::json;

use crate::support::scene::Scene;

#[test]
fn every_level_takes_every_value_and_knows_its_host_and_task() {
    for level in ["debug", "info", "warn", "error"] {
        let scene = Scene::task(&format!(
            "on(primary(\"app\"), |host| {{ for value in [\"text \\\"a\\\"\", 1, 1.5, true, 'c', (), [1, \"x\"], #{{ a: 1 }}, host] \
             {{ {level}(value); }} }});"
        ));
        let ran = scene.run(["--format", "json", "production", "t"]).ok();
        let said: Vec<_> = ran.all("message").into_iter().filter(|line| line["level"] == level).collect();
        let texts: Vec<_> = said.iter().map(|line| line["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["text \"a\"", "1", "1.5", "true", "c", "", "[1, \"x\"]", "#{\"a\": 1}", "web1"], "{level}");
        for line in said {
            assert_eq!((&line["host"], &line["task"]), (&json!("web1"), &json!("t")), "{level}");
        }
    }
}

#[test]
fn debug_is_for_the_log_and_for_those_who_ask() {
    let scene = Scene::task("debug(\"a detail\");");
    assert!(!scene.run(["production", "t"]).ok().stdout.contains("a detail"));
    assert!(scene.run(["production", "t", "--verbose"]).ok().stdout.contains("a detail"));
    assert_eq!(scene.read("log/windlass.log").matches("DEBUG a detail").count(), 2);
}
