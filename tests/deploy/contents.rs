//! What of the repository gets into a release.

use std::fs;

use crate::support::fleet::Fleet;
use crate::support::repository::Repository;
use crate::support::tree::tree;

/// The names in the current release of a host, folders with a slash; without the two files every release has.
fn names(fleet: &Fleet, host: &str) -> Vec<String> {
    let lines = tree(&fleet.path(host, &format!("releases/{}", fleet.current(host))));
    let name =
        |line: &String| line.rsplit_once(if line.contains(" -> ") { " -> " } else { "/ " }).map(|(n, _)| n.to_owned());
    let file = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let names = lines.iter().map(|line| match line.find(" \"") {
        Some(_) => file(line),
        None => name(line).unwrap_or_default() + "/",
    });
    names.filter(|name| !name.starts_with("REVISION")).collect()
}

#[test]
fn only_the_folder_of_repo_tree() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fleet.repository.commit("apps/web/bin/run", "run\n");
    fleet.repository.commit("apps/other/no", "no\n");
    let commit = fleet.repository.commit("apps/web/top", "top\n");
    for spelling in ["apps/web", "/apps//web/", "apps/web/"] {
        fleet.add_to_recipe(&format!("set(\"repo_tree\", {spelling:?});\n"));
        fleet.deploy();
        assert_eq!(names(&fleet, "web1"), ["bin/", "bin/run", "top"], "{spelling}");
        assert_eq!(fleet.read("web1", "current/REVISION"), format!("{commit}\n"));
    }
}

#[test]
fn a_repo_tree_that_is_not_there_leaves_what_runs() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let first = fleet.deploy();
    fleet.add_to_recipe("set(\"repo_tree\", \"no/such\");");
    let ran = fleet.run(&["deploy"]).fails(1);
    assert!(ran.stderr.contains("no/such"), "{}", ran.stderr);
    assert_eq!(fleet.current("web1"), first);
    assert_eq!(
        names_in(&fleet, "releases"),
        [first.as_str()],
        "what is not there makes no release, not even an empty one"
    );
    // What git has begun to pack goes with the next deploy.
    fleet.add_to_recipe("set(\"repo_tree\", \"\");");
    fleet.deploy();
    let left: Vec<_> = names_in(&fleet, "repo").into_iter().filter(|name| name.contains("windlass")).collect();
    assert!(left.is_empty(), "{left:?}");
}

fn names_in(fleet: &Fleet, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(fleet.path("web1", folder)).unwrap().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// REVISION is what was unpacked, whatever the mirror has got since: another stage may have the same mirror.
#[test]
fn the_revision_is_that_of_the_code_though_the_branch_goes_on() {
    let recipe = r#"
        task("go_on", || {
            run_locally(|| within(fetch("repo_url"), || {
                execute("git", "-c", "user.name=x", "-c", "user.email=x@y", "commit", "--quiet", "--allow-empty", "-m", "x");
            }));
            on(roles("app"), |host| within(repo_path(), || execute("git", "fetch", "--quiet", "origin")));
        });
        after("git:create_release", "go_on");
    "#;
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    let commit = fleet.repository.commit("app.sh", "echo 2\n");
    let ran = fleet.json(&["deploy"]).ok();
    assert_ne!(fleet.repository.git(&["rev-parse", "main"]), commit);
    assert_eq!(fleet.read("web1", "current/REVISION"), format!("{commit}\n"));
    // In the folder of this deploy's lock, and not in the mirror, which may be another's as well.
    let packed = ran.all("command_started").into_iter().find(|event| event["task"] == "git:create_release");
    let line = packed.expect("it is packed")["line"].as_str().unwrap_or_default().to_owned();
    assert!(line.contains(" -o ") && line.contains("/web1/.windlass/release.tar "), "{line}");
}

#[test]
fn without_a_lock_two_deploys_do_not_share_what_they_unpack() {
    let Some(fleet) = Fleet::start(1, "set(\"lock\", false);") else { return };
    let events = fleet.json(&["deploy"]).ok().all("command_started");
    let own = format!("/.windlass-{}.tar", fleet.current("web1"));
    let unpacking: Vec<_> =
        events.iter().filter_map(|event| event["line"].as_str()).filter(|l| l.contains(".tar")).collect();
    assert!(unpacking.len() == 4 && unpacking.iter().all(|line| line.contains(&own)), "{unpacking:?}");
}

#[test]
fn export_ignore_and_export_subst_of_gitattributes_count() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fleet.repository.commit("spec/test.rb", "test\n");
    fleet.repository.commit("version", "$Format:%H$\n");
    let commit = fleet.repository.commit(".gitattributes", "spec export-ignore\nversion export-subst\n");
    fleet.deploy();
    assert_eq!(names(&fleet, "web1"), [".gitattributes", "app.sh", "version"]);
    assert_eq!(fleet.read("web1", "current/version"), format!("{commit}\n"));
}

