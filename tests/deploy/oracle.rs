//! The same repository deployed by Capistrano and by windlass leaves the same tree.
//!
//! What is left out of the comparison, and why:
//! - the inside of `repo`: both keep a mirror there, but windlass clones beside it first, and packs differ from clone
//!   to clone;
//! - `git-ssh-….sh` in `tmp_dir`, one more with each deploy of Capistrano: windlass has no such file;
//! - `.windlass`, the folder of our lock, which Capistrano has not and leaves alone;
//! - `REVISION_TIME`, where Capistrano is older than 3.19 (Debian's is 3.17.2), which brought it;
//! - the bytes of the archive of a rolled-back release, which hold times; the names in it are compared.

use std::fs;

use crate::support::cap::Cap;
use crate::support::fleet::Fleet;
use crate::support::tree::tree;

const HOSTS: &[&str] = &["web1", "web2"];

/// The tree of windlass, without `REVISION_TIME` where the other tool does not know that file.
fn comparable(ours: Vec<String>, theirs: &[String]) -> Vec<String> {
    if theirs.iter().any(|line| line.contains("/REVISION_TIME")) {
        return ours;
    }
    let member = |line: &str| match line.find("/REVISION_TIME\"") {
        None => line.to_owned(),
        // In the list of an archive's members: `…, "[to]/releases/r2/REVISION_TIME", …`.
        Some(end) => {
            let start = line[..end].rfind(", ").expect("REVISION is before it");
            line[..start].to_owned() + &line[end + "/REVISION_TIME\"".len()..]
        }
    };
    ours.iter().filter(|line| !line.contains("/REVISION_TIME ")).map(|line| member(line)).collect()
}

/// The trees of both tools are the same on every host; gives the common one.
#[track_caller]
fn same(fleet: &Fleet, cap: &Cap<'_>, when: &str) -> Vec<String> {
    let trees: Vec<(Vec<String>, Vec<String>)> =
        HOSTS.iter().map(|host| (fleet.tree(host), tree(&cap.path(host)))).collect();
    let trees = trees.into_iter().map(|(ours, theirs)| (comparable(ours, &theirs), theirs)).collect::<Vec<_>>();
    for ((ours, theirs), host) in trees.iter().zip(HOSTS) {
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|line| !those.contains(line)).cloned().collect()
        };
        let (only_ours, only_theirs) = (only(ours, theirs), only(theirs, ours));
        assert!(
            only_ours.is_empty() && only_theirs.is_empty(),
            "{when}, {host}:\nonly windlass:\n  {}\nonly Capistrano:\n  {}",
            only_ours.join("\n  "),
            only_theirs.join("\n  ")
        );
        assert_eq!(ours, theirs, "{when}, {host}");
    }
    trees.into_iter().next().expect("there are hosts").0
}

#[test]
fn a_life_of_deploys_leaves_the_tree_capistrano_leaves() {
    let recipe = r#"
        append("linked_files", "config/database.yml");
        append("linked_dirs", "log", "tmp/pids");
        set("keep_releases", 3);
    "#;
    let settings = "append :linked_files, \"config/database.yml\"\nappend :linked_dirs, \"log\", \"tmp/pids\"\n\
                    set :keep_releases, 3";
    let Some(fleet) = Fleet::start(HOSTS.len(), recipe) else { return };
    let name = "a_life_of_deploys_leaves_the_tree_capistrano_leaves";
    let Some(cap) = Cap::new(name, &fleet, HOSTS, settings) else { return };
    fleet.repository.commit("log/.keep", "");
    fleet.repository.commit("config/app.yml", "a: 1\n");
    fleet.repository.commit("a file é", "x\n");
    fleet.share("config/database.yml", "secret\n");
    for host in HOSTS {
        let shared = cap.path(host).join("shared/config");
        fs::create_dir_all(&shared).unwrap();
        fs::write(shared.join("database.yml"), "secret\n").unwrap();
    }
    let both = |task: &str| {
        cap.run(&[task]);
        fleet.run(&[task]).ok();
    };

    both("deploy");
    let first = same(&fleet, &cap, "after the first deploy");
    assert!(first.contains(&"current -> [to]/releases/r1".to_owned()), "{first:#?}");

    fleet.repository.commit("app.sh", "echo version 2\n");
    both("deploy");
    same(&fleet, &cap, "after the second deploy");

    both("deploy:rollback");
    let back = same(&fleet, &cap, "after the rollback");
    assert!(back.contains(&"current -> [to]/releases/r1".to_owned()), "{back:#?}");
    assert!(back.iter().any(|line| line.starts_with("rolled-back-release-r2.tar.gz")), "{back:#?}");

    for version in 3..6 {
        fleet.repository.commit("app.sh", &format!("echo version {version}\n"));
        both("deploy");
    }
    let last = same(&fleet, &cap, "after a cleanup");
    let releases: Vec<&String> = last
        .iter()
        .filter(|line| line.starts_with("releases/r") && line.matches('/').count() == 2 && line.ends_with("/ 755"))
        .collect();
    assert_eq!(releases, ["releases/r3/ 755", "releases/r4/ 755", "releases/r5/ 755"]);
}

