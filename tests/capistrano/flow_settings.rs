//! Chapters 3.3 and 3.4: the settings of a deploy with their defaults, and what stands on the host.

use std::fs;

use windlass::recipe::setting_table::names;

use crate::capistrano::rows::{differs, has, judged, said};
use crate::capistrano::site::Site;
use crate::support::scene::Scene;

/// What a setting is where no recipe says anything.
#[track_caller]
fn default_of(name: &str, expected: &str) {
    assert_eq!(said(&format!("info(`${{fetch(\"{name}\")}}`);")), [expected], "{name}");
}

/// 3.3.1
#[test]
fn branch_is_master() {
    default_of("branch", "master");
}

/// 3.3.2
#[test]
fn deploy_to_is_below_var_www() {
    let scene = Scene::with("set(\"application\", \"shop\"); task(\"t\", || info(deploy_to()));");
    assert_eq!(scene.stage("production", "").said(["production", "t"]), ["/var/www/shop"]);
}

/// 3.3.3
#[test]
fn tmp_dir_is_tmp() {
    default_of("tmp_dir", "/tmp");
}

/// 3.3.4
#[test]
fn keep_releases_is_five() {
    default_of("keep_releases", "5");
}

/// 3.3.5
#[test]
fn default_env_is_empty() {
    default_of("default_env", "#{}");
}

/// 3.3.6
#[test]
fn local_user_is_who_runs_it() {
    default_of("local_user", "tester");
}

/// 3.3.7
#[test]
fn git_is_asked_by_ten_at_once() {
    default_of("git_max_concurrent_connections", "10");
}

/// 3.3.8
#[test]
fn git_is_asked_without_a_pause() {
    default_of("git_wait_interval", "0");
}

/// 3.3.9
#[test]
fn the_rest_is_not_set() {
    for name in [
        "application",
        "repo_url",
        "ssh_options",
        "filter",
        "linked_files",
        "linked_dirs",
        "git_shallow_clone",
        "git_verify_commit",
        "git_http_username",
        "git_http_password",
        "git_wrapper_path",
        "repo_tree",
    ] {
        default_of(name, "");
    }
}

/// 3.3.10
#[test]
fn git_runs_without_prompts() {
    let text = said("info(`${fetch(\"git_environmental_variables\")}`);").concat();
    has(&text, "git_askpass");
}

/// 3.3.11
#[test]
fn current_can_be_called_otherwise() {
    default_of("current_directory", "current");
    let site = Site::new(
        "set(\"current_directory\", \"live\"); set(\"releases_directory\", \"r\"); set(\"shared_directory\", \"s\");",
    );
    site.run(&["deploy"]).ok();
    assert!(site.path("live/app.txt").is_file() && site.path("s").is_dir() && site.path("r").is_dir());
}

/// 3.3.12
#[test]
fn releases_stand_in_releases() {
    default_of("releases_directory", "releases");
}

/// 3.3.13
#[test]
fn shared_files_stand_in_shared() {
    default_of("shared_directory", "shared");
}

/// 3.3.14
#[test]
fn the_mirror_stands_in_repo_or_elsewhere() {
    assert_eq!(
        said("set(\"deploy_to\", \"/srv\"); info(repo_path()); set(\"repo_path\", \"/m\"); info(repo_path());"),
        ["/srv/repo", "/m"]
    );
}

/// 3.3.d
#[test]
fn settings_that_do_nothing_are_told() {
    for name in ["scm", "stage_config_path", "deploy_config_path"] {
        has(&judged(&format!("set(\"{name}\", 1);")), "[dead-setting]");
    }
}

/// 3.3.f
#[test]
fn settings_of_subversion_do_nothing() {
    differs("`:svn_username`, `:svn_password`, `:svn_revision`");
    has(&judged("set(\"svn_revision\", 1);"), "[dead-setting]");
}

/// 3.3.g
#[test]
fn the_run_sets_what_hooks_want_to_know() {
    let look = "after(\"deploy:updated\", \"look\", || for name in [\"stage\", \"deploying\", \"release_timestamp\", \"release_path\",
        \"current_revision\", \"current_revision_time\"] { if !any(name) { throw name; } });
        after(\"deploy:reverted\", \"look2\", || info(fetch(\"rollback_timestamp\")));";
    let site = Site::new(look);
    let first = site.deploy();
    site.deploy();
    assert!(site.run(&["deploy:rollback"]).ok().messages("info").contains(&first));
}

/// 3.4.1
#[test]
fn the_folders_are_those_of_capistrano() {
    differs("only `current`, `releases`, `repo`, `shared` and `revisions.log` stand in `deploy_to`");
    let site = Site::new("set(\"linked_dirs\", [\"log\"]);");
    let name = site.deploy();
    let mut names: Vec<String> =
        fs::read_dir(site.path("")).unwrap().flatten().map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, [".windlass", "current", "releases", "repo", "revisions.log", "shared"]);
    assert_eq!(fs::read_link(site.path("current")).unwrap(), site.path("releases").join(name));
    assert_eq!(fs::read_link(site.path("current/log")).unwrap(), site.path("shared/log"));
}

/// Every one of these is in the list of settings, so that `check` knows it.
#[track_caller]
fn known(all: &str) {
    for name in all.split_whitespace() {
        assert!(names().any(|known| known == name), "{name}");
    }
}

/// 3.3.a
#[test]
fn settings_of_every_deploy_are_there() {
    known("application repo_url branch deploy_to tmp_dir keep_releases default_env local_user ssh_options filter");
}

/// 3.3.b
#[test]
fn settings_of_git_are_there() {
    known(
        "git_shallow_clone git_wrapper_path git_environmental_variables git_max_concurrent_connections git_wait_interval \
         git_verify_commit git_http_username git_http_password repo_tree repo_path",
    );
}

/// 3.3.c
#[test]
fn settings_of_folders_are_there() {
    known("linked_files linked_dirs current_directory releases_directory shared_directory");
}

/// 3.3.e
#[test]
fn pty_is_told_by_check() {
    differs("`set :pty, true`");
    has(&judged("set(\"pty\", true);"), "give programs their option for that");
}
