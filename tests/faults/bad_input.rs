//! Whatever is wrong with what windlass is given: it says what, where and what to do, and loses nothing on the hosts.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::faults::app::{App, HOSTS, OLD};
use crate::faults::remote::{Fleet, declared};
use crate::support::mount::Mount;
use crate::support::ran::Ran;
use crate::support::scene::Scene;

/// All of these stand in the error.
#[track_caller]
fn says(ran: &Ran, parts: &[&str]) {
    for part in parts {
        assert!(ran.stderr.contains(part), "`{part}` is missing in:\n{}", ran.stderr);
    }
}

#[test]
fn a_broken_recipe() {
    let app = App::new("task(\"x\", || {").with_history();
    let before = app.scene.everything();
    let ran = app.run(&["deploy"]).fails(2);
    says(
        &ran,
        &[
            "config/deploy.rhai:7:14",
            "the file ends, and a `}` is missing",
            "the `{` of line 7 is still open",
            "needs its partner",
        ],
    );
    assert_eq!(app.scene.everything(), before);
}

#[test]
fn a_missing_stage() {
    let app = App::new("").with_history();
    let before = app.scene.everything();
    let ran = app.scene.run(["prodution", "deploy"]).fails(2);
    assert_eq!(ran.error(), "there is no stage `prodution`");
    says(&ran, &["did you mean `production`?", "the stages are production"]);
    let ran = app.scene.run(["deploy"]).fails(2);
    assert_eq!(ran.error(), "`deploy` is a task, and the first word has to be a stage");
    says(&ran, &["write `windlass production deploy`"]);
    assert_eq!(app.scene.everything(), before);
}

#[test]
fn an_unknown_task() {
    let app = App::new("").with_history();
    let before = app.hosts_tree();
    // The task before it must not run either.
    let ran = app.run(&["deploy:cleanup", "deploy:rolback"]).fails(2);
    assert_eq!(ran.error(), "no task `deploy:rolback`");
    says(&ran, &["did you mean `deploy:rollback`?"]);
    assert_eq!(app.hosts_tree(), before);
}

#[test]
fn no_recipe_at_all() {
    let ran = Scene::new().run(["production", "deploy"]).fails(2);
    assert_eq!(ran.error(), "there is no recipe here");
    says(&ran, &["`windlass init` writes one"]);
}

/// One of the hosts is a port nobody listens on: on the other one there is no more than a lock that was let go, because
/// nothing is deployed to a part.
#[test]
fn a_closed_port() {
    let Some(fleet) = Fleet::start(1) else { return };
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let stage = format!("{}\nserver(\"127.0.0.1:{closed}\", #{{ roles: [\"app\"] }});", declared(&fleet.0[0], ""));
    let app = App::with_stage(&stage, "");
    let ran = app.run(&["deploy"]).fails(3);
    assert_eq!(ran.error(), "nothing listens on `127.0.0.1` port ".to_owned() + &closed.to_string());
    says(&ran, &["check the port"]);
    let made = app.hosts_tree();
    let lock = made.last().expect("the other host was asked for its lock");
    assert!(lock.contains("/.windlass/lock.") && lock.contains("state=released"), "{made:?}");
    assert!(made.iter().all(|line| line.contains("/.windlass/") || line.ends_with("/ 40755")), "{made:?}");
}

/// 5.A 18: Capistrano has a setting `connection_timeout` that does nothing.
#[test]
fn a_host_that_does_not_answer_and_the_connection_timeout() {
    // It takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let stage = format!("server(\"{}\", #{{ roles: [\"app\"] }});", silent.local_addr().unwrap());
    let app = App::with_stage(&stage, "set(\"connection_timeout\", 1);\nset(\"ssh_options\", #{ config: false });");
    let since = Instant::now();
    let ran = app.run(&["deploy"]).fails(3);
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert!(ran.error().ends_with("did not answer within 1 s"), "{}", ran.stderr);
    says(&ran, &["check that the host is up", "`--connect-timeout 30`"]);
}

#[test]
fn a_refused_key() {
    let Some(fleet) = Fleet::start(1) else { return };
    fs::write(fleet.0[0].path("authorized_keys"), "").unwrap();
    let app = fleet.app("");
    let ran = app.run(&["deploy"]).fails(3);
    assert!(ran.error().contains("does not let us in as `"), "{}", ran.stderr);
    says(&ran, &[fleet.0[0].address(), "put your key there: `ssh-copy-id", "see which keys are offered: `ssh -v"]);
    assert_eq!(app.hosts_tree(), [""; 0]);
}

