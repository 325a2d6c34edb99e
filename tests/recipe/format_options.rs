//! The setting `format_options`: what is shown, where it is cut, its colours, and where the log is.

use std::time::Duration;

use crate::console::piped;
use crate::faults::pty::AtTerminal;
use crate::support::scene::Scene;

/// A project with these options, whose task `t` has this body.
fn with(options: &str, body: &str) -> Scene {
    Scene::with(&format!("set(\"format_options\", {options});\ntask(\"t\", || {{\n{body}\n}});\n"))
}

/// Prints a line on either stream of one host.
const BOTH: &str = "on(roles(\"db\"), |host| execute(\"echo on-out; echo on-err >&2; true\"));";

const LONG: &str = "on(roles(\"db\"), |host| { let x = \"\"; x.pad(150, 'x'); execute(\"echo\", x); });";

/// What is on a terminal of 120 columns in the end.
fn on_terminal(scene: &Scene, args: &[&str]) -> String {
    let mut terminal = AtTerminal::start(scene, &[&["production", "t"], args].concat());
    terminal.until("t finished in");
    assert_eq!(terminal.end(Duration::from_secs(20)), 0, "{}", terminal.screen());
    terminal.screen()
}

#[test]
fn the_log_is_where_the_recipe_says() {
    let scene = with("#{ log_file: \"elsewhere/shop.log\" }", "info(\"late\");").below("app");
    let scene = scene.file("config/deploy/tasks/a.rhai", "info(\"early\");");
    scene.run(["production", "t"]).ok();
    let log = scene.read("elsewhere/shop.log");
    let at = |word: &str| log.find(word).unwrap_or_else(|| panic!("no {word} in {log}"));
    assert!(at("early") < at("START") && at("START") < at("late"), "{log}");
    assert!(!scene.path("log").exists());
}

#[test]
fn a_stage_has_a_log_of_its_own() {
    let scene = with("#{ log_file: \"log/all.log\" }", "info(\"hello\");");
    let path = scene.top().join("staging.log");
    let scene = scene.stage("staging", &format!("set(\"format_options\", || #{{ log_file: {path:?} }});"));
    scene.run(["staging", "t"]).ok();
    assert!(std::fs::read_to_string(path).unwrap().contains("hello"));
    assert!(!scene.path("log/all.log").exists());
}

#[test]
fn there_need_not_be_a_log() {
    for none in ["false", "()"] {
        let scene = with(&format!("#{{ log_file: {none} }}"), "info(\"hello\");");
        let scene = scene.file("config/deploy/tasks/a.rhai", "info(\"early\");");
        assert_eq!(scene.said(["production", "t"]), ["early", "hello"]);
        assert!(!scene.path("log").exists(), "{none}");
    }
}

#[test]
fn what_changes_nothing_leaves_no_log() {
    let scene = with("#{ log_file: \"elsewhere.log\" }", "info(\"hello\");");
    for args in [&["-n"][..], &["--plan"], &["-T"], &["-p"]] {
        scene.run([&["production", "t"], args].concat()).ok();
        let is_left = scene.path("elsewhere.log").exists();
        // Settings are told before the task runs.
        assert_eq!(is_left, args == ["-p"], "{args:?}");
    }
    assert!(!scene.path("log").exists());
}

#[test]
fn a_recipe_that_cannot_be_read_has_said_what_it_has_said() {
    let scene =
        Scene::with("set(\"format_options\", #{ log_file: \"elsewhere.log\" }); info(\"early\"); throw \"no\";");
    scene.run(["production", "t"]).fails(2);
    assert!(scene.read("log/windlass.log").contains("early") && !scene.path("elsewhere.log").exists());
    let silent = Scene::with("throw \"no\";");
    silent.run(["production", "t"]).fails(2);
    assert!(!silent.path("log").exists(), "an empty log helps nobody");
}

#[test]
fn a_log_that_cannot_be_opened_is_told_once_and_the_run_goes_on() {
    let scene = with("#{ log_file: \"config/deploy.rhai/log\", truncate: 90 }", "info(\"hello\");");
    let ran = scene.run(["production", "t", "--json"]).ok();
    assert_eq!(ran.messages("info"), ["hello"]);
    let [warning] = &ran.messages("warn")[..] else { panic!("{:?}", ran.messages("warn")) };
    assert!(
        warning.starts_with("could not open the log file") && warning.contains("config/deploy.rhai/log"),
        "{warning}"
    );
}

#[test]
fn output_of_commands_can_be_hidden_by_stream() {
    let shown = |options: &str, format: &str| {
        let out = with(options, BOTH).run(["production", "t", "--format", format]).ok().stdout;
        assert!(out.contains("echo on-out; echo on-err"), "the command itself is shown: {out}");
        ["on-out", "on-err"].map(|line| out.lines().any(|shown| shown.ends_with(&format!(" {line}"))))
    };
    for format in ["pretty", "plain"] {
        for (options, expected) in [
            ("#{}", [true, true]),
            ("#{ command_output: true }", [true, true]),
            ("#{ command_output: false }", [false, false]),
            ("#{ command_output: \"stdout\" }", [true, false]),
            ("#{ command_output: [\"stderr\"] }", [false, true]),
        ] {
            assert_eq!(shown(options, format), expected, "{format} {options}");
        }
    }
}

