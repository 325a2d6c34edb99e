//! `validate`: rules of a recipe's own, when they judge, and whose line and name they tell.

use crate::support::scene::Scene;

const RULE: &str = r#"validate("color", |name, value| {
    if !["red", "blue"].contains(value) { throw `${name} has to be red or blue`; }
});
"#;

/// The one error of a recipe that begins with the rule, whose task `t` fetches the setting.
fn refused(rest: &str) -> String {
    let task = "task(\"t\", || { info(\"began\"); fetch(\"color\"); });\n";
    Scene::with(&format!("{RULE}{task}{rest}")).run(["production", "t"]).fails(2).ending()
}

#[track_caller]
fn has(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{part}:\n{error}");
    }
}

#[test]
fn a_good_value_is_stored() {
    let body =
        format!("{RULE}set(\"color\", \"red\"); info(fetch(\"color\")); info(type_of(set(\"color\", \"blue\")));");
    assert_eq!(Scene::task(&body).said(["production", "t"]), ["red", "()"]);
}

#[test]
fn a_bad_value_is_refused_where_it_is_set() {
    let error = refused("set(\"color\", \"pink\");");
    has(
        &error,
        &[
            "error: the setting `color` cannot be `pink`: color has to be red or blue",
            "--> config/deploy.rhai:5:1",
            "note: judged by `validate` in config/deploy.rhai:1",
        ],
    );
}

#[test]
fn a_refused_value_is_not_stored() {
    let body = format!(
        "{RULE}set(\"color\", \"red\"); try {{ set(\"color\", \"pink\"); }} catch (e) {{ info(e.message); }} info(fetch(\"color\"));"
    );
    let said = Scene::task(&body).said(["production", "t"]);
    assert_eq!(said, ["the setting `color` cannot be `pink`: color has to be red or blue", "red"]);
}

#[test]
fn what_was_set_before_the_rule_is_judged_when_all_is_read() {
    let scene = Scene::with(&format!("set(\"color\", \"pink\");\n{RULE}task(\"t\", || info(fetch(\"color\")));"));
    let error = scene.run(["production", "t"]).fails(2).ending();
    has(&error, &["the setting `color` cannot be `pink`", "--> config/deploy.rhai:1:1", "config/deploy.rhai:2"]);
    // A stage may put it right before that; without a stage nobody knows.
    scene.run(["-T"]).ok();
    let scene = scene.stage("good", "server(\"h\", #{ transport: \"local\" }); set(\"color\", \"blue\");");
    assert_eq!(scene.said(["good", "t"]), ["blue"]);
}

#[test]
fn all_refusals_of_what_was_set_before_are_told_at_once() {
    let recipe = "set(\"a\", 1);\nset(\"b\", 1);\nvalidate(\"a\", |n, v| v > 1);\nvalidate(\"b\", |n, v| v > 1);\n\
                  task(\"t\", || ());";
    let error = Scene::with(recipe).run(["production", "t"]).fails(2).ending();
    has(
        &error,
        &["2 mistakes", "`a` cannot be `1`: its validator says no", "config/deploy.rhai:1:1", "deploy.rhai:2:1"],
    );
}

#[test]
fn a_lazy_value_is_judged_when_it_is_fetched() {
    let error = refused("set(\"color\", || \"pi\" + \"nk\");");
    has(&error, &["the setting `color` cannot be `pink`", "--> config/deploy.rhai:5:1"]);
    let never = Scene::with(&format!("{RULE}set(\"color\", || \"pink\"); task(\"t\", || info(\"fine\"));"));
    assert_eq!(never.said(["production", "t"]), ["fine"]);
}

#[test]
fn a_refused_lazy_value_is_refused_again() {
    let body = format!(
        "{RULE}set(\"color\", || \"pink\"); for n in 0..2 {{ try {{ fetch(\"color\"); info(\"no\"); }} catch {{ info(\"refused\"); }} }}"
    );
    assert_eq!(Scene::task(&body).said(["production", "t"]), ["refused", "refused"]);
}

#[test]
fn a_lazy_value_is_judged_once() {
    let body = "validate(\"x\", |n, v| info(`judging ${v}`)); set(\"x\", || 5); fetch(\"x\"); info(fetch(\"x\"));";
    assert_eq!(Scene::task(body).said(["production", "t"]), ["judging 5", "5"]);
}

#[test]
fn several_rules_are_asked_in_order_and_the_first_refusal_counts() {
    let body = r#"
        validate("x", |n, v| info(`first ${v}`));
        validate("x", |n, v| { if v > 3 { throw "at most 3"; } });
        validate("x", |n, v| info(`third ${v}`));
        set("x", 2);
        try { set("x", 4); } catch (e) { info(e.message); }
    "#;
    let said = Scene::task(body).said(["production", "t"]);
    assert_eq!(said, ["first 2", "third 2", "first 4", "the setting `x` cannot be `4`: at most 3"]);
}

