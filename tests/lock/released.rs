//! However a deploy ends, the next one can begin.

use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::fleet::Fleet;
use crate::support::sshd::{descendants, signal};

/// With `SLOW=1` a deploy waits, before the switch, until there is a file `go`.
pub const DEPLOY_WAITS: &str = r#"
    task("slow", || on(roles("app"), |host| if env("SLOW") != () {
        execute(`touch ${deploy_to("waiting")}; while [ ! -e ${deploy_to("go")} ]; do sleep 0.05; done`);
    }));
    after("deploy:updated", "slow");
"#;

/// A run that goes on. Where a test fails meanwhile, it ends with it.
pub struct Begun(Option<Child>);

impl Begun {
    /// The run as a process that nobody ends.
    pub fn into_child(mut self) -> Child {
        self.0.take().unwrap()
    }

    /// What it has printed when it is over.
    pub fn output(self) -> Output {
        self.into_child().wait_with_output().unwrap()
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            for pid in descendants(child.id()) {
                signal(pid, Signal::KILL);
            }
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts a run and leaves it running.
pub fn begin(fleet: &Fleet, args: &[&str]) -> Begun {
    let args = ["--format", "json", "production"].iter().chain(args);
    let mut command = fleet.scene.command(args);
    Begun(Some(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
}

/// Lets waiting deploys go on.
pub fn let_on(fleet: &Fleet) {
    for host in ["web1", "web2"] {
        if fleet.path(host, "").exists() {
            std::fs::write(fleet.path(host, "go"), "").unwrap();
        }
    }
}

/// Waits for the end of a run, which has to be this one; gives what it printed.
#[track_caller]
pub fn finish(run: Begun, code: i32) -> String {
    let output = run.output();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{printed}");
    printed
}

pub fn wait_for(path: &Path) {
    let until = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < until, "{} does not come", path.display());
        sleep(Duration::from_millis(20));
    }
}

/// The process of windlass itself: `setsid` is replaced by it, or has forked.
pub fn windlass(run: &Begun) -> u32 {
    let child = run.0.as_ref().unwrap();
    let name = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let all = std::iter::once(child.id()).chain(descendants(child.id()));
    all.into_iter().find(|pid| name(*pid).trim() == "windlass").expect("windlass is running")
}

#[test]
fn after_a_deploy_and_after_a_failed_one() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    fleet.deploy();
    fleet.deploy();
    fleet.run(&["deploy:rollback"]).ok();
    fleet.add_to_recipe("\nafter(\"deploy:updated\", \"no\", || if env(\"FAIL\") != () { fail(\"not today\") });\n");
    fleet.run(&["deploy", "FAIL=1"]).fails(1);
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
    fleet.deploy();
}

#[test]
fn after_ctrl_c_and_only_when_the_failure_hooks_have_run() {
    let hook = r#"
        after("deploy:failed", "look", || {
            let found = lock_status(on(roles("app"), |host| deploy_to()));
            for host in found.keys() { info(`in the hook: ${found[host].held}`); }
        });
    "#;
    let Some(fleet) = Fleet::start(2, &format!("{DEPLOY_WAITS}\n{hook}")) else { return };
    let running = begin(&fleet, &["deploy", "SLOW=1"]);
    wait_for(&fleet.path("web2", "waiting"));
    signal(windlass(&running), Signal::INT);
    let printed = finish(running, 130);
    assert_eq!(printed.matches("in the hook: true").count(), 2, "{printed}");
    fleet.deploy();
}

#[test]
fn after_kill_9_it_runs_out_and_is_taken_over() {
    let Some(fleet) = Fleet::start(2, &format!("{DEPLOY_WAITS}\nset(\"lock_ttl\", 5);")) else { return };
    let running = begin(&fleet, &["deploy", "SLOW=1"]);
    wait_for(&fleet.path("web1", "waiting"));
    wait_for(&fleet.path("web2", "waiting"));
    signal(windlass(&running), Signal::KILL);
    running.output();
    fleet.run(&["deploy"]).fails(4);
    fleet.json(&["deploy", "--wait=120"]).ok();
    fleet.deploy();
}

#[test]
fn a_deploy_that_lasts_longer_than_the_lease_keeps_it() {
    let Some(fleet) = Fleet::start(1, &format!("{DEPLOY_WAITS}\nset(\"lock_ttl\", 5);")) else { return };
    let running = begin(&fleet, &["deploy", "SLOW=1"]);
    wait_for(&fleet.path("web1", "waiting"));
    sleep(Duration::from_secs(8));
    fleet.run(&["deploy"]).fails(4);
    let_on(&fleet);
    finish(running, 0);
}

/// The last command of a deploy and the release of its lock are one trip, so that a host may have let go when the command
/// fails on another one.
#[test]
fn when_the_last_command_fails_on_one_host_all_have_the_lock_for_the_hooks() {
    let hook = r#"
        after("deploy:failed", "look", || {
            let found = lock_status(on(roles("app"), |host| deploy_to()));
            for host in found.keys() { info(`in the hook: ${host} ${found[host].held}`); }
            on(roles("app"), |host| { check_lock(); info(`ours on ${host.name}`); });
        });
    "#;
    let Some(fleet) = Fleet::start(2, hook) else { return };
    fleet.deploy();
    let log = fleet.path("web1", "revisions.log");
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    let ran = fleet.json(&["deploy"]).fails(1);
    let said = ran.messages("info");
    for host in ["web1", "web2"] {
        assert!(said.iter().any(|line| line == &format!("ours on {host}")), "{said:?}");
    }
    assert_eq!(
        said.iter().filter(|line| line.starts_with("in the hook:") && line.ends_with(" true")).count(),
        2,
        "{said:?}"
    );
    std::fs::remove_dir(&log).unwrap();
    let status = fleet.json(&["lock:status"]).ok().messages("info");
    assert!(status.iter().all(|line| line.ends_with(": free")), "{status:?}");
    fleet.deploy();
}
