//! `batch` around tasks: what waits is sent, in order, and what fails in it is told; nothing gets lost on the way.

use std::fs;

use crate::support::ran::Ran;
use crate::support::repository::Repository;
use crate::support::scene::{Scene, THREE_HOSTS};

/// Tasks that others are made of, and the task `t`. On web1 and web2 `make` makes a folder; `fail` fails on web2.
fn scene(body: &str) -> Scene {
    Scene::with(&format!(
        r#"
task("make", || on(roles("web"), |host| execute("mkdir", "-p", deploy_to("made"))));
task("fail", || on(roles("web"), |host| execute(if host.name == "web2" {{ "false" }} else {{ "true" }})));
task("t", || {{
    {body}
}});
"#
    ))
}

fn ran(scene: &Scene, more: &[&str]) -> Ran {
    scene.run(["--format", "json", "production", "t"].iter().chain(more))
}

fn has(scene: &Scene, file: &str) -> [bool; 2] {
    ["web1", "web2"].map(|host| scene.host(host, file).exists())
}

#[test]
fn a_batch_in_a_batch_is_a_barrier_before_and_behind_it() {
    let switch = "task(\"switch\", || on(roles(\"web\"), |host| execute(\"touch\", deploy_to(\"switched\"))));";
    for body in [
        "batch(|| { batch(|| { invoke(\"make\"); invoke(\"fail\"); }); batch(|| invoke(\"switch\")); });",
        "batch(|| { invoke(\"make\"); invoke(\"fail\"); batch(|| invoke(\"switch\")); });",
        "batch(|| { batch(|| { invoke(\"make\"); invoke(\"fail\"); }); invoke(\"switch\"); });",
    ] {
        let scene = scene(body);
        let recipe = scene.read("config/deploy.rhai");
        let scene = scene.file("config/deploy.rhai", format!("{recipe}{switch}"));
        let failure = ran(&scene, &[]).fails(1).failure();
        assert_eq!(failure["message"], "`false` ended with status 1", "{body}");
        assert_eq!(has(&scene, "made"), [true, true], "{body}");
        assert_eq!(has(&scene, "switched"), [false, false], "{body}");
    }
}

#[test]
fn a_deploy_inside_a_batch_switches_nowhere_when_a_host_has_failed() {
    let (scene, _repository) = deploying(
        r#"
task("ship", || batch(|| invoke("deploy")));
task("broken", || on(roles("web"), |host| execute(if host.name == "web2" { "false" } else { "true" })));
task("look", || info("publishing"));
after("deploy:updated", "broken");
before("deploy:publishing", "look");
"#,
        "",
    );
    let ran = scene.run(["--format", "json", "production", "ship"]).fails(1);
    assert!(!ran.messages("info").contains(&"publishing".to_owned()), "{}", ran.stdout);
    assert_eq!(has(&scene, "current"), [false, false]);
}

#[test]
fn exit_sends_what_was_asked_for_and_hides_no_failure() {
    let good = scene("batch(|| { invoke(\"make\"); exit(7); });");
    ran(&good, &[]).fails(7);
    assert_eq!(has(&good, "made"), [true, true]);
    let bad = scene("batch(|| { invoke(\"fail\"); invoke(\"make\"); exit(); });");
    assert_eq!(ran(&bad, &[]).fails(1).failure()["message"], "`false` ended with status 1");
    assert_eq!(has(&bad, "made"), [true, false]);
    let within = scene("batch(|| on(roles(\"web\"), |host| { execute(\"false\"); exit(); }));");
    ran(&within, &[]).fails(1);
}

#[test]
fn a_try_around_a_read_catches_no_failure_of_an_earlier_task() {
    let scene = scene(
        r#"batch(|| {
            invoke("fail");
            on(roles("web"), |host| try { capture("hostname") } catch { info(`none on ${host}`) });
            try { invoke("make") } catch {}
        });"#,
    );
    let ran = ran(&scene, &[]).fails(1);
    assert_eq!(ran.messages("info"), ["none on web2"]);
    assert_eq!(ran.failure()["message"], "`false` ended with status 1");
    assert_eq!(has(&scene, "made"), [true, false]);
}

#[test]
fn nothing_comes_behind_a_failure_on_its_host_though_a_try_swallowed_it() {
    let scene = scene(
        r#"batch(|| {
            invoke("fail");
            on(roles("web"), |host| try { capture("hostname") } catch {});
            on(roles("web"), |host| try { execute("mkdir", "-p", deploy_to("kept")) } catch {});
            on(roles("web"), |host| try { capture("mkdir", "-p", deploy_to("read")) } catch {});
            on(roles("web"), |host| try { shield(|| execute("mkdir", "-p", deploy_to("shielded"))) } catch {});
            on("root@web2", |host| try { capture("mkdir", "-p", deploy_to("other")) } catch {});
        });"#,
    );
    assert_eq!(ran(&scene, &[]).fails(1).failure()["message"], "`false` ended with status 1");
    assert_eq!(["kept", "read", "shielded"].map(|file| has(&scene, file)), [[true, false]; 3]);
    assert_eq!(has(&scene, "other"), [false, false]);
}

#[test]
fn what_is_sent_at_once_can_be_caught() {
    let scene = scene(
        r#"batch(|| on("web1", |host| {
            try { capture("false") } catch { execute("mkdir", "-p", deploy_to("read")) }
            try { shield(|| execute("false")) } catch { execute("mkdir", "-p", deploy_to("made")) }
        }));"#,
    );
    ran(&scene, &[]).ok();
    assert_eq!((has(&scene, "read"), has(&scene, "made")), ([true, false], [true, false]));
}

