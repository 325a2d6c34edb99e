//! Chapter 4: what a run prints, and its log.

use std::fs;

use regex::Regex;

use crate::capistrano::rows::{differs, has, recipe_refused};
use crate::support::scene::Scene;

/// What a task prints as on a terminal, yet without colour.
fn pretty(body: &str) -> String {
    Scene::task(body).run(["production", "t", "--format", "pretty"]).stdout
}

/// 4.1.1
#[test]
fn a_task_has_a_heading_with_a_clock() {
    let recipe = "task(\"quiet\"); task(\"t\", #{ needs: [\"quiet\"] }, || info(\"it\"));";
    let out = Scene::with(recipe).run(["production", "t", "--format", "pretty"]).ok().stdout;
    assert!(Regex::new(r"(?m)^\d\d:\d\d t$").unwrap().is_match(&out) && !out.contains("quiet"), "{out}");
}

/// 4.1.1b
#[test]
fn a_command_stands_under_the_task_that_runs_it() {
    differs("commands behind a nested `invoke` stand under the inner task");
    let recipe = "task(\"a\", || info(\"in a\")); task(\"t\", || { invoke(\"a\"); info(\"in t\"); });";
    let out = Scene::with(recipe).run(["production", "t"]).ok().out();
    has(&out, "a in a\n");
    has(&out, "t in t\n");
}

/// 4.1.2
#[test]
fn a_command_is_shown_once_with_its_number() {
    let out = pretty("on(roles(\"all\"), |host| { execute(\"true\"); execute(\"echo\", 1); });");
    assert_eq!(out.matches("      01 true\n").count(), 1, "{out}");
    has(&out, "      02 echo 1\n");
}

/// 4.1.3
#[test]
fn output_has_its_host() {
    differs("lines of output do not say of which host they are");
    let body = "on(roles(\"web\"), #{ run: \"sequence\" }, |host| execute(\"echo\", \"hello\"));";
    has(&pretty(body), "01 web2: hello\n");
}

/// 4.1.4
#[test]
fn the_end_of_a_command_has_a_sign_and_a_time() {
    differs("a command that fails has no ✘");
    let out = pretty("on(roles(\"db\"), |host| { execute(\"true\"); execute(\"false\"); });");
    assert!(Regex::new(r"(?m)^    ✔ 01 db1 \d+\.\d{3}s$").unwrap().is_match(&out), "{out}");
    assert!(Regex::new(r"(?m)^    ✘ 02 db1 \d+\.\d{3}s").unwrap().is_match(&out), "{out}");
}

/// 4.1.5
#[test]
fn messages_have_their_level() {
    let out = pretty("info(\"i\"); warn(\"w\"); error(\"e\"); debug(\"d\");");
    for part in ["      i\n", "WARN", "ERROR"] {
        has(&out, part);
    }
    assert!(!out.contains("      d\n"), "{out}");
}

/// 4.1.6
#[test]
fn commands_that_look_are_hidden() {
    let body = "on(roles(\"db\"), |host| { test(\"true\"); capture(\"date\"); });";
    assert!(!pretty(body).contains("true"));
    has(&Scene::task(body).run(["production", "t", "-v"]).ok().stdout, "$ true");
}

/// 4.1.c2
#[test]
fn colours_of_the_host_are_left_out_with_all_others() {
    let out = pretty("on(roles(\"db\"), |host| execute(\"printf '\\\\033[31mred\\\\033[0m\\\\n'\"));");
    let red = out.lines().find(|line| line.ends_with("red")).unwrap_or_else(|| panic!("{out}"));
    assert!(!red.contains('\u{1b}'), "{out:?}");
}

/// 4.1.c1
#[test]
fn colour_obeys_the_terminal_an_option_and_no_color() {
    differs("`NO_COLOR` does nothing");
    let scene = Scene::task("on(roles(\"db\"), |host| execute(\"true\"));");
    let colored = |when: &str| {
        scene.run(["production", "t", "--format", "pretty", "--color", when]).ok().stdout.contains('\u{1b}')
    };
    assert_eq!(["auto", "always", "never"].map(colored), [false, true, false]);
    let wished = Scene::with(
        "set(\"format_options\", #{ color: true }); task(\"t\", || on(roles(\"db\"), |host| execute(\"true\")));",
    );
    assert!(wished.run(["production", "t", "--format", "pretty"]).ok().stdout.contains('\u{1b}'));
    let scene = scene.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!scene.run(["production", "t", "--format", "pretty"]).ok().stdout.contains('\u{1b}'));
}

