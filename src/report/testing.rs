//! What the tests of the reporters share: a screen, and a clock that stands still.

use std::io::{Result, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use crate::report::clock::Clock;
use crate::report::console::{Console, Writer};
use crate::report::diagnostic::Sources;

/// A clock that goes only when told; the run begins on 2026-11-22 at 09:39:18 UTC.
#[derive(Default)]
pub struct HandClock(Mutex<Duration>);

impl HandClock {
    pub fn set(&self, elapsed: Duration) {
        *self.0.lock().unwrap() = elapsed;
    }
}

impl Clock for HandClock {
    fn wall(&self) -> Timestamp {
        "2026-11-22T09:39:18Z".parse::<Timestamp>().unwrap() + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

/// The sources of the tests: one line per file.
pub struct OneRecipe;

impl Sources for OneRecipe {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        (file == "config/deploy.rhai").then(|| "    execute(\"bundle\", \"install\");\n".into())
    }
}

/// Copies what is written into two buffers.
struct Tee(Arc<Mutex<Vec<u8>>>, Arc<Mutex<Vec<u8>>>);

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        self.1.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Catches what a reporter writes.
#[derive(Default)]
pub struct Screen {
    out: Arc<Mutex<Vec<u8>>>,
    err: Arc<Mutex<Vec<u8>>>,
    all: Arc<Mutex<Vec<u8>>>,
    clock: Arc<HandClock>,
}

impl Screen {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn console(&self) -> Console {
        let tee =
            |buffer: &Arc<Mutex<Vec<u8>>>| -> Writer { Arc::new(Mutex::new(Tee(buffer.clone(), self.all.clone()))) };
        Console { out: tee(&self.out), err: tee(&self.err), sources: Arc::new(OneRecipe), clock: self.clock.clone() }
    }

    /// Sets the time since the run began.
    pub fn pass(&self, elapsed: Duration) {
        self.clock.set(elapsed);
    }

    pub fn out(&self) -> String {
        text(&self.out)
    }

    pub fn err(&self) -> String {
        text(&self.err)
    }

    /// Both streams in the order they were written.
    pub fn all(&self) -> String {
        text(&self.all)
    }
}

fn text(buffer: &Mutex<Vec<u8>>) -> String {
    String::from_utf8(buffer.lock().unwrap().clone()).unwrap()
}
