//! Shared files and folders: never lost, never half linked.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use std::fs;

use crate::faults::app::{App, HOSTS, OLD};

fn shared(app: &App, host: &str, name: &str) {
    let path = app.path(host, "shared").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "precious").unwrap();
}

/// `tmp` and `tmp/pids`, both orders: removing `tmp/pids` from the release through the link of `tmp` would remove the
/// shared folder itself.
#[test]
fn nested_linked_dirs_never_delete_shared_files() {
    for dirs in ["\"tmp\", \"tmp/pids\"", "\"tmp/pids\", \"tmp\"", "\"tmp/\", \"tmp//pids/\", \"tmp/pids/deep\""] {
        let app = App::small(&format!("set(\"linked_dirs\", [{dirs}]);"));
        app.repository.commit("tmp/pids/from_git", "");
        shared(&app, "web1", "tmp/pids/app.pid");
        app.run(&["deploy"]).ok();
        assert_eq!(app.names("web1", "shared/tmp/pids").first().unwrap(), "app.pid", "{dirs}");
        assert_eq!(fs::read_to_string(app.path("web1", "current/tmp/pids/app.pid")).unwrap(), "precious", "{dirs}");
        assert_eq!(fs::read_link(app.path("web1", "current/tmp")).unwrap(), app.path("web1", "shared/tmp"));
    }
}

/// A linked file inside a linked folder is in the release through the folder's link; making it there would replace the
/// shared file by a link to itself.
#[test]
fn a_linked_file_inside_a_linked_dir_is_not_replaced_by_itself() {
    let app = App::small("set(\"linked_dirs\", [\"config\"]);\nset(\"linked_files\", [\"config/database.yml\"]);");
    shared(&app, "web1", "config/database.yml");
    app.run(&["deploy"]).ok();
    assert_eq!(fs::read_to_string(app.path("web1", "shared/config/database.yml")).unwrap(), "precious");
    assert_eq!(fs::read_to_string(app.path("web1", "current/config/database.yml")).unwrap(), "precious");
}

#[test]
fn linked_paths_that_lead_out_of_the_release_are_refused() {
    for (setting, path) in [
        ("linked_files", "../shared/x"),
        ("linked_files", "/etc/passwd"),
        ("linked_dirs", "~/x"),
        ("linked_dirs", "a/../../releases"),
        ("linked_dirs", "."),
        ("linked_files", ""),
    ] {
        let app = App::small(&format!("set(\"{setting}\", [\"{path}\"]);")).with_history();
        let before = app.hosts_tree();
        let ran = app.run(&["deploy"]).fails(1);
        assert!(ran.stderr.contains(&format!("`{path}` in `{setting}` is no path inside a release")), "{}", ran.stderr);
        assert!(ran.stderr.contains("config/database.yml"), "{}", ran.stderr);
        assert_eq!(app.lost(&before), [""; 0]);
    }
}

/// A linked file that somebody committed as a folder: `rm -f` does not remove it, and nothing may be linked into it.
#[test]
fn a_linked_file_that_is_a_folder_in_the_repository_stops_the_deploy() {
    let app = App::small("set(\"linked_files\", [\"config\"]);").with_history();
    app.repository.commit("config/in_git", "");
    shared(&app, "web1", "config");
    let ran = app.run(&["deploy"]).fails(1);
    assert_eq!(ran.error(), "`rm -f [top]/hosts/web1/releases/[release]/config` ended with status 1");
    assert!(ran.stderr.contains("belongs into `linked_dirs`"), "{}", ran.stderr);
    assert_eq!(app.current("web1"), OLD[2]);
    assert_eq!(fs::read_to_string(app.path("web1", "shared/config")).unwrap(), "precious");
}

/// A linked folder that is committed as a file, and one that is committed with files: the shared one takes its place.
#[test]
fn what_is_committed_gives_way_to_the_linked_folder() {
    let app = App::small("set(\"linked_dirs\", [\"log\", \"public/uploads\"]);");
    app.repository.commit("log", "a file");
    app.repository.commit("public/uploads/.keep", "");
    shared(&app, "web1", "public/uploads/cat.jpg");
    app.run(&["deploy"]).ok();
    assert_eq!(app.names("web1", "current/public/uploads"), ["cat.jpg"]);
    assert!(app.path("web1", "current/log").is_dir());
}

/// 5.A 9: what is missing is told for all files and all hosts at once, before anything is deployed.
#[test]
fn missing_linked_files_are_one_report_of_all_hosts() {
    let app = App::new("set(\"linked_files\", [\"config/a.yml\", \"b.yml\"]);").with_history();
    for host in ["web1", "web2"] {
        shared(&app, host, "config/a.yml");
    }
    shared(&app, "web3", "config/a.yml/oops");
    let ran = app.run(&["deploy"]).fails(1);
    assert_eq!(ran.error(), "3 of 3 hosts failed");
    assert_eq!(ran.err().matches("error: files are not in place").count(), 3, "{}", ran.err());
    for line in [
        "[top]/hosts/web1/shared/b.yml is missing",
        "[top]/hosts/web2/shared/b.yml is missing",
        "[top]/hosts/web3/shared/b.yml is missing",
        "[top]/hosts/web3/shared/config/a.yml is a folder",
    ] {
        assert!(ran.err().contains(line), "{}", ran.err());
    }
    for host in HOSTS {
        assert_eq!(app.current(host), OLD[2]);
        assert_eq!(app.names(host, "releases"), OLD);
    }
}

/// A linked file may be a link itself, and its name may hold anything.
#[test]
fn names_of_linked_files_are_quoted() {
    let name = "config/it's $(touch pwned) `x`.yml";
    let app = App::small(
        &format!("append(\"linked_files\", {name:?});\nappend(\"linked_dirs\", \"a b/c'd\");").replace("${", "$ {"),
    );
    shared(&app, "web1", name);
    app.run(&["deploy"]).ok();
    assert_eq!(fs::read_to_string(app.path("web1", "current").join(name)).unwrap(), "precious");
    assert!(app.path("web1", "current/a b/c'd").is_dir());
    assert!(!app.scene.path("pwned").exists());
}