/// 4.1.w
#[test]
fn nothing_is_cut_where_there_is_no_terminal_and_bytes_do_no_harm() {
    let long = "x".repeat(300);
    has(&pretty(&format!("info(\"{long}\");")), &long);
    has(&pretty("on(roles(\"db\"), |host| execute(\"printf 'a\\\\377b\\\\n'\"));"), "a\u{fffd}b");
}

/// 4.1.o1
#[test]
fn a_run_begins_without_a_banner() {
    differs("`banner`: `Using airbrussh format.`");
    has(&recipe_refused("set(\"format_options\", #{ banner: false });"), "there is no banner");
    assert!(!pretty("info(1);").contains("format"));
}

/// 4.1.o6
#[test]
fn there_is_nothing_to_patch() {
    differs("`context`, `monkey_patch_rake`, keys of `format_options` nobody knows");
    for (options, help) in [
        ("context: 1", "there is no Rake to patch"),
        ("monkey_patch_rake: true", "there is no Rake to patch"),
        ("comand_output: true", "did you mean `command_output`?"),
    ] {
        let error = recipe_refused(&format!("set(\"format_options\", #{{ {options} }}); task(\"t\");"));
        has(&error, "setting `format_options` has no part");
        has(&error, help);
    }
}

/// 4.1.f
#[test]
fn a_failure_shows_the_output_of_the_command_that_failed() {
    differs("`** DEPLOY FAILED` and the last 20 lines of the log");
    let ran =
        Scene::task("on(roles(\"db\"), |host| execute(\"seq 1 40; echo last >&2; exit 1\"));").run(["production", "t"]);
    let error = ran.fails(1).err();
    for part in ["last", "40", "1"] {
        has(&error, part);
    }
}

/// 4.2.1
#[test]
fn the_log_is_appended_to_under_a_heading_a_run() {
    let scene = Scene::task("info(\"word\");").below("app");
    scene.run(["production", "t"]).ok();
    scene.run(["production", "t"]).ok();
    let log = scene.read("log/windlass.log");
    assert_eq!((log.matches("word").count(), log.matches("windlass production t").count()), (2, 2), "{log}");
}

