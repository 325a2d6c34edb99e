//! `fetch_one_of`, `fetch_number`, `fail_setting`: what they give, and whose line and name they tell.

use crate::support::scene::Scene;

const LEVEL: &str = "task(\"t\", || on(roles(\"app\"), |host| fetch_one_of(\"level\", [\"low\", \"high\"])));\n";

/// The one error of a recipe with this rest, on one host.
fn error(rest: &str, code: u8) -> String {
    Scene::with(&format!("{LEVEL}{rest}")).run(["production", "t", "-z", "web1"]).fails(code).ending()
}

#[track_caller]
fn has(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{part}:\n{error}");
    }
}

#[test]
fn what_is_allowed_comes_back() {
    let body = r#"
        set("level", "high");
        info(fetch_one_of("level", ["low", "high"]));
        set("jobs", "3");
        info(fetch_number("jobs") + 1);
        info(fetch_number("none", #{ min: 5, default: 7 }));
        set("most", 10);
        info(fetch_number("most", #{ max: 10 }));
    "#;
    assert_eq!(Scene::task(body).said(["production", "t"]), ["high", "4", "7", "10"]);
}

#[test]
fn the_line_of_the_recipe_and_what_was_meant_are_told() {
    let error = error("set(\"level\", \"hihg\");", 2);
    let message = "the setting `level` is `hihg`, but has to be \"low\" or \"high\"";
    has(&error, &[message, "--> config/deploy.rhai:2:1", "help: did you mean `high`?"]);
}

#[test]
fn the_last_one_who_set_it_is_told() {
    let error = error("set(\"level\", \"hihg\");\nset(\"level\", \"lo\");", 2);
    has(&error, &["is `lo`", "--> config/deploy.rhai:3:1"]);
}

#[test]
fn what_was_never_set_is_told_where_it_is_asked_for() {
    has(&error("", 2), &["the setting `level` is not set, but has to be", "--> config/deploy.rhai:1:"]);
}

#[test]
fn a_closure_of_the_users_is_followed_no_further() {
    let error = error("set(\"wish\", \"hihg\");\nset(\"level\", || fetch(\"wish\"));", 2);
    has(&error, &["the setting `level` is `hihg`", "--> config/deploy.rhai:3:1"]);
    assert!(!error.contains("has its value from there"), "{error}");
}

#[test]
fn a_property_is_told_where_it_was_last_said() {
    let error = error(
        "server(\"web1\", #{ level: \"lower\" });\nserver(\"web1\", #{ level: \"higher\" });\nrole(\"x\", [\"web1\"]);",
        2,
    );
    has(&error, &["the property `level` of the server `web1` is `higher`", "--> config/deploy.rhai:3:1"]);
}

#[test]
fn hosts_with_properties_of_their_own_are_told_apart() {
    let servers = "server(\"web1\", #{ level: \"lower\" });\nserver(\"web2\", #{ level: \"higher\" });";
    let error = Scene::with(&format!("{LEVEL}{servers}")).run(["production", "t"]).fails(2).ending();
    has(&error, &["of the server `web1` is `lower`", "deploy.rhai:2:1", "of the server `web2`", "deploy.rhai:3:1"]);
}

#[test]
fn numbers_have_bounds() {
    for (value, options, expected) in [
        ("-1", "", "is `-1`, but has to be a whole number of at least 0"),
        ("0", ", #{ min: 1 }", "is `0`, but has to be a whole number of at least 1"),
        ("11", ", #{ min: 1, max: 10 }", "is `11`, but has to be a whole number from 1 to 10"),
        ("\"1m\"", "", "is `1m`, but has to be a whole number of at least 0"),
        ("2.5", "", "is `2.5`, but has to be a whole number of at least 0"),
        ("()", "", "is not set, but has to be a whole number of at least 0"),
    ] {
        let recipe = format!("set(\"jobs\", {value});\ntask(\"t\", || fetch_number(\"jobs\"{options}));");
        let error = Scene::with(&recipe).run(["production", "t"]).fails(2).ending();
        has(&error, &[&format!("the setting `jobs` {expected}"), "--> config/deploy.rhai:1:1"]);
    }
}

#[test]
fn whatever_a_setting_is_to_blame_for_can_be_told_there() {
    let recipe = "task(\"t\", || fail_setting(\"folder\", \"it is full\", #{ help: \"empty it\", notes: \"since today\" }));\n\
                  set(\"folder\", \"/srv\");";
    let error = Scene::with(recipe).run(["production", "t"]).fails(1).ending();
    has(&error, &["error: it is full", "--> config/deploy.rhai:2:1", "note: since today", "help: empty it"]);
}

#[test]
fn what_a_stock_default_hands_on_has_the_name_and_line_of_its_source() {
    let recipe = |settings: &str| {
        format!(
            "require(\"service\");\nset(\"application\", \"shop\");\n{settings}\nset(\"service_unit_user\", \"user\");\n\
             service(\"jobs\", #{{ command: \"bin/jobs\" }});\n\
             task(\"t\", || on(roles(\"app\"), |host| fetch_one_of(\"jobs_user\", [\"app\"])));"
        )
    };
    let error = |settings| Scene::with(&recipe(settings)).run(["production", "t", "-z", "web1"]).fails(2).ending();
    // Of several that could be meant it is the one that counts.
    let told = error("set(\"run_as\", \"web\"); set(\"service_user\", \"deploy\");");
    has(
        &told,
        &["the setting `service_user` is `deploy`", "config/deploy.rhai:3:23", "`jobs_user` has its value from there"],
    );
    let told = error("set(\"run_as\", \"web\");");
    has(&told, &["the setting `run_as` is `web`", "config/deploy.rhai:3:1"]);
}

#[test]
fn an_option_of_a_service_is_told_where_the_service_is_declared() {
    let recipe = "require(\"service\");\nset(\"application\", \"shop\");\nset(\"service_unit_user\", \"user\");\n\
                  service(\"mails\", #{ command: \"bin/mails\" });\n\
                  service(\"jobs\", #{ command: \"bin/jobs\", count: 0 });\n\
                  let name = \"more\";\nservice(name, #{ command: \"bin/more\", count: || -1 });";
    let error = |task| Scene::with(recipe).run(["production", task, "-z", "web1"]).fails(2).ending();
    has(&error("jobs:render"), &["the setting `jobs_count` is `0`", "--> config/deploy.rhai:5:1"]);
    has(&error("more:render"), &["the setting `more_count` is `-1`", "--> config/deploy.rhai:7:1"]);
}

#[test]
fn a_wrong_rule_is_a_mistake_of_its_own() {
    for (call, expected) in [
        ("fetch_one_of(\"a\", \"b\")", "`fetch_one_of` expects what it may be as a list of strings, and got a string"),
        ("fetch_number(\"a\", #{ min: \"1\" })", "`fetch_number` expects `min` as a whole number, and got a string"),
        ("fetch_number(\"a\", #{ most: 1 })", "`fetch_number` has no option `most`"),
    ] {
        let error = Scene::task(call).run(["production", "t"]).fails(2).ending();
        has(&error, &[expected]);
    }
}
