//! A recipe of one's own that releases the lock in the middle: what was written before still has it, and it can be taken
//! again.

use crate::lock::released::begin;
use crate::support::fleet::Fleet;
use crate::support::scene::Scene;

/// Where the locks of both hosts are.
const FOLDERS: &str = "fn folders() { on(roles(\"app\"), |host| deploy_to()) }\n";

fn scene(body: &str) -> Scene {
    Scene::with(&format!("{FOLDERS}task(\"t\", || {{\n{body}\n}});\n"))
}

#[test]
fn what_was_released_can_be_taken_again_in_the_same_run() {
    let body = r#"
        batch(|| {
            take_lock(folders());
            release_lock();
        });
        take_lock(folders());
        on(roles("app"), |host| check_lock());
        let found = lock_status(folders());
        for host in found.keys() { info(`${host} is held: ${found[host].held}`); }
    "#;
    let said = scene(body).said(["production", "t"]);
    assert_eq!(said, ["web1 is held: true", "web2 is held: true"]);
}

#[test]
fn what_was_kept_back_before_a_release_still_has_the_lock() {
    for release in [
        "release_lock();",
        r#"on(roles("app"), |host| if host.name == "web1" { release_lock(); });"#,
        "batch(|| release_lock());",
    ] {
        let body = format!(
            r#"batch(|| {{
                take_lock(folders());
                on(roles("app"), |host| {{
                    check_lock();
                    execute("mkdir", "-p", deploy_to("done"));
                }});
                {release}
            }});"#
        );
        let scene = scene(&body);
        scene.run(["--format", "json", "production", "t"]).ok();
        for host in ["web1", "web2"] {
            assert!(scene.host(host, "done").exists(), "{host} after {release}");
        }
        let status = lock_states(&scene);
        assert!(status.iter().all(|line| line.ends_with("state=released")), "{status:?}");
    }
}

/// The block of `release_lock` comes behind what was kept back, and only where that has succeeded.
#[test]
fn what_is_to_be_done_when_all_is_done_that_needs_the_lock() {
    let body = r#"
        for command in ["true", "false"] {
            let taken = take_lock(folders());
            try {
                batch(|| {
                    on(roles("app"), |host| execute(command));
                    release_lock(taken, || info(`${command}: done`));
                });
            } catch (problem) { info(`${command}: ${problem.kind}`); }
        }
    "#;
    assert_eq!(scene(body).said(["production", "t"]), ["true: done", "false: hosts"]);
}

#[test]
fn who_has_let_the_lock_go_is_not_told_that_it_is_there() {
    let body = r#"
        take_lock(folders());
        on(roles("app"), |host| check_lock());
        release_lock();
        on(roles("app"), |host| { check_lock(); execute("touch", deploy_to("done")); });
    "#;
    let scene = scene(body);
    let ran = scene.run(["--format", "json", "production", "t"]).fails(4);
    let failure = ran.failure();
    assert_eq!(failure["causes"][0]["message"], "this run has let go of its deploy lock already", "{failure}");
    assert!(!scene.host("web1", "done").exists());
}

#[test]
fn what_one_take_lock_gave_is_let_go_alone() {
    let body = r#"
        let first = take_lock(on("web1", |host| deploy_to()));
        let rest = take_lock(folders());
        info(`${first} ${rest} ${take_lock(folders())}`);
        release_lock(rest);
        release_lock([]);
        let found = lock_status(folders());
        for host in found.keys() { info(`${host} is held: ${found[host].held}`); }
    "#;
    let said = scene(body).said(["production", "t"]);
    assert_eq!(said, ["[\"web1\"] [\"web2\"] []", "web1 is held: true", "web2 is held: false"]);
    let ran = scene("take_lock(folders()); release_lock([\"web1\"]);").run(["production", "t"]).fails(1);
    assert_eq!(ran.error(), "the locks of `web1`, `web2` were taken together, and are let go together");
}

/// What the README says of recipes that hold the lock themselves.
#[test]
fn a_deploy_leaves_the_lock_that_was_there_before_it() {
    let recipe = r#"
        fn folders() { on(roles("app"), |host| deploy_to()) }
        task("ship", || {
            take_lock(folders());
            invoke("deploy");
            on(roles("app"), |host| { check_lock(); execute("touch", deploy_to("done")); });
            let found = lock_status(folders());
            for host in found.keys() { info(`after it: ${found[host].held}`); }
        });
        task("ship_by_task", || { invoke("lock:take"); invoke("deploy"); on(roles("app"), |host| check_lock()); });
    "#;
    let Some(fleet) = Fleet::start(2, recipe) else { return };
    let said = fleet.json(&["ship"]).ok().messages("info");
    assert_eq!(said.iter().filter(|text| *text == "after it: true").count(), 2, "{said:?}");
    assert!(fleet.path("web1", "done").exists());
    fleet.run(&["ship_by_task"]).ok();
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
}

/// The line of the state in the newest lock file of each host.
fn lock_states(scene: &Scene) -> Vec<String> {
    let state = |host: &str| {
        let folder = scene.host(host, ".windlass");
        let newest = crate::support::tree::names_in(&folder).into_iter().filter(|name| name.starts_with("lock.")).max();
        let text = std::fs::read_to_string(folder.join(newest.unwrap())).unwrap();
        text.lines().find(|line| line.starts_with("state=")).unwrap().to_owned()
    };
    ["web1", "web2"].map(state).to_vec()
}

/// The quicker host must not be free while the hooks of the failed deploy still work on it.
#[test]
fn failure_hooks_have_the_lock_of_hosts_that_were_done() {
    let hook = r#"
        after("deploy:failed", "look", || {
            let found = lock_status(on(roles("app"), |host| deploy_to()));
            for host in found.keys() { info(`in the hook: ${found[host].held}`); }
        });
    "#;
    let Some(fleet) = Fleet::start(2, hook) else { return };
    fleet.deploy();
    let log = fleet.path("web2", "revisions.log");
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    fleet.next_second();
    let output = begin(&fleet, &["deploy"]).output();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.matches("in the hook: true").count(), 2, "{printed}");
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
}
