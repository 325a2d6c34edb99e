//! `ask`: with a terminal and without one.

use std::io::{Read, Write};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::scene::Scene;

#[test]
fn without_a_terminal_the_default_is_the_answer() {
    let body = r#"
        ask("branch", "main");
        ask("number", 5);
        ask("never");
        info(fetch("branch")); info(fetch("number") + 1);
    "#;
    assert_eq!(Scene::task(body).said(["production", "t"]), ["main", "6"]);
}

#[test]
fn without_a_terminal_and_a_default_it_is_told_which_question_nobody_answers() {
    for options in ["", ", #{ echo: false }"] {
        let recipe = format!("ask(\"branch\"{options});\ntask(\"t\", || {{ fetch(\"branch\"); info(\"no\"); }});");
        let ran = Scene::with(&recipe).run(["production", "t"]).fails(2);
        assert_eq!(ran.error(), "nobody answers the question for `branch`, and it has no default");
        assert!(ran.err().contains("--> config/deploy.rhai:1:1"), "{}", ran.err());
        assert!(ran.err().contains("help: give a default: `ask(\"branch\", env(\"BRANCH\"))`"), "{}", ran.err());
    }
}

#[test]
fn a_hidden_default_is_a_secret() {
    let body = "ask(\"pw\", \"hunter2\", #{ echo: false }); info(fetch(\"pw\"));";
    assert_eq!(Scene::task(body).said(["production", "t"]), ["[secret]"]);
}

#[test]
fn options_are_checked() {
    let ran = Scene::task("ask(\"pw\", #{ ecko: false });").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`ask` has no option `ecko`");
}

/// Runs windlass on a terminal, types the answers one after the other as prompts appear, and gives the screen.
pub fn on_terminal(scene: &Scene, answers: &[(&str, &str)]) -> String {
    let pty =
        native_pty_system().openpty(PtySize { rows: 40, cols: 200, pixel_width: 0, pixel_height: 0 }).expect("a pty");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_windlass"));
    command.env_clear();
    for (name, value) in scene.environment() {
        command.env(name, value);
    }
    command.env("TERM", "dumb");
    command.cwd(scene.path(""));
    command.args(["production", "t", "--format", "plain"]);
    let mut child = pty.slave.spawn_command(command).expect("windlass starts on a pty");
    drop(pty.slave);
    let mut reader = pty.master.try_clone_reader().expect("a reader");
    let (send, receive) = std::sync::mpsc::channel::<Vec<u8>>();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let _ = send.send(buffer[..count].to_vec());
        }
    });
    let mut writer = pty.master.take_writer().expect("a writer");
    let mut screen = String::new();
    for (prompt, answer) in answers {
        while !screen.contains(prompt) {
            let bytes =
                receive.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("no `{prompt}` in {screen}"));
            screen.push_str(&String::from_utf8_lossy(&bytes));
        }
        // The terminal is set to hide what is typed only after the prompt.
        std::thread::sleep(Duration::from_millis(200));
        writer.write_all(format!("{answer}\n").as_bytes()).expect("the terminal takes input");
    }
    let status = child.wait().expect("windlass ends");
    while let Ok(bytes) = receive.recv_timeout(Duration::from_millis(300)) {
        screen.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(status.success(), "{screen}");
    screen
}

#[test]
fn on_a_terminal_the_question_is_put_once_and_only_when_needed() {
    let body = r#"
        ask("branch", "main");
        ask("never", "x");
        ask("size", #{ prompt: "How big?" });
        info(`deploying ${fetch("branch")}`);
        info(`again ${fetch("branch")} ${fetch("size")}`);
    "#;
    let screen = on_terminal(&Scene::task(body), &[("Please enter branch (main): ", "topic"), ("How big?: ", "")]);
    assert!(screen.contains("deploying topic"), "{screen}");
    assert!(screen.contains("again topic"), "{screen}");
    assert_eq!(screen.matches("Please enter branch").count(), 1, "{screen}");
    assert!(!screen.contains("Please enter never"), "{screen}");
}

#[test]
fn on_a_terminal_enter_takes_the_default() {
    let scene = Scene::task("ask(\"branch\", \"main\"); info(`deploying ${fetch(\"branch\")}`);");
    assert!(on_terminal(&scene, &[("(main): ", "")]).contains("deploying main"));
}

#[test]
fn several_hosts_ask_once() {
    let scene = Scene::task("ask(\"branch\"); on(roles(\"all\"), |host| info(`${host} takes ${fetch(\"branch\")}`));");
    let screen = on_terminal(&scene, &[("Please enter branch: ", "topic")]);
    assert_eq!(screen.matches("Please enter branch").count(), 1, "{screen}");
    assert_eq!(screen.matches("takes topic").count(), 3, "{screen}");
}

#[test]
fn a_hidden_answer_does_not_show() {
    let body = "ask(\"pw\", #{ echo: false }); info(`with ${fetch(\"pw\")}`); on(roles(\"db\"), |host| execute(\"sh\", \"-c\", \"test $0 = hunter2 && echo same\", fetch(\"pw\")));";
    let screen = on_terminal(&Scene::task(body), &[("Please enter pw: ", "hunter2")]);
    assert!(screen.contains("with [secret]") && screen.contains("same"), "{screen}");
    assert!(!screen.replace("= hunter2 && echo", "").contains("hunter2"), "{screen}");
}