/// Nothing of the old release may suffer, and `current` stays.
#[test]
fn a_full_disk() {
    let app = App::small("").with_history();
    fs::write(app.path("web1", "releases").join(OLD[2]).join("big"), vec![b'x'; 100_000]).unwrap();
    let aside = app.scene.top().join("aside");
    let disk = app.path("web1", "");
    fs::rename(&disk, &aside).unwrap();
    fs::create_dir(&disk).unwrap();
    let Some(_mount) = Mount::tmpfs("a_full_disk", &disk, "size=600k") else { return };
    let copied = std::process::Command::new("cp").arg("-a").arg(aside.join(".")).arg(&disk).status().unwrap();
    assert!(copied.success());
    app.repository.commit("big", &"0123456789".repeat(60_000));
    app.point("web1", &app.path("web1", "releases").join(OLD[2]));
    let before = app.hosts_tree();
    let ran = app.run(&["deploy"]).fails(1);
    says(&ran, &["web1", "No space left on device", "the disk of web1 is full: `df -h`"]);
    assert_eq!(app.lost(&before), [""; 0]);
    assert_eq!(app.current("web1"), OLD[2]);
}

#[test]
fn a_read_only_deploy_to() {
    let app = App::small("");
    fs::create_dir_all(app.path("web1", "")).unwrap();
    let Some(mount) = Mount::tmpfs("a_read_only_deploy_to", &app.path("web1", ""), "size=1m") else { return };
    mount.read_only();
    let ran = app.run(&["deploy"]).fails(1);
    says(
        &ran,
        &[
            "`take the deploy lock` ended with status 1",
            "web1",
            "Read-only file system",
            "is mounted read-only on web1",
        ],
    );
}

#[test]
fn a_repository_that_does_not_exist() {
    let app = App::new("set(\"repo_url\", \"/nonexistent/repository.git\");").with_history();
    let before = HOSTS.map(|host| (app.current(host), app.names(host, "releases")));
    let ran = app.run(&["deploy"]).fails(1);
    assert_eq!(ran.error(), "3 of 3 hosts failed");
    says(&ran, &["fetch --prun…` ended with status 128", "check `repo_url`", "on web1:", "on web3:"]);
    assert_eq!(HOSTS.map(|host| (app.current(host), app.names(host, "releases"))), before);
}

#[test]
fn a_branch_that_does_not_exist() {
    let app = App::new("set(\"branch\", \"mian\");").with_history();
    let before = app.hosts_tree();
    let ran = app.run(&["deploy"]).fails(1);
    says(&ran, &["mian", "the repository has no branch, tag or commit of that name: check `branch`", "web3"]);
    assert_eq!(app.lost(&before), [""; 0]);
    for host in HOSTS {
        assert_eq!(app.names(host, "releases"), OLD, "no folder of the new release is left");
    }
}

#[test]
fn no_repository_and_no_application() {
    let scene = Scene::with(
        "require(\"deploy\");\nrequire(\"git\");\nset(\"application\", \"a\");\nset(\"branch\", \"main\");",
    );
    let ran = scene.run(["production", "deploy"]);
    assert_eq!(ran.error(), "the setting `repo_url` is not set", "{}", ran.stderr);
    assert!(!ran.stdout.contains(" $ "), "nothing has run: {}", ran.stdout);
}

/// Somebody has made `current` by hand: found before anything is deployed, and nothing is removed.
#[test]
fn current_is_a_folder() {
    let app = App::small("");
    app.release("web1", OLD[0]);
    fs::create_dir_all(app.path("web1", "current/public")).unwrap();
    fs::write(app.path("web1", "current/public/index.html"), "by hand").unwrap();
    let before = app.hosts_tree();
    let ran = app.run(&["deploy"]).fails(1);
    assert_eq!(
        ran.error().replace("[top]", ""),
        "`/hosts/web1/current` is no link, and the link to the release has to be there"
    );
    says(&ran, &["= host: web1", "move it away once: `mv /"]);
    assert_eq!(app.lost(&before), [""; 0]);
    assert_eq!(app.names("web1", "releases"), [OLD[0]]);
}

/// It appears while the deploy runs: `mv -T` must not put the link into it, and leaves no link beside it.
#[test]
fn current_becomes_a_folder() {
    let app = App::small(
        "before(\"deploy:symlink:release\", \"oops\");\n\
         task(\"oops\", || on(roles(\"app\"), |host| execute(\"mkdir\", \"-p\", current_path(\"public\"))));",
    );
    let ran = app.run(&["deploy"]).fails(1);
    says(&ran, &["web1", "a folder stands where the link has to be on web1: move it away once"]);
    assert_eq!(app.names("web1", "current"), ["public"], "no link was put into the folder");
    assert_eq!(
        app.names("web1", ""),
        [".windlass", "current", "releases", "repo", "shared"],
        "no temporary link is left"
    );
}

/// A file, and an empty folder, are no link either.
#[test]
fn current_is_something_else() {
    for make in ["mkdir", "touch"] {
        let app = App::small("");
        fs::create_dir_all(app.path("web1", "")).unwrap();
        assert!(std::process::Command::new(make).arg(app.path("web1", "current")).status().unwrap().success());
        let ran = app.run(&["deploy"]).fails(1);
        assert!(ran.error().contains("is no link"), "{}", ran.stderr);
        assert!(!app.path("web1", "current").is_symlink());
    }
}
