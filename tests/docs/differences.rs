//! What the README says is different from Capistrano, tried.

use crate::docs::project::{Project, told};

/// Runs the task `t` with this body; gives everything that was printed and the exit code.
fn task(body: &str) -> (String, i32) {
    run(&format!("task(\"t\", || {{\n{body}\n}});\n"), "production t -q --format plain")
}

fn run(recipe: &str, args: &str) -> (String, i32) {
    let project = Project::new();
    project.write("project/config/deploy.rhai", recipe);
    let output = project.shell("project", &format!("windlass {args}"));
    (told(&output), output.status.code().unwrap_or(-1))
}

/// What `capture` gives on the first host; printed as a warning, because the run is quiet.
fn captured(call: &str) -> String {
    let (text, code) = task(&format!("on(primary(\"web\"), |host| warn(\"<\" + {call} + \">\"));"));
    assert_eq!(code, 0, "{text}");
    let (_, rest) = text.split_once('<').expect("the task says what it captured");
    rest.rsplit_once('>').expect("the task says what it captured").0.to_owned()
}

#[test]
fn arguments_arrive_as_they_are_and_raw_ones_are_expanded() {
    assert_eq!(captured(r#"capture("echo", "a  b", "$HOME", "*", "it's")"#), "a  b $HOME * it's");
    assert_ne!(captured(r#"capture("echo", raw("$HOME"))"#), "$HOME");
}

#[test]
fn a_shell_line_obeys_its_block() {
    let call = r#"within("/usr", || with(#{ rails_env: "x", http_proxy: "p", Mixed: "m" }, ||
        umask("027", || capture("echo $(pwd) $(umask) $RAILS_ENV $http_proxy $(echo $Mixed | tr m n)"))))"#;
    assert_eq!(captured(call), "/usr 0027 x p n");
}

#[test]
fn lines_of_a_shell_text_stay_lines() {
    assert_eq!(captured("capture(\"if true\\nthen echo yes\\nfi\")"), "yes");
}

#[test]
fn an_absolute_folder_replaces_the_one_around_it() {
    assert_eq!(captured(r#"within("/tmp", || within("/usr", || capture("pwd")))"#), "/usr");
}

#[test]
fn a_signal_is_a_failure() {
    let (text, code) = task(r#"on(roles("web"), |host| execute("kill -9 $$"));"#);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("ended by signal KILL"), "{text}");
}

#[test]
fn no_host_is_an_error() {
    for (body, what) in [
        (r#"on(roles("wbe"), |host| execute("true"));"#, "no server has the role `wbe`"),
        (r#"on([], |host| execute("true"));"#, "no "),
    ] {
        let (text, code) = task(body);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(what), "{text}");
    }
    for filter in ["-z nobody", "-r nobody", "HOSTS=", "ROLES="] {
        let (text, code) =
            run("task(\"t\", || on(roles(\"web\"), |host| info(\"x\")));", &format!("production t {filter}"));
        assert_eq!(code, 2, "{filter}: {text}");
    }
}

#[test]
fn every_failed_host_is_told() {
    let (text, code) = task(r#"on(roles("all"), |host| execute("sh", "-c", `echo bad ${host} >&2; exit 3`));"#);
    assert_eq!(code, 1, "{text}");
    for host in ["web1.example.com", "web2.example.com", "db1.example.com"] {
        assert!(text.contains(&format!("bad {host}")), "{host} is missing:\n{text}");
    }
}

#[test]
fn host_and_host_with_the_usual_port_are_one() {
    let recipe = r#"server("web1.example.com:22", #{ extra: true });
        task("t", || warn(`<${roles("all").len}>`));"#;
    let (text, _) = run(recipe, "production t -q");
    assert!(text.contains("<3>"), "{text}");
}

#[test]
fn lists_are_flattened_and_false_is_not_any() {
    let (text, code) = task(
        r#"append("x", ["a", "b"], "c", "a");
        set("f", false);
        warn(`<${fetch("x")} ${any("f")} ${any("none")}>`);"#,
    );
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(r#"<["a", "b", "c"] false false>"#), "{text}");
}

#[test]
fn a_hook_to_nothing_is_found_before_anything_runs() {
    let recipe = "after(\"deploy:publshed\", \"t\");\ntask(\"t\", || warn(\"ran\"));";
    let (text, code) = run(recipe, "production t");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("did you mean `deploy:published`?") && !text.contains("ran"), "{text}");
}

#[test]
fn a_dry_run_runs_nothing_here_either() {
    let project = Project::new();
    project.write("project/config/deploy.rhai", "task(\"t\", || run_locally(|| execute(\"touch\", \"made\")));");
    project.windlass("production t --dry-run");
    assert!(!project.path("project/made").exists());
    project.windlass("production t");
    assert!(project.path("project/made").exists());
}

#[test]
fn names_that_changed_get_an_answer() {
    for (recipe, answer) in [
        ("task(\"t\", || as(\"root\", || execute(\"true\")));", "as_user"),
        ("set :branch, \"main\"", "call it with parentheses"),
        ("task(\"t\", || sudo(\"ls\"));", "as_user(\"root\""),
        ("task(\"t\", || { let n = 0; on(roles(\"web\"), |host| { n += 1; }); });", "`let n = on(hosts, |host| …);`"),
    ] {
        let (text, code) = run(recipe, "production t");
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(answer), "{recipe}: {text}");
    }
}

#[test]
fn functions_of_capistrano_that_are_said_to_be_missing_are_missing() {
    for name in ["redact", "background", "make", "rake", "sudo"] {
        let (text, code) = run(&format!("{name}(\"x\");"), "production t");
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(&format!("there is no function `{name}`")), "{text}");
    }
}

#[test]
fn printed_settings_hold_no_secret_stay_lazy_and_run_nothing() {
    let recipe = "set(\"pw\", secret(\"hunter2\"));\nset(\"late\", || 5);\ntask(\"default\", || warn(\"it was run\"));";
    let (text, code) = run(recipe, "production -p");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("\"[secret]\"") && text.contains("late = (worked out when it is needed)"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains("it was run"), "{text}");
}

#[test]
fn a_default_is_worked_out_each_time() {
    let (text, code) = task("fetch(\"x\", || 1); warn(`<${fetch(\"x\", || 2)} ${any(\"x\")}>`);");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("<2 false>"), "{text}");
}

#[test]
fn a_rule_is_for_what_was_set_before_it_too() {
    let (text, code) = run("set(\"x\", 1);\nvalidate(\"x\", |name, value| value > 1);", "production t");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("the setting `x` cannot be `1`"), "{text}");
}

#[test]
fn a_question_that_nobody_answers_is_named() {
    let (text, code) = task("ask(\"x\"); fetch(\"x\");");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("nobody answers the question for `x`"), "{text}");
}

#[test]
fn a_version_of_capistrano_is_answered() {
    let (text, code) = run("lock(\"~> 3.19.2\");", "production t");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("this looks like a version of Capistrano") && text.contains("requires("), "{text}");
}

#[test]
fn programs_are_mapped_in_shell_lines_too_and_prefixes_stay() {
    assert_eq!(captured(r#"{ command_map("hi", "echo a"); capture("hi | cat") }"#), "a");
    assert_eq!(
        captured(r#"{ command_map("hi", "echo a"); command_prefix("hi", "echo b"); capture("hi") }"#),
        "b echo a"
    );
}

#[test]
fn a_failure_that_shall_not_raise_is_false() {
    assert_eq!(captured(r#"`${execute("false", #{ raise: false })}`"#), "false");
}
