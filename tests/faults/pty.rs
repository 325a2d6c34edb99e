//! Windlass at a terminal of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::scene::Scene;

/// A run at a terminal.
pub struct AtTerminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// Kept open: with the last one to close it, the terminal would forget its settings.
    _slave: Box<dyn SlavePty + Send>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<Vec<u8>>>,
}

impl AtTerminal {
    /// Starts windlass in a scene.
    pub fn start(scene: &Scene, args: &[&str]) -> Self {
        Self::start_program(scene, env!("CARGO_BIN_EXE_windlass"), args)
    }

    /// Starts another program, such as one that becomes windlass.
    pub fn start_program(scene: &Scene, program: &str, args: &[&str]) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 120, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(scene.path(""));
        command.env_clear();
        scene.environment().into_iter().for_each(|(name, value)| command.env(name, value));
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let copy = screen.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                copy.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, _slave: pair.slave, writer, screen }
    }

    /// Everything that was printed.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// Waits for a text on the screen.
    #[track_caller]
    pub fn until(&self, text: &str) {
        let since = Instant::now();
        while !self.screen().contains(text) {
            assert!(since.elapsed() < Duration::from_secs(20), "`{text}` never comes: {}", self.screen());
            sleep(Duration::from_millis(20));
        }
    }

    /// Types something; `\x03` is Ctrl-C.
    pub fn types(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).unwrap();
    }

    /// Sends a signal, as `kill` does: to windlass alone.
    pub fn signal(&self, signal: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Whether what is typed is shown.
    pub fn shows_what_is_typed(&self) -> bool {
        let terminal = File::open(self.master.tty_name().unwrap()).unwrap();
        tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end and gives the exit code.
    #[track_caller]
    pub fn end(&mut self, within: Duration) -> u32 {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(since.elapsed() < within, "windlass has not ended within {within:?}: {}", self.screen());
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
