//! Tests that need what not every machine has.

use std::io::Write;

/// Says loudly that a test is skipped; with `WINDLASS_TEST_NO_SKIP=1` that is a failure.
#[track_caller]
pub fn skip(test: &str, why: &str) {
    assert!(
        std::env::var_os("WINDLASS_TEST_NO_SKIP").is_none_or(|value| value != "1"),
        "{test} cannot run, and WINDLASS_TEST_NO_SKIP=1 is set: {why}"
    );
    // Not with `eprintln!`, which the test harness keeps to itself; `scripts/test` counts these lines.
    let _ = writeln!(std::io::stderr(), "\n!!! SKIPPED {test}: {why}");
}