/// 4.2.2
#[test]
fn three_old_logs_are_kept() {
    differs("`log/capistrano.log.0`: one old log");
    let scene = Scene::task("info(1);").file("log/windlass.log", vec![b'x'; 20 * 1024 * 1024]);
    scene.run(["production", "t"]).ok();
    let names: Vec<_> = fs::read_dir(scene.path("log")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(fs::metadata(scene.path("log/windlass.log")).unwrap().len() < 10_000);
}

/// 4.2.3
#[test]
fn a_line_of_the_log_has_time_and_process() {
    differs("`INFO [a1b2c3d4] Running … as user@host` in the log");
    let scene = Scene::task("on(roles(\"db\"), |host| execute(\"true\"));");
    scene.run(["production", "t"]).ok();
    let log = scene.read("log/windlass.log");
    assert!(Regex::new(r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ .*true").unwrap().is_match(&log), "{log}");
}

/// 4.2.4
#[test]
fn the_log_holds_no_secret() {
    differs("the log has passwords in clear");
    let scene = Scene::task("on(roles(\"db\"), |host| with(#{ pw: secret(\"hunter2\") }, || execute(\"echo $PW\")));");
    scene.run(["production", "t"]).ok();
    let log = scene.read("log/windlass.log");
    assert!(log.contains("[secret]") && !log.contains("hunter2"), "{log}");
}

/// 4.3.1
#[test]
fn there_are_four_formats() {
    differs("`set :format, :pretty`, `:simpletext`, `:dot`, `:blackhole`");
    let scene = Scene::task("on(roles(\"db\"), |host| execute(\"true\"));");
    for format in ["pretty", "plain", "json", "dots"] {
        scene.run(["production", "t", "--format", format]).ok();
    }
}

/// 4.3.2
#[test]
fn a_program_reads_json() {
    differs("a formatter of one's own, a class below `SSHKit::Formatter`");
    let ran = Scene::task("info(1);").run(["production", "t", "--json"]).ok();
    assert_eq!(ran.all("run_finished")[0]["exit_code"], 0);
}

/// 4.3.3
#[test]
fn an_unknown_format_is_an_error_that_names_them() {
    let error = Scene::task("").run(["production", "t", "--format", "dot"]).fails(2).err();
    has(&error, "there are `pretty`, `plain`, `json`, `dots`");
}

/// 4.1.o2
#[test]
fn output_is_hidden_for_a_command_for_a_run_and_by_the_setting() {
    let scene = Scene::task(
        "on(roles(\"db\"), |host| { execute(\"echo\", 1); execute(\"echo\", 2, #{ verbosity: \"debug\" }); });",
    );
    let out = scene.run(["production", "t"]).ok().out();
    assert!(out.contains("01 db1: 1\n") && !out.contains("db1: 2"), "{out}");
    assert!(!scene.run(["production", "t", "-q"]).ok().out().contains("db1: 1"));
    let shown = |command_output: &str| {
        let body = "on(roles(\"db\"), |host| execute(\"echo 1; echo 2 >&2\"));";
        let recipe =
            format!("set(\"format_options\", #{{ command_output: {command_output} }});\ntask(\"t\", || {{ {body} }});");
        let out = Scene::with(&recipe).run(["production", "t"]).ok().out();
        ["db1: 1\n", "db1: 2\n"].map(|line| out.contains(line))
    };
    assert_eq!(["true", "false"].map(shown), [[true, true], [false, false]]);
    assert_eq!(["\"stdout\"", "\"stderr\""].map(shown), [[true, false], [false, true]]);
    assert_eq!(shown("[\"stdout\", \"stderr\"]"), [true, true]);
}

/// 4.1.o3
#[test]
fn the_log_is_elsewhere_or_nowhere() {
    let run = |log_file: &str| {
        let scene = Scene::with(&format!("set(\"format_options\", #{{ log_file: {log_file} }}); task(\"t\");"));
        scene.run(["production", "t"]).ok();
        ["log/windlass.log", "log/capistrano.log"].map(|log| scene.path(log).is_file())
    };
    assert_eq!(run("\"log/capistrano.log\""), [false, true]);
    assert_eq!(run("()"), [false, false]);
}

/// 4.1.o4
#[test]
fn lines_are_cut_by_the_terminal_or_the_setting() {
    let long = "x".repeat(300);
    let out = |truncate: &str| {
        let recipe = format!("set(\"format_options\", #{{ truncate: {truncate} }}); task(\"t\", || info(\"{long}\"));");
        Scene::with(&recipe).run(["production", "t"]).ok().out()
    };
    for truncate in ["\"auto\"", "false"] {
        has(&out(truncate), &long);
    }
    let cut = out("80");
    assert!(cut.lines().any(|line| line.chars().count() == 80 && line.ends_with('…')), "{cut}");
}

/// 4.1.w2
#[test]
fn the_width_is_a_setting_and_no_option() {
    has(&Scene::task("").run(["production", "t", "--truncate", "80"]).fails(2).err(), "--truncate");
    has(&recipe_refused("set(\"format_options\", #{ truncate: -1 });"), "expected a number of columns");
}

/// 4.1.o5
#[test]
fn jobs_of_ci_are_folded_by_themselves() {
    differs("`task_prefix: \"--- \"` folds the log of Buildkite");
    has(&recipe_refused("set(\"format_options\", #{ task_prefix: \"--- \" });"), "are folded by themselves");
    let scene = Scene::task("info(1);");
    assert!(!scene.run(["production", "t"]).ok().out().contains("--- "));
    assert!(scene.env("BUILDKITE", "true").run(["production", "t"]).ok().out().contains("--- "));
}
