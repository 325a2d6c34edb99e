//! A console whose lines come from a pipe.

use std::io::Write;
use std::process::Stdio;

use crate::support::ran::Ran;
use crate::support::scene::Scene;

/// Runs a console of the stage `production` with these lines.
pub fn console(scene: &Scene, lines: &str) -> Ran {
    with(scene, &["production", "console", "--format", "json"], lines)
}

/// Runs windlass with these lines on its standard input.
pub fn with(scene: &Scene, args: &[&str], lines: &str) -> Ran {
    let mut command = scene.command(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    Ran::new(&child.wait_with_output().unwrap(), scene.top())
}
