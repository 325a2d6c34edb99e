//! Findings about calls of host functions, each with what stands beside it and is right.

use crate::check::frame::found;
use crate::support::scene::Scene;

#[track_caller]
fn finds(body: &str, expected: &[&str]) {
    assert_eq!(found(&Scene::with(&format!("task(\"t\", || {{\n{body}\n}});\n"))), expected, "{body}");
}

#[test]
fn numbers_of_arguments() {
    finds(
        "if env(\"X\") != () { set(\"branch\"); info(fetch(\"branch\", 1, 2)); } on(roles(\"app\"));",
        &[
            "error[argument-count]: `set` cannot be called with 1 argument",
            "error[argument-count]: `fetch` cannot be called with 3 arguments",
            "error[argument-count]: `on` cannot be called with 1 argument",
        ],
    );
    // Rhai has functions of these names, and a file may have one of its own.
    finds("let list = [1, 2]; remove(list, 0); list.append([3]); sleep(0); debug(list); info(`${list}`);", &[]);
    let own =
        "fn server(name, port, weight) { info(`${name} ${port} ${weight}`) }\ntask(\"t\", || server(\"a\", 1, 2));\n";
    assert!(found(&Scene::with(own)).is_empty());
}

#[test]
fn options_there_are_not() {
    finds(
        "on(roles(\"db\"), #{ in: 1 }, |host| info(\"x\"));",
        &["error[syntax]: `in` is a word of the language, and cannot be a name"],
    );
    finds(
        "on(roles(\"db\"), #{ runn: \"sequence\", wait: 1 }, |host| {\n\
         \x20   info(capture(\"date\", #{ stripp: env(\"X\") }));\n    execute(\"ls\", #{ timeout: 5, help: \"x\" });\n});",
        &[
            "error[unknown-option]: `on` has no option `runn`",
            "error[unknown-option]: `capture` has no option `stripp`",
        ],
    );
    let out = Scene::task("on(roles(\"db\"), |host| execute(\"ls\", #{ timout: 5 }));").run(["check"]).fails(2).out();
    assert!(out.contains("did you mean `timeout`?") && out.contains("its options are"), "{out}");
}

#[test]
fn kinds_of_arguments() {
    finds(
        "set(1, 2); on(42, |host| { execute(5); within(\"/\", \"ls\"); }); exit(\"1\"); namespace(\"n\", 1.5);",
        &[
            "error[argument-kind]: `set` expects `name` as a string, and got 1",
            "error[argument-kind]: `on` expects `hosts` as a host of `roles(…)`, a string or a list, and got 42",
            "error[argument-kind]: `execute` expects `program` as a string, `raw(…)` or a list, and got 5",
            "error[argument-kind]: `within` expects `block` as a closure such as `|| { … }`, and got \"ls\"",
            "error[argument-kind]: `exit` expects `code` as a whole number, and got \"1\"",
            "error[argument-kind]: `namespace` expects `block` as a closure such as `|| { … }`, and got 1.5",
        ],
    );
    // What is not written out, and what Rhai takes itself, is nobody's mistake.
    finds(
        "let n = 5; let list = []; list.append([1]); remove(list, 0); sleep(0.5); info(`${n}`); info(5); debug(());",
        &[],
    );
    finds(
        "for name in [\"a\"] { let set_it = name; set(set_it, 1); info(fetch(name)); } ask(\"y\"); info(fetch(\"y\", 1));",
        &[],
    );
}

#[test]
fn kinds_of_options() {
    finds(
        "on(roles(\"app\"), #{ run: \"sequnce\", limit: \"2\" }, |host| {\n\
         \x20   execute(\"ls\", #{ timeout: \"soon\", raise: 0 });\n    write_file(\"a\", \"b\", #{ mode: 640 });\n});",
        &[
            "error[argument-kind]: `on` expects `limit` as a whole number, and got \"2\"",
            "error[argument-kind]: `on` expects `run` as \"parallel\", \"sequence\" or \"groups\", and got \"sequnce\"",
            "error[argument-kind]: `execute` expects `raise` as true or false, and got 0",
            "error[argument-kind]: `execute` expects `timeout` as a number of seconds, or a text such as \"90s\", \"5m\" or \"1h30m\", and got \"soon\"",
            "error[argument-kind]: `write_file` expects `mode` as permission bits in octal such as \"0640\", and got 640",
        ],
    );
    finds(
        "on(roles(\"app\"), #{ run: \"groups\", limit: 2, wait: 0.5, max_fail: \"20%\" }, |host| {\n\
         \x20   execute(\"ls\", #{ timeout: \"5m\", idle_timeout: 5, verbosity: \"DEBUG\", stdin: () });\n});",
        &[],
    );
}

