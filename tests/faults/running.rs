//! A run of windlass that goes on, to be signalled, and what it leaves behind.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::ran::Ran;
use crate::support::scene::Scene;
use crate::support::sshd;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process of windlass. It is killed when dropped.
pub struct Running {
    child: Child,
    top: PathBuf,
}

impl Running {
    /// Starts windlass in a scene.
    pub fn start(scene: &Scene, args: &[&str]) -> Self {
        let top = scene.top().to_path_buf();
        let file = |name: &str| File::create(top.join(name)).unwrap();
        let child = scene.command(args).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        Self { child, top }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        sshd::signal(self.child.id(), signal);
    }

    /// Waits until something is so while it runs.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) {
        let since = Instant::now();
        while !is_so() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "windlass ended before {what}: {}", self.printed());
            assert!(since.elapsed() < PATIENCE, "windlass waits for ever before {what}: {}", self.printed());
            sleep(Duration::from_millis(20));
        }
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.top.join(name)).unwrap_or_default();
        format!("{}{}", read("stdout"), read("stderr"))
    }

    /// Waits for its end, no longer than that.
    #[track_caller]
    pub fn end(mut self, within: Duration) -> Ran {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < within, "windlass has not ended within {within:?}: {}", self.printed());
            sleep(Duration::from_millis(20));
        };
        let read = |name: &str| fs::read(self.top.join(name)).unwrap();
        assert_eq!(status.signal(), None, "windlass died of a signal: {}", self.printed());
        Ran::new(&Output { status, stdout: read("stdout"), stderr: read("stderr") }, &self.top)
    }

    /// Waits for its end, by its own exit code or by a signal.
    #[track_caller]
    pub fn end_by_any_means(mut self, within: Duration) -> Option<i32> {
        let since = Instant::now();
        while since.elapsed() < within {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            sleep(Duration::from_millis(20));
        }
        panic!("windlass has not ended within {within:?}: {}", self.printed());
    }

    /// Kills it, as the kernel does when memory runs out.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Processes with `MARK=…` in their environment, as `name pid`.
pub fn marked(mark: &str) -> Vec<String> {
    let wanted = format!("MARK={mark}");
    processes(|folder| {
        let environment = fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
    })
}

/// Processes with a text in their arguments, as `name pid`.
pub fn with_argument(text: &str) -> Vec<String> {
    processes(|folder| {
        let arguments = fs::read(folder.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(text)
    })
}

/// Processes whose folder below `/proc` is meant, as `name pid`.
pub fn processes(is_meant: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if sshd::is_running(pid) && is_meant(&entry.path()) {
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            found.push(format!("{} {pid}", name.trim()));
        }
    }
    found
}

/// Asserts that nothing is left, giving it that long to go.
#[track_caller]
pub fn gone(within: Duration, mut left: impl FnMut() -> Vec<String>) {
    let since = Instant::now();
    loop {
        let now = left();
        if now.is_empty() {
            return;
        }
        assert!(since.elapsed() < within, "still there after {within:?}: {now:?}");
        sleep(Duration::from_millis(50));
    }
}
