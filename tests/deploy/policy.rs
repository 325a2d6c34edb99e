//! Some hosts fail: how many may, what becomes of them and of the others.

use std::fs;
use std::net::TcpListener;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::fleet::Fleet;
use crate::support::ran::Ran;

pub const HOSTS: [&str; 5] = ["web1", "web2", "web3", "web4", "web5"];

/// `FAIL=web3,web4` makes these hosts fail when the release is built, `STUCK=web3` puts a folder in place of the link,
/// `RESTART=web3` fails when the release is current.
const FAILING: &str = r#"
    fn wanted(host, variable) { host.name in env(variable, "").split(",") }
    task("build", || on(roles("app"), |host| {
        execute("mkdir", "-p", deploy_to("built"));
        if wanted(host, "FAIL") { execute("sh", "-c", "echo disk full >&2; exit 3"); }
    }));
    after("deploy:updated", "build");
    task("stuck", || on(roles("app"), |host| if wanted(host, "STUCK") {
        execute("rm", "-f", current_path());
        execute("mkdir", "-p", current_path("by_hand"));
    }));
    before("deploy:symlink:release", "stuck");
    task("app_restart", || on(roles("app"), |host| {
        if wanted(host, "RESTART") { execute("sh", "-c", "echo no such unit >&2; exit 5"); }
        execute("touch", deploy_to("restarted"));
    }));
    after("deploy:published", "app_restart");
"#;

/// Five hosts with a first release, and a second commit to deploy.
pub fn five(recipe: &str) -> Option<(Fleet, String)> {
    let fleet = Fleet::start(5, &format!("{FAILING}{recipe}"))?;
    let first = fleet.deploy();
    fleet.repository.commit("app.sh", "echo version 2\n");
    Some((fleet, first))
}

/// What is current on each host: `1` for this release, `2` for another one, `-` for none.
pub fn current(fleet: &Fleet, first: &str) -> String {
    let one = |host: &&str| match fs::read_link(fleet.path(host, "current")) {
        Ok(target) if target.ends_with(first) => '1',
        Ok(_) => '2',
        Err(_) => '-',
    };
    HOSTS.iter().map(one).collect()
}

