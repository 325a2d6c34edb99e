//! Runs in a job of a CI service, and colours.

use crate::faults::pty::AtTerminal;
use crate::support::ran::Ran;
use crate::support::scene::Scene;

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
            "::warning file=config/deploy.rhai,line=2,col=51::look: 100%25",
            "::endgroup::",
        ]
    );
    let err: Vec<&str> = ran.stderr.lines().collect();
    let stop = err[0].strip_prefix("::stop-commands::").expect("what failed is no order");
    let again = err.iter().position(|line| *line == format!("::{stop}::")).expect("orders are taken again");
    assert!(err[..again].iter().any(|line| line.trim_start() == "::add-path::/evil"), "{}", ran.stderr);
    let place = "file=config/deploy.rhai,line=2,col=71";
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