#[test]
fn modes_links_and_names_of_every_kind_arrive() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let folder = fleet.scene.top().join("repository");
    std::os::unix::fs::symlink("app.sh", folder.join("link")).unwrap();
    fs::create_dir(folder.join("bin")).unwrap();
    fs::write(folder.join("bin/run"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(folder.join("bin/run"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    fs::write(folder.join("-rf"), "x").unwrap();
    fs::write(folder.join("new\nline é"), "x").unwrap();
    fs::write(folder.join("nothing"), "").unwrap();
    let long = format!("{}file", "d/".repeat(60));
    fleet.repository.commit(&long, "deep\n");
    fleet.deploy();
    let at = |name: &str| fleet.path("web1", "current").join(name);
    assert_eq!(fs::read_link(at("link")).unwrap().to_str(), Some("app.sh"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(at("bin/run")).unwrap().permissions());
    assert_eq!(mode & 0o111, 0o111);
    assert_eq!(fs::read_to_string(at("-rf")).unwrap(), "x");
    assert_eq!(fs::read_to_string(at("new\nline é")).unwrap(), "x");
    assert_eq!(fs::read_to_string(at("nothing")).unwrap(), "");
    assert_eq!(fs::read_to_string(at(&long)).unwrap(), "deep\n");
}

#[test]
fn submodules_and_theirs_arrive_without_git_files() {
    let allow = r#"
        set("git_submodules", true);
        set("default_env", #{ git_allow_protocol: "file" });
    "#;
    let Some(fleet) = Fleet::start(2, allow) else { return };
    let inner = Repository::new(&fleet.scene.top().join("inner"));
    inner.commit("inner.txt", "inner\n");
    let library = Repository::new(&fleet.scene.top().join("library"));
    library.commit("lib.txt", "old\n");
    library.submodule(&inner, "deep");
    let commit = fleet.repository.submodule(&library, "vendor/library");
    fleet.deploy();
    let expected = [
        ".gitmodules",
        "app.sh",
        "vendor/",
        "vendor/library/",
        "vendor/library/.gitmodules",
        "vendor/library/deep/",
        "vendor/library/deep/inner.txt",
        "vendor/library/lib.txt",
    ];
    for host in ["web1", "web2"] {
        assert_eq!(names(&fleet, host), expected);
        assert_eq!(fleet.read(host, "current/REVISION"), format!("{commit}\n"));
    }
    // The submodule moves on; the release has the commit that the repository names, not the newest.
    library.commit("lib.txt", "newest\n");
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/vendor/library/lib.txt"), "old\n");
}

#[test]
fn a_file_that_says_git_only_in_its_name_stays_with_submodules() {
    let Some(fleet) = Fleet::start(1, "set(\"git_submodules\", true);") else { return };
    fleet.repository.commit(".github/x", "x\n");
    fleet.repository.commit("a/.gitkeep", "");
    fleet.deploy();
    assert_eq!(names(&fleet, "web1"), [".github/", ".github/x", "a/", "a/.gitkeep", "app.sh"]);
}

#[test]
fn what_with_says_about_git_reaches_it() {
    let recipe = r#"
        set("git_submodules", true);
        set("git_environmental_variables", #{ git_allow_protocol: "file", git_terminal_prompt: "0" });
    "#;
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    let library = Repository::new(&fleet.scene.top().join("library"));
    library.commit("lib.txt", "lib\n");
    fleet.repository.submodule(&library, "library");
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/library/lib.txt"), "lib\n");
}
