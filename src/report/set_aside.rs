//! What is said of a host that the run goes on without.

/// After the name of the host: why it was set aside, and what that means.
pub(super) fn set_aside(reason: &str) -> String {
    format!("set aside: {}; the run goes on without it", reason.trim())
}
