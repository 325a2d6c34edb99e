//! Healthy hosts, hosts that are down beside them, and what is told of both.

use crate::doctor::look::{facts, found, ids, look, only};
use crate::support::fleet::Fleet;

/// How often each host was waited for.
fn trips(ran: &crate::support::ran::Ran) -> Vec<u64> {
    ran.all("trip").iter().map(|event| event["round_trips"].as_u64().unwrap_or_default()).collect()
}

#[test]
fn a_healthy_fleet_raises_nothing_in_one_trip_a_host() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    // Before the first deploy nothing is there, and nothing is made.
    let ran = fleet.json(&["doctor"]);
    assert_eq!(found(&ran), []);
    assert_eq!(ran.clone().ok().events().pop().unwrap()["event"], "run_finished");
    assert_eq!(trips(&ran), [1, 1]);
    assert!(!fleet.path("web1", "").exists(), "it only looks");
    fleet.deploy();
    let before = fleet.tree("web1");
    let ran = fleet.json(&["doctor"]).ok();
    assert_eq!((found(&ran), trips(&ran)), (Vec::new(), vec![1, 1]));
    assert_eq!(fleet.tree("web1"), before);
}

#[test]
fn what_is_shown_of_a_host_is_true() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let ran = fleet.json(&["doctor"]).ok();
    let (facts, sshd) = (facts(&ran, &fleet.label("web1")), fleet.sshd("web1"));
    let text = |name: &str| facts[name].as_str().unwrap_or_else(|| panic!("no {name} in {facts:#}")).to_owned();
    let key = std::process::Command::new("ssh-keygen").arg("-lf").arg(sshd.path("client_key.pub")).output().unwrap();
    let print = String::from_utf8(key.stdout).unwrap().split(' ').nth(1).unwrap().to_owned();
    assert_eq!(text("key"), format!("{} ED25519 {print}", sshd.path("client_key").display()));
    let known = format!("ED25519 {}, known in {}:1", sshd.fingerprint(), sshd.path("known_hosts").display());
    assert_eq!(text("host_key"), known);
    assert_eq!((text("git").as_str(), text("lock").as_str()), ("readable", "free"));
    assert_eq!((&facts["clock_skew"], &facts["max_sessions"]), (&0.into(), &10.into()));
    assert!(text("path").contains("/usr/bin") && text("shell").starts_with('/'));
    let disk = &facts["disks"][0];
    assert_eq!(disk["path"], fleet.path("web1", "").display().to_string().trim_end_matches('/'));
    assert!(disk["free"].as_u64().unwrap() <= disk["total"].as_u64().unwrap());
}

#[test]
fn a_host_that_is_down_hides_no_other() {
    let Some(fleet) = Fleet::start(3, "") else { return };
    fleet.sshd("web2").pretend_the_key_changed();
    fleet.sshd("web3").pretend_to_be_unknown();
    let stage =
        fleet.scene.read("config/deploy/production.rhai") + "server(\"127.0.0.1\", #{ port: 1, roles: [\"app\"] });\n";
    std::fs::write(fleet.scene.path("config/deploy/production.rhai"), stage).unwrap();
    let ran = fleet.json(&["doctor"]).fails(1);
    let found = found(&ran);
    assert_eq!(ids(&found, &fleet.label("web1")), Vec::<&str>::new());
    assert_eq!(ids(&found, &fleet.label("web2")), ["host-key-changed"]);
    assert_eq!(ids(&found, &fleet.label("web3")), ["host-key-unknown"]);
    assert_eq!(ids(&found, "127.0.0.1:1"), ["unreachable"]);
    let of = |id: &str| found.iter().find(|found| found.id == id).unwrap();
    let name = format!("'[{}]:{}'", fleet.sshd("web2").address(), fleet.sshd("web2").port());
    let file = fleet.sshd("web2").path("known_hosts");
    assert_eq!(of("host-key-changed").repair, format!("ssh-keygen -R {name} -f {}", file.display()));
    assert!(of("host-key-unknown").repair.starts_with("ssh-keyscan -t ed25519 -p "), "{found:#?}");
    assert_eq!(of("unreachable").problem, "nothing listens on `127.0.0.1` port 1");
    assert_eq!(ran.all("host_examined").len(), 4);
    // For eyes as well.
    let told = fleet.run(&["doctor"]).fails(1).out();
    assert!(told.contains("3 errors on 4 hosts"), "{told}");
    assert!(told.contains("  nothing to find fault with\n"), "{told}");
}

#[test]
fn people_get_a_short_table() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    let told = fleet.run(&["doctor"]).ok().out();
    for line in [
        "  git       readable\n",
        "  clock     right\n",
        "  lock      free\n",
        "nothing to find fault with on 1 host\n",
    ] {
        assert!(told.contains(line), "{line}:\n{told}");
    }
    assert!(told.contains("  app\n  login     root, key "), "{told}");
}

#[test]
fn looks_of_the_recipes_own_are_told_and_hide_nothing() {
    let Some(fleet) = Fleet::start(1, "") else { return };
    fleet.add_to_recipe(
        r#"
        append("doctor", |host| [#{ id: "queue", severity: "warning", problem: `the queue of ${host} is long`, consequence: "mails are late", repair: "look" }]);
        append("doctor", |host| { throw "no queue"; });
        append("doctor", |host| { execute("false"); [] });
        append("doctor", |host| [#{ id: "x" }]);
        "#,
    );
    let found = look(&fleet);
    let problems: Vec<&str> = found.iter().map(|found| found.problem.as_str()).collect();
    assert_eq!(
        found.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(),
        ["look-failed", "look-failed", "look-failed", "queue"]
    );
    assert!(
        problems.contains(&"no queue") && problems.iter().any(|problem| problem.starts_with("the queue of web1")),
        "{found:#?}"
    );
    assert!(problems.iter().any(|problem| problem.starts_with("`false` ended with status 1")), "{found:#?}");
    assert!(problems.iter().any(|problem| problem.contains("and not a finding")), "{found:#?}");
}

#[test]
fn services_bring_their_own_look() {
    let Some(fleet) = Fleet::start(1, "require(\"linger\");") else { return };
    if std::path::Path::new("/run/systemd/system").is_dir() {
        crate::support::skip::skip("services_bring_their_own_look", "this machine is run by systemd");
        return;
    }
    assert_eq!(only(&look(&fleet), "LF-19").severity, "error");
}

#[test]
fn mistakes_in_the_recipes_are_counted() {
    let Some(fleet) = Fleet::start(1, "set(\"kep_releases\", 3);\n") else { return };
    let found = look(&fleet);
    let finding = only(&found, "recipe");
    assert_eq!((finding.host.as_str(), finding.severity.as_str()), ("", "warning"));
    assert_eq!(finding.problem, "`windlass check` finds 1 warning in the recipes");
    assert_eq!(finding.repair, "windlass check production");
}

#[test]
fn it_stands_alone_and_obeys_filters() {
    let Some(fleet) = Fleet::start(2, "") else { return };
    let error = fleet.run(&["doctor", "deploy"]).fails(2).error();
    assert_eq!(error, "`doctor` looks at the hosts, and takes no task: `deploy`");
    assert_eq!(fleet.json(&["doctor", "-z", "web2"]).ok().all("host_examined").len(), 1);
    fleet.run(&["doctor", "-z", "nobody"]).fails(2);
    let ran = fleet.json(&["doctor", "--dry-run"]).ok();
    assert!(ran.all("host_examined").is_empty() && ran.all("connected").is_empty());
}