#[test]
fn a_value_is_asked_about_once_by_each_rule() {
    let recipe = "validate(\"x\", |n, v| info(\"first\"));\nset(\"x\", 1);\nvalidate(\"x\", |n, v| info(\"second\"));\n\
                  task(\"t\", || info(\"ran\"));";
    assert_eq!(Scene::with(recipe).said(["production", "t"]), ["first", "second", "ran"]);
}

#[test]
fn a_rule_made_in_a_task_judges_at_once() {
    let ran =
        Scene::with(&format!("set(\"color\", \"pink\");\ntask(\"t\", || {{\n{RULE}}});")).run(["production", "t"]);
    has(&ran.fails(2).ending(), &["cannot be `pink`", "--> config/deploy.rhai:1:1"]);
}

#[test]
fn what_a_server_says_in_place_of_the_setting_is_judged_before_anything_runs() {
    let scene = Scene::with(&format!("{RULE}task(\"t\", || info(\"ran\"));"))
        .stage("mixed", "server(\"web9\", #{\n    transport: \"local\", color: \"pink\" });\nset(\"color\", \"red\");");
    let error = scene.run(["mixed", "t"]).fails(2).ending();
    has(&error, &["the property `color` of the server `web9` cannot be `pink`", "--> config/deploy/mixed.rhai:1:1"]);
}

#[test]
fn appended_values_and_stored_functions_are_judged_whole() {
    let body = r#"
        validate("l", |n, v| { if v.len() > 2 { throw "at most two"; } });
        append("l", "a", "b");
        try { append("l", "c"); } catch (e) { info(e.message); }
        remove("l", "a");
        append("l", "c");
        info(fetch("l"));
        validate("f", |n, v| { if type_of(v) != "Fn" { throw "a closure"; } });
        set("f", |x| x + 1);
        try { set_if_empty("g", 1); set_if_empty("f", 1); info("kept"); } catch { info("judged in vain"); }
    "#;
    let said = Scene::task(body).said(["production", "t"]);
    assert_eq!(said, [r#"the setting `l` cannot be `["a", "b", "c"]`: at most two"#, r#"["b", "c"]"#, "kept"]);
}

#[test]
fn an_answer_is_judged() {
    let error = refused("ask(\"color\", \"pink\");");
    has(&error, &["the setting `color` cannot be `pink`", "--> config/deploy.rhai:5:1"]);
}

#[test]
fn a_secret_is_refused_without_being_shown() {
    let ran =
        Scene::with("validate(\"pw\", |n, v| false);\nset(\"pw\", secret(\"hunter2\"));").run(["production", "t"]);
    let error = ran.fails(2).ending();
    has(&error, &["the setting `pw` cannot be `[secret]`: its validator says no"]);
    assert!(!error.replace("secret(\"hunter2\")", "").contains("hunter2"), "{error}");
}

#[test]
fn help_of_a_rule_goes_along() {
    let body =
        "validate(\"x\", |n, v| fail(\"too many\", #{ help: \"take 3\", notes: \"there are 3\" }));\nset(\"x\", 9);";
    let error = Scene::task(body).run(["production", "t"]).fails(2).ending();
    has(&error, &["the setting `x` cannot be `9`: too many", "help: take 3", "note: there are 3"]);
}

#[test]
fn a_mistake_in_a_rule_is_that_of_the_rule() {
    let error =
        Scene::with("validate(\"x\", |n, v| [][v]);\nset(\"x\", 1);").run(["production", "t"]).fails(2).ending();
    has(&error, &["--> config/deploy.rhai:1:2", "trace: validator of the setting `x`"]);
    assert!(!error.contains("cannot be `1`"), "{error}");
}

#[test]
fn a_rule_may_look_at_other_settings_and_its_own_but_not_set_itself_for_ever() {
    let body = r#"
        set("most", 3);
        set("x", 1);
        validate("x", |n, v| { if v > fetch("most") { throw `more than ${fetch("most")}, was ${fetch("x")}`; } });
        try { set("x", 9); } catch (e) { info(e.message); }
        validate("y", |n, v| set("y", v + 1));
        set("y", 1);
    "#;
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).fails(2);
    assert_eq!(ran.messages("info"), ["the setting `x` cannot be `9`: more than 3, was 1"]);
    assert_eq!(ran.failure()["message"], "the validator of `y` sets `y` again, without end");
}
