//! Chapter 2.5: filters of the run.

use crate::capistrano::rows::{differs, has};
use crate::support::scene::Scene;

/// Says on which hosts a block runs.
fn asked() -> Scene {
    Scene::task("on(roles(\"all\"), #{ run: \"sequence\" }, |host| info(host.name));")
}

/// 2.5.1
#[test]
fn filters_narrow_each_other_and_names_in_one_add_up() {
    assert_eq!(asked().said(["production", "t", "-z", "web1,db1", "-r", "db,none*"]), ["db1"]);
    assert_eq!(asked().said(["production", "t", "-z", "web1,db1"]), ["web1", "db1"]);
}

/// 2.5.2
#[test]
fn the_environment_filters_too() {
    assert_eq!(asked().env("ROLES", "app").said(["production", "t", "HOSTS=web2"]), ["web2"]);
}

/// 2.5.3
#[test]
fn a_setting_filters_too() {
    let recipe = "set(\"filter\", #{ roles: [\"app\"], hosts: [\"web1\", \"db1\"] });
        task(\"t\", || on(roles(\"all\"), |host| info(host.name)));";
    assert_eq!(Scene::with(recipe).said(["production", "t"]), ["web1"]);
}

/// 2.5.5
#[test]
fn a_filter_without_a_name_is_a_mistake() {
    differs("`ROLES=` matches nothing, and `HOSTS=` everything");
    assert_eq!(asked().said(["production", "t", "ROLES=all"]).len(), 3);
    asked().run(["production", "t", "ROLES="]).fails(2);
    asked().run(["production", "t", "HOSTS="]).fails(2);
}

/// 2.5.6
#[test]
fn names_are_whole_names() {
    differs("`web_1,web_2` in a filter of hosts is one regular expression");
    assert_eq!(asked().said(["production", "t", "-z", "/b1$/"]), ["web1", "db1"]);
    has(
        &asked().run(["production", "t", "-z", "we"]).fails(2).err(),
        "names the host `we`, which the stage does not have",
    );
    let under = Scene::task("on(roles(\"all\"), |host| info(host.name));")
        .stage("production", "for name in [\"web_1\", \"web_2\"] { server(name, #{ transport: \"local\" }); }");
    assert_eq!(under.said(["production", "t", "-z", "web_1,web_2"]).len(), 2);
}

/// 2.5.7
#[test]
fn a_filter_set_too_late_is_an_error() {
    differs("`set :filter` after the first `on` is ignored");
    let body = "on(roles(\"db\"), |host| execute(\"true\")); set(\"filter\", #{ roles: [\"db\"] });";
    has(&Scene::task(body).run(["production", "t"]).fails(1).err(), "too late to count");
}

/// 2.5.4
#[test]
fn a_closure_filters_the_run() {
    differs("`env.add_filter { |servers| … }`");
    let recipe = "filter_hosts(|host| host.name != \"web1\");
        task(\"t\", || on(roles(\"all\"), #{ run: \"sequence\" }, |host| info(host.name)));";
    assert_eq!(Scene::with(recipe).said(["production", "t"]), ["web2", "db1"]);
}
