//! A person at the console.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::faults::pty::AtTerminal;
use crate::support::scene::Scene;

const SOON: Duration = Duration::from_secs(10);

const RECIPE: &str = "set(\"branch\", \"main\");\ntask(\"app:greet\", || info(\"hello from the task\"));\n";

/// A project whose output can be looked for as it stands.
fn scene(recipe: &str) -> Scene {
    Scene::with(recipe).env("NO_COLOR", "1")
}

/// A console whose prompt is there.
fn start(scene: &Scene) -> AtTerminal {
    let terminal = AtTerminal::start(scene, &["production", "console"]);
    terminal.until("production> ");
    terminal
}

/// Types when the editor has begun its line: what a terminal makes of Ctrl-D and Ctrl-C before that is another matter.
#[track_caller]
pub fn types(terminal: &mut AtTerminal, text: &str) {
    let since = std::time::Instant::now();
    let count = |terminal: &AtTerminal, mark: &str| terminal.screen().matches(mark).count();
    while count(terminal, "\x1b[?2004h") <= count(terminal, "\x1b[?2004l") {
        assert!(since.elapsed() < 2 * SOON, "no prompt to type {text:?} at: {}", terminal.screen());
        std::thread::sleep(Duration::from_millis(20));
    }
    terminal.types(text);
}

/// Drops the line that is being typed, and waits for the next prompt.
fn drops(terminal: &mut AtTerminal) {
    let ends = terminal.screen().matches("\x1b[?2004l").count();
    terminal.types("\x03");
    let since = std::time::Instant::now();
    while terminal.screen().matches("\x1b[?2004l").count() == ends {
        assert!(since.elapsed() < SOON, "the line goes on: {}", terminal.screen());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a text stands on the screen that often.
#[track_caller]
fn until_times(terminal: &AtTerminal, text: &str, times: usize) {
    let since = std::time::Instant::now();
    while terminal.screen().matches(text).count() < times {
        assert!(since.elapsed() < 2 * SOON, "`{text}` does not come {times} times: {}", terminal.screen());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn history(scene: &Scene) -> std::path::PathBuf {
    scene.top().join("home/.local/state/windlass/console_history")
}

#[test]
fn it_greets_answers_and_leaves_with_ctrl_d() {
    let scene = scene(RECIPE);
    let mut terminal = start(&scene);
    assert!(terminal.screen().contains("windlass console of production, 3 hosts:"), "{}", terminal.screen());
    types(&mut terminal, "fetch(\"branch\") + \"line\"\r");
    terminal.until("=> \"mainline\"");
    types(&mut terminal, "help\r");
    terminal.until("Tab completes names");
    types(&mut terminal, "exit 3\r");
    terminal.until("exit status 3");
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0, "who types has seen what failed: {}", terminal.screen());
    assert!(terminal.shows_what_is_typed(), "the terminal is left as it was");
}

#[test]
fn tab_completes_functions_settings_tasks_and_hosts() {
    let scene = scene(RECIPE);
    let mut terminal = start(&scene);
    for (typed, wanted) in [
        ("current_hos\t", "current_host("),
        ("fetch(\"bran\t", "fetch(\"branch\""),
        ("invoke(\"app:\t", "invoke(\"app:greet\""),
        ("on(\"db\t", "on(\"db1\""),
    ] {
        types(&mut terminal, typed);
        terminal.until(wanted);
        drops(&mut terminal);
    }
    types(&mut terminal, "invoke(\"app:g\t)\r");
    terminal.until("hello from the task");
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0);
}

#[test]
fn ctrl_c_drops_what_is_typed_and_ends_what_runs_but_not_the_console() {
    let scene = scene(RECIPE);
    let mut terminal = start(&scene);
    types(&mut terminal, "info(\"never\")");
    drops(&mut terminal);
    types(&mut terminal, "on(\"db1\", |host| {\r");
    drops(&mut terminal);
    types(&mut terminal, "sleep 1000\r");
    terminal.until("01 sleep 1000");
    terminal.types("\x03");
    terminal.until("console sleep 1000 cancelled after");
    types(&mut terminal, "loop { }\r");
    std::thread::sleep(Duration::from_millis(300));
    terminal.types("\x03");
    terminal.until("console loop { } cancelled after");
    types(&mut terminal, "echo still $((40 + 2))\r");
    terminal.until("still 42");
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0, "{}", terminal.screen());
    assert!(!terminal.screen().contains("      never"), "{}", terminal.screen());
}

#[test]
fn a_second_ctrl_c_ends_it() {
    // What is shielded is waited for.
    let scene = scene("fn long() { on(\"db1\", || shield(|| execute(\"sleep 1000\"))) }\n");
    let mut terminal = start(&scene);
    types(&mut terminal, "long()\r");
    terminal.until("sleep 1000");
    terminal.types("\x03");
    terminal.until("a second one stops windlass at once");
    terminal.types("\x03");
    assert_eq!(terminal.end(SOON), 130, "{}", terminal.screen());
}

#[test]
fn a_signal_from_elsewhere_ends_it_and_leaves_the_terminal_as_it_was() {
    for (signal, running) in [("-TERM", false), ("-HUP", false), ("-TERM", true)] {
        let scene = scene(RECIPE);
        let mut terminal = start(&scene);
        if running {
            types(&mut terminal, "sleep 1000\r");
            terminal.until("01 sleep 1000");
        }
        terminal.signal(signal);
        assert_eq!(terminal.end(SOON), 130, "{}", terminal.screen());
        assert!(terminal.shows_what_is_typed(), "{signal}: the terminal is left as it was");
    }
}

#[test]
fn lines_are_kept_for_the_next_console_but_for_secrets() {
    let scene = scene(RECIPE);
    let mut terminal = start(&scene);
    for (line, answer) in [
        ("let one = 40 + 1;", ""),
        ("one + 1", "=> 42"),
        ("set(\"key\", secret(\"hunter2\"));", ""),
        ("echo hunter2", "01 echo [secret]"),
        (" echo blank", "01 echo blank"),
        ("[1,\r2]", "=> [1, 2]"),
    ] {
        types(&mut terminal, &format!("{line}\r"));
        terminal.until(answer);
    }
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0);
    let text = fs::read_to_string(history(&scene)).unwrap();
    assert_eq!(text, "let one = 40 + 1;\none + 1\n[1,\\n2]\n");
    assert_eq!(fs::metadata(history(&scene)).unwrap().permissions().mode() & 0o777, 0o600);

    // Up: the line itself, the two lines of the list, and the one before.
    let mut terminal = start(&scene);
    types(&mut terminal, "let one = 1;\r\x1b[A\x1b[A\x1b[A\x1b[A");
    terminal.until("one + 1");
    terminal.types("\r");
    terminal.until("=> 2");
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0);
}

