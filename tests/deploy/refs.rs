//! What can be deployed: branches, tags and commits, however they are called.

use crate::support::fleet::Fleet;
use crate::support::repository::Repository;

const FROM_ENV: &str = r#"set("branch", env("BRANCH", "main"));"#;

/// Deploys what `BRANCH` names on one host and gives `REVISION`, `app.sh` and the last line of the log, without the
/// release.
fn deployed(fleet: &Fleet, branch: &str) -> (String, String, String) {
    fleet.run(&["deploy", &format!("BRANCH={branch}")]).ok();
    let log = fleet.read("web1", "revisions.log");
    let line = log.lines().last().expect("there is a line").replace(&fleet.current("web1"), "R");
    (fleet.read("web1", "current/REVISION").trim_end().to_owned(), fleet.read("web1", "current/app.sh"), line)
}

fn expected(commit: &str, text: &str, branch: &str) -> (String, String, String) {
    (commit.to_owned(), text.to_owned(), format!("Branch {branch} (at {commit}) deployed as release R by tester"))
}

#[test]
fn tags_and_commits_are_deployed_by_name() {
    let Some(fleet) = Fleet::start(1, FROM_ENV) else { return };
    let one = fleet.repository.commit("app.sh", "echo one\n");
    fleet.repository.light_tag("v1");
    let two = fleet.repository.commit("app.sh", "echo two\n");
    let tag = fleet.repository.tag("v2");
    assert_ne!(tag, two, "an annotated tag is an object of its own");
    let three = fleet.repository.commit("app.sh", "echo three\n");
    assert_eq!(deployed(&fleet, "v1"), expected(&one, "echo one\n", "v1"));
    assert_eq!(deployed(&fleet, "v2"), expected(&two, "echo two\n", "v2"));
    assert_eq!(deployed(&fleet, &one), expected(&one, "echo one\n", &one));
    assert_eq!(deployed(&fleet, &two[..8]), expected(&two, "echo two\n", &two[..8]));
    assert_eq!(deployed(&fleet, "main"), expected(&three, "echo three\n", "main"));
}

#[test]
fn a_branch_with_a_slash() {
    let Some(fleet) = Fleet::start(2, FROM_ENV) else { return };
    fleet.repository.branch("feature/login");
    let commit = fleet.repository.commit("app.sh", "echo login\n");
    fleet.repository.switch("main");
    assert_eq!(deployed(&fleet, "feature/login"), expected(&commit, "echo login\n", "feature/login"));
    assert_eq!(fleet.read("web2", "current/REVISION"), format!("{commit}\n"));
}

#[test]
fn a_branch_called_like_a_file_or_an_option_of_the_shell() {
    let Some(fleet) = Fleet::start(1, FROM_ENV) else { return };
    for name in ["app.sh", "it's;$(id)", "HEAD-2"] {
        fleet.repository.branch(name);
        let commit = fleet.repository.commit("app.sh", &format!("echo {name}\n"));
        assert_eq!(deployed(&fleet, name), expected(&commit, &format!("echo {name}\n"), name));
    }
}

#[test]
fn a_branch_that_moved_back_and_one_that_has_gone() {
    let Some(fleet) = Fleet::start(1, FROM_ENV) else { return };
    fleet.repository.branch("release");
    fleet.repository.commit("app.sh", "echo wrong\n");
    deployed(&fleet, "release");
    fleet.repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let right = fleet.repository.commit("app.sh", "echo right\n");
    assert_eq!(deployed(&fleet, "release"), expected(&right, "echo right\n", "release"));
    fleet.repository.switch("main");
    fleet.repository.git(&["branch", "--quiet", "-D", "release"]);
    let before = fleet.current("web1");
    let ran = fleet.run(&["deploy", "BRANCH=release"]).fails(1);
    assert!(ran.stderr.contains("release"), "{}", ran.stderr);
    assert_eq!(fleet.current("web1"), before, "what ran goes on running");
    assert_eq!(fleet.releases("web1").len(), 2, "no release is begun for a branch that is not there");
}

#[test]
fn branch_in_the_environment() {
    let Some(fleet) = Fleet::start(1, FROM_ENV) else { return };
    fleet.repository.branch("other");
    let commit = fleet.repository.commit("app.sh", "echo other\n");
    let fleet = fleet.env("BRANCH", "other");
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/REVISION"), format!("{commit}\n"));
}

#[test]
fn a_shallow_clone_holds_no_history_and_can_be_deployed_again() {
    let Some(fleet) = Fleet::start(1, "set(\"git_shallow_clone\", 1);") else { return };
    for version in 2..5 {
        fleet.repository.commit("app.sh", &format!("echo version {version}\n"));
    }
    // A plain path is cloned by copying everything; only an address goes the way that can be shallow.
    fleet.add_to_recipe(&format!("set(\"repo_url\", \"file://{}\");", fleet.repository.url()));
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/app.sh"), "echo version 4\n");
    let mirror = Repository::existing(&fleet.path("web1", "repo"));
    assert_eq!(mirror.git(&["rev-list", "--count", "--all"]), "1");
    let commit = fleet.repository.commit("app.sh", "echo version 5\n");
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/REVISION"), format!("{commit}\n"));
    assert_eq!(fleet.read("web1", "current/app.sh"), "echo version 5\n");
}

#[test]
fn a_shallow_clone_deploys_a_tag_and_a_branch_with_a_slash() {
    let Some(fleet) = Fleet::start(1, FROM_ENV) else { return };
    fleet.add_to_recipe(&format!(
        "set(\"git_shallow_clone\", 1);\nset(\"repo_url\", \"file://{}\");",
        fleet.repository.url()
    ));
    deployed(&fleet, "main");
    fleet.repository.branch("feature/x");
    let one = fleet.repository.commit("app.sh", "echo x\n");
    fleet.repository.tag("v9");
    let two = fleet.repository.commit("app.sh", "echo y\n");
    assert_eq!(deployed(&fleet, "feature/x"), expected(&two, "echo y\n", "feature/x"));
    assert_eq!(deployed(&fleet, "v9"), expected(&one, "echo x\n", "v9"));
}

#[test]
fn a_changed_repo_url_is_followed() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fleet.deploy();
    let other = Repository::new(&fleet.scene.top().join("moved"));
    let commit = other.commit("app.sh", "echo moved\n");
    fleet.add_to_recipe(&format!("set(\"repo_url\", {:?});", other.url()));
    fleet.deploy();
    assert_eq!(fleet.read("web1", "current/REVISION"), format!("{commit}\n"));
    assert_eq!(fleet.read("web1", "current/app.sh"), "echo moved\n");
    let mirror = Repository::existing(&fleet.path("web1", "repo"));
    assert_eq!(mirror.git(&["remote", "get-url", "origin"]), other.url());
}
