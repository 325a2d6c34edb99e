//! Some hosts have the new release and some have not: the exit code says so, and the table which is which.

use std::fs;

use crate::faults::app::{App, HOSTS, OLD};

/// Three hosts; while the new release is made, a folder appears on the second one where `current` has to be.
fn half_broken() -> App {
    App::new(
        "before(\"deploy:symlink:release\", \"oops\");\n\
         task(\"oops\", || on(roles(\"app\"), |host| if host.name == \"web2\" && env(\"OOPS\") != () {\n\
             execute(\"rm\", \"-f\", current_path()); execute(\"mkdir\", \"-p\", current_path(\"by_hand\"));\n\
         }));",
    )
    .with_history()
}

#[test]
fn one_of_three_fails_while_switching() {
    let app = half_broken();
    let ran = app.run(&["deploy", "OOPS=1"]).fails(5);
    let new = app.current("web1");
    assert_eq!(app.current("web3"), new);
    let table: Vec<&str> =
        ran.stdout.lines().skip_while(|line| !line.starts_with("the fleet is mixed")).take(5).collect();
    assert_eq!(table[0], "the fleet is mixed: 2 hosts have the new release, 1 host is not known");
    assert_eq!(table[1], "host  release before  release now     state     reason");
    assert_eq!(table[2], format!("web1  20200103000000  {new}  switched"));
    assert!(table[3].starts_with("web2  20200103000000  ?               in doubt  `mv -f -T "), "{table:?}");
    assert_eq!(table[4], format!("web3  20200103000000  {new}  switched"));
    assert!(ran.stderr.contains("a folder stands where the link has to be on web2"), "{}", ran.stderr);
    assert_eq!(app.names("web2", "current"), ["by_hand"]);
    assert!(!app.path("web1", "revisions.log").exists(), "a deploy that failed is not written down as done");
}

#[test]
fn the_same_as_json() {
    let app = half_broken();
    let ran = app.json(&["deploy", "OOPS=1"]).fails(5);
    let new = app.current("web1");
    let fleet = &ran.all("fleet")[0];
    assert_eq!(fleet["mixed"], true);
    let hosts: Vec<(&str, Option<&str>, Option<&str>, bool)> = fleet["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|host| {
            let switched = host["switched"].as_bool().unwrap();
            (host["host"].as_str().unwrap(), host["before"].as_str(), host["now"].as_str(), switched)
        })
        .collect();
    let (old, now) = (Some(OLD[2]), Some(new.as_str()));
    assert_eq!(hosts, [("web1", old, now, true), ("web2", old, None, false), ("web3", old, now, true)]);
    assert_eq!(fleet["hosts"][0]["reason"], serde_json::Value::Null);
    assert!(fleet["hosts"][1]["reason"].as_str().unwrap().contains("ended with status 1"));
    assert_eq!(ran.all("run_finished")[0]["exit_code"], 5);
}

#[test]
fn a_failure_before_the_switch_leaves_every_host_as_it_was() {
    let app = App::new(
        "after(\"deploy:updated\", \"assets\");\n\
         task(\"assets\", || on(roles(\"app\"), |host| if host.name == \"web3\" { execute(\"false\") }));",
    )
    .with_history();
    let ran = app.run(&["deploy"]).fails(1);
    for host in HOSTS {
        assert_eq!(app.current(host), OLD[2]);
    }
    assert!(!ran.stdout.contains("mixed"), "{}", ran.stdout);
    assert!(ran.stdout.contains("web1  20200103000000  20200103000000  unchanged\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("web3  20200103000000  20200103000000  failed     `false` ended with status 1"),
        "{}",
        ran.stdout
    );
}

/// Deploying again after the cause is gone makes the fleet whole.
#[test]
fn the_next_deploy_makes_it_whole() {
    let app = half_broken();
    app.run(&["deploy", "OOPS=1"]).fails(5);
    fs::remove_dir_all(app.path("web2", "current")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    app.run(&["deploy"]).ok();
    assert_eq!(app.current("web2"), app.current("web1"));
    assert_eq!(app.current("web3"), app.current("web1"));
}