#[test]
fn hosts_that_are_left_out_get_what_was_asked_of_them_before() {
    let scene = scene("batch(|| { invoke(\"make\"); only_hosts(\"web1\"); });");
    ran(&scene, &[]).ok();
    assert_eq!(has(&scene, "made"), [true, true]);
}

#[test]
fn a_block_that_fails_sends_what_others_have_waiting() {
    let look = "on(roles(\"web\"), |host| if host.name == \"web1\" { capture(\"false\") });";
    let good = scene(&format!("batch(|| {{ invoke(\"make\"); {look} }});"));
    let failure = ran(&good, &[]).fails(1).failure();
    assert!(failure["host"] == "web1" && failure["message"] == "`false` ended with status 1", "{failure}");
    assert_eq!(has(&good, "made"), [true, true]);
    let bad = scene(&format!("batch(|| {{ invoke(\"make\"); invoke(\"fail\"); {look} }});"));
    let both = ran(&bad, &[]).fails(1);
    assert_eq!(both.failure()["host"], "web1");
    let expected = "what the `batch` had kept back failed as well on web2: `false` ended with status 1";
    assert_eq!(both.messages("warn"), [expected]);
}

#[test]
fn commands_of_two_users_on_a_host_keep_their_order() {
    let scene = scene(
        r#"batch(|| {
            on("web1", |host| { execute("sleep", "0.3"); execute("mkdir", "-p", deploy_to("made")); });
            on("root@web1", |host| execute("touch", deploy_to("made/file")));
            on("web1", |host| execute("mv", deploy_to("made"), deploy_to("moved")));
        });"#,
    );
    ran(&scene, &[]).ok();
    assert!(scene.host("web1", "moved/file").exists());
}

#[test]
fn a_host_is_set_aside_for_the_task_whose_command_failed() {
    let scene = scene("batch(|| { invoke(\"fail\"); invoke(\"make\"); });");
    let ran = ran(&scene, &["--max-fail", "1"]).fails(1);
    let aside = ran.all("host_set_aside");
    assert_eq!((aside.len(), &aside[0]["host"], &aside[0]["task"]), (1, &"web2".into(), &"fail".into()));
    assert_eq!(has(&scene, "made"), [true, false]);
}

#[test]
fn hosts_that_have_nothing_left_waiting_count_for_max_fail() {
    let look = "on(\"web1\", |host| capture(\"true\"));";
    let make = "on(roles(\"web\"), |host| if host.name == \"web2\" { execute(\"false\") });";
    for body in [format!("invoke(\"fail\"); {look}"), format!("{make} {look}"), make.to_owned()] {
        let scene = scene(&format!("batch(|| {{ {body} }}); invoke(\"make\");"));
        let aside = ran(&scene, &["--max-fail", "1"]).fails(1).all("host_set_aside");
        assert_eq!((aside.len(), &aside[0]["host"]), (1, &"web2".into()), "{body}");
        assert_eq!(has(&scene, "made"), [true, false], "{body}");
        let all = scene.run(["--format", "json", "production", "t", "--max-fail", "2", "-z", "web2"]).fails(1);
        assert!(all.all("host_set_aside").is_empty(), "{body}: a step that is done nowhere is not done");
    }
}

#[test]
fn several_hosts_that_fail_are_told_at_the_line_that_failed() {
    let scene = scene(
        "batch(|| {\n        on(roles(\"web\"), |host| execute(\"false\"));\n        run_locally(|| execute(\"true\"));\n    });",
    );
    let failure = ran(&scene, &[]).fails(1).failure();
    assert_eq!(failure["message"], "2 of 2 hosts failed");
    assert_eq!(failure["place"], "config/deploy.rhai:6:33", "{failure}");
}

/// A project that deploys a repository with one file, `a`.
fn deploying(recipe: &str, stage: &str) -> (Scene, Repository) {
    let scene = Scene::new();
    let repository = Repository::new(&scene.top().join("repository"));
    repository.commit("a", "text\n");
    let recipe = format!(
        "require(\"deploy\");\nrequire(\"git\");\nset(\"application\", \"app\");\nset(\"repo_url\", \"{}\");\n\
         set(\"branch\", \"main\");\nset(\"deploy_to\", || `{}/${{current_host().name}}`);\n{recipe}\n",
        repository.url(),
        scene.top().join("hosts").display(),
    );
    let stage = format!("{THREE_HOSTS}{stage}\n");
    (scene.file("config/deploy.rhai", &recipe).stage("production", &stage), repository)
}

#[test]
fn a_hook_that_was_to_run_behind_a_failure_has_not_failed_itself() {
    let hook = r#"
task("maintenance:off", || on(roles("web"), |host| execute("touch", deploy_to("off"))));
after("deploy:updated", "maintenance:off");
after("deploy:failed", "maintenance:off");
"#;
    // `a` is a file, so that no folder can be made below it.
    let (scene, _repository) = deploying(hook, "set(\"linked_dirs\", [\"a/log\"]);");
    let failed = scene.run(["--format", "json", "production", "deploy"]).fails(1);
    assert_eq!(has(&scene, "off"), [true, true], "{}", failed.stdout);
    assert!(fs::read_link(scene.host("web1", "current")).is_err());
}
