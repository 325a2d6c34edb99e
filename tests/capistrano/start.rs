//! Chapter 1.1: how a run starts, and what a stage does.

use crate::capistrano::rows::{differs, failed, has, recipe_refused, said_by};
use crate::support::scene::Scene;

/// 1.1.1a
#[test]
fn an_unknown_option_is_an_error() {
    let ran = Scene::task("info(1);").run(["production", "t", "--bogus"]).fails(2);
    assert_eq!((ran.error().as_str(), ran.stdout.as_str()), ("there is no option `--bogus`", ""));
}

/// 1.1.1b
#[test]
fn options_are_not_abbreviated() {
    differs("`--dry` for `--dry-run`");
    has(&Scene::task("").run(["production", "t", "--dry"]).fails(2).err(), "did you mean `--dry-run`?");
}

/// 1.1.1c
#[test]
fn no_variable_holds_options() {
    differs("options in the variable `RAKEOPT`");
    assert_eq!(Scene::task("info(`${is_dry_run()}`);").env("RAKEOPT", "-n").said(["production", "t"]), ["false"]);
}

/// 1.1.2a
#[test]
fn variables_stand_anywhere_on_the_line() {
    let scene = Scene::task("info(env(\"A\") + env(\"B\"));");
    assert_eq!(scene.said(["A=1", "production", "B=2", "t"]), ["12"]);
}

/// 1.1.2b
#[test]
fn a_stage_alone_runs_the_task_default() {
    assert_eq!(
        Scene::with("require(\"deploy\"); clear_task(\"default\"); task(\"default\", || info(\"it\"));")
            .said(["production"]),
        ["it"]
    );
    let plan = Scene::with("require(\"deploy\");").run(["production", "--plan"]).ok().out();
    has(&plan, "deploy:starting");
}

/// 1.1.2c
#[test]
fn words_that_begin_with_a_dash_are_options_or_mistakes() {
    differs("words of the line that begin with `-` and are no options do nothing");
    Scene::task("").run(["production", "t", "-%"]).fails(2);
}

/// 1.1.3a
#[test]
fn the_recipe_is_looked_for_upwards_and_the_run_goes_there() {
    let scene = Scene::task("run_locally(|| info(capture(\"basename $(pwd)\")));").below("app/models");
    assert_eq!(scene.said(["production", "t"]), ["project"]);
}

/// 1.1.3b
#[test]
fn nothing_is_said_where_the_recipe_is_found_above() {
    differs("`(in /srv/project)` on standard error, where the Capfile is found above");
    assert_eq!(Scene::task("").below("app").run(["production", "t"]).ok().stderr, "");
}

/// 1.1.3c
#[test]
fn the_recipe_has_one_name_in_two_places() {
    differs("`Capfile`, `capfile`, `Capfile.rb`, `capfile.rb`");
    let above = Scene::new().file("deploy.rhai", "task(\"t\", || info(\"it\"));").file("deploy/production.rhai", "");
    assert_eq!(above.said(["production", "t"]), ["it"]);
    Scene::new().file("Deploy.rhai", "").run(["-T"]).fails(2);
}

/// 1.1.3d
#[test]
fn without_a_recipe_only_what_needs_none_works() {
    differs("without a Capfile `cap -T` lists `install`");
    has(&Scene::new().run(["-T"]).fails(2).err(), "help: `windlass init` writes one");
    Scene::new().run(["init"]).ok();
}

