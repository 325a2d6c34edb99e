//! `set`, `fetch` and their family; when lazy values are worked out.

use crate::support::scene::Scene;

fn said(body: &str) -> Vec<String> {
    Scene::task(body).said(["production", "t"])
}

#[test]
fn a_setting_is_what_was_set_last() {
    assert_eq!(said("set(\"a\", 1); set(\"a\", \"two\"); info(fetch(\"a\"));"), ["two"]);
}

#[test]
fn a_default_is_for_what_was_never_set() {
    let body = r#"
        info(type_of(fetch("nope")));
        info(fetch("nope", 5));
        info(fetch("nope", || "worked out"));
        set("off", false);
        set("nothing", ());
        info(fetch("off", true));
        info(type_of(fetch("nothing", 1)));
    "#;
    assert_eq!(said(body), ["()", "5", "worked out", "false", "()"]);
}

#[test]
fn set_if_empty_looks_at_the_name_and_not_at_the_value() {
    let body = r#"
        set("a", ());
        set_if_empty("a", 1);
        set_if_empty("b", 2);
        info(type_of(fetch("a")));
        info(fetch("b"));
    "#;
    assert_eq!(said(body), ["()", "2"]);
}

#[test]
fn append_flattens_and_adds_nothing_twice() {
    let body = r#"
        append("l", "a", ["b", ["c", "a"]]);
        append("l", "c", "d");
        info(fetch("l"));
        set("single", "x");
        append("single", "y");
        info(fetch("single"));
    "#;
    assert_eq!(said(body), [r#"["a", "b", "c", "d"]"#, r#"["x", "y"]"#]);
}

#[test]
fn append_and_remove_with_one_letter_are_ours_and_not_strings() {
    let body = "append(\"l\", 'x'); append(\"l\", \"y\"); info(fetch(\"l\").len); remove(\"l\", \"y\"); info(fetch(\"l\").len);";
    assert_eq!(said(body), ["2", "1"]);
}

#[test]
fn append_works_on_a_lazy_list() {
    let body = "set(\"l\", || [\"a\"]); append(\"l\", \"b\"); info(fetch(\"l\"));";
    assert_eq!(said(body), [r#"["a", "b"]"#]);
}

#[test]
fn remove_takes_every_equal_value() {
    let body = "set(\"l\", [\"a\", \"b\", \"a\", 1]); remove(\"l\", \"a\", [1]); info(fetch(\"l\"));";
    assert_eq!(said(body), [r#"["b"]"#]);
}

#[test]
fn any_is_true_for_something() {
    let values = [
        ("()", "false"),
        ("false", "false"),
        ("\"\"", "false"),
        ("[]", "false"),
        ("#{}", "false"),
        ("0", "true"),
        ("true", "true"),
        ("\"x\"", "true"),
        ("[()]", "true"),
    ];
    for (value, expected) in values {
        assert_eq!(said(&format!("set(\"a\", {value}); info(any(\"a\"));")), [expected], "{value}");
    }
    assert_eq!(said("info(any(\"never\"));"), ["false"]);
}

#[test]
fn delete_gives_what_was_there() {
    assert_eq!(said("set(\"a\", 1); info(delete(\"a\")); info(type_of(fetch(\"a\")));"), ["1", "()"]);
}

#[test]
fn what_fetch_gives_is_a_copy() {
    let body = "set(\"l\", [1]); let l = fetch(\"l\"); l.push(2); info(fetch(\"l\")); info(l);";
    assert_eq!(said(body), ["[1]", "[1, 2]"]);
}

#[test]
fn what_set_takes_is_a_copy() {
    let body = "let l = [1]; set(\"l\", l); l.push(2); info(fetch(\"l\"));";
    assert_eq!(said(body), ["[1]"]);
}

#[test]
fn a_lazy_value_is_worked_out_once() {
    let body = r#"
        set("x", || { info("working"); 5 });
        info(fetch("x"));
        info(fetch("x"));
    "#;
    assert_eq!(said(body), ["working", "5", "5"]);
}

#[test]
fn a_closure_with_parameters_is_a_stored_function() {
    assert_eq!(said("set(\"f\", |n| n + 1); let f = fetch(\"f\"); info(f.call(4));"), ["5"]);
}

#[test]
fn closures_in_closures_are_worked_out_down_to_a_value() {
    assert_eq!(said("set(\"x\", || || || 3); info(fetch(\"x\")); info(fetch(\"x\") + 1);"), ["3", "4"]);
    assert_eq!(said("info(fetch(\"none\", || || \"deep\"));"), ["deep"]);
    assert_eq!(said("set(\"f\", || |n| n + 1); let f = fetch(\"f\"); info(f.call(4));"), ["5"]);
}

#[test]
fn a_default_may_take_the_name() {
    assert_eq!(
        said("info(fetch(\"none\", |name| `no ${name}`)); set(\"a\", 1); info(fetch(\"a\", |name| 2));"),
        ["no none", "1"]
    );
    // Nothing is stored by it.
    assert_eq!(said("fetch(\"none\", |name| 1); info(any(\"none\"));"), ["false"]);
}

#[test]
fn a_dry_run_can_be_told_from_a_real_one() {
    let scene = Scene::task("info(is_dry_run());");
    assert_eq!(scene.said(["production", "t"]), ["false"]);
    assert_eq!(scene.said(["production", "t", "--dry-run"]), ["true"]);
}

#[test]
fn setting_again_works_a_lazy_value_out_again() {
    let body = "set(\"x\", || 1); info(fetch(\"x\")); set(\"x\", || 2); info(fetch(\"x\"));";
    assert_eq!(said(body), ["1", "2"]);
}

#[test]
fn a_lazy_value_sees_what_the_stage_sets_even_if_fetched_before() {
    let scene = Scene::with(
        "set(\"color\", \"blue\");\nset(\"sentence\", || `it is ${fetch(\"color\")}`);\nfetch(\"sentence\");\n\
         task(\"t\", || info(fetch(\"sentence\")));",
    )
    .stage("production", "set(\"color\", \"green\");");
    assert_eq!(scene.said(["production", "t"]), ["it is green"]);
}

#[test]
fn a_lazy_value_sees_a_captured_variable_as_it_is_when_it_is_fetched() {
    assert_eq!(said("let n = 1; set(\"x\", || n); n = 2; info(fetch(\"x\"));"), ["2"]);
}

#[test]
fn a_lazy_value_is_worked_out_once_a_host() {
    let body = r#"
        set("where", || { capture("echo", "at", current_host().name) });
        let r = on(roles("app"), |host| { fetch("where"); fetch("where") });
        info(r);
    "#;
    let ran = Scene::task(body).run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), [r#"#{"web1": "at web1", "web2": "at web2"}"#]);
    assert_eq!(ran.lines("web1"), ["echo at web1"]);
    assert_eq!(ran.lines("web2"), ["echo at web2"]);
}

#[test]
fn a_value_worked_out_outside_hosts_is_everybodys() {
    let body = r#"
        set("x", || { info("working"); 1 });
        fetch("x");
        info(on(roles("app"), |host| fetch("x")));
    "#;
    assert_eq!(said(body), ["working", r#"#{"web1": 1, "web2": 1}"#]);
}

#[test]
fn set_inside_on_reaches_the_code_after_it() {
    assert_eq!(said("on(primary(\"app\"), |host| set(\"found\", `${host}`)); info(fetch(\"found\"));"), ["web1"]);
}

#[test]
fn a_circle_of_settings_is_told_with_its_way() {
    let scene = Scene::task("fetch(\"a\");").file(
        "config/deploy.rhai",
        "set(\"a\", || fetch(\"b\"));\nset(\"b\", || fetch(\"c\"));\nset(\"c\", || fetch(\"a\"));\ntask(\"t\", || { fetch(\"a\"); });",
    );
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the setting `a` refers to itself: a → b → c → a");
}

#[test]
fn settings_lists_without_working_out() {
    let body = r#"
        set("lazy", || { throw "worked out"; });
        ask("question", 1);
        set("list", [1, 2]);
        for s in settings() { if ["lazy", "question", "list"].contains(s.name) { info(`${s.name}: ${s.value}`); } }
    "#;
    assert_eq!(
        said(body),
        ["lazy: (worked out when it is needed)", "list: [1, 2]", "question: (asked when it is needed)"]
    );
}

#[test]
fn known_settings_are_checked_also_when_lazy() {
    let scene = Scene::with("set(\"application\", || \"my app\");\ntask(\"t\", || { fetch(\"application\"); });");
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`my app` cannot be the name of an application");
    let ran = Scene::with("set(\"keep_releases\", 0);").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`keep_releases` is `0`, but it has to be a whole number of at least 1");
    for name in ["my.app", "my-app_1"] {
        Scene::with(&format!("set(\"application\", \"{name}\"); task(\"t\", || ());")).run(["production", "t"]).ok();
    }
}

#[test]
fn words_of_the_command_line_are_environment() {
    let body = r#"
        info(env("BRANCH"));
        info(env("NOPE", "default"));
        info(type_of(env("NOPE")));
        info(env("USER"));
    "#;
    let scene = Scene::task(body);
    assert_eq!(scene.said(["BRANCH=a=b", "production", "t"]), ["a=b", "default", "()", "tester"]);
    assert_eq!(scene.said(["production", "t", "BRANCH=", "USER=me"]), ["", "default", "()", "me"]);
}

#[test]
fn names_freed_from_the_language_can_be_used() {
    let body = "let shared = 1; let default = #{ new: 2 }; info(shared + default.new);";
    assert_eq!(said(body), ["3"]);
}