/// The states of the hosts in the last table.
pub fn states(ran: &Ran) -> Vec<String> {
    let fleet = ran.all("fleet").pop().expect("there is a table");
    let hosts = fleet["hosts"].as_array().expect("hosts are a list");
    hosts.iter().map(|host| host["state"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The table and the last line, with the ports taken out.
fn end(fleet: &Fleet, ran: &Ran) -> String {
    let mut text = ran.out();
    for host in fleet.names() {
        text = text.replace(&fleet.label(host), host);
    }
    let lines = text.lines().skip_while(|line| !line.starts_with("the fleet is") && !line.starts_with("host "));
    // Columns are as wide as the ports were long.
    let words = |line: &str| {
        line.split("  ").filter(|cell| !cell.trim().is_empty()).map(str::trim).collect::<Vec<_>>().join(" | ")
    };
    lines.map(words).collect::<Vec<_>>().join("\n")
}

/// All hosts have the same release, with the same content; gives its name.
#[track_caller]
pub fn uniform(fleet: &Fleet) -> String {
    let release = fleet.current("web1");
    for host in HOSTS {
        assert_eq!(fleet.current(host), release, "{host}");
        assert_eq!(fleet.read(host, "current/app.sh"), fleet.read("web1", "current/app.sh"), "{host}");
        assert_eq!(fleet.read(host, "current/REVISION"), fleet.read("web1", "current/REVISION"), "{host}");
    }
    release
}

#[test]
fn nobody_may_fail_unless_asked_and_then_nobody_switches() {
    let Some((fleet, first)) = five("") else { return };
    let ran = fleet.json(&["deploy", "FAIL=web3"]).fails(1);
    assert_eq!(current(&fleet, &first), "11111");
    assert!(ran.all("host_set_aside").is_empty());
    assert_eq!(states(&ran), ["unchanged", "unchanged", "failed", "unchanged", "unchanged"]);
    assert!(HOSTS.iter().all(|host| fleet.path(host, "built").is_dir()), "the others finish what they do");
    let ran = fleet.json(&["--max-fail", "0", "deploy", "FAIL=web3"]).fails(1);
    assert_eq!(ran.failure()["message"], "`sh -c 'echo disk full >&2; exit 3'` ended with status 3");
    assert_eq!(current(&fleet, &first), "11111");
}

#[test]
fn one_may_fail_and_the_others_go_on_without_it() {
    let Some((fleet, first)) = five("") else { return };
    let ran = fleet.json(&["--max-fail", "1", "deploy", "FAIL=web3"]).fails(5);
    assert_eq!(current(&fleet, &first), "22122");
    let aside = ran.all("host_set_aside");
    assert_eq!(aside.len(), 1);
    assert_eq!((&aside[0]["host"], &aside[0]["task"]), (&json!(fleet.label("web3")), &json!("build")));
    assert_eq!(aside[0]["reason"], "`sh -c 'echo disk full >&2; exit 3'` ended with status 3");
    assert_eq!(aside[0]["error"]["command"]["stderr"], "disk full\n");
    assert_eq!(states(&ran), ["switched", "switched", "set_aside", "switched", "switched"]);
    let event = ran.all("fleet").pop().unwrap();
    assert_eq!(event["mixed"], true);
    assert_eq!(event["hosts"][2]["now"], first.as_str());
    assert_eq!(event["hosts"][2]["reason"], aside[0]["reason"]);
    assert!(ran.all("failed").is_empty(), "the run itself did not fail");
    // But to let its lock go.
    let last = ran.lines(&fleet.label("web3")).into_iter().rfind(|line| !line.contains("deploy lock")).unwrap();
    assert!(last.contains("disk full"), "nothing is asked of it any more: {last}");
    assert_eq!(fleet.read("web1", "revisions.log").lines().count(), 2);
    assert_eq!(fleet.read("web3", "revisions.log").lines().count(), 1);

    // It catches up: the same commit under the same name, though the branch has moved on.
    let second = fleet.current("web1");
    fleet.repository.commit("app.sh", "echo version 3\n");
    let log = fleet.sshd("web1").log().len();
    let ran = fleet.json(&["deploy", "--lagging"]).ok();
    assert_eq!(uniform(&fleet), second);
    assert_eq!(fleet.read("web3", "current/app.sh"), "echo version 2\n");
    assert!(fleet.path("web3", "restarted").exists(), "the same hooks run there");
    assert_eq!(states(&ran), ["unchanged", "unchanged", "switched", "unchanged", "unchanged"]);
    assert_eq!(ran.all("fleet")[0]["mixed"], false);
    assert!(fleet.sshd("web1").log().len() > log, "the others are looked at");
    let only_looks = |line: &String| ["readlink", "REVISION", "deploy lock"].iter().any(|word| line.contains(word));
    assert!(ran.lines(&fleet.label("web1")).iter().all(only_looks));

    let before = HOSTS.map(|host| fleet.tree(host));
    let ran = fleet.json(&["deploy", "--lagging"]).ok();
    assert_eq!(ran.messages("info"), [format!("every host has release {second}; looked at: 5")]);
    assert_eq!(HOSTS.map(|host| fleet.tree(host)), before);
}

#[test]
fn a_part_of_the_hosts_is_rounded_down() {
    let Some((fleet, first)) = five("set(\"max_fail\", \"20%\");") else { return };
    let ran = fleet.run(&["deploy", "FAIL=web3"]).fails(5);
    assert_eq!(current(&fleet, &first), "22122");
    assert_snapshot!(end(&fleet, &ran), @r"
    the fleet is mixed: 4 hosts have the new release, 1 host has not
    host | release before | release now | state | reason
    web1 | [release] | [release] | switched
    web2 | [release] | [release] | switched
    web3 | [release] | [release] | set aside | `sh -c 'echo disk full >&2; exit 3'` ended with status 3
    web4 | [release] | [release] | switched
    web5 | [release] | [release] | switched

    deploy finished in 0.0s on 5 hosts, 1 host was set aside
    ");
    assert!(ran.out().contains("WARN"), "{}", ran.out());

    fleet.run(&["deploy", "--lagging"]).ok();
    let second = uniform(&fleet);
    // The option comes before the setting; 10% of five hosts is none.
    fleet.run(&["--max-fail", "10%", "deploy", "FAIL=web3"]).fails(1);
    assert_eq!(current(&fleet, &second), "11111");
}

#[test]
fn one_more_than_allowed_stops_the_fleet_from_switching() {
    let Some((fleet, first)) = five("") else { return };
    let ran = fleet.json(&["--max-fail", "1", "deploy", "FAIL=web3,web4"]).fails(1);
    assert_eq!(current(&fleet, &first), "11111");
    assert_eq!(ran.failure()["message"], "2 of 5 hosts failed");
    assert_eq!(states(&ran), ["unchanged", "unchanged", "failed", "failed", "unchanged"]);
    // Counted over the whole run: the second one fails in another step.
    fleet.add_to_recipe(
        "\ntask(\"second\", || on(roles(\"app\"), |host| if host.name == \"web5\" { execute(\"false\") }));\n\
         after(\"build\", \"second\");\n",
    );
    let ran = fleet.json(&["--max-fail", "1", "deploy", "FAIL=web3"]).fails(1);
    assert_eq!(current(&fleet, &first), "11111");
    assert_eq!(states(&ran), ["unchanged", "unchanged", "set_aside", "unchanged", "failed"]);
    let note = format!("set aside before: `{}`; `max_fail` is 1", fleet.label("web3"));
    assert_eq!(ran.failure()["notes"], json!([note]));
}

#[test]
fn a_switch_that_fails_on_one_host_is_finished_on_the_others() {
    let Some((fleet, first)) = five("") else { return };
    let ran = fleet.json(&["deploy", "STUCK=web2"]).fails(5);
    assert_eq!(current(&fleet, &first), "2-222");
    assert_eq!(states(&ran), ["switched", "in_doubt", "switched", "switched", "switched"]);
    assert_eq!(fleet.read("web1", "revisions.log").lines().count(), 1, "the deploy is not written down as done");

    // It cannot catch up as long as the folder is there, and says so.
    let ran = fleet.json(&["deploy", "--lagging"]).fails(1);
    assert!(ran.failure().to_string().contains("is no link"), "{}", ran.failure());
    fs::remove_dir_all(fleet.path("web2", "current")).unwrap();
    fleet.run(&["deploy", "--lagging"]).ok();
    let second = uniform(&fleet);

    // With a policy the run goes on: the others are restarted.
    for host in HOSTS {
        fs::remove_file(fleet.path(host, "restarted")).unwrap();
    }
    let ran = fleet.json(&["--max-fail", "1", "deploy", "STUCK=web2"]).fails(5);
    assert_eq!(current(&fleet, &second), "2-222");
    assert_eq!(states(&ran), ["switched", "in_doubt", "switched", "switched", "switched"]);
    assert!(fleet.path("web1", "restarted").exists() && !fleet.path("web2", "restarted").exists());
}

#[test]
fn a_host_that_fails_after_its_switch_has_the_release_and_the_run_is_not_well() {
    let Some((fleet, first)) = five("") else { return };
    let ran = fleet.json(&["--max-fail", "1", "deploy", "RESTART=web4"]).fails(1);
    assert_eq!(current(&fleet, &first), "22222");
    assert_eq!(states(&ran), ["switched", "switched", "switched", "set_aside", "switched"]);
    assert_eq!(ran.all("fleet")[0]["mixed"], false);
    let ran = fleet.json(&["deploy", "--lagging"]).ok();
    assert_eq!(ran.messages("info").len(), 1, "it does not lag behind");
}

/// Points a host of the stage to a port where nobody listens.
fn unplug(fleet: &Fleet, host: &str) -> (String, u16) {
    let port = TcpListener::bind((fleet.sshd(host).address(), 0)).unwrap().local_addr().unwrap().port();
    let stage = fleet.scene.read("config/deploy/production.rhai");
    let own = format!("port: {},", fleet.sshd(host).port());
    fs::write(fleet.scene.path("config/deploy/production.rhai"), stage.replace(&own, &format!("port: {port},")))
        .unwrap();
    (stage, port)
}

#[test]
fn a_host_out_of_reach_is_set_aside_and_stands_in_the_table() {
    let Some((fleet, first)) = five("") else { return };
    let (stage, port) = unplug(&fleet, "web5");
    fleet.json(&["deploy"]).fails(3);
    assert_eq!(current(&fleet, &first), "11111");
    let ran = fleet.json(&["--max-fail", "1", "deploy"]).fails(5);
    assert_eq!(current(&fleet, &first), "22221");
    assert_eq!(states(&ran), ["switched", "switched", "switched", "switched", "set_aside"]);
    let host = &ran.all("fleet")[0]["hosts"][4];
    assert_eq!(
        (&host["host"], &host["before"], &host["now"]),
        (&json!(format!("web5:{port}")), &Value::Null, &Value::Null)
    );
    assert_eq!(ran.all("host_set_aside").len(), 1, "it is asked once");

    // Still gone: nothing is switched, and the run is not well.
    let ran = fleet.json(&["--max-fail", "1", "deploy", "--lagging"]).fails(1);
    assert_eq!(current(&fleet, &first), "22221");
    assert_eq!(states(&ran)[4], "set_aside");
    fs::write(fleet.scene.path("config/deploy/production.rhai"), stage).unwrap();
    fleet.run(&["deploy", "--lagging"]).ok();
    uniform(&fleet);
}

/// A host nobody has looked at may well have a release: the table does not say that it has none.
#[test]
fn what_is_not_known_is_not_told_as_none() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    unplug(&fleet, "web2");
    let ran = fleet.run(&["--max-fail", "1", "deploy"]).fails(5);
    let row = |host: &str| {
        let line = ran.stdout.lines().find(|line| line.starts_with(host)).unwrap_or_else(|| panic!("{}", ran.stdout));
        line.split_whitespace().skip(1).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("web1:"), ["-".to_owned(), fleet.current("web1")]);
    assert_eq!(row("web2:"), ["?", "?"]);
    let ran = fleet.json(&["--max-fail", "1", "deploy", "FAIL=never"]).fails(5);
    assert_eq!(ran.all("fleet")[0]["hosts"][1]["before"], Value::Null);
}

#[test]
fn all_hosts_of_a_step_are_never_set_aside() {
    let Some((fleet, first)) = five("") else { return };
    let ran = fleet.json(&["--max-fail", "100%", "deploy", "FAIL=web1,web2,web3,web4,web5"]).fails(1);
    assert_eq!(current(&fleet, &first), "11111");
    assert_eq!(ran.failure()["message"], "5 of 5 hosts failed");
    assert!(ran.all("host_set_aside").is_empty());
}

#[test]
fn at_most_verbose_a_good_deploy_ends_with_the_table() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    assert!(!fleet.run(&["deploy"]).ok().out().contains("release before"));
    let ran = fleet.run(&["-v", "deploy"]).ok();
    assert_snapshot!(end(&fleet, &ran), @r"
    host | release before | release now | state
    web1 | [release] | [release] | switched
    web2 | [release] | [release] | switched

    deploy finished in 0.0s on 2 hosts
    ");
}
