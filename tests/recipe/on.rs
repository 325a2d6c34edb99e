//! `on` and `run_locally`: which hosts, how many at once, what comes back, what of failures.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::scene::Scene;

fn said(body: &str) -> Vec<String> {
    Scene::task(body).said(["production", "t"])
}

fn error(body: &str) -> String {
    Scene::task(body).run(["production", "t"]).fails(2).error()
}

#[test]
fn on_gives_a_map_from_host_to_value() {
    let body = r#"
        let r = on(roles("all"), |host| capture("echo", "i am", host.name));
        for name in r.keys() { info(`${name}: ${r[name]}`); }
    "#;
    assert_eq!(said(body), ["db1: i am db1", "web1: i am web1", "web2: i am web2"]);
}

#[test]
fn hosts_come_from_roles_names_lists_and_primary() {
    let body = r#"
        info(on(primary("db"), |host| 1));
        info(on("web2", |host| 1));
        info(on([roles("app"), "web2", roles("web")], |host| 1));
        info(on(roles("db"), || 2));
    "#;
    assert_eq!(said(body), [r#"#{"db1": 1}"#, r#"#{"web2": 1}"#, r#"#{"web1": 1, "web2": 1}"#, r#"#{"db1": 2}"#]);
}

/// When each command began and ended, in the order of events.
fn marks(options: &str) -> Vec<String> {
    let body = format!("on(roles(\"all\"), {options}, |host| execute(\"sleep\", \"0.3\"));");
    let ran = Scene::task(&body).run(["--format", "json", "production", "t"]).ok();
    let mut hosts = std::collections::HashMap::new();
    let mut marks = Vec::new();
    for event in ran.events() {
        let id = event["id"].to_string();
        if event["event"] == "command_started" {
            let host = event["host"].as_str().unwrap_or_default().to_owned();
            marks.push(format!("+{host}"));
            hosts.insert(id, host);
        } else if event["event"] == "command_finished" {
            marks.push(format!("-{}", hosts[&id]));
        }
    }
    marks
}

/// How many ran at once at most.
fn most_at_once(marks: &[String]) -> usize {
    let mut running: usize = 0;
    let mut most = 0;
    for mark in marks {
        if mark.starts_with('+') {
            running += 1;
        } else {
            running -= 1;
        }
        most = most.max(running);
    }
    most
}

#[test]
fn all_hosts_at_once_is_the_default() {
    assert_eq!(most_at_once(&marks("#{}")), 3);
    assert_eq!(most_at_once(&marks("#{ run: \"parallel\" }")), 3);
}

#[test]
fn a_limit_keeps_the_others_waiting() {
    assert_eq!(most_at_once(&marks("#{ limit: 2 }")), 2);
    assert_eq!(most_at_once(&marks("#{ limit: 1 }")), 1);
    assert_eq!(most_at_once(&marks("#{ limit: 9 }")), 3);
}

#[test]
fn a_sequence_is_in_the_order_of_declaration() {
    assert_eq!(marks("#{ run: \"sequence\" }"), ["+web1", "-web1", "+web2", "-web2", "+db1", "-db1"]);
}

#[test]
fn groups_wait_for_each_other() {
    let marks = marks("#{ run: \"groups\", limit: 2 }");
    assert_eq!(most_at_once(&marks), 2);
    assert_eq!(marks[4..], ["+db1", "-db1"]);
}

#[test]
fn wait_is_between_hosts_and_not_after_the_last() {
    let scene = Scene::task("on(roles(\"app\"), #{ run: \"sequence\", wait: 0.5 }, |host| info(`${host}`));");
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    let at: Vec<f64> = ran.all("message").iter().filter_map(|line| line["elapsed"].as_f64()).collect();
    assert!(at[1] - at[0] >= 0.5, "{at:?}");
    let end = ran.all("run_finished")[0]["elapsed"].as_f64().unwrap_or_default();
    assert!(end - at[1] < 0.4, "{at:?} {end}");
}

#[test]
fn options_that_make_no_sense_are_mistakes() {
    let on = |options: &str| error(&format!("on(roles(\"app\"), {options}, |host| 1);"));
    assert_eq!(on("#{ run: \"paralel\" }"), "`on` cannot run `paralel`");
    assert_eq!(on("#{ limits: 1 }"), "`on` has no option `limits`");
    assert_eq!(on("#{ limit: 0 }"), "`limit` is `0`, but has to be a whole number of at least 1");
    assert_eq!(on("#{ wait: -1 }"), "`wait` is `-1`, but has to be a number of seconds");
    assert_eq!(on("#{ wait: \"5\" }"), "`wait` is `\"5\"`, but has to be a number of seconds");
    let ran = Scene::task("on(roles(\"app\"), #{ in: \"sequence\" }, |host| 1);").run(["production", "t"]).fails(2);
    assert!(ran.stderr.contains("run:"), "{}", ran.stderr);
}

#[test]
fn a_failing_host_does_not_stop_the_others_of_its_group() {
    let body = "on(roles(\"app\"), |host| { if host.name == \"web1\" { execute(\"false\"); } execute(\"sleep\", \"0.2\"); info(`${host} done`); });";
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["web2 done"]);
    let failure = ran.failure();
    assert_eq!(failure["host"], "web1");
    assert_eq!(failure["message"], "`false` ended with status 1");
}

#[test]
fn every_failed_host_is_reported_with_its_own_error() {
    let body = "on(roles(\"all\"), |host| execute(\"sh\", \"-c\", `echo ${host} >&2; exit ${host.name.len}`));";
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).fails(1);
    let failure = ran.failure();
    assert_eq!(failure["kind"], "hosts");
    assert_eq!(failure["message"], "3 of 3 hosts failed");
    let causes: Vec<(Value, Value, Value)> = failure["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| (cause["host"].clone(), cause["command"]["status"].clone(), cause["command"]["stderr"].clone()))
        .collect();
    let expected = [("web1", 4, "web1\n"), ("web2", 4, "web2\n"), ("db1", 3, "db1\n")];
    assert_eq!(causes, expected.map(|(host, status, stderr)| (host.into(), status.into(), stderr.into())));
}

#[test]
fn a_failed_sequence_names_the_hosts_it_did_not_begin() {
    let body = "on(roles(\"all\"), #{ run: \"sequence\" }, |host| { info(`${host}`); if host.name == \"web2\" { throw \"stop\"; } });";
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), ["web1", "web2"]);
    assert_eq!(ran.failure()["host"], "web2");
    assert_eq!(ran.failure()["notes"], serde_json::json!(["not started: `db1`"]));
}

