//! A console with hosts over a real ssh.

use std::time::Duration;

use crate::console::terminal::types;
use crate::faults::pty::AtTerminal;
use crate::faults::remote::declared;
use crate::faults::running::gone;
use crate::support::scene::Scene;
use crate::support::sshd::Sshd;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn the_connection_stays_from_line_to_line_and_after_a_ctrl_c() {
    let Some(sshd) = Sshd::start() else { return };
    let scene = Scene::with("").stage("production", &declared(&sshd, ""));
    let run = scene.top().join("run");
    std::fs::create_dir(&run).unwrap();
    let scene = scene.env("XDG_RUNTIME_DIR", &run.display().to_string()).env("NO_COLOR", "1");
    let mut terminal = AtTerminal::start(&scene, &["production", "console"]);
    terminal.until("production> ");
    terminal.types("echo first $((1 + 1))\r");
    terminal.until("first 2");
    terminal.types("sleep 1000\r");
    terminal.until("01 sleep 1000");
    terminal.types("\x03");
    terminal.until("console sleep 1000 cancelled after");
    for number in 2..5 {
        terminal.types(&format!("echo again $(({number} * 100))\r"));
        terminal.until(&format!("again {number}00"));
    }
    assert_eq!(sshd.log().matches("Accepted publickey").count(), 1, "{}", sshd.log());
    types(&mut terminal, "\x04");
    assert_eq!(terminal.end(SOON), 0, "{}", terminal.screen());
    gone(SOON, || vec!["a session".to_owned(); sshd.sessions()]);
}