#[test]
fn hidden_output_is_in_the_log_for_programs_and_told_with_a_failure() {
    let scene = with("#{ command_output: false }", "on(roles(\"db\"), |host| execute(\"echo $((6 * 7)); exit 3\"));");
    let ran = scene.run(["production", "t"]).fails(1);
    assert!(!ran.stdout.contains("42") && ran.stderr.contains("42"), "{}{}", ran.stdout, ran.stderr);
    assert!(scene.read("log/windlass.log").contains("db1 stdout: 42"));
    let ran = scene.run(["production", "t", "--json"]).fails(1);
    assert_eq!(ran.all("command_output")[0]["line"], "42");
}

#[test]
fn a_console_hides_output_too() {
    let scene = with("#{ command_output: false }", "");
    let ran = piped::with(&scene, &["production", "console"], "echo on-out\nfetch(\"stage\")\n").ok();
    assert!(ran.stdout.contains("$ echo on-out") && ran.stdout.contains("production"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("db1: on-out"), "{}", ran.stdout);
}

#[test]
fn lines_are_cut_where_the_recipe_says_without_a_terminal_too() {
    for format in ["pretty", "plain"] {
        let ran = with("#{ truncate: 40 }", LONG).run(["production", "t", "--format", format]).ok();
        let wide: Vec<&str> = ran.stdout.lines().filter(|line| line.chars().count() > 40).collect();
        assert!(wide.is_empty() && ran.stdout.contains('…'), "{format}: {wide:?}");
    }
    // Errors are to be read whole, and so is what would be done.
    let fails = format!("on(roles(\"db\"), |host| execute(\"false {}\"));", "y".repeat(150));
    let scene = with("#{ truncate: 40 }", &fails);
    for ran in [scene.run(["production", "t"]).fails(1).err(), scene.run(["production", "t", "-n"]).ok().out()] {
        assert!(ran.contains(&"y".repeat(150)), "{ran}");
    }
}

#[test]
fn a_terminal_cuts_at_its_width_or_not_at_all() {
    let long = "x".repeat(150);
    let widest = |screen: &str| screen.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
    let auto = with("#{ color: false }", LONG);
    assert_eq!(widest(&on_terminal(&auto, &[])), 120);
    assert_eq!(widest(&on_terminal(&auto.env("COLUMNS", "60"), &[])), 60);
    let whole = on_terminal(&with("#{ color: false, truncate: false }", LONG), &[]);
    assert!(whole.contains(&long), "{whole}");
    assert_eq!(widest(&on_terminal(&with("#{ color: false, truncate: 50 }", LONG), &[])), 50);
    // Elsewhere the variable says nothing of the width.
    let elsewhere = with("#{}", LONG).env("COLUMNS", "60").run(["production", "t", "--format", "pretty"]).ok();
    assert!(elsewhere.stdout.contains(&long));
}

#[test]
fn colours_are_those_of_who_runs_it_then_of_the_recipe_then_of_the_terminal() {
    let elsewhere = |options: &str, variables: &[(&str, &str)], args: &[&str]| {
        let scene = variables.iter().fold(with(options, BOTH), |scene, (name, value)| scene.env(name, value));
        let args = [&["production", "t", "--format", "pretty"], args].concat();
        scene.run(args).ok().stdout.contains('\u{1b}')
    };
    assert!(!elsewhere("#{}", &[], &[]) && elsewhere("#{ color: true }", &[], &[]));
    assert!(elsewhere("#{ color: false }", &[("FORCE_COLOR", "1")], &[]));
    assert!(elsewhere("#{}", &[("SSHKIT_COLOR", "1")], &[]) && !elsewhere("#{}", &[("SSHKIT_COLOR", "0")], &[]));
    assert!(!elsewhere("#{ color: true }", &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], &[]));
    assert!(!elsewhere("#{ color: true }", &[], &["--color", "never"]));
    let scene = with("#{ color: false }", BOTH);
    assert!(!on_terminal(&scene, &[]).contains("\u{1b}[3"));
    assert!(on_terminal(&scene, &["--color", "always"]).contains("\u{1b}["));
}

#[test]
fn what_is_said_while_recipes_are_read_is_shown_once() {
    let scene = with("#{ command_output: false, truncate: 100 }", "info(\"late\");");
    let ran = scene.file("config/deploy/tasks/a.rhai", "info(\"early\");").run(["production", "t"]).ok();
    assert_eq!((ran.stdout.matches("early").count(), ran.stdout.matches("late").count()), (1, 1), "{}", ran.stdout);
}

#[test]
fn what_the_setting_cannot_be_is_told_before_anything_runs() {
    for options in ["#{ trunkate: 80 }", "|| #{ trunkate: 80 }"] {
        let ran = with(options, "info(\"hello\");").run(["production", "t"]).fails(2);
        let error = ran.err();
        for part in ["`format_options` has no part `trunkate`", "config/deploy.rhai:1:", "did you mean `truncate`?"] {
            assert!(error.contains(part), "{options}: {part} in {error}");
        }
        assert!(!ran.out().contains("hello"));
    }
    let judged = with("#{ banner: false }", "").run(["check"]).fails(2).out();
    assert!(judged.contains("has no part `banner`") && judged.contains("there is no banner"), "{judged}");
    let judged = Scene::with("set(\"log_file\", \"x.log\");").run(["check"]).out();
    assert!(judged.contains("set(\"format_options\", #{ log_file: \"…\" });"), "{judged}");
}
