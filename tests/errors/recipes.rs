//! Mistakes with our functions, tasks and settings.

use crate::errors::catalogue::{recipe_shows, shows, task_shows};
use crate::support::scene::Scene;

#[test]
fn execute_outside_on() {
    task_shows("execute_outside_on", "execute(\"uptime\");");
}

#[test]
fn execute_outside_on_in_a_function() {
    recipe_shows(
        "execute_outside_on_in_a_function",
        "fn restart(name) {\n    execute(\"systemctl\", \"restart\", name);\n}\n\ntask(\"t\", || {\n    restart(\"shop\");\n});\n",
    );
}

#[test]
fn wrong_kind_of_argument() {
    task_shows("wrong_kind_of_argument", "set(5, \"x\");");
}

#[test]
fn a_value_in_place_of_a_closure() {
    task_shows("a_value_in_place_of_a_closure", "on(roles(\"app\"), info(\"x\"));");
}

#[test]
fn a_closure_with_too_many_parameters() {
    task_shows("a_closure_with_too_many_parameters", "on(roles(\"app\"), |host, index| info(`${host} ${index}`));");
}

#[test]
fn too_few_arguments() {
    recipe_shows("too_few_arguments", "set(\"application\");\n");
}

#[test]
fn too_many_arguments() {
    recipe_shows("too_many_arguments", "set(\"application\", \"a\", \"b\");\n");
}

#[test]
fn nothing_as_an_argument() {
    task_shows(
        "nothing_as_an_argument",
        "on(roles(\"db\"), |host| {\n    execute(\"mkdir\", \"-p\", fetch(\"backup_dir\"));\n});",
    );
}

#[test]
fn unknown_option() {
    task_shows("unknown_option", "on(roles(\"db\"), |host| info(capture(\"date\", #{ stripp: false })));");
}

#[test]
fn ruby_option_of_on() {
    task_shows("ruby_option_of_on", "on(roles(\"app\"), #{ in: \"sequence\", wait: 5 }, |host| info(\"x\"));");
}

#[test]
fn unknown_option_of_a_task() {
    recipe_shows("unknown_option_of_a_task", "task(\"t\", #{ arg: [\"a\"] }, |args| info(args.a));\n");
}

#[test]
fn unknown_hook() {
    recipe_shows("unknown_hook", "task(\"t\", || info(\"t\"));\nafter(\"deploy:publised\", \"t\");\n");
}

#[test]
fn unknown_task_behind_a_hook() {
    recipe_shows(
        "unknown_task_behind_a_hook",
        "task(\"notify\", || info(\"t\"));\nafter(\"deploy:published\", \"notfy\");\n",
    );
}

#[test]
fn unknown_prerequisite() {
    recipe_shows(
        "unknown_prerequisite",
        "task(\"t\", #{ needs: [\"assets:biuld\"] }, || ());\nnamespace(\"assets\", || {\n    task(\"build\", || ());\n});\n",
    );
}

#[test]
fn cleared_before_it_is_defined() {
    recipe_shows("cleared_before_it_is_defined", "clear_task(\"deploy:restart\");\n");
}

#[test]
fn unknown_module() {
    recipe_shows("unknown_module", "require(\"delpoy\");\n");
}

#[test]
fn missing_required_file() {
    recipe_shows("missing_required_file", "require(\"./lib/notify\");\n");
}

#[test]
fn invoked_while_recipes_are_read() {
    recipe_shows("invoked_while_recipes_are_read", "task(\"t\", || ());\ninvoke(\"t\");\n");
}

#[test]
fn unknown_task_invoked() {
    recipe_shows(
        "unknown_task_invoked",
        "namespace(\"app\", || {\n    task(\"restart\", || ());\n});\ntask(\"t\", || {\n    invoke(\"restart\");\n});\n",
    );
}

#[test]
fn circle_of_prerequisites() {
    recipe_shows(
        "circle_of_prerequisites",
        "task(\"a\", #{ needs: [\"b\"] });\ntask(\"b\", #{ needs: [\"c\"] });\ntask(\"c\");\nbefore(\"c\", \"a\");\n",
    );
}

#[test]
fn circle_of_invokes() {
    recipe_shows("circle_of_invokes", "task(\"t\", || invoke(\"u\"));\ntask(\"u\", || invoke(\"t\"));\n");
}

#[test]
fn circle_of_settings() {
    recipe_shows(
        "circle_of_settings",
        "set(\"top\", || `/srv/${fetch(\"folder\")}`);\nset(\"folder\", || fetch(\"top\") + \"/x\");\ntask(\"t\", || info(fetch(\"folder\")));\n",
    );
}

