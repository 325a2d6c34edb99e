//! Arguments of tasks: from the command line, from needs and hooks, defaults, and what is missing.

use crate::support::scene::Scene;

fn said(recipe: &str, args: &[&str]) -> Vec<String> {
    Scene::with(recipe).said([&["production"], args].concat())
}

#[test]
fn arguments_have_names_and_may_be_left_out() {
    let recipe = r#"
        task("t", #{ args: ["host", "port=default"] }, |args| {
            info(`${args.host} ${args.port} ${args.extras.len}`);
        });
    "#;
    assert_eq!(said(recipe, &["t[web1,22]"]), ["web1 22 0"]);
    assert_eq!(said(recipe, &["t[web1]"]), ["web1 default 0"]);
    assert_eq!(said(recipe, &["t[ a\\,b , 1 ]"]), ["a,b 1 0"]);
}

#[test]
fn further_arguments_need_a_name_for_the_rest() {
    let recipe = "task(\"t\", #{ args: [\"a\", \"*more\"] }, |args| info(`${args.a} ${args.extras}`));";
    assert_eq!(said(recipe, &["t[1,2,3]"]), [r#"1 ["2", "3"]"#]);
    let scene = Scene::with("task(\"t\", #{ args: [\"a\"] }, |args| info(args.a));");
    let ran = scene.run(["production", "t[1,2]"]).fails(2);
    assert_eq!(ran.error(), "too many arguments for task `t`: 2 given, at most 1 expected");
}

#[test]
fn a_prerequisite_gets_the_arguments_of_equal_name() {
    let recipe = r#"
        task("need", #{ args: ["b"] }, |args| info(`need ${args.b}`));
        task("t", #{ args: ["a", "b"], needs: ["need"] }, |args| info(`t ${args.a} ${args.b}`));
    "#;
    assert_eq!(said(recipe, &["t[1,2]"]), ["need 2", "t 1 2"]);
}

#[test]
fn a_default_is_a_text_and_what_ends_in_an_equals_sign_may_be_left_out() {
    let recipe = r#"
        task("t", #{ args: ["file", "lines=20", "note="] }, |args| info(`${args.file} ${args.lines + 1} ${args.note ?? "none"}`));
        task("u", || { invoke("t", "a"); invoke_again("t", "b", 5, "x"); invoke_again("t", "c", (), "y"); });
    "#;
    assert_eq!(said(recipe, &["t[log]"]), ["log 201 none"], "a text, as from the command line");
    assert_eq!(said(recipe, &["t[log,,urgent]"]), ["log 201 urgent"]);
    assert_eq!(said(recipe, &["u"]), ["a 201 none", "b 6 x", "c 201 y"]);
}

#[test]
fn a_missing_argument_is_told_with_the_usage_before_anything_runs() {
    let recipe = r#"
        task("first", || info("first"));
        task("t", #{ args: ["file", "lines=20"] }, |args| info(args.file));
        task("u", || invoke("t"));
    "#;
    let ran = Scene::with(recipe).run(["production", "first", "t"]).fails(2);
    assert_eq!(ran.error(), "task `t` needs the argument `file`");
    assert!(ran.err().contains("help: call it as `t[file,lines=20]`"), "{}", ran.err());
    assert_eq!(ran.stdout, "");
    let ran = Scene::with(recipe).run(["production", "u"]).fails(2);
    assert_eq!(ran.error(), "task `t` needs the argument `file`");
    assert!(ran.ending().contains("config/deploy.rhai:4"), "{}", ran.ending());
}

#[test]
fn a_default_is_shown_wherever_a_task_is() {
    let recipe = "desc(\"Show it.\");\ntask(\"show\", #{ args: [\"file\", \"lines=20\", \"note=\"] }, |args| info(args.file));\n\
                  task(\"all\", #{ needs: [\"show[log]\"] });\n";
    let scene = Scene::with(recipe);
    assert_eq!(scene.run(["-T", "^show"]).ok().out(), "windlass show[file,lines=20,note=]  # Show it\n");
    assert!(scene.run(["-P"]).ok().out().contains("\nwindlass show[file,lines=20,note=]\n"));
    assert!(scene.run(["-D", "^show"]).ok().out().starts_with("windlass show[file,lines=20,note=]\n"));
    let plan = scene.run(["production", "show[a b]", "all", "--plan"]).ok().out();
    let expected = "\
production show[a b] all
├─ show[a b,20]         config/deploy.rhai:2
└─ all                  config/deploy.rhai:3
   └─ needs show[log,20]  needed at config/deploy.rhai:3 (skipped: already run)
";
    assert_eq!(plan.replace("  ", " ").replace("  ", " "), expected.replace("  ", " ").replace("  ", " "));
}

#[test]
fn a_need_is_called_with_what_is_written_there() {
    let recipe = r#"
        task("b", #{ args: ["n", "host="] }, |args| info(`b ${args.n} ${args.host}`));
        task("t", #{ args: ["host=web1"], needs: ["b[7]"] }, |args| info(`t ${args.host}`));
    "#;
    assert_eq!(said(recipe, &["t"]), ["b 7 web1", "t web1"]);
    assert_eq!(said(recipe, &["t[db1]"]), ["b 7 db1", "t db1"]);
    assert_eq!(said(&recipe.replace("b[7]", "b[ a\\\\,b ,x]"), &["t"]), ["b a,b x", "t web1"]);
}

#[test]
fn a_hook_is_called_with_what_is_written_there() {
    let recipe = r#"
        task("b", #{ args: ["n"] }, |args| info(`b ${args.n}`));
        task("t", || info("t"));
        after("t", "b[1]");
    "#;
    assert_eq!(said(recipe, &["t"]), ["t", "b 1"]);
    assert_eq!(said(&recipe.replace("after", "before"), &["t"]), ["b 1", "t"]);
}

#[test]
fn who_needs_a_task_with_other_arguments_is_told_that_it_is_skipped() {
    let recipe = r#"
        task("b", #{ args: ["n"] }, |args| info(`b ${args.n}`));
        task("x", #{ needs: ["b[1]"] });
        task("y", #{ needs: ["b[1]"] });
        task("z", #{ needs: ["b[2]"] });
    "#;
    let ran = Scene::with(recipe).run(["--format", "json", "production", "x", "y", "z"]).ok();
    assert_eq!(ran.messages("info"), ["b 1"]);
    assert_eq!(ran.messages("warn"), ["task `b` has run already with other arguments, so `b[2]` is skipped"]);
}

#[test]
fn what_nothing_gives_an_argument_is_found_before_anything_runs() {
    let recipe =
        "task(\"b\", #{ args: [\"n\"] }, |args| info(args.n));\ntask(\"t\", #{ needs: [\"b\"] }, || info(\"t\"));\n";
    for command in [&["production", "t"][..], &["check"]] {
        let ran = Scene::with(recipe).run(command.iter().copied()).fails(2);
        let told = format!("{}{}", ran.out(), ran.err());
        assert!(told.contains("`t` needs `b`, and nothing gives it its argument `n`"), "{told}");
        assert!(told.contains("config/deploy.rhai:2") && told.contains("`b[…]`"), "{told}");
    }
    let recipe = recipe.replace("\"b\"] }", "\"b[1]\", \"b[2]\"] }");
    let ran = Scene::with(&recipe).run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`t` runs `b` twice with different arguments");
}

#[test]
fn arguments_that_are_none_are_told_where_they_are_declared() {
    let error = |args: &str| {
        Scene::with(&format!("task(\"t\", #{{ args: {args} }}, || ());")).run(["production", "t"]).fails(2).error()
    };
    assert_eq!(error("[\"a\", \"a=1\"]"), "the argument `a` is declared twice, in task `t`");
    assert_eq!(error("[\"*a=1\"]"), "`*a=1` takes every further argument, and has no default, in task `t`");
    assert_eq!(error("[\"=1\"]"), "`=1` cannot be the name of an argument, in task `t`");
}
