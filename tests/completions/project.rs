//! A project whose lines are completed.

use crate::support::scene::Scene;

const RECIPE: &str = r#"
set("branch", env("BRANCH", "main"));
desc("Show the end of a log.");
task("log:tail", || {});
desc("Empty the cache: all of it.");
task("cache:clear", || {});
desc("Fill the cache.");
task("cache:warm", || {});
run_locally(|| execute("touch", "ran"));
"#;

/// Two stages, and windlass on the PATH as a user has it. Nothing is kept of it yet.
pub fn project() -> Scene {
    let stage = |hosts: &[&str]| {
        let server = |host: &&str| format!("server(\"{host}\", #{{ roles: [\"app\", \"web\"] }});\n");
        hosts.iter().map(server).collect::<String>()
    };
    Scene::new()
        .file("config/deploy.rhai", RECIPE)
        .stage("production", &stage(&["web1.example.com", "web2.example.com"]))
        .stage("staging", &stage(&["stage1.example.com"]))
        .program("windlass", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_windlass")))
}

/// The same, with everything kept that its recipes say.
pub fn known_project() -> Scene {
    let scene = project();
    scene.run(["complete", "--renew"]).ok();
    scene
}

/// What is offered behind a line, asked as fish asks: words and what they are.
pub fn offered(scene: &Scene, line: &str) -> Vec<(String, String)> {
    let ran = scene.run(["complete", "fish", "--"].into_iter().chain(line.split(' '))).ok();
    assert_eq!(ran.stderr, "");
    let pair = |line: &str| line.split_once('\t').map(|(word, about)| (word.to_owned(), about.to_owned()));
    ran.stdout.lines().map(|line| pair(line).unwrap_or_else(|| (line.to_owned(), String::new()))).collect()
}

/// Only the words.
pub fn words(scene: &Scene, line: &str) -> Vec<String> {
    offered(scene, line).into_iter().map(|(word, _)| word).collect()
}
