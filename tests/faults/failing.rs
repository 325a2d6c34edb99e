//! What counts as a failure, and what happens then.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use std::fs;
use std::time::{Duration, Instant};

use crate::faults::app::{App, HOSTS, OLD};
use crate::support::scene::Scene;

/// 5.A 1: in Capistrano a command that a signal ends counts as a success, and the deploy goes on.
#[test]
fn a_command_ended_by_a_signal_is_a_failure() {
    for (how, line) in [
        ("itself", "kill -9 $$"),
        ("its child, as the last command", "sh -c 'kill -9 $$'"),
        ("with TERM", "kill -TERM $$"),
        ("as a program", "exec sh -c 'kill -SEGV $$'"),
    ] {
        let scene = Scene::task(&format!("on(roles(\"db\"), |host| execute({line:?})); info(\"went on\");"));
        let ran = scene.run(["--format", "json", "production", "t"]).fails(1);
        assert!(ran.messages("info").is_empty(), "{how}");
        assert_eq!(ran.failure()["host"], "db1", "{how}");
        let finished = &ran.all("command_finished")[0];
        assert_eq!(finished["ok"], false, "{how}");
    }
}

/// 5.A 1: the error names the signal, and a recipe can see it.
#[test]
fn the_signal_is_named() {
    let scene = Scene::task(
        "on(roles(\"db\"), |host| {\n\
             try { execute(\"kill -9 $$\") } catch (e) { info(`${e.kind} ${e.signal} ${e.status}`) }\n\
             let result = run(\"kill -TERM $$\");\n\
             info(`${result.ok} ${result.signal}`);\n\
             info(`${test(\"kill -9 $$\")}`);\n\
             execute(\"kill -9 $$\");\n\
         });",
    );
    let ran = scene.run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["signal KILL 137", "false TERM", "false"]);
    assert_eq!(ran.failure()["message"], "`kill -9 $$` was ended by signal KILL");
}

/// 5.A 3: Capistrano pipes `git archive` into tar, where a git that fails in the middle goes unnoticed.
#[test]
fn a_broken_archive_is_never_published() {
    let app = App::new("").with_history();
    // What it writes is a good archive, cut off between two files, and then it fails.
    let git = "for word; do case $word in archive) archive=1;; -o) next=1;; *) [ -z \"$next\" ] || file=$word; next=;; esac; done\n\
               if [ -n \"$archive\" ]; then mkdir -p \"$TMPDIR/half\"; tar -cf \"$file\" -C \"$TMPDIR/half\" .; exit 141; fi\n\
               PATH=${PATH#*:}; exec git \"$@\"";
    let App { scene, repository } = app;
    let app = App { scene: scene.program("git", git), repository };
    let ran = app.run(&["deploy"]).fails(1);
    assert!(ran.err().contains("git archive"), "{}", ran.err());
    for host in HOSTS {
        assert_eq!(app.current(host), OLD[2]);
    }
}

/// 5.A 3: an archive that git thinks is whole and tar does not.
#[test]
fn an_archive_that_cannot_be_unpacked_is_never_published() {
    let app = App::small("").with_history();
    let App { scene, repository } = app;
    let app = App { scene: scene.program("tar", "echo 'tar: Unexpected EOF in archive' >&2; exit 2"), repository };
    let ran = app.run(&["deploy"]).fails(1);
    assert!(ran.stderr.contains("Unexpected EOF"), "{}", ran.stderr);
    assert_eq!(app.current("web1"), OLD[2]);
}

/// 5.A 8: a revision found on each host and kept once; in Capistrano the last host wins.
#[test]
fn hosts_that_find_different_commits_are_an_error() {
    let app = App::new("");
    app.run(&["deploy"]).ok();
    // The mirror of one host follows another repository.
    let other = crate::support::repository::Repository::new(&app.scene.top().join("other"));
    let commit = other.commit("app.sh", "echo another\n");
    let before = HOSTS.map(|host| app.current(host));
    let App { scene, repository } = app;
    let git = format!(
        "PATH=${{PATH#*:}}\n\
         case \"$PWD $*\" in */web2/repo*fetch*) exec git fetch --quiet --prune {} '+refs/*:refs/*';; \
         *) exec git \"$@\";; esac",
        other.url()
    );
    let app = App { scene: scene.program("git", &git), repository };
    let ran = app.run(&["deploy"]).fails(1);
    assert_eq!(ran.error(), "the hosts found different commits for main");
    assert!(ran.stderr.contains(&format!("web2: {commit}")), "{}", ran.stderr);
    assert_eq!(HOSTS.map(|host| app.current(host)), before);
    // Also where a recipe has made the steps its own.
    let own = r#"
        clear_task("deploy:updating");
        task("deploy:updating", #{ needs: ["deploy:new_release_path"] }, || {
            invoke("deploy:set_current_revision");
            invoke("deploy:set_current_revision_time");
            invoke("deploy:symlink:shared");
        });
    "#;
    let App { scene, repository } = app;
    let recipe = fs::read_to_string(scene.top().join("project/config/deploy.rhai")).unwrap();
    let app = App { scene: scene.file("config/deploy.rhai", recipe + own), repository };
    assert_eq!(app.run(&["deploy"]).fails(1).error(), "the hosts found different commits for main");
    assert_eq!(HOSTS.map(|host| app.current(host)), before);
}

