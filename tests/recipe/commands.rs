//! `execute`, `test`, `capture`, `run`, `raw`: the one rule for every command.

use crate::support::scene::Scene;

fn on_db(block: &str) -> Scene {
    Scene::task(&format!("on(roles(\"db\"), |host| {{ {block} }});"))
}

fn lines(block: &str) -> Vec<String> {
    on_db(block).lines("db1", ["production", "t"])
}

fn said(block: &str) -> Vec<String> {
    on_db(block).said(["production", "t"])
}

fn error(block: &str) -> String {
    on_db(block).run(["production", "t"]).fails(2).error()
}

#[test]
fn every_argument_is_quoted_always() {
    let block = r#"
        execute("echo", "a b", "$HOME", "'q'", "*", "", "a;b", "~", "-n", "x=y", "é");
        execute("echo", 1, true, 2.5, 'c');
        execute("mkdir", "-p", ["a b", ["c"]]);
        execute(["ls", "-l"]);
    "#;
    assert_eq!(
        lines(block),
        [
            r"echo 'a b' '$HOME' ''\''q'\''' '*' '' 'a;b' '~' -n x=y 'é'",
            "echo 1 true 2.5 c",
            "mkdir -p 'a b' c",
            "ls -l",
        ]
    );
}

#[test]
fn quoted_arguments_arrive_as_they_were() {
    let hostile = r#"info(capture("printf", "%s|", "a b", "$HOME", "'", "\"", "\\", "*", "", "`id`", "é\n"));"#;
    assert_eq!(said(hostile), ["a b|$HOME|'|\"|\\|*||`id`|é\n|"]);
}

#[test]
fn one_string_is_a_shell_line() {
    assert_eq!(lines("execute(\"a | b > $HOME/c && d\");"), ["a | b > $HOME/c && d"]);
    assert_eq!(said("info(capture(\"echo one | tr o 0\"));"), ["0ne"]);
    assert_eq!(said("info(capture(`if true; then\n\necho yes\nfi`));"), ["yes"]);
}

#[test]
fn raw_is_left_to_the_shell() {
    assert_eq!(lines("execute(\"ls\", raw(\"$HOME/*\"), \"$HOME\");"), ["ls $HOME/* '$HOME'"]);
}

#[test]
fn a_program_that_looks_like_shell_is_still_a_program() {
    assert_eq!(lines("execute(\"A=b\", \"x\"); execute(\"if\", \"x\");"), ["'A=b' x", "'if' x"]);
}

#[test]
fn nothing_is_no_argument() {
    assert_eq!(error("execute(\"echo\", ());"), "argument 2 of `execute` is ()");
    assert_eq!(error("execute(\"echo\", [\"a\", fetch(\"nope\")]);"), "argument 2 of `execute` is ()");
    assert_eq!(error("execute(());"), "argument 1 of `execute` is ()");
}

#[test]
fn an_empty_command_is_a_mistake() {
    assert_eq!(error("execute(\"\");"), "the command is empty");
    assert_eq!(error("execute(\"  \");"), "the command is empty");
    assert_eq!(error("execute([]);"), "the command is empty");
    assert_eq!(error("execute(\"\", \"x\");"), "the name of the program is empty");
}

#[test]
fn test_says_yes_or_no() {
    assert_eq!(
        said("info(test(\"true\")); info(test(\"false\")); info(test(\"[ -d / ]\")); info(test(\"kill -9 $$\"));"),
        ["true", "false", "true", "false"]
    );
}

#[test]
fn a_test_that_says_no_is_no_failure_in_the_events() {
    let ran = on_db("test(\"false\");").run(["--format", "json", "production", "t"]).ok();
    let finished = &ran.all("command_finished")[0];
    assert_eq!((finished["ok"].as_bool(), finished["status"].as_i64()), (Some(true), Some(1)));
    assert_eq!(ran.all("command_started")[0]["level"], "debug");
}

#[test]
fn capture_gives_what_was_printed() {
    assert_eq!(said("info(`[${capture(\"printf ' a b \\n\\n'; echo no >&2\")}]`);"), ["[a b]"]);
    assert_eq!(said("info(`[${capture(\"printf ' a \\n'\", #{ strip: false })}]`);"), ["[ a \n]"]);
    assert_eq!(said("info(capture(\"seq 1 100000\").len);"), ["588894"]);
}

#[test]
fn capture_of_a_failing_command_raises() {
    let ran = on_db("capture(\"echo part; exit 3\");").run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(ran.failure()["message"], "`echo part; exit 3` ended with status 3");
    assert_eq!(ran.failure()["command"]["stdout"], "part\n");
}

#[test]
fn run_never_raises_and_tells_everything() {
    let block = r#"
        let r = run("echo out; echo err >&2; exit 3");
        info(`${r.ok} ${r.status} ${type_of(r.signal)} ${r.stdout} ${r.stderr}`);
        let r = run("true");
        info(`${r.ok} ${r.status}`);
        let r = run("kill -TERM $$");
        info(`${r.ok} ${r.signal}`);
        info(run("no-such-program-here", "x").status);
    "#;
    assert_eq!(said(block), ["false 3 () out\n err\n", "true 0", "false TERM", "127"]);
}

#[test]
fn a_command_reads_nothing() {
    assert_eq!(said("info(`[${capture(\"cat\")}]`);"), ["[]"]);
}

#[test]
fn execute_raises_for_a_status_and_for_a_signal() {
    let ran = on_db("execute(\"exit 9\");").run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(
        (ran.failure()["kind"].as_str(), ran.failure()["command"]["status"].as_i64()),
        (Some("command"), Some(9))
    );
    let ran = on_db("execute(\"kill -9 $$\");").run(["--format", "json", "production", "t"]).fails(1);
    assert_eq!(
        (ran.failure()["kind"].as_str(), ran.failure()["command"]["signal"].as_str()),
        (Some("signal"), Some("KILL"))
    );
}

#[test]
fn verbosity_moves_a_command_to_another_level() {
    let ran = on_db("execute(\"true\", #{ verbosity: \"DEBUG\" }); execute(\"true\");")
        .run(["--format", "json", "production", "t"])
        .ok();
    let levels: Vec<String> = ran.all("command_started").iter().map(|line| line["level"].to_string()).collect();
    assert_eq!(levels, ["\"debug\"", "\"info\""]);
    assert_eq!(error("execute(\"true\", #{ verbosity: \"loud\" });"), "`loud` is not a verbosity");
}

#[test]
fn unknown_options_are_mistakes() {
    assert_eq!(error("capture(\"ls\", #{ stripp: false });"), "`capture` has no option `stripp`");
    assert_eq!(
        error("execute(\"ls\", #{ raise_on_non_zero_exit: false });"),
        "`execute` has no option `raise_on_non_zero_exit`"
    );
}

#[test]
fn events_tell_task_host_and_place() {
    let scene = Scene::with("task(\"t\", || {\n  on(roles(\"db\"), |host| {\n    execute(\"true\");\n  });\n});");
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    let started = &ran.all("command_started")[0];
    assert_eq!(
        (started["task"].as_str(), started["host"].as_str(), started["place"].as_str()),
        (Some("t"), Some("db1"), Some("config/deploy.rhai:3:5"))
    );
}

#[test]
fn output_that_is_not_utf8_does_not_break_anything() {
    assert_eq!(said("info(capture(\"printf 'a\\\\377b'\").len);"), ["3"]);
}

#[test]
fn many_arguments_fit_into_a_list() {
    assert_eq!(
        said("let l = []; for n in 0..500 { l.push(n); } info(capture(\"echo\", l).split(\" \").len);"),
        ["500"]
    );
}
