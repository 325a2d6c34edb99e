//! Tests that need what not every machine has.

/// Says loudly that a test is skipped; with `WINDLASS_TEST_NO_SKIP=1` that is a failure.
#[track_caller]
pub fn skip(test: &str, why: &str) {
    assert!(
        std::env::var_os("WINDLASS_TEST_NO_SKIP").is_none_or(|value| value != "1"),
        "{test} cannot run, and WINDLASS_TEST_NO_SKIP=1 is set: {why}"
    );
    eprintln!("\n!!! SKIPPED {test}: {why}\n");
}
