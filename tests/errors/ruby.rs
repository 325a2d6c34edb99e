//! Ruby, JavaScript and shell in a recipe: what everybody writes who comes from there.

use crate::errors::catalogue::{recipe_shows, task_shows};

/// What stands at the top of a recipe, by the name of its snapshot.
const RECIPES: &[(&str, &str)] = &[
    ("ruby_block", "task \"t\" do\n  info \"x\"\nend\n"),
    ("ruby_block_of_a_symbol", "namespace :deploy do\n  task :restart do\n    execute \"x\"\n  end\nend\n"),
    ("ruby_call_without_parentheses", "set :application, 'shop'\n"),
    ("ruby_server", "server \"web1.example.com\", roles: %w{app web}, primary: true\n"),
    ("ruby_symbol", "set(:application, \"shop\");\n"),
    ("ruby_list_of_words", "set(\"linked_dirs\", %w{log tmp/pids});\n"),
    ("ruby_comment", "# the shop\nset(\"application\", \"shop\");\n"),
    ("ruby_method", "def restart(name)\n  info(name)\nend\n"),
    ("ruby_class", "class Restart\nend\n"),
    ("ruby_map", "server(\"web1\", { roles: [\"app\"] });\n"),
    ("ruby_variable_of_an_instance", "@port = 3000;\n"),
    ("parameter_with_a_default", "fn restart(name, wait = 5) { info(name); }\n"),
    ("function_declared_twice", "fn f(a) { a }\nfn f(b) { b }\n"),
    ("function_without_parameters", "fn restart { info(\"x\"); }\n"),
    ("comment_without_an_end", "set(\"application\", \"shop\");\n/* later:\ntask(\"t\", || info(\"t\"));\n"),
];

/// What stands in a task.
const TASKS: &[(&str, &str)] = &[
    ("ruby_block_of_on", "on roles(:app) do |host|\n  execute \"uptime\"\nend"),
    ("ruby_each", "[\"a\", \"b\"].each do |name|\n  info(name);\nend"),
    ("ruby_hash_rocket", "with(#{ \"RAILS_ENV\" => \"production\" }, || ());"),
    ("ruby_named_argument", "on(roles(\"app\"), limit: 2, |host| info(\"x\"));"),
    ("ruby_elsif", "if true { info(\"a\"); } elsif false { info(\"b\"); }"),
    ("ruby_unless", "unless true { info(\"a\"); }"),
    ("ruby_condition_behind", "info(\"x\") if true;"),
    ("ruby_if_without_braces", "if true\n    info(\"x\");\nend"),
    ("ruby_begin_and_rescue", "begin\n    info(\"x\");\nrescue => error\nend"),
    ("ruby_lambda", "set(\"x\", -> { 1 });"),
    ("ruby_question", "let list = [];\ninfo(list.empty?);"),
    ("ruby_value", "let x = nil;"),
    ("ruby_environment", "info(ENV[\"HOME\"]);"),
    ("ruby_splat", "let words = [\"a\"];\nexecute(*words);"),
    ("ruby_heredoc", "let text = <<~TEXT\n  x\nTEXT"),
    ("ruby_method_of_a_text", "info(\"a\".upcase());"),
    ("ruby_method_of_a_list", "[1, 2].each(|item| info(item));"),
    ("ruby_constant", "info(SSHKit::Config);"),
    ("value_in_double_quotes", "info(\"a ${fetch(\"branch\")} b\");"),
    ("arrow_of_javascript", "on(roles(\"app\"), (host) => info(host));"),
    ("increment", "let x = 1;\nx++;"),
    ("question_mark_and_colon", "let x = if_ready ? 1 : 2;"),
    ("variable_of_the_shell", "execute(\"ls\", $HOME);"),
    ("quotes_of_a_web_page", "info(“x”);"),
    ("number_with_a_unit", "sleep(5m);"),
    ("escape_there_is_not", "info(\"\\d+\");"),
    ("let_without_a_value", "let x 1;"),
    ("missing_comma", "info(\"x\" \"y\");"),
    ("missing_parenthesis", "info(\"x\"\ninfo(\"y\");"),
    ("bracket_too_many", "info(\"x\"));"),
    ("map_without_its_end", "let x = #{ a: 1;\ninfo(x);"),
    ("key_with_a_dash", "let x = #{ my-key: 1 };"),
    ("key_that_is_a_word_of_the_language", "let x = #{ for: 1 };"),
    ("key_that_stands_there_twice", "let x = #{ a: 1, a: 2 };"),
    ("for_in_parentheses", "for (x in [1, 2]) { info(x); }"),
    ("for_as_in_c", "for (let i = 0; i < 5; i++) { info(i); }"),
    ("function_inside_a_task", "fn f() { 1 }\ninfo(f());"),
    ("closure_without_its_second_bar", "on(roles(\"app\"), |host { info(\"x\"); });"),
    ("closure_that_does_nothing", "on(roles(\"app\"), |host|);"),
    ("value_behind_an_operator_that_is_missing", "let x = 1 +;"),
    ("assignment_in_a_condition", "let x = 1;\nif x = 1 { info(\"x\"); }"),
    ("assignment_to_a_call", "roles(\"app\") = [];"),
    ("break_outside_of_a_loop", "break;"),
    ("type_behind_as", "let x = 5 as string;"),
    ("closure_behind_a_missing_comma", "task(\"a\" || info(\"a\"));"),
    ("text_in_back_ticks_without_an_end", "info(`a);"),
];

#[test]
fn what_stands_at_the_top() {
    for (name, recipe) in RECIPES {
        recipe_shows(name, recipe);
    }
}

#[test]
fn what_stands_in_a_task() {
    for (name, body) in TASKS {
        task_shows(name, body);
    }
}
