//! Chapter 2.3: paths and what helps with them.

use crate::capistrano::rows::{differs, no_function, said};

/// 2.3.a
#[test]
fn paths_are_those_of_capistrano() {
    let body = "set(\"deploy_to\", \"/srv/app\");
        for path in [deploy_to(), current_path(), releases_path(), shared_path(), repo_path(), release_path()] { info(path); }";
    let names = ["", "/current", "/releases", "/shared", "/repo", "/current"];
    assert_eq!(said(body), names.map(|name| format!("/srv/app{name}")));
}

/// 2.3.b
#[test]
fn settings_are_fetched_and_are_no_functions() {
    differs("`deploy_path`, `repo_url`, `revision_log`, `local_user`, `stages`, `stage_set?`, `scm`, `deploying?`");
    for (call, instead) in [
        ("deploy_path()", "write `deploy_to()`"),
        ("repo_url()", "write `fetch(\"repo_url\")`"),
        ("revision_log()", "write `deploy_to(\"revisions.log\")`"),
        ("local_user()", "write `fetch(\"local_user\")`"),
        ("stages()", "leave it out"),
        ("stage_set()", "leave it out"),
        ("scm()", "leave it out"),
        ("deploying()", "write `fetch(\"deploying\")`"),
    ] {
        no_function(call, instead);
    }
}

/// 2.3.c
#[test]
fn the_path_of_the_release_is_a_setting() {
    differs("`set_release_path`, `release_timestamp`, `asset_timestamp`");
    no_function("set_release_path()", "write `set(\"release_path\", ");
    no_function("release_timestamp()", "write `fetch(\"release_timestamp\")`");
    no_function("asset_timestamp()", "write `now()`");
    let body =
        "set(\"deploy_to\", \"/srv\"); set(\"release_path\", releases_path(\"one\")); info(release_path(\"a\"));";
    assert_eq!(said(body), ["/srv/releases/one/a"]);
}

/// 2.3.d
#[test]
fn now_is_the_same_all_through_a_run() {
    let times = said("info(now()); sleep(1.1); info(now());");
    assert_eq!(times[0], times[1]);
    assert!(times[0].len() == 14 && times[0].bytes().all(|byte| byte.is_ascii_digit()), "{times:?}");
}

/// 2.3.e
#[test]
fn linked_paths_are_put_into_a_folder() {
    let body = "set(\"linked_dirs\", [\"log\", \"tmp/pids\"]); set(\"linked_files\", [\"a/b.yml\"]);
        info(linked_dirs(\"/s\")); info(linked_files(\"/s\"));";
    assert_eq!(said(body), [r#"["/s/log", "/s/tmp/pids"]"#, r#"["/s/a/b.yml"]"#]);
}

/// 2.3.f
#[test]
fn folders_of_linked_paths_are_their_parents() {
    differs("`linked_file_dirs(x)`, `linked_dir_parents(x)`");
    no_function("linked_file_dirs(\"x\")", "write `parents(linked_files(…))`");
    no_function("linked_dir_parents(\"x\")", "write `parents(linked_dirs(…))`");
    let body = "set(\"linked_files\", [\"a/b.yml\", \"a/c.yml\"]); info(parents(linked_files(\"/s\")));";
    assert_eq!(said(body), [r#"["/s/a"]"#]);
}

/// 2.3.g
#[test]
fn texts_are_not_looked_up() {
    differs("`t(:key)`");
    no_function("t(\"key\")", "write the text itself");
}

/// 2.3.h
#[test]
fn sudo_is_a_user_to_be() {
    differs("`sudo :ls`");
    no_function("sudo(\"ls\")", "run it as root: `as_user(\"root\", ");
}

/// 2.3.i
#[test]
fn lines_of_the_revision_log_are_settings() {
    let body = "info(fetch(\"revision_log_message\")); info(fetch(\"rollback_log_message\"));";
    let deployed = "Branch %{branch} (at %{sha}) deployed as release %{release} by %{user}";
    assert_eq!(said(body), [deployed, "%{user} rolled back to release %{release}"]);
}
