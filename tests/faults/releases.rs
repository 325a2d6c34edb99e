//! Which release becomes current, which one is gone back to, which ones may go.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::faults::app::{App, HOSTS, OLD};

fn touch(path: &Path) {
    assert!(Command::new("touch").arg(path).status().unwrap().success());
}

/// 5.A 2: with a link `releases/current` left over, Capistrano publishes the old release and reports success.
#[test]
fn a_stale_link_in_releases_does_not_publish_the_old_release() {
    let app = App::small("").with_history();
    for name in ["current", "current.20200101000000"] {
        symlink(app.path("web1", "releases").join(OLD[0]), app.path("web1", "releases").join(name)).unwrap();
    }
    app.run(&["deploy"]).ok();
    assert!(!OLD.contains(&app.current("web1").as_str()));
    assert_eq!(fs::read_to_string(app.path("web1", "current/app.sh")).unwrap(), "echo version 1\n");
}

/// 5.A 2: the new link is made beside `current`; one of the same name, left by a run that was cut off, must not be
/// followed, wherever it points.
#[test]
fn a_stale_temporary_link_is_neither_followed_nor_left() {
    let app = App::small(
        "before(\"deploy:symlink:release\", \"stale\");\n\
         task(\"stale\", || on(roles(\"app\"), |host| {\n\
             execute(\"ln\", \"-s\", releases_path(\"20200101000000\"), current_path() + \".\" + now());\n\
         }));",
    )
    .with_history();
    app.run(&["deploy"]).ok();
    assert!(!OLD.contains(&app.current("web1").as_str()));
    assert_eq!(app.names("web1", "releases/20200101000000"), ["which"], "nothing was linked into the old release");
    assert_eq!(app.names("web1", ""), [".windlass", "current", "releases", "repo", "revisions.log", "shared"]);
}

/// 5.A 2: a release folder that is not there must never become current.
#[test]
fn a_release_that_is_not_there_never_becomes_current() {
    let app = App::new(
        "before(\"deploy:symlink:release\", \"lose\");\n\
         task(\"lose\", || on(roles(\"app\"), |host| execute(\"rm\", \"-rf\", release_path())));",
    )
    .with_history();
    let ran = app.run(&["deploy"]).fails(1);
    assert!(ran.err().contains("`test -d [top]/hosts/web1/releases/[release]` ended with status 1"), "{}", ran.err());
    for host in HOSTS {
        assert_eq!(app.current(host), OLD[2]);
    }
}

/// 5.A 6: Capistrano goes by the time of last change, where touching an old release changes the order.
#[test]
fn rollback_goes_by_name_not_by_time_of_change() {
    let app = App::new("").with_history();
    for host in HOSTS {
        touch(&app.path(host, "releases").join(OLD[0]));
    }
    app.run(&["deploy:rollback"]).ok();
    for host in HOSTS {
        assert_eq!(app.current(host), OLD[1]);
    }
}

/// 5.A 6: a release newer than the current one was left by a failed deploy; going back to it would go forward, and
/// going back "one" from it would go nowhere.
#[test]
fn rollback_ignores_a_newer_release_that_was_never_published() {
    let app = App::small("").with_history();
    app.release("web1", "20200104000000");
    app.run(&["deploy:rollback"]).ok();
    assert_eq!(app.current("web1"), OLD[1]);
    assert_eq!(
        app.names("web1", "releases"),
        [OLD[0], OLD[1], "20200104000000"],
        "what was left is packed and removed"
    );
    assert!(app.path("web1", "rolled-back-release-20200103000000.tar.gz").is_file());
}

/// 5.A 6: other names count in Capistrano.
#[test]
fn rollback_ignores_foreign_names() {
    let app = App::small("").with_history();
    for name in ["20200102500000x", "backup", "current", "zzz", "2020010250"] {
        app.release("web1", name);
    }
    app.run(&["deploy:rollback"]).ok();
    assert_eq!(app.current("web1"), OLD[1]);
}

