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
    let output = begin(&fleet, &["deploy"]).wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.matches("in the hook: true").count(), 2, "{printed}");
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
}
