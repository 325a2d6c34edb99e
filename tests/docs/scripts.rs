//! The scripts the README names: they can be run, and refuse what they do not know.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn run(name: &str, args: &[&str]) -> Output {
    Command::new(script(name)).args(args).stdin(Stdio::null()).output().expect("a script can be started")
}

#[test]
fn they_can_be_run() {
    for name in ["scripts/test", "scripts/bench", ".ci/run"] {
        let mode = script(name).metadata().unwrap_or_else(|error| panic!("{name}: {error}")).permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{name} is not executable");
    }
}

#[test]
fn they_explain_themselves() {
    for name in ["scripts/test", "scripts/bench"] {
        let output = run(name, &["--help"]);
        assert_eq!(output.status.code(), Some(0), "{name}");
        let help = String::from_utf8_lossy(&output.stdout);
        assert!(help.contains(&format!("\n  {name} [")), "{help}");
        assert!(!help.contains("set -euo"), "{name} --help shows its own source:\n{help}");
    }
}

#[test]
fn they_refuse_what_they_do_not_know() {
    for name in ["scripts/test", "scripts/bench"] {
        let output = run(name, &["quik"]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("unknown word: quik"), "{name}");
    }
}

#[test]
fn ci_runs_the_readmes_test_command_and_skips_nothing() {
    let text = std::fs::read_to_string(script(".ci/run")).expect(".ci/run can be read");
    assert!(text.contains("\nscripts/test "), "{text}");
    assert!(text.contains("WINDLASS_TEST_NO_SKIP=1"), "{text}");
}
