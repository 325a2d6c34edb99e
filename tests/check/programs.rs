//! `check --json`, for editors and CI.

use serde_json::{Value, json};

use crate::support::scene::{Scene, THREE_HOSTS};

#[test]
fn each_finding_is_a_line_with_place_reason_and_remedy() {
    let scene = Scene::with("task(\"a\", || {\n    let n = 0;\n    on(roles(\"app\"), |host| { n += 1; });\n});\n")
        .stage("staging", THREE_HOSTS);
    for args in [&["check", "--json"][..], &["--format", "json", "check"], &["check", "--format=json"]] {
        let lines = scene.run(args.iter().copied()).fails(2).events();
        let finding = &lines[0];
        assert_eq!(
            *finding,
            json!({
                "event": "finding", "id": "lost-assignment", "severity": "error",
                "file": "config/deploy.rhai", "line": 3, "column": 31, "length": 1,
                "what": "`n` is changed inside `on`, and the change would be lost",
                "why": finding["why"], "fix": finding["fix"], "stages": ["production", "staging"],
            })
        );
        assert!(!finding["why"][0].as_str().unwrap().is_empty() && !finding["fix"][0].as_str().unwrap().is_empty());
        assert_eq!(
            lines[1],
            json!({
                "event": "checked", "findings": 1, "errors": 1, "warnings": 0, "notes": 0,
                "stages": ["production", "staging"], "files": 3, "tasks": lines[1]["tasks"], "exit_code": 2,
            })
        );
    }
}

#[test]
fn without_findings_there_is_only_the_end() {
    let lines = Scene::with("").run(["check", "--json"]).ok().events();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["findings"], &lines[0]["exit_code"]), (&Value::from(0), &Value::from(0)));
}
