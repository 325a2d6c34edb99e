//! Mistakes in the language itself.

use crate::errors::catalogue::{recipe_shows, shows, task_shows};
use crate::support::scene::Scene;

#[test]
fn missing_semicolon() {
    recipe_shows(
        "missing_semicolon",
        "task(\"a\", || {\n    info(\"a\");\n})  // the first\n\ntask(\"t\", || info(\"t\"));\n",
    );
}

#[test]
fn missing_brace() {
    recipe_shows("missing_brace", "task(\"t\", || {\n    if true {\n        info(\"t\");\n    \n});\n");
}

#[test]
fn open_string() {
    recipe_shows("open_string", "set(\"application\", \"shop);\ntask(\"t\", || ());\n");
}

#[test]
fn single_quotes() {
    recipe_shows("single_quotes", "set('application', 'shop');\n");
}

#[test]
fn as_in_place_of_as_user() {
    task_shows("as_in_place_of_as_user", "on(roles(\"app\"), |host| { as(\"deploy\", || execute(\"id\")); });");
}

#[test]
fn unknown_function() {
    task_shows("unknown_function", "on(roles(\"app\"), |host| {\n    exeucte(\"ls\");\n});");
}

#[test]
fn ruby_word() {
    task_shows("ruby_word", "puts(\"hello\");");
}

#[test]
fn unknown_variable() {
    recipe_shows("unknown_variable", "set(\"application\", aplication);\n");
}

#[test]
fn setting_in_place_of_a_variable() {
    recipe_shows("setting_in_place_of_a_variable", "set(\"branch\", \"main\");\ntask(\"t\", || info(branch));\n");
}

#[test]
fn function_that_hides_a_method() {
    recipe_shows(
        "function_that_hides_a_method",
        "fn restart() { on(roles(\"app\"), |host| unit(\"worker\").restart()); }\ntask(\"t\", || restart());\n",
    );
}

#[test]
fn function_without_parentheses() {
    recipe_shows("function_without_parentheses", "set(\"x\", current_path + \"/a\");\n");
}

#[test]
fn variable_around_a_function() {
    recipe_shows(
        "variable_around_a_function",
        "let base = \"/srv\";\nfn path() { base + \"/x\" }\ntask(\"t\", || info(path()));\n",
    );
}

#[test]
fn assigned_inside_on() {
    task_shows("assigned_inside_on", "let count = 0;\non(roles(\"app\"), |host| {\n    count += 1;\n});\ninfo(count);");
}

#[test]
fn pushed_inside_on() {
    task_shows(
        "pushed_inside_on",
        "let list = [];\non(roles(\"app\"), |host| {\n    within(\"/tmp\", || list.push(capture(\"pwd\")));\n});\ninfo(list);",
    );
}

#[test]
fn several_mistakes_at_once() {
    recipe_shows(
        "several_mistakes_at_once",
        "task(\"t\", || {\n    execute(\"ls\");\n    let n = 0;\n    on(roles(\"app\"), |host| { n += 1; });\n    fecth(\"x\");\n});\n",
    );
}

#[test]
fn wrong_kind_of_value_for_a_method() {
    task_shows("wrong_kind_of_value_for_a_method", "let list = [1];\nlist.push();");
}

#[test]
fn not_utf8() {
    let scene = Scene::with("").file("config/deploy.rhai", b"// one\nset(\"application\", \"caf\xe9\");\n");
    shows("not_utf8", &scene, &["production", "t"]);
}

#[test]
fn endless_recursion() {
    recipe_shows("endless_recursion", "fn again(n) {\n    again(n + 1);\n}\ntask(\"t\", || again(0));\n");
}

#[test]
fn index_out_of_bounds() {
    task_shows("index_out_of_bounds", "let list = [1];\ninfo(list[3]);");
}
