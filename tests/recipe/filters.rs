//! `-r`, `-z`, `ROLES`, `HOSTS` and the setting `filter`: they limit `on`, and nothing else.

use crate::support::scene::Scene;

const BODY: &str = "info(on(roles(\"all\"), |host| 1).keys()); info(roles(\"all\").len);";

fn chosen(args: &[&str]) -> String {
    Scene::task(BODY).said([&["production", "t"], args].concat())[0].clone()
}

#[test]
fn options_choose_hosts() {
    assert_eq!(chosen(&[]), r#"["db1", "web1", "web2"]"#);
    assert_eq!(chosen(&["-r", "web"]), r#"["web1", "web2"]"#);
    assert_eq!(chosen(&["-r", "db,web"]), r#"["db1", "web1", "web2"]"#);
    assert_eq!(chosen(&["-z", "web1"]), r#"["web1"]"#);
    assert_eq!(chosen(&["-z", "web*"]), r#"["web1", "web2"]"#);
    assert_eq!(chosen(&["-z", "/1$/"]), r#"["db1", "web1"]"#);
    assert_eq!(chosen(&["-r", "all"]), r#"["db1", "web1", "web2"]"#);
}

#[test]
fn filters_narrow_each_other() {
    assert_eq!(chosen(&["-r", "web", "-z", "web1,db1"]), r#"["web1"]"#);
    assert_eq!(chosen(&["-z", "web1,db1", "-z", "db1,web2"]), r#"["db1"]"#);
    assert_eq!(chosen(&["-r", "web", "HOSTS=web2"]), r#"["web2"]"#);
    assert_eq!(chosen(&["ROLES=db"]), r#"["db1"]"#);
}

#[test]
fn the_environment_and_the_setting_choose_too() {
    let scene = Scene::task(BODY).env("HOSTS", "web2,db1");
    assert_eq!(scene.said(["production", "t"])[0], r#"["db1", "web2"]"#);
    let scene =
        Scene::with(&format!("set(\"filter\", #{{ roles: [\"db\"], hosts: \"db1\" }}); task(\"t\", || {{ {BODY} }});"));
    assert_eq!(scene.said(["production", "t"])[0], r#"["db1"]"#);
}

#[test]
fn roles_and_primary_are_not_filtered() {
    let scene =
        Scene::task("info(roles(\"all\").len); info(primary(\"web\")); on(roles(\"all\"), |host| info(`${host}`));");
    assert_eq!(scene.said(["production", "t", "-z", "db1"]), ["3", "web1", "db1"]);
}

#[test]
fn a_filter_matches_whole_names() {
    let scene = Scene::task(BODY).stage(
        "production",
        "server(\"web\", #{ transport: \"local\", roles: [\"web\"] }); server(\"webdb\", #{ transport: \"local\", roles: [\"webdb\"] });",
    );
    assert_eq!(scene.said(["production", "t", "-r", "web"])[0], r#"["web"]"#);
    assert_eq!(scene.said(["production", "t", "-z", "web"])[0], r#"["web"]"#);
}

#[test]
fn a_block_for_hosts_that_are_not_chosen_is_skipped_and_says_so() {
    let scene = Scene::task("on(roles(\"db\"), |host| info(\"never\")); on(roles(\"web\"), |host| info(`${host}`));");
    let said = scene.said(["production", "t", "-z", "web2"]);
    assert_eq!(said, ["skipped: none of db1 is among the hosts selected", "web2"]);
}

#[test]
fn a_filter_that_matches_nothing_is_a_mistake() {
    for args in [["-r", "wbe"], ["-z", "web9"]] {
        let ran = Scene::task(BODY).run(["production", "t"].iter().chain(&args)).fails(2);
        assert!(ran.error().contains(args[1]), "{}", ran.error());
    }
    Scene::task(BODY).run(["production", "t", "ROLES=nobody"]).fails(2);
}

#[test]
fn a_part_of_the_setting_that_is_unknown_is_a_mistake() {
    let recipe = format!("set(\"filter\", #{{ rolls: \"x\" }}); task(\"t\", || {{ {BODY} }});");
    let ran = Scene::with(&recipe).run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "setting `filter` has no part `rolls`");
}
