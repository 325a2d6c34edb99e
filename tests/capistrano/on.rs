//! Chapter 2.6: `on` and `run_locally`.

use crate::capistrano::rows::{differs, failed, has, refused, said};
use crate::support::scene::Scene;

/// 2.6.1
#[test]
fn hosts_are_servers_lists_and_names() {
    let body = "for hosts in [primary(\"db\"), [primary(\"db\")], \"db1\", [\"db1\"], roles(\"db\")] {
        on(hosts, |host| info(host.name)); }";
    assert_eq!(said(body), ["db1"; 5]);
}

/// 2.6.2
#[test]
fn an_empty_list_is_a_mistake() {
    differs("`on []` does nothing");
    has(&refused("on([], |host| execute(\"true\"));"), "there is no host");
}

/// 2.6.3
#[test]
fn a_role_in_place_of_a_host_is_that_role() {
    differs("`on :all` is a host that is called `all`");
    assert_eq!(
        said("on(\"all\", #{ run: \"sequence\" }, |host| info(host.name)); on(\"db\", |host| info(host.name));"),
        ["web1", "web2", "db1", "db1"]
    );
}

/// 2.6.4
#[test]
fn hosts_run_at_once_and_each_failure_is_told() {
    differs("only the first failed host is reported");
    let error = failed("on(roles(\"all\"), |host| execute(\"sh\", \"-c\", `echo bad ${host.name} >&2; exit 3`));");
    for host in ["web1", "web2", "db1"] {
        has(&error, &format!("bad {host}"));
    }
}

/// 2.6.5
#[test]
fn a_sequence_is_in_the_order_of_declaration() {
    differs("`on roles(:web), in: :sequence`");
    assert_eq!(said("on(roles(\"all\"), #{ run: \"sequence\" }, |host| info(host.name));"), ["web1", "web2", "db1"]);
}

/// 2.6.6
#[test]
fn groups_are_of_two_without_a_pause() {
    differs("`wait:` is 2 seconds unless told otherwise");
    let body = "on(roles(\"all\"), #{ run: \"groups\" }, |host| { if host.name == \"db1\" { info(\"second\"); }
        else { sleep(0.2); info(\"first\"); } });";
    assert_eq!(said(body), ["first", "first", "second"]);
}

/// 2.6.6b
#[test]
fn after_the_last_group_nothing_waits() {
    differs("`in: :groups` waits after the last group too");
    let scene = Scene::task("on(roles(\"all\"), #{ run: \"groups\", limit: 3, wait: 3600 }, |host| info(host.name));");
    assert_eq!(scene.said(["production", "t"]).len(), 3);
}

/// 2.6.7
#[test]
fn there_are_three_ways_to_run() {
    differs("a class as `in:`, `SSHKit.config.default_runner`");
    has(
        &refused("on(roles(\"all\"), #{ run: \"shuffled\" }, |host| 1);"),
        "`run` is \"parallel\", \"sequence\" or \"groups\"",
    );
}

/// 2.6.8
#[test]
fn in_is_answered_with_run() {
    has(&refused("on(roles(\"all\"), #{ in: \"sequence\" }, |host| 1);"), "what Capistrano calls `in:` is `run:` here");
}

/// 2.6.9
#[test]
fn an_error_names_its_host() {
    has(&failed("on(roles(\"all\"), |host| if host.name == \"db1\" { throw \"bad\"; });"), "host: db1");
}

/// 2.6.10
#[test]
fn run_locally_is_this_machine_and_copies_files() {
    let scene = Scene::task("run_locally(|| { execute(\"touch\", \"a\"); upload(\"a\", \"b\"); });");
    scene.run(["production", "t"]).ok();
    assert!(scene.path("b").exists());
}

/// 2.6.11
#[test]
fn run_locally_inside_on_does_not_end_the_block() {
    differs("`run_locally` inside `on` breaks what comes behind it");
    let body = "on(roles(\"db\"), |host| { within(\"/\", || { run_locally(|| execute(\"true\")); info(capture(\"pwd\")); }); });";
    assert_eq!(said(body), ["/"]);
}

/// 2.6.12
#[test]
fn a_block_gives_its_values_and_changes_no_variables() {
    differs("a block in `on` may change variables around it, from several threads");
    let error = refused("let n = 0; on(roles(\"web\"), |host| { n += 1; });");
    has(&error, "`let n = on(hosts, |host| …);`");
    assert_eq!(said("let n = on(roles(\"app\"), |host| 1); info(n);"), [r#"#{"web1": 1, "web2": 1}"#]);
}