#[test]
fn a_recipe_may_ask_in_between() {
    let scene = scene("ask(\"word\", #{ echo: false });\n");
    let mut terminal = start(&scene);
    types(&mut terminal, "fetch(\"word\").len()\r");
    terminal.until("Please enter word");
    std::thread::sleep(Duration::from_millis(200));
    assert!(!terminal.shows_what_is_typed());
    terminal.types("hunter2\r");
    terminal.until("=> ");
    types(&mut terminal, "echo on\r");
    terminal.until("✔ 01 db1");
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0);
    assert!(!terminal.screen().contains("hunter2"), "{}", terminal.screen());
}

/// What is typed after a question was given up is for the console, and not for the question.
#[test]
fn ctrl_c_at_a_question_ends_the_line_and_takes_nothing_of_the_next() {
    let scene = scene(
        "ask(\"hidden\", #{ echo: false });\ntask(\"drop\", #{ confirm: \"drop it?\" }, || info(\"dropped\"));\n",
    );
    let mut terminal = start(&scene);
    for (line, question) in [("invoke(\"drop\")", "drop it? [y/N]"), ("fetch(\"hidden\")", "Please enter hidden")] {
        types(&mut terminal, &format!("{line}\r"));
        terminal.until(question);
        terminal.types("\x03");
        terminal.until(&format!("console {line} cancelled after"));
        types(&mut terminal, &format!("info(\"after \" + \"{question}\")\r"));
        terminal.until(&format!("after {question}"));
    }
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0, "{}", terminal.screen());
    assert!(terminal.shows_what_is_typed(), "the terminal is left as it was");
    assert!(!terminal.screen().contains("dropped"), "{}", terminal.screen());
}

#[test]
fn each_line_asks_again_before_a_task_that_wants_it() {
    let scene = scene("task(\"drop\", #{ confirm: \"drop it?\" }, || info(\"dro\" + \"pped\"));\n");
    let mut terminal = start(&scene);
    for count in 1..=2 {
        types(&mut terminal, "invoke(\"drop\")\r");
        until_times(&terminal, "drop it? [y/N]", count);
        terminal.types("y\r");
        until_times(&terminal, "dropped", count);
    }
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0, "{}", terminal.screen());
}
