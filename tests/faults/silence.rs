//! A command that is silent is named, and so is what it seems to wait for.

use crate::support::fleet::Fleet;
use crate::support::scene::Scene;

const BODY: &str = "printf '[sudo] password for x: '; sleep 3";

/// Time enough for the first two notices, which come after 0.3 s and 0.9 s.
fn scene(command: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| execute({command:?}));")).env("WINDLASS_SILENCE", "0.3")
}

#[test]
fn a_silent_command_is_named_with_its_host_and_what_it_asks() {
    let ran = scene(BODY).run(["--format", "json", "production", "t"]).ok();
    let told = ran.all("waiting");
    let started = &ran.all("command_started")[0];
    assert!(told.len() >= 2, "{}", ran.stdout);
    for event in &told {
        assert_eq!((&event["host"], &event["command"], &event["id"]), (&"db1".into(), &BODY.into(), &started["id"]));
        assert!(event["hint"].as_str().unwrap().contains("NOPASSWD"), "{event}");
    }
    let seconds: Vec<f64> = told.iter().map(|event| event["seconds"].as_f64().unwrap()).collect();
    assert!(seconds[0] >= 0.3 && seconds[1] >= 0.9, "how long it has really been silent: {seconds:?}");
}

#[test]
fn over_ssh_too() {
    let Some(fleet) = Fleet::start(1, &format!("task(\"t\", || on(roles(\"app\"), |host| execute({BODY:?})));")) else {
        return;
    };
    let fleet = fleet.env("WINDLASS_SILENCE", "0.3");
    let ran = fleet.json(&["t"]).ok();
    let told = ran.all("waiting");
    let last = told.last().unwrap();
    assert_eq!(last["host"], fleet.label("web1"));
    assert!(last["hint"].as_str().unwrap().contains("NOPASSWD"), "{last}");
}

#[test]
fn every_reporter_tells_it() {
    let scene = scene(BODY);
    let ran = scene.run(["production", "t"]).ok();
    let line = format!(" s for db1: `{BODY}`\n");
    assert!(ran.stdout.contains("waiting ") && ran.stdout.contains(&line), "{}", ran.stdout);
    assert!(ran.stdout.contains("WARN db1: sudo asks for a password"), "{}", ran.stdout);
    let log = scene.read("log/windlass.log");
    assert!(log.contains(line.trim()) && log.contains("db1: sudo asks for a password"), "{log}");
    let ran = scene.run(["production", "t", "--format", "dots"]).ok();
    assert!(ran.stdout.contains(&line), "{}", ran.stdout);
    let ran = scene.run(["production", "t", "-q"]).ok();
    assert!(ran.stdout.contains("WARN db1: sudo asks for a password"), "{}", ran.stdout);
}

#[test]
fn who_prints_is_not_silent_and_a_word_turns_it_off() {
    let talking = "for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.1; done";
    let scene = Scene::task(&format!("on(roles(\"db\"), |host| execute({talking:?}));")).env("WINDLASS_SILENCE", "10");
    assert!(scene.run(["--format", "json", "production", "t"]).ok().all("waiting").is_empty());
    let scene = Scene::task("on(roles(\"db\"), |host| execute(\"sleep 0.5\"));").env("WINDLASS_SILENCE", "0");
    assert!(scene.run(["--format", "json", "production", "t"]).ok().all("waiting").is_empty());
    let ran = scene.env("WINDLASS_SILENCE", "ever").run(["production", "t"]).fails(2);
    assert!(ran.error().starts_with("the variable `WINDLASS_SILENCE` cannot be used: `ever` is no"), "{}", ran.stderr);
}