const NOTE_FAILURE: &str = "after(\"deploy:failed\", \"note\");\n\
     task(\"note\", || on(roles(\"app\"), |host| execute(\"touch\", deploy_to(\"failed\"))));\n";

/// 5.A 9: in Capistrano `exit 1` inside a block bypasses `deploy:failed`.
#[test]
fn exit_in_a_block_still_runs_the_hooks_of_failed() {
    let hook = "before(\"deploy:updated\", \"give_up\");\n";
    for body in [
        "task(\"give_up\", || on(roles(\"app\"), |host| exit(1)));",
        "task(\"give_up\", || exit(1));",
        "task(\"give_up\", || on(roles(\"app\"), |host| within(\"/tmp\", || throw \"no\")));",
    ] {
        let app = App::new(&format!("{NOTE_FAILURE}{hook}{body}")).with_history();
        app.run(&["deploy"]).fails(1);
        for host in HOSTS {
            assert!(app.path(host, "failed").exists(), "{body}");
            assert_eq!(app.current(host), OLD[2]);
        }
    }
}

/// 5.A 9: in Capistrano `deploy:failed` never runs for a rollback.
#[test]
fn a_failed_rollback_runs_the_hooks_of_failed() {
    let app = App::new(NOTE_FAILURE).with_history();
    app.run(&["deploy:rollback", "ROLLBACK_RELEASE=20300101000000"]).fails(1);
    for host in HOSTS {
        assert!(app.path(host, "failed").exists());
    }
}

/// 5.A 9: a hook that fails itself hides nothing.
#[test]
fn a_failing_hook_of_failed_does_not_hide_the_first_failure() {
    let app = App::small(
        "after(\"deploy:failed\", \"bad\");\ntask(\"bad\", || throw \"second\");\n\
         before(\"deploy:updated\", \"worse\");\ntask(\"worse\", || throw \"first\");",
    );
    let ran = app.run(&["deploy"]).fails(1);
    assert_eq!(ran.error(), "first");
    assert!(ran.stdout.contains("a hook of deploy:failed failed as well: second"), "{}", ran.stdout);
}

/// 5.A 10: every failed host is told, and those that work finish.
#[test]
fn every_failed_host_is_reported_and_slow_hosts_finish() {
    let scene = Scene::task(
        "on(roles(\"all\"), |host| {\n\
             if host.name == \"db1\" { execute(\"mkdir -p \" + deploy_to() + \"; sleep 1; touch \" + deploy_to(\"done\")) }\n\
             else { execute(`echo broken on ${host.name} >&2; exit 7`) }\n\
         });",
    );
    let started = Instant::now();
    let ran = scene.run(["production", "t"]).fails(1);
    assert!(started.elapsed() > Duration::from_secs(1));
    assert!(scene.host("db1", "done").exists());
    for host in ["web1", "web2"] {
        assert!(ran.stderr.contains(&format!("broken on {host}")), "{}", ran.stderr);
    }
    assert_eq!(ran.error(), "2 of 3 hosts failed");
    let json = scene.run(["--format", "json", "production", "t"]).fails(1);
    let hosts: Vec<String> = json.failure()["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| cause["host"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(hosts, ["web1", "web2"]);
}

/// 5.A 1 in the stock deploy: nothing is published after a hook was killed.
#[test]
fn a_killed_hook_stops_the_deploy() {
    let app = App::small(
        "after(\"deploy:updated\", \"assets\");\n\
         task(\"assets\", || on(roles(\"app\"), |host| within(release_path(), || execute(\"sh\", \"-c\", \"kill -9 $$\"))));",
    )
    .with_history();
    app.run(&["deploy"]).fails(1);
    assert_eq!(app.current("web1"), OLD[2]);
    assert!(!fs::exists(app.path("web1", "revisions.log")).unwrap());
}
