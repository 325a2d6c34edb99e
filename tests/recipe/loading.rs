//! Which files are read, in which order; `require` and `import`; where a project is found.

use crate::support::scene::{Scene, THREE_HOSTS};

#[test]
fn files_are_read_in_one_order() {
    let scene = Scene::with("info(`deploy ${fetch(\"stage\")} ${fetch(\"branch\")}`);\ntask(\"t\", || info(\"t\"));")
        .file("config/deploy/tasks/b.rhai", "info(\"b\");")
        .file("config/deploy/tasks/a.rhai", "info(\"a\");")
        .stage("production", "info(\"stage\");")
        .home_file(".config/windlass/windlass.rhai", "info(\"personal\"); set(\"branch\", \"mine\");");
    assert_eq!(scene.said(["production", "t"]), ["personal", "deploy production mine", "a", "b", "stage", "t"]);
}

#[test]
fn lists_read_no_stage_file() {
    let scene = Scene::with("desc(\"Says t.\"); task(\"t\", || ());").stage("production", "throw \"read\";");
    assert_eq!(scene.run(["-T", "^t$"]).ok().out(), "windlass t  # Says t\n");
}

#[test]
fn what_stands_directly_in_a_project_works_the_same() {
    let scene =
        Scene::new().file("deploy.rhai", "task(\"t\", || info(\"t\"));").file("deploy/production.rhai", THREE_HOSTS);
    assert_eq!(scene.said(["production", "t"]), ["t"]);
}

#[test]
fn a_project_is_found_from_below() {
    let scene = Scene::task("info(run_locally(|| capture(\"pwd\")));").below("app/models/deep");
    let project = scene.path("").display().to_string();
    assert_eq!(scene.said(["production", "t"]), [project.trim_end_matches('/')]);
    assert!(scene.path("log/windlass.log").exists());
    assert!(!scene.path("app/models/deep/log").exists());
}

#[test]
fn another_file_and_another_folder_can_be_named() {
    let scene = Scene::task("info(\"config/deploy.rhai\");")
        .file("config/other.rhai", "task(\"t\", || info(\"other\"));")
        .file("config/other/production.rhai", THREE_HOSTS)
        .file("sub/config/deploy.rhai", "task(\"t\", || info(\"sub\"));")
        .file("sub/config/deploy/production.rhai", THREE_HOSTS);
    assert_eq!(scene.said(["-f", "config/other.rhai", "production", "t"]), ["other"]);
    assert_eq!(scene.said(["production", "t", "-C", "sub"]), ["sub"]);
    assert_eq!(scene.run(["-f", "nope.rhai", "production", "t"]).fails(2).error(), "there is no recipe `nope.rhai`");
    assert_eq!(
        scene.run(["-C", "nope", "production", "t"]).fails(2).error(),
        "could not change to `nope`: no such file or directory"
    );
}

#[test]
fn a_stock_module_is_loaded_once() {
    let scene = Scene::with(
        "require(\"deploy\"); require(\"deploy\"); require(\"git\");\nclear_task(\"deploy:published\");\nrequire(\"deploy\");\ntask(\"t\", || info(\"t\"));",
    );
    assert_eq!(scene.said(["production", "t"]), ["t"]);
}

#[test]
fn a_deploy_of_ones_own_keeps_the_stock_one_away() {
    let scene = Scene::with("desc(\"Mine.\");\ntask(\"deploy\", || info(\"mine\"));");
    assert_eq!(scene.said(["production", "deploy"]), ["mine"]);
    assert_eq!(scene.run(["-T"]).ok().out(), "windlass deploy  # Mine\n");
}

#[test]
fn a_file_is_required_by_its_path_from_the_file_that_requires_it() {
    let scene = Scene::with("require(\"./lib/one\");\nrequire(\"../shared/two.rhai\");\nrequire(\"./lib/one.rhai\");\ntask(\"t\", || info(fetch(\"l\")));")
        .file("config/lib/one.rhai", "append(\"l\", \"one\"); set(\"n\", fetch(\"n\", 0) + 1); require(\"./three\");")
        .file("config/lib/three.rhai", "append(\"l\", \"three\");")
        .file("shared/two.rhai", "append(\"l\", \"two\", fetch(\"n\"));");
    assert_eq!(scene.said(["production", "t"]), [r#"["one", "three", "two", 1]"#]);
}

#[test]
fn a_module_or_file_that_is_not_there_is_a_mistake() {
    let ran = Scene::with("require(\"gti\");").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "there is no stock module `gti`");
    assert!(ran.stderr.contains("did you mean `git`?"), "{}", ran.stderr);
    let ran = Scene::with("require(\"./nope\");").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "there is no file `config/nope.rhai`");
}

