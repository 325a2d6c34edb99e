//! Values that are not what the language needs at a place.

use crate::errors::catalogue::{recipe_shows, task_shows};

/// What stands in a task, by the name of its snapshot.
const TASKS: &[(&str, &str)] = &[
    ("property_of_a_list_of_hosts", "info(roles(\"app\").hostname);"),
    ("property_of_a_text", "let host = \"web1\";\ninfo(host.hostname);"),
    ("property_of_nothing", "info(fetch(\"database\").host);"),
    (
        "property_of_a_caught_error",
        "try { throw \"x\"; } catch (e) { info(e); }\ntry { on(roles(\"db\"), |host| execute(\"false\")); } catch (e) { info(e.staus); }",
    ),
    ("property_of_a_unit", "on(roles(\"db\"), |host| info(unit(\"worker\").nmae));"),
    ("property_that_is_set_on_a_number", "let x = 5;\nx.port = 3;"),
    ("element_of_an_empty_list", "let list = [];\ninfo(list[0]);"),
    ("element_by_name", "let list = [1, 2];\ninfo(list[\"first\"]);"),
    ("value_of_a_map_by_number", "let map = #{ a: 1 };\ninfo(map[0]);"),
    ("element_of_nothing", "info(fetch(\"ports\")[0]);"),
    ("operator_between_a_text_and_a_number", "info(\"5\" - 1);"),
    ("operator_before_a_text", "let x = \"5\";\ninfo(-x);"),
    ("operator_with_nothing", "let count = fetch(\"count\");\ninfo(count * 2);"),
    ("number_added_to_a_list", "let list = [1];\nlist = list + 2;\ninfo(list + true + #{});"),
    ("nothing_joined_to_a_text", "info(fetch(\"folder\") + \"/tmp\");"),
    ("text_joined_to_nothing", "let path = \"/srv/\";\npath += fetch(\"folder\");"),
    ("condition_that_is_nothing", "if fetch(\"migrate\") { info(\"x\"); }"),
    ("condition_that_is_a_text", "let answer = \"yes\";\nif answer { info(\"x\"); }"),
    ("condition_that_is_a_list", "let list = [1];\nwhile list { info(\"x\"); }"),
    ("loop_over_nothing", "for item in fetch(\"items\") { info(item); }"),
    ("loop_over_a_number", "for item in 5 { info(item); }"),
    ("search_in_a_number", "let x = 5;\ninfo(3 in x);"),
    ("division_by_zero", "let x = 0;\ninfo(1 / x);"),
    ("number_too_large", "let x = 9223372036854775807;\ninfo(x + 1);"),
    ("text_that_is_no_number", "info(parse_int(\"many\"));"),
    ("closure_with_too_many_arguments", "let twice = |x| x * 2;\ninfo(twice.call(1, 2));"),
    ("number_that_is_called", "let twice = 2;\ninfo(twice.call(1));"),
    ("method_of_nothing", "info(fetch(\"list\").split(\",\"));"),
    ("method_that_is_of_another_kind", "let x = 5;\nx.trim();"),
    ("method_with_a_wrong_argument", "info(\"a,b\".split(#{ by: \",\" }));"),
    ("constant_that_is_assigned_to", "const X = 5;\nX = 6;"),
    ("constant_that_is_changed", "const LIST = [1];\nLIST.push(2);"),
    ("throw_of_nothing", "throw;"),
];

#[test]
fn values_of_the_wrong_kind() {
    for (name, body) in TASKS {
        task_shows(name, body);
    }
}

#[test]
fn function_with_another_number_of_arguments() {
    recipe_shows(
        "function_with_another_number_of_arguments",
        "fn restart(name, signal) { info(`${name} ${signal}`); }\ntask(\"t\", || restart(\"web\"));\n",
    );
}

#[test]
fn function_behind_a_dot() {
    recipe_shows("function_behind_a_dot", "fn shout(text) { text.to_upper() }\ntask(\"t\", || info(\"a\".shout()));\n");
}

#[test]
fn function_of_the_recipe_that_is_mistyped() {
    recipe_shows(
        "function_of_the_recipe_that_is_mistyped",
        "fn restart_all(name) { name }\ntask(\"t\", || info(restrat_all(\"web\")));\n",
    );
}

#[test]
fn this_in_a_function() {
    recipe_shows("this_in_a_function", "fn name() { this.name }\ntask(\"t\", || info(name()));\n");
}
