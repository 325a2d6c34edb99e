//! The repository, as the hosts of a deploy would read it.

use crate::doctor::look::{look, only};
use crate::support::fleet::Fleet;

#[test]
fn a_repository_that_is_not_there() {
    let Some(fleet) = Fleet::start(1, "set(\"repo_url\", \"/nowhere/shop.git\");") else { return };
    let finding = only(&look(&fleet), "git-access");
    assert_eq!(
        finding.problem,
        "git cannot read /nowhere/shop.git: there is no such repository, or this login may not see it"
    );
    assert_eq!(finding.repair, "git ls-remote /nowhere/shop.git HEAD");
}

/// The login has no key of its own and no agent: the git server, another sshd, takes nobody.
#[test]
fn a_git_server_that_takes_no_key() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let server = fleet.sshd("web2");
    fleet.add_to_recipe(&format!(
        "set(\"repo_url\", \"ssh://{}:{}/shop.git\");\nset(\"filter\", #{{ hosts: [\"web1\"] }});\n",
        server.address(),
        server.port(),
    ));
    // ssh goes by the home that stands in the table of users.
    let known = || std::fs::read_to_string(std::path::Path::new("/root/.ssh/known_hosts")).unwrap_or_default();
    let before = known();
    let finding = only(&look(&fleet), "git-access");
    assert!(finding.problem.ends_with(": the git server takes no key of this login"), "{finding:#?}");
    assert!(finding.repair.contains("forward_agent") || finding.repair.contains("id_*.pub"), "{finding:#?}");
    // A deploy takes a key that nobody knew; a look does not write it down.
    assert_eq!(known(), before);
}

#[test]
fn a_password_for_git_is_told_nowhere() {
    let recipe = "set(\"git_http_username\", \"me\"); set(\"git_http_password\", secret(\"hunter2 it is\"));";
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    for args in [&["doctor", "-v"][..], &["doctor", "--json"]] {
        let ran = fleet.run(args).ok();
        assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "{}", ran.stdout);
    }
    assert!(!fleet.scene.read("log/windlass.log").contains("hunter2"));
}