#[test]
fn each_host_has_its_own_copy_of_the_variables_around() {
    let body = r#"
        let words = ["a"];
        let block = |host| { let mine = words; mine.push(host.name); mine.len };
        info(on(roles("app"), block));
        info(words);
    "#;
    assert_eq!(said(body), [r#"#{"web1": 2, "web2": 2}"#, r#"["a"]"#]);
}

#[test]
fn captured_maps_lists_and_closures_do_not_race() {
    let body = r#"
        let config = #{ list: [1, 2, 3], f: |n| n * 2 };
        for round in 0..5 {
            on(roles("all"), |host| {
                for i in 0..50 { config.list.len(); let f = config.f; f.call(i); }
            });
        }
        info("done");
    "#;
    assert_eq!(said(body), ["done"]);
}

#[test]
fn on_inside_on_is_a_mistake() {
    let body = "on(roles(\"db\"), |host| { on(roles(\"app\"), |h| 1); });";
    assert_eq!(error(body), "`on` stands inside `on`");
}

#[test]
fn a_hundred_hosts_are_no_slower_than_the_slowest() {
    let stage = "for n in 0..100 { server(`h${n}`, #{ transport: \"local\", roles: [\"app\"] }); }";
    let scene = Scene::task("info(on(roles(\"app\"), |host| { sleep(0.5); 1 }).len());").stage("production", stage);
    let started = Instant::now();
    assert_eq!(scene.said(["production", "t"]), ["100"]);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn run_locally_is_this_machine_and_the_project() {
    let scene = Scene::task("info(run_locally(|| capture(\"pwd\"))); info(run_locally(|| current_host().name));");
    let project = scene.path("").display().to_string();
    assert_eq!(scene.said(["production", "t"]), [project.trim_end_matches('/'), "localhost"]);
}

#[test]
fn run_locally_inside_on_forgets_the_surroundings_of_the_host() {
    let body = r#"
        on(roles("db"), |host| {
            within("/tmp", || with(#{ secret_of: "host" }, || umask("077", || {
                info(run_locally(|| capture("pwd; umask; echo ${SECRET_OF-none}")));
                info(capture("pwd; umask; echo ${SECRET_OF-none}"));
            })));
        });
    "#;
    let scene = Scene::task(body);
    let project = scene.path("").display().to_string();
    let said = scene.said(["production", "t"]);
    let local: Vec<&str> = said[0].lines().collect();
    assert_eq!((local[0], local[2]), (project.trim_end_matches('/'), "none"));
    assert_ne!(local[1], "0077");
    assert_eq!(said[1], "/tmp\n0077\nhost");
}

#[test]
fn a_stage_without_servers_is_a_mistake() {
    let ran = Scene::task("on(roles(\"all\"), |host| 1);").stage("production", "").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the stage has no servers");
}

#[test]
fn once_is_for_the_first_host_that_is_selected() {
    let body =
        "info(on(roles(\"all\"), #{ once: true }, |host| 1)); info(on(roles(\"web\"), #{ once: false }, |host| 1));";
    let scene = Scene::task(body);
    assert_eq!(scene.said(["production", "t"]), [r#"#{"web1": 1}"#, r#"#{"web1": 1, "web2": 1}"#]);
    assert_eq!(scene.said(["production", "t", "-z", "web2"])[0], r#"#{"web2": 1}"#);
    let body = "on([\"web1\", \"db1\"], #{ max_fail: 1 }, |host| if host.name == \"web1\" { throw \"gone\"; });
        info(on(roles(\"web\"), #{ once: true }, |host| 1));";
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.messages("info"), [r#"#{"web2": 1}"#], "one that was set aside is not the first");
}

#[test]
fn once_has_one_host_and_nothing_to_spread() {
    let on = |options: &str| error(&format!("on(roles(\"all\"), {options}, |host| 1);"));
    assert_eq!(on("#{ once: 1 }"), "`once` is `1`, but has to be true or false");
    assert_eq!(on("#{ once: true, limit: 2 }"), "`once` is for one host, and `limit` for several");
}
