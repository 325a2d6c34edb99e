//! Runs in a job of a CI service, and colours.

use std::collections::BTreeSet;
use std::process::Command;

use crate::docs::readme::text;
use crate::faults::pty::AtTerminal;
use crate::support::ran::Ran;
use crate::support::scene::Scene;
use crate::support::skip::skip;

const RECIPE: &str = "task(\"first\", || on(roles(\"db\"), |host| execute(\"echo\", \"one\")));\n\
                      task(\"second\", || on(roles(\"db\"), |host| { warn(\"look: 100%\"); execute(\"echo ::add-path::/evil; echo x >&2; exit 3\"); }));\n";

fn run(variable: &str) -> Ran {
    Scene::with(RECIPE).env(variable, "true").run(["production", "first", "second"]).fails(1)
}

#[test]
fn github_folds_tasks_and_marks_lines() {
    let ran = run("GITHUB_ACTIONS");
    let lines: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(
        lines,
        [
            "::group::first",
            "::endgroup::",
            "::group::second",
            "::warning file=config/deploy.rhai,line=2,col=44::look: 100%25",
            "::endgroup::",
        ]
    );
    let err: Vec<&str> = ran.stderr.lines().collect();
    let stop = err[0].strip_prefix("::stop-commands::").expect("what failed is no order");
    let again = err.iter().position(|line| *line == format!("::{stop}::")).expect("orders are taken again");
    assert!(err[..again].iter().any(|line| line.trim_start() == "::add-path::/evil"), "{}", ran.stderr);
    let place = "file=config/deploy.rhai,line=2,col=64";
    assert_eq!(err[again + 1..].iter().filter(|line| line.starts_with("::error")).count(), 1, "{}", ran.stderr);
    assert!(err[again + 1].starts_with(&format!("::error {place}::`echo ::add-path::/evil")), "{}", ran.stderr);
    assert!(err[again + 1].ends_with("ended with status 3 (db1)"), "{}", ran.stderr);
    assert_ne!(run("GITHUB_ACTIONS").stderr.lines().next(), Some(err[0]), "nobody can know the word");
}

#[test]
fn github_marks_mistakes_that_are_found_before_anything_runs() {
    let scene = Scene::with("let x = 1;\nfetsch(\"y\");\n").env("GITHUB_ACTIONS", "true");
    let top = scene.top().display().to_string();
    let ran = scene.env("GITHUB_WORKSPACE", &top).run(["production", "t"]).fails(2);
    let mark = ran.stderr.lines().find(|line| line.starts_with("::"));
    assert_eq!(mark, Some("::error file=project/config/deploy.rhai,line=2,col=1::there is no function `fetsch`"));
}

#[test]
fn gitlab_has_sections() {
    let ran = run("GITLAB_CI");
    for name in ["first_1", "second_2"] {
        for what in ["start", "end"] {
            let mark = |line: &str| line.starts_with(&format!("\u{1b}[0Ksection_{what}:")) && line.contains(name);
            assert_eq!(ran.stdout.lines().filter(|line| mark(line)).count(), 1, "{what} {name}: {}", ran.stdout);
        }
    }
    assert!(!ran.stderr.contains("::error"), "{}", ran.stderr);
}

#[test]
fn buildkite_has_groups_and_opens_the_failed_one() {
    let ran = run("BUILDKITE");
    let marks: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("---")).collect();
    assert_eq!(marks, ["--- first", "--- second"]);
    assert!(ran.stderr.starts_with("^^^ +++\n"), "{}", ran.stderr);
}

#[test]
fn only_plain_lines_are_folded() {
    for format in ["json", "dots", "pretty"] {
        let scene = Scene::with(RECIPE).env("GITHUB_ACTIONS", "true");
        let ran = scene.run(["production", "first", "--format", format]).ok();
        assert!(!ran.stdout.contains("::group"), "{format}: {}", ran.stdout);
    }
    let ran = Scene::with(RECIPE).run(["production", "first"]).ok();
    assert!(!ran.stdout.contains("::") && !ran.stdout.contains("---"), "{}", ran.stdout);
}

