//! `batch` and `shield`: what goes out together, what comes back, and what fails where.

use crate::support::scene::Scene;

fn task(body: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{\n{body}\n}});"))
}

#[test]
fn what_commands_find_is_in_what_the_block_returns() {
    let body = r#"
        let found = batch(|| #{
            name: capture("echo", "me"),
            there: [test("true"), test("false")],
            run: run("exit 3"),
            file: file_exists("/etc/passwd"),
            folder: dir_exists("/etc/passwd"),
            other: 7,
        });
        info(`${found.name} ${found.there} ${found.run.status} ${found.file} ${found.folder} ${found.other}`);
        info(batch(|| capture("echo alone")));
    "#;
    assert_eq!(task(body).said(["production", "t"]), ["me [true, false] 3 true false 7", "alone"]);
}

#[test]
fn each_command_is_shown_by_itself_and_obeys_its_own_surroundings() {
    let body = r#"batch(|| {
        execute("echo", "one");
        within("/", || with(#{ x: "two" }, || execute("echo $X; pwd")));
        execute("pwd >&2; false || echo three");
    });"#;
    let ran = task(body).run(["--format", "json", "production", "t"]).ok();
    let lines: Vec<_> = ran.all("command_started").iter().map(|event| event["line"].clone()).collect();
    assert_eq!(lines, ["echo one", "cd / && export X=two && { echo $X; pwd\n}", "pwd >&2; false || echo three"]);
    let printed: Vec<_> = ran.all("command_output").iter().map(|event| event["line"].clone()).collect();
    assert_eq!(printed[..3], ["one", "two", "/"]);
    assert_eq!(ran.all("command_finished").len(), 3);
}

#[test]
fn the_first_failure_stops_the_rest_and_is_told_at_its_own_line() {
    let body = "batch(|| {\n  test(\"false\");\n  execute(\"echo\", \"one\");\n  execute(\"exit 3\");\n  execute(\"echo\", \"never\");\n});";
    let ran = task(body).run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.all("command_started").len(), 3);
    let failure = ran.failure();
    assert_eq!(failure["message"], "`exit 3` ended with status 3");
    assert!(failure["place"].to_string().contains("config/deploy.rhai:6:"), "{failure}");
}

#[test]
fn the_failure_of_a_batch_can_be_caught_around_it() {
    let body = r#"try { batch(|| execute("exit 3")); } catch (e) { info(`${e.kind} ${e.status}`); }"#;
    assert_eq!(task(body).said(["production", "t"]), ["command 3"]);
}

#[test]
fn what_was_asked_for_is_done_though_the_block_fails_or_exits() {
    let of = |last: &str| {
        let batch = format!("batch(|| {{ execute(\"mkdir\", \"-p\", deploy_to(\"made\")); {last} }})");
        Scene::task(&format!("on(roles(\"db\"), |host| {batch});"))
    };
    for (last, code) in [("exit(7);", 7), ("throw \"stop\";", 1)] {
        let scene = of(last);
        scene.run(["production", "t"]).fails(code);
        assert!(scene.host("db1", "made").exists(), "{last}");
    }
    let misused = of("capture(\"date\").trim();");
    misused.run(["production", "t"]).fails(2);
    assert!(!misused.host("db1", "made").exists(), "the mistake is told before anything has happened");
    let hidden = of("execute(\"exit 3\"); exit(0);").run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(hidden.failure()["message"], "`exit 3` ended with status 3");
    let both = of("execute(\"exit 3\"); throw \"stop\";").run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(both.failure()["message"], "stop");
    let warned = both.messages("warn");
    assert!(warned[0].starts_with("what the `batch` had kept back failed as well on db1"), "{warned:?}");
}

#[test]
fn using_what_is_not_known_yet_is_an_error_that_says_so() {
    for body in [
        "if test(\"true\") { info(1) }",
        "let x = `${capture(\"date\")}`; execute(\"echo\", x)",
        "let x = capture(\"date\"); execute(`echo ${x}`)",
        "write_file(\"/tmp/x\", `${capture(\"date\")}`)",
        "info(`${capture(\"date\")}`)",
        "let x = `${capture(\"date\")}`;",
        "capture(\"date\") == \"x\"",
        "execute(\"echo\", capture(\"date\"))",
        "capture(\"date\").trim()",
        "info(test(\"true\"))",
        "set(\"x\", [#{ a: capture(\"date\") }])",
        "\"x\" + capture(\"date\")",
        "let x = \"x\"; x += capture(\"date\")",
        "for x in capture(\"date\") { info(1); }",
        "run(\"true\").ok",
        "run(\"true\")[\"ok\"]",
        "capture(\"date\") in [1]",
        "while test(\"true\") {}",
        "test(\"true\") && raw(\"x\") == ()",
        "-run(\"true\")",
        "let x = 1 - run(\"true\")",
        "!test(\"true\")",
    ] {
        let ran = task(&format!("batch(|| {{ {body} }});")).run(["production", "t"]);
        assert_eq!(ran.code, 2, "{body}: {}", ran.stderr);
        let error = ran.error();
        assert!(error.contains("what a command finds is not known before its `batch` is over"), "{body}: {error}");
    }
}

#[test]
fn a_batch_inside_a_batch_joins_it_and_an_upload_sends_what_was_before() {
    let body = r#"
        let file = `/tmp/${fetch("mark")}`;
        batch(|| { batch(|| execute("echo", "x")); execute("mkdir", file); write_file(file + "/a", "text", #{ diff: false }); });
        info(read_file(file + "/a"));
        execute("rm", "-r", file);
    "#;
    let mark = format!("batch-{}", std::process::id());
    let scene = Scene::task(&format!("set(\"mark\", \"{mark}\"); on(roles(\"db\"), |host| {{ {body} }});"));
    assert_eq!(scene.said(["production", "t"]), ["text"]);
}

#[test]
fn shield_belongs_into_on() {
    let error = Scene::task("shield(|| 1);").run(["production", "t"]).fails(2).error();
    assert!(error.contains("`shield`") && error.contains("outside `on`"), "{error}");
}