/// 1.1.4a
#[test]
fn the_main_recipe_comes_before_the_other_files_and_imports_work() {
    let scene = Scene::with("import \"../lib/words\" as words; set(\"seen\", [words::first()]);")
        .file("lib/words.rhai", "fn first() { \"main\" }")
        .file("config/deploy/tasks/b.rhai", "append(\"seen\", \"b\");")
        .file("config/deploy/tasks/a.rhai", "append(\"seen\", \"a\"); task(\"t\", || info(fetch(\"seen\")));");
    assert_eq!(scene.said(["production", "t"]), [r#"["main", "a", "b"]"#]);
}

/// 1.1.4b
#[test]
fn a_list_of_tasks_reads_no_stage() {
    let list = Scene::task("").stage("production", "throw \"read\";").run(["-AT"]).ok().out();
    has(&list, "windlass t\n");
}

/// 1.1.5
#[test]
fn a_task_without_a_stage_is_an_error() {
    differs("no stage on the line: a sentence on standard output, exit code 1");
    let error = Scene::task("").run(["t"]).fails(2).err();
    has(&error, "`t` is a task, and the first word has to be a stage");
    has(&error, "write `windlass production t`");
}

/// 1.1.5b
#[test]
fn nothing_on_the_line_is_answered_with_help() {
    differs("`cap` alone asks for a stage");
    has(&Scene::task("").run(Vec::<&str>::new()).fails(2).err(), "Usage: windlass [OPTIONS] STAGE");
}

/// 1.1.6
#[test]
fn tasks_of_the_line_run_in_order_each_once() {
    let scene = Scene::with("task(\"a\", || info(\"a\")); task(\"b\", || info(\"b\"));");
    assert_eq!(scene.said(["production", "b", "a", "b"]), ["b", "a"]);
}

/// 1.1.s1
#[test]
fn stages_are_the_files_of_the_folder() {
    let scene = Scene::task("info(fetch(\"stage\"));").stage("qa", "");
    assert_eq!(scene.said(["qa", "t"]), ["qa"]);
    has(&scene.run(["qb", "t"]).fails(2).err(), "did you mean `qa`?");
}

/// 1.1.s2
#[test]
fn another_recipe_brings_its_stages() {
    differs("`stage_config_path`, `deploy_config_path`");
    let scene = Scene::task("").file("ops/site.rhai", "task(\"t\", || info(\"ops\"));").file("ops/site/live.rhai", "");
    assert_eq!(scene.said(["-f", "ops/site.rhai", "live", "t"]), ["ops"]);
}

/// 1.1.s3
#[test]
fn a_stage_cannot_be_called_like_a_command() {
    has(
        &Scene::task("").stage("check", "").run(["production", "t"]).fails(2).err(),
        "rename `config/deploy/check.rhai`",
    );
}

/// 1.1.s4
#[test]
fn the_stage_is_a_setting() {
    assert_eq!(said_by("task(\"t\", || info(fetch(\"stage\")));"), ["production"]);
}

/// 1.1.s5
#[test]
fn the_stage_file_is_read_last() {
    let scene =
        Scene::with("info(fetch(\"branch\")); set(\"branch\", \"main\"); task(\"t\", || info(fetch(\"branch\")));");
    let scene = scene.stage("production", "info(fetch(\"branch\")); set(\"branch\", \"live\");");
    assert_eq!(scene.said(["production", "t"]), ["master", "main", "live"]);
}

/// 1.1.s6
#[test]
fn settings_count_when_they_are_used() {
    differs("`set :default_env`, `:pty`, `:ssh_options` inside a task come too late, and nobody says so");
    let body = "on(roles(\"db\"), |host| execute(\"true\"));
        set(\"default_env\", #{ a: \"late\" });
        on(roles(\"db\"), |host| info(capture(\"echo $A\")));";
    assert_eq!(Scene::task(body).said(["production", "t"]), ["late"]);
    has(&failed("on(roles(\"db\"), |h| execute(\"true\")); set(\"ssh_options\", #{ port: 1 });"), "too late");
}

/// 1.1.s8
#[test]
fn a_recipe_of_the_user_is_read_first() {
    differs("`~/.capfile`");
    let scene = Scene::task("info(fetch(\"own\"));").home_file(".config/windlass/windlass.rhai", "set(\"own\", 7);");
    assert_eq!(scene.said(["production", "t"]), ["7"]);
}

/// 1.1.s9
#[test]
fn a_run_has_one_stage() {
    let ran = Scene::task("").stage("qa", "").run(["production", "qa", "t"]).fails(2);
    assert_eq!(ran.error(), "a run has one stage, and `qa` is another one");
}

/// 1.1.s10
#[test]
fn words_of_ruby_are_answered_in_rhai() {
    differs("`set :branch, \"main\"`");
    has(&recipe_refused("set :branch, \"main\""), "write `set(\"branch\", \"main\");`");
}

/// 1.1.s11
#[test]
fn blocks_are_closures() {
    differs("`-> { fetch(:x) }`, `do … end`");
    assert_eq!(said_by("set(\"x\", 1); set(\"y\", || fetch(\"x\") + 1); task(\"t\", || info(fetch(\"y\")));"), ["2"]);
}

/// 1.1.s7
#[test]
fn a_stage_can_be_hooked() {
    let scene = Scene::with("after(\"production\", \"own\", || info(\"first\")); task(\"t\", || info(\"t\"));");
    assert_eq!(scene.said(["production", "t"]), ["first", "t"]);
}
