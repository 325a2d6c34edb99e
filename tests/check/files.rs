//! `windlass check FILE`: scripts without a project and beside one, and single recipes of a project.

use crate::check::frame::{found, found_in};
use crate::support::scene::Scene;

#[test]
fn a_script_needs_no_project() {
    let good = "#!/usr/bin/env -S windlass script\nserver(\"box\", #{ roles: [\"x\"] });\nset(\"size\", 5);\n\
                let limit = if args.is_empty() { fetch(\"size\") } else { parse_int(args[0]) };\n\
                on(roles(\"anything\"), |host| if parse_int(capture(\"id\", \"-u\")) > limit { info(\"x\") });\n";
    let scene = Scene::new().file("good.rhai", good).file("look", "exeucte(\"ls\");\n").file(
        "bad.rhai",
        "let n = 0;\non(roles(\"all\"), |host| { n += 1; execute(\"ls\", #{ timout: 5 }); });\ncapture(\"ls\");\n\
         invoke(\"deploy\");\nbefore(\"x\", \"y\");\ninfo(fetch(\"nowhere\"));\n",
    );
    let before = scene.everything();
    let ran = scene.run(["check", "good.rhai"]).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("nothing to find fault with in 1 file\n", ""));
    assert_eq!(
        found_in(&scene, &["check", "bad.rhai", "good.rhai"]),
        [
            "error[lost-assignment]: `n` is changed inside `on`, and the change would be lost",
            "error[unknown-option]: `execute` has no option `timout`",
            "error[command-outside-on]: `capture` needs a host, but this is outside `on`",
            "error[unknown-task]: no task `deploy`",
            "error[declared-in-script]: `before` is for recipes: a script runs when all tasks are declared",
            "warning[unset-setting]: `nowhere` is read, but nothing sets it, so it is `()`",
        ]
    );
    assert_eq!(found_in(&scene, &["check", "./look"]), ["error[unknown-function]: there is no function `exeucte`"]);
    assert_eq!(scene.everything(), before);
}

#[test]
fn a_file_a_script_requires_is_looked_through() {
    let scene = Scene::new()
        .file("bin/x.rhai", "require(\"./lib/notify\");\nnotify(\"done\");\n")
        .file("bin/lib/notify.rhai", "fn notify(text) { run_locally(|| exeucte(\"say\", text)) }\n");
    assert_eq!(found_in(&scene, &["check", "bin/x.rhai"]), ["error[unknown-function]: there is no function `exeucte`"]);
}

#[test]
fn a_script_of_a_project_is_judged_with_it() {
    let recipe =
        "set(\"size\", 5);\ntask(\"t\", || info(`${fetch(\"size\")} ${fetch(\"bigg\")}`));\nfn twice(x) { x * 2 }\n";
    let script = "invoke(\"t\");\ninvoke(\"tt\");\ninfo(`${twice(fetch(\"size\"))}`);\non(roles(\"wbe\"), |host| execute(\"id\"));\n\
                  on(\"web\", |host| execute(\"id\"));\n";
    let scene = Scene::with(recipe)
        .file("bin/x.rhai", script)
        .file("bin/own.rhai", "server(\"x\", #{ roles: [\"wbe\"] });\non(roles(\"wbe\"), |host| execute(\"id\"));\n");
    let expected =
        ["error[unknown-task]: no task `tt`", "error[unknown-role]: no server of any stage has the role `wbe`"];
    assert_eq!(found_in(&scene, &["check", "bin/x.rhai"]), expected);
    assert_eq!(found_in(&scene, &["check", "production", "bin/x.rhai"]), expected);
    assert!(found_in(&scene, &["check", "bin/own.rhai"]).is_empty(), "it has a server of its own");
    assert_eq!(found(&scene).len(), 1, "a script is none of the recipes");
    // Named from where one is, and shown from the top of the project.
    let scene = scene.below("bin");
    let ran = scene.run(["check", "x.rhai"]).fails(2);
    assert!(ran.stdout.contains("--> bin/x.rhai:2:8"), "{}", ran.stdout);
}

#[test]
fn of_a_recipe_only_what_stands_in_it_is_told() {
    let scene = Scene::with("task(\"a\", || exeucte(\"ls\"));\n")
        .file("config/deploy/tasks/b.rhai", "task(\"b\", || exeucte(\"ls\"));\ntask(\"c\", || invoke(\"a\"));\n")
        .stage("staging", "server(\"x\");\nbefore(\"a\", \"nosuch\");\n");
    assert_eq!(found(&scene).len(), 3);
    for (file, count) in
        [("config/deploy.rhai", 1), ("config/deploy/tasks/b.rhai", 1), ("config/deploy/staging.rhai", 1)]
    {
        assert_eq!(found_in(&scene, &["check", file]).len(), count, "{file}");
    }
    // The file of another stage is no script.
    let found = found_in(&scene, &["check", "production", "config/deploy/staging.rhai"]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn files_that_are_none_are_told() {
    let scene = Scene::new().file("latin1.rhai", [b'/', b'/', 0xe9]);
    assert_eq!(scene.run(["check", "nosuch.rhai"]).fails(2).error(), "there is no file `nosuch.rhai`");
    assert_eq!(scene.run(["check", "./"]).fails(2).error(), "`./` is a folder, and `check` judges files");
    assert_eq!(found_in(&scene, &["check", "latin1.rhai"]), ["error[load]: `latin1.rhai` is not UTF-8"]);
    let ran = scene.run(["check", "production", "latin1.rhai"]).fails(2);
    assert_eq!(ran.error(), "there is no recipe here");
    let ran = scene.run(["-C", "nowhere", "check", "latin1.rhai"]).fails(2);
    assert!(ran.error().starts_with("could not change to `nowhere`"), "{}", ran.stderr);
    let elsewhere = Scene::with("").file("x.rhai", "exeucte(1);\n");
    let path = elsewhere.path("x.rhai").display().to_string();
    assert_eq!(found_in(&Scene::with(""), &["check", &path]).len(), 1, "a file outside of the project");
    assert_eq!(found_in(&elsewhere, &["check", &path]).len(), 1, "by its whole path");
}
