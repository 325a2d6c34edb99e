//! Where things are on a host.

use crate::support::scene::Scene;

fn said(settings: &str, body: &str) -> Vec<String> {
    Scene::with(&format!("{settings}\ntask(\"t\", || {{ {body} }});"))
        .stage("production", crate::support::scene::THREE_HOSTS)
        .said(["production", "t"])
}

#[test]
fn paths_are_those_of_capistrano() {
    let body = r#"
        info(deploy_to()); info(current_path()); info(releases_path()); info(shared_path()); info(repo_path());
        info(release_path()); info(shared_path("config/x.yml")); info(deploy_to("/etc/x")); info(releases_path("1"));
    "#;
    let expected = [
        "/var/www/shop",
        "/var/www/shop/current",
        "/var/www/shop/releases",
        "/var/www/shop/shared",
        "/var/www/shop/repo",
        "/var/www/shop/current",
        "/var/www/shop/shared/config/x.yml",
        "/etc/x",
        "/var/www/shop/releases/1",
    ];
    assert_eq!(said("set(\"application\", \"shop\");", body), expected);
}

#[test]
fn each_name_can_be_set() {
    let settings = r#"
        set("deploy_to", "/srv/x/"); set("current_directory", "live"); set("releases_directory", "r");
        set("shared_directory", "s"); set("repo_path", "/mirror"); set("release_path", "/srv/x/r/1");
    "#;
    let body = "info(current_path()); info(releases_path()); info(shared_path()); info(repo_path(\"HEAD\")); info(release_path(\"a\"));";
    assert_eq!(said(settings, body), ["/srv/x/live", "/srv/x/r", "/srv/x/s", "/mirror/HEAD", "/srv/x/r/1/a"]);
}

#[test]
fn a_relative_deploy_to_is_a_mistake_shown_where_it_was_set() {
    let ran = Scene::with("set(\"deploy_to\", \"srv\");\ntask(\"t\", || deploy_to());")
        .stage("production", "")
        .run(["production", "t"])
        .fails(2);
    assert_eq!(ran.error(), "the setting `deploy_to` is `srv`, which is no absolute path");
    assert!(ran.stderr.contains("config/deploy.rhai:1:1"), "{}", ran.stderr);
}

#[test]
fn without_application_there_is_no_folder() {
    let ran = Scene::with("task(\"t\", || info(deploy_to()));").stage("production", "").run(["production", "t"]);
    assert!(ran.fails(2).stderr.contains("set(\"application\""));
}

#[test]
fn linked_paths_are_cleaned_and_kept_inside() {
    let settings =
        "append(\"linked_dirs\", \"log/\", \"tmp//pids\", \"log\"); append(\"linked_files\", \"a/b.yml\", \"c.yml\");";
    let body = r#"
        info(linked_dirs("/s")); info(linked_dirs("")); info(parents(linked_files("/s")));
        info(outermost(["tmp/pids", "tmp", "tmpfiles"])); info(linked_files("/r"));
    "#;
    assert_eq!(
        said(settings, body),
        [
            r#"["/s/log", "/s/tmp/pids"]"#,
            r#"["log", "tmp/pids"]"#,
            r#"["/s/a", "/s"]"#,
            r#"["tmp", "tmpfiles"]"#,
            r#"["/r/a/b.yml", "/r/c.yml"]"#,
        ]
    );
    let ran =
        Scene::with("append(\"linked_dirs\", \"../x\"); task(\"t\", || linked_dirs(\"/s\"));").run(["production", "t"]);
    assert_eq!(ran.fails(2).error(), "`../x` in `linked_dirs` is no path inside a release");
}

#[test]
fn now_is_the_same_all_through_a_run_and_a_release_name() {
    let said =
        said("", "let a = now(); sleep(1.1); info(a == now()); info(a.len); info(parse_int(a) > 20260000000000);");
    assert_eq!(said, ["true", "14", "true"]);
}

#[test]
fn releases_are_chosen_by_name() {
    let body = r#"
        let all = ["20260101000000", "20260102000000", "20260103000000", "20260104000000"];
        info(expired_releases(all, "20260101000000", 2));
        info(expired_releases(all, "20260104000000", 2));
        info(rollback_target(all, "20260103000000", ()));
        info(rollback_target(all, "20260103000000", "20260101000000"));
    "#;
    assert_eq!(
        said("", body),
        [r#"["20260102000000"]"#, r#"["20260101000000", "20260102000000"]"#, "20260102000000", "20260101000000",]
    );
}
