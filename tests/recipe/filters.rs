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
    assert_eq!(ran.error(), "the setting `filter` has no part `rolls`");
}

#[test]
fn a_limit_takes_names_roles_and_properties() {
    let scene = Scene::task(BODY).stage(
        "production",
        r#"
        server("web[1:2]", #{ transport: "local", roles: ["web"], zone: "a" });
        server("db1", #{ transport: "local", roles: ["db"], zone: "b" });
        "#,
    );
    let chosen = |args: &[&str]| scene.said([&["production", "t"], args].concat())[0].clone();
    assert_eq!(chosen(&["--limit", "web1"]), r#"["web1"]"#);
    assert_eq!(chosen(&["--limit", "web[1:2]"]), r#"["web1", "web2"]"#);
    assert_eq!(chosen(&["-z", "web[1:2],db1"]), r#"["db1", "web1", "web2"]"#);
    assert_eq!(chosen(&["--limit", "role:db,web2"]), r#"["db1", "web2"]"#);
    assert_eq!(chosen(&["--limit", "zone=a"]), r#"["web1", "web2"]"#);
    assert_eq!(chosen(&["--limit", "zone=a", "--limit", "/2$/"]), r#"["web2"]"#);
    assert_eq!(chosen(&["--limit", "zone=a", "-r", "db,web", "HOSTS=web1,db1"]), r#"["web1"]"#);
    for (word, help) in [
        ("web9", "did you mean `web1`?"),
        ("role:wbe", "did you mean `web`?"),
        ("web", "`web` is a role: `role:web`"),
        ("zoen=a", "did you mean `zone`?"),
        ("zone=c", "`zone` is one of `a`, `b`"),
        ("", "leave `--limit` out"),
    ] {
        let ran = scene.run(["production", "t", "--limit", word]).fails(2);
        assert!(ran.err().contains(help), "{word}: {}", ran.err());
    }
    let ran = scene.run(["production", "t", "--limit", "zone=a", "--limit", "role:db"]).fails(2);
    assert_eq!(ran.error(), "`--limit zone=a` and `--limit role:db` leave no host");
}

#[test]
fn a_limit_counts_for_one_command_on_all_hosts_too() {
    let ran = Scene::task("").run(["--format", "json", "production", "exec", "--limit", "role:db", "--", "true"]).ok();
    let hosts: Vec<String> = ran.all("command_started").iter().map(|line| line["host"].to_string()).collect();
    assert_eq!(hosts, ["\"db1\""]);
}

#[test]
fn a_closure_chooses_hosts_for_the_whole_run() {
    let recipe = |filters: &str| format!("{filters}\ntask(\"t\", || {{ {BODY} }});");
    let scene = Scene::with(&recipe("filter_hosts(|host| host.has_role(\"web\"));"));
    assert_eq!(scene.said(["production", "t"]), [r#"["web1", "web2"]"#, "3"]);
    assert_eq!(scene.said(["production", "t", "-z", "web2,db1"])[0], r#"["web2"]"#);
    let two = "filter_hosts(|host| host.has_role(\"web\"));\nfilter_hosts(|host| host.name.ends_with(\"1\"));";
    assert_eq!(Scene::with(&recipe(two)).said(["production", "t"])[0], r#"["web1"]"#);
}

#[test]
fn a_closure_is_asked_once_for_each_host() {
    let recipe = "filter_hosts(|host| { info(`asked about ${host}`); true });\n\
        task(\"t\", || { on(roles(\"web\"), |host| 1); on(roles(\"all\"), |host| 1); only_hosts(roles(\"db\")); });";
    let mut said = Scene::with(recipe).said(["production", "t"]);
    said.sort();
    assert_eq!(said, ["asked about db1", "asked about web1", "asked about web2"]);
}

#[test]
fn a_closure_that_lets_no_host_through_is_a_mistake_before_anything_runs() {
    let scene = Scene::with("\nfilter_hosts(|host| host.has_role(\"web\"));\ntask(\"t\", || info(\"never\"));");
    let ran = scene.run(["production", "t", "-z", "db1"]).fails(2);
    assert_eq!(ran.error(), "`filter_hosts` lets no host through of those `-z db1` leaves over");
    assert!(ran.err().contains("config/deploy.rhai:2:1") && !ran.out().contains("never"), "{}", ran.err());
    let scene = Scene::with("filter_hosts(|host| throw \"no zone\");\ntask(\"t\", || ());");
    let ran = scene.run(["production", "t"]);
    assert!(ran.code != 0 && ran.error() == "no zone" && ran.err().contains("`filter_hosts`"), "{}", ran.err());
}

#[test]
fn a_closure_that_comes_too_late_is_told() {
    let ran = Scene::task("on(roles(\"db\"), |host| 1); filter_hosts(|host| true);").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`filter_hosts` comes after the hosts were selected, too late to count");
}

#[test]
fn a_closure_in_place_of_the_setting_is_told_where_it_is_set() {
    let ran = Scene::with("set(\"filter\", |host| true);").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the setting `filter` cannot be a closure with parameters");
    assert!(
        ran.err().contains("config/deploy.rhai:1:1") && ran.err().contains("`filter_hosts(|host| …)`"),
        "{}",
        ran.err()
    );
}
