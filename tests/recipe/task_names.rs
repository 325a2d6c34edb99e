//! Other names of tasks, names that are taken, and hooks on a stage.

use crate::support::scene::Scene;

const BUILD: &str = "desc(\"Build it.\");\ntask(\"app:build\", #{ alias: [\"b\", \"make\"], args: [\"to=x\"] }, |args| info(`built ${args.to}`));\n";

fn with(more: &str) -> Scene {
    Scene::with(&format!("{BUILD}{more}"))
}

fn error(recipe: &str) -> String {
    Scene::with(recipe).run(["production", "t"]).fails(2).error()
}

#[test]
fn a_task_can_be_called_by_its_aliases_wherever_it_is_named() {
    assert_eq!(with("").said(["production", "b[y]"]), ["built y"]);
    assert_eq!(with("task(\"t\", || invoke(\"make\"));").said(["production", "t"]), ["built x"]);
    assert_eq!(with("task(\"t\", #{ needs: \"b[z]\" });").said(["production", "t"]), ["built z"]);
    let both = "before(\"b\", \"one\", || info(\"one\")); after(\"make\", \"two\", || info(\"two\"));";
    assert_eq!(with(both).said(["production", "app:build"]), ["one", "built x", "two"]);
    let hooked = "task(\"t\", || info(\"t\")); after(\"t\", \"b\");";
    assert_eq!(with(hooked).said(["production", "t"]), ["t", "built x"]);
    let unhooked =
        format!("{hooked} unhook(\"t\", \"make\"); clear_task(\"b\"); task(\"app:build\", || info(\"new\"));");
    assert_eq!(with(&unhooked).said(["production", "t", "b"]), ["t", "new"]);
}

#[test]
fn it_is_one_task_and_runs_once() {
    let ran = with("").run(["--format", "json", "production", "b", "make"]).ok();
    assert_eq!(ran.messages("info"), ["built x"]);
    assert_eq!(ran.tasks(), ["app:build"]);
    assert_eq!(ran.messages("warn"), ["task `app:build` has run already and is skipped: a task runs once"]);
}

#[test]
fn aliases_are_shown_with_their_task() {
    let scene = with("");
    assert_eq!(scene.run(["-T", "build"]).ok().out(), "windlass app:build[to=x]  # Build it (also b, make)\n");
    assert_eq!(scene.run(["-T", "^make$"]).ok().out(), "windlass app:build[to=x]  # Build it (also b, make)\n");
    assert!(scene.run(["-D", "build"]).ok().out().contains("    Also called b, make.\n"));
    assert!(scene.run(["-P"]).ok().out().contains("windlass app:build[to=x]\n    also   b\n    also   make\n"));
    let plan = scene.run(["production", "b", "--plan"]).ok().out();
    assert_eq!(plan, "production b\n└─ app:build[x]  config/deploy.rhai:2\n");
}

#[test]
fn an_alias_belongs_to_the_namespace_of_its_task() {
    let recipe = "namespace(\"app\", || task(\"build\", #{ alias: \"b\" }, || info(\"built\")));";
    assert_eq!(Scene::with(recipe).said(["production", "app:b"]), ["built"]);
    let error = Scene::with(recipe).run(["production", "b"]).fails(2);
    assert!(error.err().contains("did you mean `app:b`?"), "{}", error.err());
}

#[test]
fn a_typing_mistake_is_put_right_with_aliases_too() {
    let ran = with("").run(["production", "mkae"]).fails(2);
    assert!(ran.err().contains("did you mean `make`?"), "{}", ran.err());
}

#[test]
fn an_alias_that_is_taken_is_refused() {
    let recipe = "task(\"a\", || ()); task(\"t\", #{ alias: \"a\" }, || ());";
    assert_eq!(error(recipe), "`a` cannot be an alias of `t`: there is a task of that name");
    let recipe = "task(\"a\", #{ alias: \"x\" }, || ()); task(\"t\", #{ alias: \"x\" }, || ());";
    assert_eq!(error(recipe), "`x` cannot be an alias of `t`: it is one of `a` already");
    assert!(error("task(\"t\", #{ alias: \"a b\" }, || ());").starts_with("`a b` cannot be the name of a task"));
}

#[test]
fn a_task_called_like_a_command_is_refused_with_a_way_out() {
    for name in ["exec", "check", "console", "doctor", "script", "docs", "init", "help"] {
        for recipe in [
            format!("task(\"{name}\", || info(\"x\"));"),
            format!("task(\"t\", #{{ alias: \"{name}\" }}, || info(\"x\"));"),
            format!("task(\"t\", || ()); after(\"t\", \"{name}\", || info(\"x\"));"),
        ] {
            let ran = Scene::with(&recipe).run(["production", "t"]).fails(2);
            assert_eq!(ran.error(), format!("`{name}` cannot be the name of a task: it is a command of windlass"));
            assert!(ran.err().contains(&format!("`app:{name}`")), "{}", ran.err());
        }
        let inside = format!("namespace(\"app\", || task(\"{name}\", || info(\"x\")));");
        assert_eq!(Scene::with(&inside).said(["production", &format!("app:{name}")]), ["x"]);
    }
    let out = Scene::with("task(\"exec\", || info(\"x\"));").run(["check"]).fails(2).out();
    assert!(out.contains("error[task-name]: `exec` cannot be the name of a task"), "{out}");
}

#[test]
fn a_hook_on_a_stage_runs_before_the_tasks_of_its_runs() {
    let recipe = r#"
        task("t", || info("t"));
        task("u", || info("u"));
        after("production", "maps", || info(`maps of ${fetch("stage")}`));
        before("staging", "never", || info("never"));
    "#;
    let scene = Scene::with(recipe).stage("staging", "server(\"h\", #{ transport: \"local\", roles: \"web\" });");
    assert_eq!(scene.said(["production", "t", "u"]), ["maps of production", "t", "u"]);
    assert_eq!(scene.said(["staging", "t"]), ["never", "t"]);
    let ran = scene.run(["--format", "json", "production", "exec", "--", "true"]).ok();
    assert_eq!(ran.messages("info"), ["maps of production"]);
    let plan = scene.run(["production", "t", "--plan"]).ok().out();
    let expected = "\
production t
├─ production     config/deploy.rhai:4
│  └─ after maps  hooked at config/deploy.rhai:4
└─ t              config/deploy.rhai:2
";
    assert_eq!(plan, expected);
    assert_eq!(scene.run(["check"]).ok().out().lines().count(), 1, "nothing is found");
    // A mistake in the name of a stage is one as any.
    let ran = Scene::with("before(\"prodution\", \"t\"); task(\"t\", || ());").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "no task `prodution` to run `t` before");
}

#[test]
fn a_run_has_one_stage() {
    let scene = Scene::with("task(\"t\", || info(\"t\"));").stage("staging", "");
    let ran = scene.run(["production", "staging", "t"]).fails(2);
    assert_eq!(ran.error(), "a run has one stage, and `staging` is another one");
    assert!(ran.err().contains("run windlass once for each stage"), "{}", ran.err());
}

#[test]
fn windlass_alone_shows_its_help() {
    let ran = Scene::with("").run::<&str>([]).fails(2);
    assert!(ran.err().contains("Usage: windlass [OPTIONS] STAGE TASK"), "{}", ran.err());
}