#[test]
fn a_part_of_the_repository_a_shallow_clone_and_another_name_are_the_same_too() {
    let recipe = r#"
        set("repo_tree", "/apps/web/");
        set("git_shallow_clone", 1);
        set("current_directory", "live");
        set("default_env", #{ rails_env: "production" });
        set("branch", "feature/x");
    "#;
    let settings = "set :repo_tree, \"/apps/web/\"\nset :git_shallow_clone, 1\nset :current_directory, \"live\"\n\
                    set :default_env, { rails_env: \"production\" }\nset :branch, \"feature/x\"";
    let Some(fleet) = Fleet::start(HOSTS.len(), recipe) else { return };
    let name = "a_part_of_the_repository_a_shallow_clone_and_another_name_are_the_same_too";
    let url = format!("file://{}", fleet.repository.url());
    let Some(cap) = Cap::new(name, &fleet, HOSTS, &format!("{settings}\nset :repo_url, {url:?}")) else { return };
    fleet.add_to_recipe(&format!("set(\"repo_url\", {url:?});"));
    fleet.repository.branch("feature/x");
    fleet.repository.commit("apps/web/spec/x", "x\n");
    fleet.repository.commit("apps/web/.gitattributes", "spec export-ignore\n");
    for when in ["after the first deploy", "after the second deploy"] {
        fleet.repository.commit("apps/web/bin/run", &format!("run {when}\n"));
        cap.run(&["deploy"]);
        fleet.run(&["deploy"]).ok();
        let tree = same(&fleet, &cap, when);
        assert!(tree.iter().any(|line| line.starts_with("releases/r1/bin/run ")), "{tree:#?}");
    }
}

#[test]
fn a_release_by_name_and_foreign_folders_are_treated_the_same() {
    let Some(fleet) = Fleet::start(HOSTS.len(), "set(\"keep_releases\", 2);") else { return };
    let name = "a_release_by_name_and_foreign_folders_are_treated_the_same";
    let Some(cap) = Cap::new(name, &fleet, HOSTS, "set :keep_releases, 2") else { return };
    for path in HOSTS.iter().flat_map(|host| [fleet.path(host, ""), cap.path(host)]) {
        for old in ["20200101000000", "20210101000000", "20220101000000", "mine"] {
            fs::create_dir_all(path.join("releases").join(old)).unwrap();
        }
    }
    cap.run(&["deploy"]);
    fleet.run(&["deploy"]).ok();
    let tree = same(&fleet, &cap, "after the deploy");
    assert!(tree.contains(&"releases/mine/ 755".to_owned()), "{tree:#?}");
    cap.run(&["deploy:rollback", "ROLLBACK_RELEASE=20220101000000"]);
    fleet.run(&["deploy:rollback", "ROLLBACK_RELEASE=20220101000000"]).ok();
    same(&fleet, &cap, "after the rollback to a named release");
}
