//! What does nothing: declarations nobody reaches, descriptions of nothing, words of Ruby and of Capistrano 2.

use crate::check::frame::found;
use crate::support::scene::Scene;

#[track_caller]
fn finds(recipe: &str, expected: &[&str]) {
    assert_eq!(found(&Scene::with(recipe)), expected, "{recipe}");
}

#[test]
fn declarations_behind_what_cannot_come_true() {
    finds(
        "if false {\n    task(\"x\", || info(\"x\"));\n}\ntask(\"y\", || info(\"y\"));\nreturn;\ntask(\"z\", || info(\"z\"));\n",
        &[
            "warning[dead-declaration]: the task `x` is never there: the condition around it is always false",
            "warning[dead-declaration]: the task `z` is never there: the file ends before it, with `return`",
        ],
    );
    finds("if env(\"X\") != () { task(\"x\", || info(\"x\")); } else { task(\"y\", || info(\"y\")); }\n", &[]);
}

#[test]
fn descriptions_of_nothing() {
    finds(
        "desc(\"One\");\ndesc(\"Two\");\ntask(\"t\", || info(\"t\"));\nnamespace(\"n\", || { task(\"u\", || info(\"u\")); desc(\"Three\"); });\n",
        &[
            "warning[idle-description]: the next `desc` takes the place of this one, and no task is between them",
            "warning[idle-description]: no task comes after this `desc`, which describes the task declared next",
        ],
    );
    finds(
        "fn build(name) { task(name, || info(\"x\")); }\ndesc(\"One\");\nbuild(\"a\");\n\
         desc(\"Two\");\nset(\"branch\", \"main\");\nafter(\"a\", || info(\"x\"));\n\
         if env(\"X\") != () { desc(\"Three\"); } else { desc(\"Four\"); }\ntask(\"b\", || info(\"b\"));\n",
        &[],
    );
}

#[test]
fn words_of_ruby_and_of_capistrano_2() {
    for (recipe, what, fix) in [
        ("task(\"t\", || try_sudo(\"ls\"));", "there is no function `try_sudo`", "as_user(\"root\", || execute(…))"),
        ("task(\"t\", || find_servers(\"app\"));", "there is no function `find_servers`", "roles(\"app\")"),
        ("task(\"t\", || put(\"text\", \"path\"));", "there is no function `put`", "write_file(path, text)"),
        ("set :application, \"shop\"", "`set` is called without parentheses", "`set(\"application\", \"shop\");`"),
        ("find_servers \"app\"", "`find_servers` is called without parentheses", "roles(\"app\")"),
    ] {
        let out = Scene::with(&format!("{recipe}\n")).run(["check"]).fails(2).out();
        assert!(out.contains(what) && out.contains(fix), "{recipe}\n{out}");
    }
    // A run says the same.
    let ran = Scene::task("let x = nil;").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "there is no variable `nil`");
    assert!(ran.stderr.contains("write `()`"), "{}", ran.stderr);
}

#[test]
fn dead_settings_say_what_to_write() {
    for (name, fix) in
        [("use_sudo", "as_user"), ("scm", "require(\"git\")"), ("log_level", "`-v`"), ("format", "--format")]
    {
        let out = Scene::with(&format!("set({name:?}, true);\n")).run(["check"]).fails(2).out();
        assert!(out.contains("warning[dead-setting]") && out.contains(fix), "{name}\n{out}");
    }
}
