//! Deploys that leave hosts out.

use crate::support::fleet::Fleet;

#[test]
fn servers_with_no_release_are_left_alone_by_the_deploy_but_not_by_tasks() {
    let hosts = [("web1", r#"roles: ["app"]"#), ("db1", r#"roles: ["db"], no_release: true"#)];
    let recipe = r#"
        task("where", || on(roles("all"), |host| info(`at ${host.name}`)));
        after("deploy:published", "where");
    "#;
    let Some(fleet) = Fleet::with(&hosts, recipe) else { return };
    let ran = fleet.json(&["deploy"]).ok();
    let mut said: Vec<String> = ran.messages("info").into_iter().filter(|text| text.starts_with("at ")).collect();
    said.sort();
    assert_eq!(said, ["at db1", "at web1"]);
    assert!(fleet.path("web1", "current/app.sh").is_file());
    assert!(!fleet.path("db1", "").exists(), "not even its folder is made");
}

#[test]
fn a_deploy_limited_to_a_host_leaves_the_others_as_they_are() {
    let Some(fleet) = Fleet::start(3, "") else { return };
    let first = fleet.deploy();
    let before = fleet.tree("web1");
    let ran = fleet.json(&["-z", "web2,web3", "deploy"]).ok();
    assert_eq!(fleet.tree("web1"), before);
    assert_eq!(fleet.current("web1"), first);
    assert!(fleet.current("web2") > first);
    assert_eq!(fleet.current("web2"), fleet.current("web3"));
    assert!(ran.lines(&fleet.label("web1")).is_empty(), "not one command goes to a host that was left out");
    assert!(fleet.sshd("web1").log().matches("Accepted publickey").count() == 1, "nor is there a connection to it");
}

#[test]
fn the_same_through_roles_and_the_environment() {
    let hosts = [("web1", r#"roles: ["app"]"#), ("job1", r#"roles: ["worker"]"#)];
    let Some(fleet) = Fleet::with(&hosts, "") else { return };
    fleet.run(&["-r", "worker", "deploy"]).ok();
    assert!(fleet.path("job1", "current").is_symlink());
    assert!(!fleet.path("web1", "").exists());
    fleet.run(&["deploy", "HOSTS=web1"]).ok();
    assert!(fleet.path("web1", "current").is_symlink());
    assert_eq!(fleet.releases("job1").len(), 1);
}

#[test]
fn a_selection_without_hosts_is_an_error_and_touches_nothing() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let ran = fleet.run(&["-z", "nowhere", "deploy"]).fails(2);
    assert_eq!(ran.error(), "`-z nowhere` names the host `nowhere`, which the stage does not have");
    assert!(!fleet.path("web1", "").exists());
}
