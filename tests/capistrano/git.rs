//! Chapter 3.2, git: how the code comes. Mercurial and Subversion.

use std::fs;

use crate::capistrano::rows::{differs, has, recipe_refused};
use crate::capistrano::site::Site;

/// 3.2.g1
#[test]
fn no_wrapper_is_left_behind() {
    differs("a git wrapper script is uploaded to `/tmp`, and stays");
    let site = Site::new("set(\"tmp_dir\", \"/nosuch\");");
    let lines = site.run(&["deploy", "-n"]).ok().lines("web1").join("\n");
    has(&lines, "GIT_SSH_COMMAND");
    assert!(!lines.contains("/nosuch"), "{lines}");
}

/// 3.2.g1b
#[test]
fn git_refuses_a_host_key_that_has_changed() {
    differs("git accepts any host key");
    has(&Site::new("").run(&["deploy", "-n"]).ok().lines("web1").join("\n"), "StrictHostKeyChecking=accept-new");
}

/// 3.2.g2
#[test]
fn check_looks_whether_the_repository_can_be_read() {
    let site = Site::new("");
    has(&site.run(&["deploy:check"]).ok().lines("web1").join("\n"), "ls-remote");
    let missing = Site::new("set(\"repo_url\", \"/nosuch\");");
    has(&missing.scene.run(["production", "deploy:check"]).fails(1).err(), "check `repo_url`");
}

/// 3.2.g3
#[test]
fn the_mirror_may_be_shallow() {
    let site = Site::new("set(\"repo_url\", \"file://\" + fetch(\"repo_url\")); set(\"git_shallow_clone\", 1);");
    site.repository.commit("b", "b");
    site.deploy();
    assert!(site.path("repo/HEAD").is_file());
    assert_eq!(site.read("repo/shallow").lines().count(), 1);
}

/// 3.2.g4
#[test]
fn the_mirror_follows_the_repository() {
    let site = Site::new("");
    site.deploy();
    let moved = site.scene.top().join("moved");
    fs::rename(site.scene.top().join("repository"), &moved).unwrap();
    site.run(&["deploy"]).fails(1);
    let recipe =
        site.scene.read("config/deploy.rhai") + &format!("set(\"repo_url\", {:?});\n", moved.display().to_string());
    fs::write(site.scene.path("config/deploy.rhai"), recipe).unwrap();
    site.deploy();
}

/// 3.2.g4b
#[test]
fn a_commit_without_a_signature_can_be_refused() {
    let site = Site::new("set(\"git_verify_commit\", true);");
    let error = site.scene.run(["production", "deploy"]).fails(1).err();
    has(&error, "git verify-commit");
    assert!(!site.path("current").exists());
}

/// 3.2.g5
#[test]
fn a_release_is_what_git_archives_of_a_folder() {
    differs("`git archive | tar` without a check of the first");
    let site = Site::new("set(\"repo_tree\", \"/sub/dir/\");");
    site.repository.commit("sub/dir/in.txt", "in\n");
    site.repository.commit("sub/dir/out.txt", "out\n");
    site.repository.commit(".gitattributes", "sub/dir/out.txt export-ignore\n");
    site.deploy();
    assert_eq!(site.read("current/in.txt"), "in\n");
    assert!(!site.path("current/out.txt").exists() && !site.path("current/app.txt").exists());
}

/// 3.2.g5b
#[test]
fn submodules_come_when_asked_for() {
    differs("submodules are left out");
    let site = Site::new("set(\"git_submodules\", true);");
    let other = crate::support::repository::Repository::new(&site.scene.top().join("other"));
    other.commit("lib.txt", "lib\n");
    site.repository.submodule(&other, "vendor/lib");
    site.deploy();
    assert_eq!(site.read("current/vendor/lib/lib.txt"), "lib\n");
}

/// 3.2.g6
#[test]
fn branches_tags_and_commits_are_deployed() {
    let site = Site::new("");
    let first = site.repository.commit("b", "b");
    site.repository.tag("v1");
    site.repository.commit("c", "c");
    for name in ["v1", first.as_str()] {
        site.run(&["deploy", &format!("BRANCH={name}")]).ok();
        assert_eq!(site.read("current/REVISION"), format!("{first}\n"));
    }
}

/// 3.2.g7
#[test]
fn the_password_of_the_repository_is_in_no_address() {
    differs("`git_http_password` becomes a part of the address, in the log and in the mirror");
    let more = "set(\"repo_url\", \"https://git.example.com/app.git\"); set(\"git_http_username\", \"me\");
        set(\"git_http_password\", secret(\"hunter2\"));";
    let ran = Site::new(more).run(&["deploy", "-n"]).ok();
    assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);
    has(&ran.lines("web1").join("\n"), "'https://git.example.com/app.git'".trim_matches('\''));
}

/// 3.2.g8
#[test]
fn a_branch_on_the_line_needs_a_recipe_that_reads_it() {
    let site = Site::new("set(\"branch\", \"main\");");
    site.run(&["deploy", "BRANCH=nosuch"]).ok();
}

/// 3.2.hg
#[test]
fn there_is_no_mercurial() {
    differs("Mercurial: `capistrano/scm/hg`");
    has(&recipe_refused("require(\"hg\");"), "there is no stock module `hg`");
}

/// 3.2.svn
#[test]
fn there_is_no_subversion() {
    differs("Subversion: `capistrano/scm/svn`");
    has(&recipe_refused("require(\"svn\");"), "there is no stock module `svn`");
}
