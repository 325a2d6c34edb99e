//! `-p`: what settings are, and who set them.

use serde_json::Value;

use crate::support::ran::Ran;
use crate::support::scene::Scene;

const RECIPE: &str = r#"set("application", "shop");
set("branch", env("BRANCH", "main"));
set("release_note", || { info("working"); `of ${fetch("application")} by ${env("USER")}` });
set("broken", || { throw "not today"; });
set("api_key", secret("hunter2"));
set("both", ["a", secret("hunter2"), #{ url: "https://" + secret("hunter2") + "@x" }]);
set("double", |n| n * 2);
ask("answer");
append("linked_dirs", "log");
task("t", || info(`ran with ${fetch("application")}`));
"#;

const STAGE: &str = r#"server("web1", #{ transport: "local", roles: ["app"], keep_releases: 3 });
server("web2", #{
    transport: "local", roles: ["app"], api_key: secret("swordfish") });
set("application", "shop_two");
"#;

fn scene() -> Scene {
    Scene::with(RECIPE).stage("two", STAGE)
}

/// The line of a setting and those below it.
fn about(list: &str, name: &str) -> Vec<String> {
    let mut lines = list.lines().skip_while(|line| !line.starts_with(&format!("{name} = ")));
    let first = lines.next().unwrap_or_else(|| panic!("no {name} in\n{list}"));
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    [first].into_iter().chain(lines.take_while(|line| line.starts_with("  "))).map(squeezed).collect()
}

fn row(ran: &Ran, name: &str) -> Value {
    let row = ran.all("setting").into_iter().find(|row| row["name"] == name);
    row.unwrap_or_else(|| panic!("no {name} in {}", ran.stdout))
}

#[test]
fn each_setting_is_told_with_who_set_it() {
    let list = scene().run(["two", "-p"]).ok().out();
    for (name, line) in [
        ("application", r#"application = "shop_two" # config/deploy/two.rhai:4"#),
        ("branch", r#"branch = "main" # config/deploy.rhai:2"#),
        ("linked_dirs", r#"linked_dirs = ["log"] # config/deploy.rhai:9"#),
        ("stage", r#"stage = "two" # the command line"#),
        ("double", "double = (a function) # config/deploy.rhai:7"),
        ("answer", "answer = (asked when it is needed) # config/deploy.rhai:8"),
    ] {
        assert_eq!(about(&list, name), [line], "{list}");
    }
    let stock = about(&list, "tmp_dir");
    assert!(stock[0].starts_with("tmp_dir = \"/tmp\" # stock, stdlib/defaults.rhai:"), "{stock:?}");
    let names: Vec<&str> =
        list.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(" = ").next()).collect();
    assert!(names.is_sorted() && names.len() > 20, "{names:?}");
    assert!(!names.contains(&"look_at_host"), "functions of the stock recipes are no settings");
}

#[test]
fn nothing_runs_and_nothing_is_worked_out() {
    let ran = scene().run(["two", "-p"]).ok();
    assert_eq!(ran.stderr, "");
    assert!(!ran.stdout.contains("working") && !ran.stdout.contains("ran with"), "{}", ran.stdout);
    let line = about(&ran.stdout, "release_note");
    assert_eq!(line, ["release_note = (worked out when it is needed) # config/deploy.rhai:3, with $USER"]);
}

#[test]
fn no_secret_is_in_it() {
    for args in [&["two", "-p"][..], &["two", "-p", "--format", "json"], &["two", "-p=."], &["two", "-p", "t", "-v"]] {
        let ran = scene().run(args).ok();
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains("hunter2") && !all.contains("swordfish"), "{args:?}: {all}");
        assert!(all.contains("[secret]"), "{all}");
    }
    let list = scene().run(["two", "-p"]).ok().out();
    let lines = about(&list, "api_key");
    assert_eq!(
        lines,
        [r#"api_key = "[secret]" # config/deploy.rhai:5"#, r#"on web2: "[secret]" # config/deploy/two.rhai:2"#]
    );
    assert_eq!(
        about(&list, "both"),
        [r#"both = ["a", "[secret]", #{ url: "https://[secret]@x" }] # config/deploy.rhai:6"#]
    );
}

#[test]
fn what_servers_and_options_say_stands_below() {
    let list = scene().run(["two", "-p", "--warm", "60", "--max-fail=20%", "--idle-timeout", "5m"]).ok().out();
    let lines = about(&list, "keep_releases");
    assert_eq!(lines[1], "on web1: 3 # config/deploy/two.rhai:1");
    assert_eq!(about(&list, "warm")[1], "with --warm: 60 # the command line");
    assert_eq!(about(&list, "max_fail")[1], "with --max-fail: 20% # the command line");
    assert!(!list.contains("--idle-timeout"), "that is no setting of this recipe");
}

#[test]
fn settings_asked_for_by_name_are_worked_out() {
    let ran = scene().run(["two", "-p=^(release_note|broken|answer|application)$"]).ok();
    let list = ran.out();
    let shown = |name: &str| about(&list, name).remove(0);
    assert_eq!(shown("release_note"), r#"release_note = "of shop_two by tester" # config/deploy.rhai:3, with $USER"#);
    assert_eq!(shown("broken"), "broken = (cannot be worked out here: not today) # config/deploy.rhai:4");
    assert_eq!(shown("answer"), "answer = (asked when it is needed) # config/deploy.rhai:8");
    assert_eq!(list.lines().count(), 4, "{list}");
}

#[test]
fn variables_of_the_environment_are_named_where_they_count() {
    let list = scene().run(["two", "-p", "BRANCH=topic"]).ok().out();
    assert_eq!(about(&list, "branch"), [r#"branch = "topic" # config/deploy.rhai:2, with $BRANCH"#]);
}

#[test]
fn with_a_task_the_settings_come_first_and_it_runs() {
    let ran = scene().run(["two", "-p", "t"]).ok();
    let (list, rest) = ran.stdout.split_once("ran with shop_two").expect("the task runs");
    assert!(about(list, "application").len() == 1 && !rest.contains(" = "), "{}", ran.stdout);
    let plan = scene().run(["two", "-p=^application$", "t", "--plan"]).ok().out();
    assert!(plan.starts_with("application = ") && !plan.contains("ran with"), "{plan}");
}

#[test]
fn programs_get_the_same() {
    for (args, runs) in [(&["two", "-p", "--json"][..], false), (&["two", "-p", "t", "--json"], true)] {
        let ran = scene().run(args).ok();
        assert_eq!(row(&ran, "keep_releases")["value"], 5);
        assert_eq!(row(&ran, "keep_releases")["servers"][0]["value"], 3);
        assert_eq!(row(&ran, "keep_releases")["set_by"], "stock");
        assert_eq!(row(&ran, "release_note")["state"], "lazy");
        assert_eq!(row(&ran, "api_key")["value"], "[secret]");
        assert_eq!(row(&ran, "stage")["set_by"], "command_line");
        assert_eq!(row(&ran, "application")["place"], "config/deploy/two.rhai:4:1");
        assert_eq!(!ran.messages("info").is_empty(), runs, "{}", ran.stdout);
        let first = if runs { "run_started" } else { "setting" };
        assert_eq!(ran.events()[0]["event"], first);
    }
}

#[test]
fn what_is_worked_out_for_it_belongs_to_the_run() {
    let recipe = "set(\"me\", || run_locally(|| capture(\"echo\", \"here\")));\ntask(\"t\", || info(fetch(\"me\")));";
    let scene = Scene::with(recipe);
    let ran = scene.run(["--json", "production", "-p=^me$", "t"]).ok();
    assert_eq!(row(&ran, "me")["value"], "here");
    let events: Vec<_> = ran.events().into_iter().map(|line| line["event"].clone()).collect();
    assert_eq!(events[0], "run_started", "{events:?}");
    assert_eq!(
        events.iter().filter(|event| *event == "command_started").count(),
        1,
        "it is worked out once: {events:?}"
    );
    assert_eq!(scene.run(["production", "-p=^me$"]).ok().out(), "me = \"here\"  # config/deploy.rhai:1\n");
}

#[test]
fn without_a_stage_there_is_what_all_stages_share() {
    let list = scene().run(["-p"]).ok().out();
    assert_eq!(about(&list, "application"), [r#"application = "shop" # config/deploy.rhai:1"#]);
    assert_eq!(about(&list, "stage"), ["stage = () # the command line"]);
    let ran = scene().run(["twoo", "-p"]).fails(2);
    assert!(ran.err().contains("did you mean `two`?"), "{}", ran.err());
}

#[test]
fn a_deploy_tells_them_when_the_setting_says_so() {
    let recipe = "set(\"application\", \"shop\");\nset(\"repo_url\", \"git@example.com:shop.git\");\n";
    let told = |more: &str| {
        let said = Scene::with(&format!("{recipe}{more}")).said(["production", "deploy:starting", "--dry-run"]);
        said.contains(&"application = shop (config/deploy.rhai:1)".to_owned())
    };
    assert!(told("set(\"print_config_variables\", true);"));
    assert!(!told(""));
}