/// 5.A 6, 5.B 31.
#[test]
fn rollback_to_a_named_release_and_to_one_that_is_not_there() {
    let app = App::new("").with_history();
    let before = app.hosts_tree();
    let ran = app.run(&["deploy:rollback", "ROLLBACK_RELEASE=20200109000000"]).fails(1);
    assert!(ran.stderr.contains("there is no release `20200109000000` to roll back to"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`20200103000000` (current), `20200102000000`, `20200101000000`"), "{}", ran.stderr);
    assert_eq!(app.lost(&before), [""; 0]);
    app.run(&["deploy:rollback", "ROLLBACK_RELEASE=20200101000000"]).ok();
    assert_eq!(app.current("web3"), OLD[0]);
}

/// 5.A 6: with nothing to go back to, the host stays as it is, and the error says so for each host.
#[test]
fn rollback_without_an_older_release_changes_nothing() {
    let app = App::new("").with_history();
    for host in HOSTS {
        app.point(host, &app.path(host, "releases").join(OLD[0]));
    }
    let before = app.hosts_tree();
    let ran = app.run(&["deploy:rollback"]).fails(1);
    for host in HOSTS {
        assert!(ran.err().contains(host), "{}", ran.err());
        assert_eq!(app.current(host), OLD[0]);
    }
    assert_eq!(app.lost(&before), [""; 0]);
}

/// 5.A 8: the target of a rollback is worked out per host; in Capistrano the last host to answer decides for all.
#[test]
fn rollback_to_different_releases_is_refused() {
    let app = App::new("").with_history();
    fs::remove_dir_all(app.path("web2", "releases").join(OLD[1])).unwrap();
    let before = app.hosts_tree();
    let ran = app.run(&["deploy:rollback"]).fails(1);
    assert_eq!(ran.error(), "the hosts would go back to different releases");
    assert!(
        ran.stderr.contains("web1: 20200102000000") && ran.stderr.contains("web2: 20200101000000"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("ROLLBACK_RELEASE="), "{}", ran.stderr);
    assert_eq!(app.lost(&before), [""; 0]);
}

/// 5.A 7: whatever `current` looks like, the release it names stays.
#[test]
fn cleanup_never_removes_the_current_release() {
    type Spelling = fn(&App) -> std::path::PathBuf;
    let spellings: [(&str, Spelling); 5] = [
        ("plain", |app| app.path("web1", "releases").join(OLD[0])),
        ("slash", |app| format!("{}/", app.path("web1", "releases").join(OLD[0]).display()).into()),
        ("relative", |_| Path::new("releases").join(OLD[0])),
        ("dots", |app| app.path("web1", "shared/../releases/.").join(OLD[0])),
        ("dangling", |_| Path::new("/nonexistent/releases").join(OLD[0])),
    ];
    for (name, target) in spellings {
        let app = App::small("set(\"keep_releases\", 1);").with_history();
        app.point("web1", &target(&app));
        app.run(&["deploy:cleanup"]).ok();
        assert_eq!(app.names("web1", "releases"), [OLD[0], OLD[2]], "{name}");
    }
}

/// 5.A 7: a symbolic link in `deploy_to`.
#[test]
fn cleanup_knows_the_current_release_through_links() {
    let app = App::small("set(\"keep_releases\", 1);").with_history();
    let real = app.scene.top().join("real");
    fs::rename(app.path("web1", ""), &real).unwrap();
    symlink(&real, app.path("web1", "").parent().unwrap().join("web1")).unwrap();
    app.point("web1", &real.join("releases").join(OLD[0]));
    app.run(&["deploy:cleanup"]).ok();
    assert_eq!(app.names("web1", "releases"), [OLD[0], OLD[2]]);
}

/// 5.A 7: a `~`, which would be a folder of that name once it is quoted.
#[test]
fn a_home_folder_in_deploy_to_is_refused_before_anything_is_made() {
    let app = App::small("set(\"deploy_to\", \"~/app\");").with_history();
    let before = app.scene.everything();
    let ran = app.run(&["deploy"]).fails(2);
    assert_eq!(ran.error(), "the setting `deploy_to` is `~/app`, which is no absolute path");
    assert!(ran.stderr.contains("/home/"), "{}", ran.stderr);
    assert_eq!(app.scene.everything(), before);
}

/// 5.B 21, 29, and a name that would be several arguments in a shell: foreign folders stay, and are named.
#[test]
fn cleanup_leaves_foreign_folders_alone_and_says_so() {
    let app = App::small("set(\"keep_releases\", 1);").with_history();
    let foreign = ["backup", "line\n20200101000000", "20200101000000.old", "-rf", "a b", "$(touch pwned)"];
    for name in foreign {
        app.release("web1", name);
    }
    let ran = app.json(&["deploy:cleanup"]).ok();
    let mut left: Vec<&str> = foreign.iter().copied().chain([OLD[2]]).collect();
    left.sort_unstable();
    assert_eq!(app.names("web1", "releases"), left);
    let warned = ran.messages("warn").join("");
    assert!(foreign.iter().all(|name| warned.contains(&format!("{name:?}"))), "{warned}");
}

/// 5.B 35: more releases than fit into one command line of a hundred.
#[test]
fn cleanup_removes_three_hundred_releases() {
    let app = App::small("").with_history();
    for number in 0..300 {
        app.release("web1", &format!("20190101{number:06}"));
    }
    app.run(&["deploy:cleanup"]).ok();
    assert_eq!(app.names("web1", "releases"), ["20190101000298", "20190101000299", OLD[0], OLD[1], OLD[2]]);
}

/// 5.B 31: deploys that fail leave newer folders; they must not push the live release out.
#[test]
fn cleanup_after_many_failed_deploys_keeps_what_is_live() {
    let app = App::small("set(\"keep_releases\", 2);").with_history();
    for number in 1..9 {
        app.release("web1", &format!("202002010000{number:02}"));
    }
    app.run(&["deploy:cleanup"]).ok();
    assert_eq!(app.names("web1", "releases"), [OLD[2], "20200201000007", "20200201000008"]);
}
