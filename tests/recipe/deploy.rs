//! The stock deploy from a git repository to hosts on this machine.

use std::fs;
use std::path::PathBuf;

use crate::support::repository::Repository;
use crate::support::scene::Scene;

/// A project with a repository of one commit.
fn project(more: &str) -> (Scene, Repository) {
    let scene = Scene::new();
    let repository = Repository::new(&scene.top().join("repository"));
    repository.commit("app.txt", "one\n");
    let recipe = format!(
        "set(\"application\", \"app\");\nset(\"repo_url\", \"{}\");\nset(\"branch\", env(\"BRANCH\", \"main\"));\n\
         set(\"deploy_to\", || `{}/${{current_host().name}}`);\n{more}\n",
        repository.url(),
        scene.top().join("hosts").display(),
    );
    let scene = scene.file("config/deploy.rhai", &recipe).stage("production", crate::support::scene::THREE_HOSTS);
    (scene, repository)
}

/// Releases are named by the second.
fn deploy(scene: &Scene, args: &[&str]) {
    std::thread::sleep(std::time::Duration::from_millis(1100));
    scene.run([&["production", "deploy"], args].concat()).ok();
}

fn current(scene: &Scene, host: &str) -> PathBuf {
    fs::read_link(scene.host(host, "current")).expect("`current` is a link")
}

fn text(scene: &Scene, file: &str) -> String {
    fs::read_to_string(scene.host("web1", file)).expect("the file is on the host")
}

