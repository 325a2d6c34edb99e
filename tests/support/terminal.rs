//! windlass on a terminal, with somebody who types.

use std::io::{Read, Write};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::scene::Scene;

/// What was seen on the terminal, and how it ended.
pub struct Screen {
    /// Everything that was written.
    pub text: String,
    /// The exit code.
    pub code: u32,
}

/// Runs windlass on a terminal, types the answers one after the other as prompts appear, and gives the screen.
pub fn on_terminal(scene: &Scene, args: &[&str], answers: &[(&str, &str)]) -> Screen {
    let pty =
        native_pty_system().openpty(PtySize { rows: 40, cols: 200, pixel_width: 0, pixel_height: 0 }).expect("a pty");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_windlass"));
    command.env_clear();
    for (name, value) in scene.environment() {
        command.env(name, value);
    }
    command.env("TERM", "dumb");
    command.cwd(scene.path(""));
    command.args(args);
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
    let mut text = String::new();
    for (prompt, answer) in answers {
        while !text.contains(prompt) {
            let bytes =
                receive.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("no `{prompt}` in {text}"));
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        // The terminal is set to hide what is typed only after the prompt.
        std::thread::sleep(Duration::from_millis(200));
        writer.write_all(format!("{answer}\n").as_bytes()).expect("the terminal takes input");
    }
    let status = child.wait().expect("windlass ends");
    while let Ok(bytes) = receive.recv_timeout(Duration::from_millis(300)) {
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    Screen { text, code: status.exit_code() }
}
