//! What hosts are asked together with the question for the lock.

use crate::support::scene::Scene;

fn scene(body: &str) -> Scene {
    Scene::with(&format!(
        "fn folders() {{ on(roles(\"app\"), |host| deploy_to()) }}\ntask(\"t\", || {{\n{body}\n}});\n"
    ))
}

#[test]
fn what_a_block_asks_comes_in_the_same_trip() {
    let body = r#"
        let found = take_lock(folders(), |host| {
            execute("touch", deploy_to("was_here"));
            let there = batch(|| #{ name: capture("echo", host.name), exists: file_exists(deploy_to("was_here")) });
            [there, capture("cat", deploy_to(".windlass/lock.1"))]
        });
        for host in found.keys() {
            info(`${host}: ${found[host][0].name} ${found[host][0].exists} ${found[host][1].contains("state=tentative")}`);
        }
        release_lock(found.keys());
        info(`${take_lock(folders(), |host| 1)}`);
    "#;
    let ran = scene(body).run(["--format", "json", "production", "t"]).ok();
    let said = ran.messages("info");
    assert_eq!(said, ["web1: web1 true true", "web2: web2 true true", "#{\"web1\": 1, \"web2\": 1}"]);
    let first = &ran.all("trip").into_iter().find(|trip| trip["host"] == "web1").unwrap();
    assert_eq!((&first["commands"], &first["round_trips"]), (&5.into(), &1.into()), "{first}");
}

#[test]
fn what_is_asked_of_a_lock_that_another_has_counts_for_nothing() {
    let scene = scene(r#"take_lock(folders(), |host| execute("false"));"#);
    for host in ["web1", "web2"] {
        std::fs::create_dir_all(scene.host(host, ".windlass")).unwrap();
        let lock = "token=other\nstate=held\nttl=60\nuser=eve\nmachine=laptop\n";
        std::fs::write(scene.host(host, ".windlass/lock.1"), lock).unwrap();
    }
    let failure = scene.run(["--format", "json", "production", "t"]).fails(4).failure();
    assert_eq!(failure["message"], "another deploy holds the lock: eve@laptop", "{failure}");
}

#[test]
fn a_command_that_fails_leaves_no_lock_taken() {
    let body = r#"
        try {
            take_lock(folders(), |host| if host.name == "web2" { execute("sh", "-c", "echo no >&2; exit 3"); });
        } catch (problem) { info(`${problem.message} on ${problem.host}`); }
        let found = lock_status(folders());
        for host in found.keys() { info(`${host} is held: ${found[host].held}`); }
        take_lock(folders(), |host| execute("false"));
    "#;
    let ran = scene(body).run(["--format", "json", "production", "t"]).fails(1);
    let said = ran.messages("info");
    assert_eq!(said[0], "`sh -c 'echo no >&2; exit 3'` ended with status 3 on web2");
    assert_eq!(said[1..], ["web1 is held: false", "web2 is held: false"]);
    let failure = ran.failure();
    assert_eq!(failure["message"], "2 of 2 hosts failed");
    assert!(failure["causes"][0]["place"].as_str().unwrap().starts_with("config/deploy.rhai:9:"), "{failure}");
}

#[test]
fn it_is_a_batch_and_needs_a_block() {
    let early = scene(r#"take_lock(folders(), |host| if capture("id") == "x" { 1 } else { 2 });"#);
    let error = early.run(["production", "t"]).fails(2).error();
    assert_eq!(error, "what a command finds is not known before its `batch` is over");
    let error = scene(r#"take_lock(folders(), "x");"#).run(["production", "t"]).fails(2).error();
    assert_eq!(error, "`take_lock` expects what else to ask as a closure such as `|| { … }`, and got a string");
    let said = scene(r"info(`${take_lock(folders(), |host| 1)} ${take_lock(folders())}`);").said([
        "--dry-run",
        "production",
        "t",
    ]);
    assert_eq!(said, ["#{} []"]);
}