#[test]
fn setting_that_breaks_a_rule_of_the_recipe() {
    recipe_shows(
        "setting_that_breaks_a_rule_of_the_recipe",
        "validate(\"color\", |name, value| {\n    if ![\"blue\", \"green\"].contains(value) {\n        fail(\"has to be blue or green\", #{ help: \"`blue` is what stands now\" });\n    }\n});\n\nset(\"color\", \"bleu\");\n",
    );
}

#[test]
fn property_that_breaks_a_rule_of_the_recipe() {
    let scene = Scene::with("validate(\"workers\", |name, value| value > 0);\n").stage(
        "two",
        "server(\"web1\", #{ transport: \"local\" });\nserver(\"web2\", #{ transport: \"local\", workers: 0 });\n",
    );
    shows("property_that_breaks_a_rule_of_the_recipe", &scene, &["two", "t"]);
}

#[test]
fn question_that_nobody_answers() {
    recipe_shows("question_that_nobody_answers", "ask(\"branch\");\n\ntask(\"t\", || info(fetch(\"branch\")));\n");
}

#[test]
fn condition_that_is_no_version() {
    recipe_shows("condition_that_is_no_version", "requires(\"newest\");\n");
}

#[test]
fn bad_keep_releases() {
    recipe_shows("bad_keep_releases", "set(\"application\", \"shop\");\nset(\"keep_releases\", \"5\");\n");
}

#[test]
fn bad_application() {
    recipe_shows("bad_application", "set(\"application\", \"my shop\");\n");
}

#[test]
fn bad_host() {
    recipe_shows("bad_host", "server(\"deploy@web1:ssh\", #{ roles: [\"app\"] });\n");
}

#[test]
fn bad_umask() {
    task_shows("bad_umask", "on(roles(\"db\"), |host| {\n    umask(\"u=rwx\", || execute(\"touch\", \"x\"));\n});");
}

#[test]
fn prompt_that_is_no_regular_expression() {
    task_shows(
        "prompt_that_is_no_regular_expression",
        "on(roles(\"db\"), |host| {\n    execute(\"passwd\", #{ pty: true, answer: #{ \"/new password (again/\": \"x\" } });\n});",
    );
}

#[test]
fn prompt_with_a_flag_of_ruby() {
    task_shows(
        "prompt_with_a_flag_of_ruby",
        "on(roles(\"db\"), |host| execute(\"passwd\", #{ pty: true, answer: #{ \"/password/i\": \"x\" } }));",
    );
}

#[test]
fn answer_that_is_asked_for_again_and_again() {
    task_shows(
        "answer_that_is_asked_for_again_and_again",
        "on(roles(\"db\"), |host| {\n    let word = secret(\"t0ps3cret\");\n    execute(\"while :; do printf 'Password: '; read -r p || exit; done\", #{ answer: #{ \"Password:\": word } });\n});",
    );
}

#[test]
fn secret_in_a_shell_line() {
    task_shows(
        "secret_in_a_shell_line",
        "let token = secret(\"s3cr3t-token\");\non(roles(\"db\"), |host| {\n    execute(`curl -H 'Authorization: ${token}' https://example.com`);\n});",
    );
}

#[test]
fn secret_that_is_not_set() {
    recipe_shows("secret_that_is_not_set", "set(\"token\", secret(env(\"DEPLOY_TOKEN\")));\n");
}

#[test]
fn throw_a_text() {
    recipe_shows(
        "throw_a_text",
        "fn check_disk(host) {\n    throw `no room on ${host}`;\n}\ntask(\"t\", || {\n    on(roles(\"db\"), |host| check_disk(host));\n});\n",
    );
}

#[test]
fn throw_a_map() {
    task_shows("throw_a_map", "throw #{ code: 4, text: \"no\" };");
}

#[test]
fn exit_with_a_code() {
    task_shows("exit_with_a_code", "info(\"enough\");\nexit(7);");
}

#[test]
fn on_inside_on() {
    task_shows("on_inside_on", "on(roles(\"db\"), |host| {\n    on(roles(\"app\"), |other| info(\"x\"));\n});");
}

#[test]
fn an_error_in_a_lazy_setting() {
    recipe_shows(
        "an_error_in_a_lazy_setting",
        "set(\"revision\", || run_locally(|| capture(\"git\", \"rev-parse\", \"--verify\", \"nope\")));\ntask(\"t\", || {\n    info(fetch(\"revision\"));\n});\n",
    );
}
