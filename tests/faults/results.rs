//! What is printed and where it goes: to somebody who reads, to somebody who has gone, to a disk that is full.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::support::scene::Scene;

/// Calls whose result is what they print.
const CALLS: &[&[&str]] = &[
    &["docs"],
    &["docs", "examples"],
    &["docs", "events", "--schema"],
    &["man"],
    &["definitions"],
    &["completions", "bash"],
    &["check"],
    &["check", "--json"],
    &["-T"],
    &["production", "-p"],
    &["production", "t", "--plan"],
];

#[test]
fn a_result_that_gets_lost_is_an_error() {
    let scene = Scene::task("info(\"x\");");
    for call in CALLS {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = scene.command(*call).stdout(full).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{call:?}: {told}");
        assert!(
            told.starts_with("error: could not write `standard output`: no space left on device"),
            "{call:?}: {told}"
        );
    }
}

#[test]
fn nobody_who_reads_is_no_error() {
    let scene = Scene::task("info(\"x\");");
    for call in CALLS {
        let mut child = scene.command(*call).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{call:?}");
        assert_eq!(output.status.code(), Some(0), "{call:?}");
    }
}

/// Who looks at the exit code learns of a mistake, whatever became of its text.
#[test]
fn a_mistake_nobody_hears_of_has_its_exit_code() {
    for call in [&["nosuch", "deploy"][..], &["production", "nosuch"], &["docs", "nosuch"], &["check", "nosuch"]] {
        let scene = Scene::task("info(\"x\");");
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(scene.command(call).stderr(full).status().unwrap().code(), Some(2), "{call:?}");
    }
}

/// A run goes on: what it does on the hosts is not to be left half done because nobody can be told.
#[test]
fn a_run_goes_on_when_its_output_gets_lost() {
    let scene = Scene::task("run_locally(|| execute(\"touch\", \"ran\"));");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = scene.command(["production", "t"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(scene.path("ran").exists());
}