#[test]
fn options_of_methods_and_of_units_to_examine() {
    finds(
        "on(roles(\"app\"), |host| {\n    let web = unit(\"web\", #{ mdoe: \"user\" });\n    web.wait_active(#{ timeuot: 5 });\n\
         \x20   web.kill(\"TSTP\", #{ who: \"everybody\" });\n\
         \x20   info(`${examine_services([#{ unit: \"web\", raeds: [], writes: \"x\" }], #{ missing_linger: \"eror\" })}`);\n});",
        &[
            "error[unknown-option]: `unit` has no option `mdoe`",
            "error[unknown-option]: `wait_active` has no option `timeuot`",
            "error[argument-kind]: `kill` expects `who` as \"main\" or \"all\", and got \"everybody\"",
            "error[argument-kind]: `examine_services` expects `writes` as a list, and got \"x\"",
            "error[unknown-option]: `raeds` is nothing that one of the `units` of `examine_services` has",
            "error[argument-kind]: `examine_services` expects `missing_linger` as \"error\", \"warning\", \"note\" or \"\", and got \"eror\"",
        ],
    );
}

#[test]
fn on_inside_on() {
    let outer = "on(roles(\"app\"), |host| {\n    within(\"/\", || { if env(\"X\") == () { on(roles(\"db\"), |other| info(\"x\")); } });\n});";
    finds(outer, &["error[on-inside-on]: `on` stands inside `on`"]);
    let out = Scene::task(outer).run(["check"]).fails(2).out();
    assert!(out.contains("the `on` around it stands at config/deploy.rhai:2:1"), "{out}");
    // One after the other, on this machine, and in a setting is fine.
    finds("on(roles(\"app\"), |host| info(\"x\")); on(roles(\"db\"), |host| info(\"y\"));", &[]);
    finds("on(roles(\"app\"), |host| set(\"linked_dirs\", || on(roles(\"db\"), |host| 1).values()));", &[]);
}

#[test]
fn on_and_tasks_in_functions_called_inside_on() {
    let called = "task(\"t\", || on(roles(\"app\"), |host| everywhere(host)));\n";
    let plain = "fn everywhere(host) { on(roles(\"all\"), |other| info(`${other}`)); }\n";
    let scene = Scene::with(&format!("{plain}{called}"));
    assert_eq!(found(&scene), ["error[on-inside-on]: `on` stands inside `on`"]);
    let out = scene.run(["check"]).fails(2).out();
    assert!(out.contains("the `on` around the call of `everywhere` stands at config/deploy.rhai:2:14"), "{out}");
    let decides = "fn everywhere(host) { if host == () { on(roles(\"all\"), |other| info(`${other}`)); } }\n";
    assert!(found(&Scene::with(&format!("{decides}{called}"))).is_empty());
    finds(
        "on(roles(\"app\"), |host| { batch(|| { invoke(\"deploy:check\"); }); });",
        &["error[task-inside-on]: `invoke` runs a task once for the whole run, but this is inside `on`"],
    );
}

#[test]
fn secrets_in_shell_lines() {
    let recipe = "ask(\"asked\", #{ echo: false });\nset(\"token\", secret(\"hunter2hunter2\"));\nset(\"open\", \"x\");\n\
                  task(\"t\", || on(roles(\"app\"), |host| {\n    execute(`curl -u ${fetch(\"asked\")} a`);\n\
                  \x20   info(capture(`echo ${fetch(\"token\")}`, #{ timeout: 5 }));\n    execute(`echo ${fetch(\"open\")}`);\n\
                  \x20   execute(\"echo\", fetch(\"token\"));\n    execute(\"echo\", `a=${fetch(\"token\")}`);\n}));\n";
    let what = |name: &str| {
        format!(
            "error[secret-in-line]: the secret `{name}` stands inside a shell line, where its quoting cannot be known"
        )
    };
    assert_eq!(found(&Scene::with(recipe)), [what("asked"), what("token")]);
}