#[test]
fn a_mistake_in_a_required_file_is_shown_there() {
    let scene = Scene::with("require(\"./lib\");").file("config/lib.rhai", "\nset(\"keep_releases\", 0);");
    let ran = scene.run(["production", "t"]).fails(2);
    assert!(ran.stderr.contains("config/lib.rhai:2:1"), "{}", ran.stderr);
}

#[test]
fn a_shebang_line_is_no_mistake_and_lines_keep_their_numbers() {
    let scene = Scene::with("#!/usr/bin/env windlass\n\ntask(\"t\", || fetch(1));");
    let ran = scene.run(["production", "t"]).fails(2);
    assert!(ran.stderr.contains("config/deploy.rhai:3:14"), "{}", ran.stderr);
}

#[test]
fn what_is_thrown_while_recipes_are_read_is_a_mistake() {
    let ran = Scene::with("throw \"not today\";").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "not today");
    Scene::with("fail(\"not today\");").run(["production", "t"]).fails(2);
}

#[test]
fn a_task_cannot_be_invoked_while_recipes_are_read() {
    let ran = Scene::with("task(\"t\", || ());\ninvoke(\"t\");").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`invoke` cannot run a task while recipes are still being read");
}

#[test]
fn an_endless_recursion_is_told_and_does_not_crash() {
    let ran = Scene::with("fn f(n) { f(n + 1) }\ntask(\"t\", || f(0));").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the recipe calls itself too deeply");
}

#[test]
fn an_imported_file_is_read_once_and_from_where_it_says() {
    let scene = Scene::with(
        "import \"lib/one\" as one;\nimport \"./two\" as two;\nimport \"lib/one.rhai\" as again;\n\
         task(\"t\", || info(`${one::name()} ${two::name()} ${again::name()}`));",
    )
    .file("lib/one.rhai", "info(\"reading\"); fn name() { \"one\" }")
    .file("config/two.rhai", "fn name() { \"two\" }");
    assert_eq!(scene.said(["production", "t"]), ["reading", "one two one"]);
}

#[test]
fn imports_that_cannot_be_are_told() {
    let ran = Scene::with("import \"lib/nope\" as x;").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "there is no file `lib/nope.rhai` to import");
    let scene =
        Scene::with("import \"a\" as a;").file("a.rhai", "import \"b\" as b;").file("b.rhai", "import \"a\" as a;");
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`a.rhai` imports itself, maybe through other files");
    assert!(ran.stderr.contains("b.rhai:1:"), "{}", ran.stderr);
    let scene = Scene::with("import \"a\" as a;").file("a.rhai", "let x = ;");
    assert!(scene.run(["production", "t"]).fails(2).stderr.contains("a.rhai:1:9"));
}

#[test]
fn lists_take_closures_inside_tasks_and_on_hosts() {
    let body = r#"
        let add = 10;
        info([1, 2].map(|n| n + add));
        info([1, 2, 3].filter(|n| n > 1).reduce(|all, n| (all ?? 0) + n));
        info(on(roles("db"), |host| [1, 2].map(|n| `${host}${n + add}`)));
        let total = 0;
        [1, 2].for_each(|| total += this);
        info(total);
    "#;
    assert_eq!(Scene::task(body).said(["production", "t"]), ["[11, 12]", "5", r#"#{"db1": ["db111", "db112"]}"#, "3"]);
}

#[test]
fn deep_nesting_is_no_mistake() {
    let nested = (0..12)
        .fold("info(\"deep\")".to_owned(), |inner, _| format!("if true {{ with(#{{ a: 1 }}, || {{ {inner}; }}); }}"));
    let body = format!("on(roles(\"db\"), |host| {{ {nested} }});");
    assert_eq!(Scene::task(&body).said(["production", "t"]), ["deep"]);
}
