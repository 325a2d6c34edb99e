//! Tasks and hooks: told once, told right, told in time.
//!
//! Numbers are those of the faults in `reference/capistrano.md`, section 5.

use crate::faults::app::App;
use crate::support::scene::Scene;

/// 5.A 27: five lines in Capistrano.
#[test]
fn a_skipped_task_is_told_in_one_line() {
    let scene = Scene::with("task(\"a\", || 1);\ntask(\"t\", || { invoke(\"a\"); invoke(\"a\"); });");
    let ran = scene.run(["production", "t"]).ok();
    let about: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("skipped")).collect();
    assert_eq!(about.len(), 1, "{}", ran.stdout);
    assert!(
        about[0].ends_with("task `a` has run already and is skipped; `invoke_again(\"a\")` runs it once more"),
        "{about:?}"
    );
}

/// 5.A 28: in Capistrano an unknown hook fails only after the main task has run.
#[test]
fn a_hook_with_an_unknown_name_is_told_before_anything_runs() {
    for hook in ["after(\"deploy:published\", \"retsart\");", "before(\"deploy:publishd\", \"deploy:restart\");"] {
        let app = App::new(hook).with_history();
        let before = app.hosts_tree();
        let ran = app.run(&["deploy"]).fails(2);
        assert!(ran.stderr.contains("config/deploy.rhai:7"), "{}", ran.stderr);
        assert!(ran.stderr.contains("did you mean"), "{}", ran.stderr);
        assert_eq!(app.hosts_tree(), before);
    }
}

/// 5.A 32: after a task that was invoked in the middle, commands belong to the outer task again.
#[test]
fn commands_belong_to_the_task_that_runs_them() {
    let scene = Scene::with(
        "task(\"inner\", || on(roles(\"db\"), |host| execute(\"echo\", \"2\")));\n\
         task(\"t\", || {\n\
             on(roles(\"db\"), |host| execute(\"echo\", \"1\"));\n\
             invoke(\"inner\");\n\
             on(roles(\"db\"), |host| execute(\"echo\", \"3\"));\n\
         });",
    );
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    let seen: Vec<(String, String)> = ran
        .all("command_started")
        .iter()
        .map(|event| (event["command"].as_str().unwrap().to_owned(), event["task"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [("echo 1", "t"), ("echo 2", "inner"), ("echo 3", "t")];
    assert_eq!(seen, expected.map(|(command, task)| (command.to_owned(), task.to_owned())));
}

/// 5.A 24: Capistrano prints the whole environment and every password.
#[test]
fn printed_settings_hold_no_secret_and_no_environment() {
    let app = App::small(
        "set(\"api_key\", secret(env(\"API_KEY\")));\nset(\"git_http_password\", secret(\"hunter2hunter2\"));\n\
         set(\"url\", || \"https://me:\" + fetch(\"api_key\") + \"@host\");",
    );
    let App { scene, repository } = app;
    let app = App { scene: scene.env("API_KEY", "s3cr3t-key-value").env("OTHER_VARIABLE", "not-yours"), repository };
    let ran = app.run(&["deploy:print_config_variables", "-v"]).ok();
    let log = app.scene.read("log/windlass.log");
    for text in [&ran.stdout, &ran.stderr, &log] {
        for hidden in ["s3cr3t-key-value", "hunter2hunter2", "not-yours"] {
            assert!(!text.contains(hidden), "{text}");
        }
    }
    assert!(ran.stdout.contains("api_key = [secret]"), "{}", ran.stdout);
    assert!(ran.stdout.contains("application = app"), "{}", ran.stdout);
}

/// 5.B 40, 39 of 5.A: settings stay lazy after they were printed.
#[test]
fn printing_settings_freezes_none() {
    let scene = Scene::with(
        "require(\"deploy\");\nset(\"a\", 1);\nset(\"b\", || fetch(\"a\") + 1);\n\
         task(\"t\", || { invoke(\"deploy:print_config_variables\"); set(\"a\", 10); info(`b is ${fetch(\"b\")}`); });",
    );
    assert!(scene.said(["production", "t"]).contains(&"b is 11".to_owned()));
}

/// `map` over a variable that the closure uses too: Rhai forbids it, and the error has to say what to do.
#[test]
fn a_closure_that_uses_what_it_is_called_on_is_explained() {
    let scene = Scene::task("let found = #{ a: 1 }; info(`${found.keys().map(|key| found[key])}`);");
    let ran = scene.run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "the closure of `map` uses the variable that `map` is called on");
    assert!(ran.stderr.contains("`let list = …; list.map(…)`"), "{}", ran.stderr);
}