fn names(scene: &Scene, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(scene.host("web1", folder)).expect("the folder is on the host").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_deploy_makes_the_tree_of_capistrano() {
    let (scene, repository) = project("append(\"linked_dirs\", \"log\", \"tmp/pids\", \"tmp\");");
    let commit = repository.commit("dir/b.txt", "b\n");
    deploy(&scene, &[]);
    assert_eq!(names(&scene, ""), [".windlass", "current", "releases", "repo", "revisions.log", "shared"]);
    let release = current(&scene, "web1");
    assert!(release.starts_with(scene.host("web1", "releases")), "{}", release.display());
    assert_eq!(text(&scene, "current/dir/b.txt"), "b\n");
    assert_eq!(text(&scene, "current/REVISION"), format!("{commit}\n"));
    assert!(text(&scene, "current/REVISION_TIME").trim().parse::<u64>().is_ok());
    assert_eq!(fs::read_link(scene.host("web1", "current/log")).unwrap(), scene.host("web1", "shared/log"));
    assert!(scene.host("web1", "current/tmp/pids").is_dir());
    let name = release.file_name().unwrap().to_str().unwrap().to_owned();
    let line = format!("Branch main (at {commit}) deployed as release {name} by tester\n");
    assert_eq!(text(&scene, "revisions.log"), line);
    // A host with `no_release` is left alone.
    assert!(!scene.host("db1", "").exists());
    assert!(scene.host("web2", "current/app.txt").exists());
}

#[test]
fn releases_beyond_those_to_keep_go_and_foreign_folders_stay() {
    let (scene, _repository) = project("set(\"keep_releases\", 2);");
    for _ in 0..3 {
        deploy(&scene, &[]);
    }
    fs::create_dir(scene.host("web1", "releases/notes")).unwrap();
    deploy(&scene, &[]);
    let releases = names(&scene, "releases");
    assert_eq!(releases.len(), 3, "{releases:?}");
    assert_eq!(releases[2], "notes");
    assert_eq!(current(&scene, "web1").file_name().unwrap().to_str(), Some(releases[1].as_str()));
}

#[test]
fn a_recipe_can_look_at_the_releases() {
    let (scene, _repository) = project(
        "task(\"look\", || { info(on(roles(\"web\"), |host| `${list_releases()} ${current_release()}`).values()[0]); });",
    );
    deploy(&scene, &[]);
    fs::create_dir(scene.host("web1", "releases/notes")).unwrap();
    let name = current(&scene, "web1").file_name().unwrap().to_str().unwrap().to_owned();
    let expected = format!("#{{\"foreign\": [\"notes\"], \"releases\": [\"{name}\"]}} {name}");
    assert_eq!(scene.said(["production", "look"]), [expected]);
}

#[test]
fn a_rollback_goes_back_and_packs_what_was_left() {
    let (scene, repository) = project("");
    deploy(&scene, &[]);
    let first = current(&scene, "web1");
    repository.commit("app.txt", "two\n");
    deploy(&scene, &[]);
    let second = current(&scene, "web1").file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(text(&scene, "current/app.txt"), "two\n");
    scene.run(["production", "deploy:rollback"]).ok();
    assert_eq!(current(&scene, "web1"), first);
    assert_eq!(text(&scene, "current/app.txt"), "one\n");
    assert!(scene.host("web1", &format!("rolled-back-release-{second}.tar.gz")).exists());
    let last = text(&scene, "revisions.log").lines().last().unwrap().to_owned();
    assert_eq!(last, format!("tester rolled back to release {}", first.file_name().unwrap().to_str().unwrap()));
}

#[test]
fn there_is_nothing_to_roll_back_to_after_one_deploy() {
    let (scene, _repository) = project("");
    deploy(&scene, &[]);
    let before = current(&scene, "web1");
    scene.run(["production", "deploy:rollback"]).fails(1);
    assert_eq!(current(&scene, "web1"), before);
}

#[test]
fn a_branch_a_tag_and_a_commit_can_be_deployed() {
    let (scene, repository) = project("");
    let first = repository.commit("app.txt", "first\n");
    let tag = repository.tag("v1");
    repository.branch("topic/x");
    let topic = repository.commit("app.txt", "topic\n");
    repository.switch("main");
    repository.commit("app.txt", "main\n");
    for (branch, content, commit) in
        [("topic/x", "topic\n", &topic), ("v1", "first\n", &first), (&first, "first\n", &first)]
    {
        deploy(&scene, &[&format!("BRANCH={branch}")]);
        assert_eq!(text(&scene, "current/app.txt"), content, "{branch}");
        // The commit, not the number of an annotated tag.
        assert_eq!(text(&scene, "current/REVISION").trim(), commit);
    }
    assert_ne!(tag, first);
}

#[test]
fn an_unknown_branch_fails_before_anything_is_switched() {
    let (scene, _repository) = project("");
    let ran = scene.run(["production", "deploy", "BRANCH=nope"]).fails(1);
    assert!(ran.stderr.contains("nope"), "{}", ran.stderr);
    assert!(!scene.host("web1", "current").exists());
}

#[test]
fn submodules_come_along_when_asked_for() {
    let (scene, repository) = project("set(\"git_submodules\", true);");
    let other = Repository::new(&scene.top().join("other"));
    other.commit("lib.txt", "lib\n");
    repository.submodule(&other, "vendor/lib");
    deploy(&scene, &[]);
    assert_eq!(text(&scene, "current/vendor/lib/lib.txt"), "lib\n");
    assert!(!scene.host("web1", "current/.git").exists());
    assert!(!scene.host("web1", "current/vendor/lib/.git").exists());
}

#[test]
fn a_part_of_the_repository_can_be_deployed() {
    let (scene, repository) = project("set(\"repo_tree\", \"/site/public/\");");
    repository.commit("site/public/index.html", "hi\n");
    deploy(&scene, &[]);
    assert_eq!(names(&scene, "current"), ["REVISION", "REVISION_TIME", "index.html"]);
}

#[test]
fn a_changed_repo_url_is_followed() {
    let (scene, _repository) = project("");
    deploy(&scene, &[]);
    let other = Repository::new(&scene.top().join("moved"));
    other.commit("app.txt", "moved\n");
    let recipe = scene.read("config/deploy.rhai").replace("/repository\"", "/moved\"");
    let scene = scene.file("config/deploy.rhai", &recipe);
    deploy(&scene, &[]);
    assert_eq!(text(&scene, "current/app.txt"), "moved\n");
}

#[test]
fn linked_files_have_to_be_there_first() {
    let (scene, _repository) = project("append(\"linked_files\", \"config/x.yml\");");
    let ran = scene.run(["--format", "json", "production", "deploy"]).fails(1);
    assert_eq!(ran.failure()["message"], "linked files are not in place");
    assert_eq!(ran.failure()["notes"].as_array().unwrap().len(), 2);
    for host in ["web1", "web2"] {
        fs::write(scene.host(host, "shared/config/x.yml"), "x").unwrap();
    }
    deploy(&scene, &[]);
    assert_eq!(text(&scene, "current/config/x.yml"), "x");
}

#[test]
fn a_failing_hook_leaves_the_old_release_current() {
    let (scene, repository) = project("");
    deploy(&scene, &[]);
    let before = current(&scene, "web1");
    repository.commit("app.txt", "two\n");
    let recipe = format!(
        "{}\nafter(\"deploy:updated\", \"build\", || {{ on(roles(\"app\"), |host| within(release_path(), || execute(\"test\", \"-e\", \"nope\"))); }});",
        scene.read("config/deploy.rhai")
    );
    let scene = scene.file("config/deploy.rhai", &recipe);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    scene.run(["production", "deploy"]).fails(1);
    assert_eq!(current(&scene, "web1"), before);
    assert_eq!(text(&scene, "current/app.txt"), "one\n");
}

#[test]
fn a_deploy_to_a_part_of_the_fleet_leaves_the_others() {
    let (scene, _repository) = project("");
    deploy(&scene, &["-z", "web2"]);
    assert!(scene.host("web2", "current").exists());
    assert!(!scene.host("web1", "").exists());
}