#[test]
fn standard_error_in_a_file_has_no_colours() {
    let scene = Scene::with(RECIPE).program("caught", &format!("exec {} \"$@\" 2>err", env!("CARGO_BIN_EXE_windlass")));
    let caught = scene.top().join("bin/caught").display().to_string();
    let mut terminal = AtTerminal::start_program(&scene, &caught, &["production", "second"]);
    assert_eq!(terminal.end(std::time::Duration::from_secs(20)), 1);
    assert!(terminal.screen().contains('\u{1b}'), "the terminal has some: {}", terminal.screen());
    let err = scene.read("err");
    assert!(err.contains("error:") && !err.contains('\u{1b}'), "{err}");
}

#[test]
fn colours_can_be_forced_and_forbidden() {
    let stderr = |scene: Scene| scene.run(["production", "second", "--format", "pretty"]).fails(1).stderr;
    assert!(!stderr(Scene::with(RECIPE)).contains('\u{1b}'));
    assert!(stderr(Scene::with(RECIPE).env("CLICOLOR_FORCE", "1")).contains('\u{1b}'));
    assert!(!stderr(Scene::with(RECIPE).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")).contains('\u{1b}'));
}

/// A project in which `check` finds an error, in a line of the task, and a warning.
fn faulty() -> Scene {
    Scene::with("set(\"nobody_reads_it\", 1);\ntask(\"t\", || {\n    invoke(\"nope, never\");\n});\n")
}

#[test]
fn github_marks_what_check_finds() {
    let scene = faulty().env("GITHUB_ACTIONS", "true");
    let top = scene.top().display().to_string();
    let ran = scene.env("GITHUB_WORKSPACE", &top).run(["check"]).fails(2);
    let marks: Vec<&str> = ran.stderr.lines().collect();
    let [error, warning] = marks[..] else { panic!("{}", ran.stderr) };
    let place = "file=project/config/deploy.rhai,line=3,col=12,title=unknown-task";
    assert!(error.starts_with(&format!("::error {place}::no task `nope, never`%0A")), "{error}");
    let place = "file=project/config/deploy.rhai,line=1,col=5,title=unread-setting";
    assert!(warning.starts_with(&format!("::warning {place}::`nobody_reads_it` is set")), "{warning}");
    assert!(ran.stdout.contains("error[unknown-task]") && !ran.stdout.contains("::"), "{}", ran.stdout);
}

#[test]
fn check_marks_nothing_elsewhere_nor_for_programs() {
    for (variable, args) in
        [("GITLAB_CI", &["check"][..]), ("BUILDKITE", &["check"]), ("GITHUB_ACTIONS", &["check", "--json"])]
    {
        let ran = faulty().env(variable, "true").run(args).fails(2);
        assert_eq!(ran.stderr, "", "{variable}");
    }
    let fine = Scene::task("info(1);").env("GITHUB_ACTIONS", "true").run(["check"]).ok();
    assert_eq!(fine.stderr, "");
}

/// The line of the README, as it stands there.
#[test]
fn gitlab_gets_its_report_from_what_check_tells_programs() {
    if !Command::new("jq").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return skip("gitlab_gets_its_report_from_what_check_tells_programs", "there is no jq");
    }
    let readme = text();
    let start = readme.find("    windlass check --json | jq").expect("the README has the line");
    let end = readme[start..].find("gl-code-quality-report.json").expect("and where it goes") + start;
    let script = format!("{}report.json", &readme[start..end]).replace("windlass check", "\"$1\" check");
    let scene = faulty();
    let made = Command::new("sh")
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_windlass")])
        .current_dir(scene.path(""))
        .env_clear()
        .envs(scene.environment())
        .status()
        .unwrap();
    assert!(made.success());
    let report: Vec<serde_json::Value> = serde_json::from_str(&scene.read("report.json")).unwrap();
    let told: Vec<_> = report
        .iter()
        .map(|entry| (entry["check_name"].clone(), entry["severity"].clone(), entry["location"].to_string()))
        .collect();
    let place = |line: u32| format!(r#"{{"lines":{{"begin":{line}}},"path":"config/deploy.rhai"}}"#);
    assert_eq!(
        told,
        [("unread-setting".into(), "minor".into(), place(1)), ("unknown-task".into(), "major".into(), place(3)),]
    );
    let prints: BTreeSet<String> = report.iter().map(|entry| entry["fingerprint"].to_string()).collect();
    assert_eq!(prints.len(), 2);
}
