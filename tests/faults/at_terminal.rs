//! Ctrl-C at a terminal, where windlass may be asking something at that moment.

use std::time::Duration;

use crate::faults::app::App;
use crate::faults::pty::AtTerminal;
use crate::faults::remote::declared;
use crate::faults::running::{gone, marked, with_argument};
use crate::support::scene::Scene;
use crate::support::sshd::{Options, Sshd};

const SOON: Duration = Duration::from_secs(3);

#[test]
fn ctrl_c_while_ssh_asks_for_a_passphrase() {
    let Some(sshd) = Sshd::with(&Options { passphrase: "open sesame", ..Options::default() }) else { return };
    let app = App::with_stage(&declared(&sshd, ""), "");
    let run = app.scene.top().join("run");
    std::fs::create_dir(&run).unwrap();
    let App { scene, repository } = app;
    let app = App { scene: scene.env("XDG_RUNTIME_DIR", &run.display().to_string()), repository };
    let mut terminal = AtTerminal::start(&app.scene, &["production", "deploy"]);
    terminal.until("Enter passphrase for key");
    assert!(!terminal.shows_what_is_typed());
    terminal.types("\x03");
    assert_eq!(terminal.end(SOON), 130, "{}", terminal.screen());
    assert!(terminal.shows_what_is_typed(), "the terminal is left as it was");
    gone(SOON, || with_argument(&run.display().to_string()));
    assert_eq!(crate::faults::app::names(&run), [""; 0]);
}

/// The thread that reads from the terminal is not waited for; the terminal is what it was all the same.
#[test]
fn a_signal_from_elsewhere_while_a_recipe_asks_for_a_secret() {
    for (signal, times) in [("-TERM", 1), ("-HUP", 1), ("-TERM", 2)] {
        let scene = Scene::task("ask(\"word\", \"x\", #{ echo: false });\nfetch(\"word\");");
        let mut terminal = AtTerminal::start(&scene, &["production", "t"]);
        terminal.until("word");
        assert!(!terminal.shows_what_is_typed(), "nothing typed after the question may show");
        for _ in 0..times {
            terminal.signal(signal);
        }
        assert_eq!(terminal.end(SOON), 130, "{}", terminal.screen());
        assert!(terminal.shows_what_is_typed(), "{signal}: the terminal is left as it was");
    }
}

#[test]
fn ctrl_c_while_a_recipe_asks() {
    for (question, hidden) in [("ask(\"word\", \"x\");", false), ("ask(\"word\", \"x\", #{ echo: false });", true)] {
        let scene = Scene::task(&format!("{question}\ninfo(`it is ${{fetch(\"word\")}}`);"));
        let mut terminal = AtTerminal::start(&scene, &["production", "t"]);
        terminal.until("word");
        assert_eq!(terminal.shows_what_is_typed(), !hidden);
        terminal.types("\x03");
        assert_eq!(terminal.end(SOON), 130, "{}", terminal.screen());
        assert!(terminal.shows_what_is_typed(), "the terminal is left as it was");
        assert!(!terminal.screen().contains("it is"), "{}", terminal.screen());
    }
}

/// Before the run begins, and while recipes are read, there is nobody yet who listens for the signal.
#[test]
fn ctrl_c_at_a_question_of_the_beginning() {
    let early =
        "ask(\"word\", \"x\", #{ echo: false });\nset(\"y\", fetch(\"word\"));\ntask(\"t\", || info(\"ran\"));\n";
    for (recipe, args, question) in [
        ("task(\"t\", || info(\"ran\"));\n", &["production", "t", "-K"][..], "Password of sudo"),
        ("", &["production", "console", "-K"], "Password of sudo"),
        (early, &["production", "t"], "Please enter word"),
    ] {
        let scene = Scene::with(recipe);
        let mut terminal = AtTerminal::start(&scene, args);
        terminal.until(question);
        terminal.types("\x03");
        assert_ne!(terminal.end(SOON), 0, "{}", terminal.screen());
        assert!(terminal.shows_what_is_typed(), "{question}: the terminal is left as it was");
        assert!(
            !terminal.screen().contains("ran\r\n") && !terminal.screen().contains("cancelled: cancelled"),
            "{}",
            terminal.screen()
        );
    }
}

/// The terminal sends SIGINT to everything that is in the foreground; the commands are not, and windlass ends them.
#[test]
fn ctrl_c_at_a_terminal_ends_the_commands_and_runs_the_hooks() {
    let app = App::small(
        "after(\"deploy:started\", \"hang\");\n\
         task(\"hang\", || on(roles(\"app\"), |host| with(#{ MARK: deploy_to() }, || execute(\"sleep\", \"1000\"))));\n\
         task(\"note\", || run_locally(|| execute(\"touch\", \"failed\")));\nafter(\"deploy:failed\", \"note\");",
    );
    let mark = app.path("web1", "").display().to_string();
    let mark = mark.trim_end_matches('/');
    let mut terminal = AtTerminal::start(&app.scene, &["production", "deploy"]);
    terminal.until("sleep 1000");
    terminal.types("\x03");
    assert_eq!(terminal.end(Duration::from_secs(6)), 130, "{}", terminal.screen());
    gone(SOON, || marked(mark));
    assert!(app.scene.path("failed").exists());
}
