//! How a command ended, in words.

/// `exit status 7`, `killed by SIGKILL` or `no exit status`; none for status 0, about which there is nothing to say.
#[must_use]
pub fn ended(status: Option<i32>, signal: Option<&str>) -> Option<String> {
    match (status, signal) {
        (_, Some(signal)) => Some(format!("killed by SIG{}", signal.trim_start_matches("SIG"))),
        (Some(0), None) => None,
        (Some(status), None) => Some(format!("exit status {status}")),
        (None, None) => Some("no exit status".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_says_more_than_a_status() {
        assert_eq!(ended(Some(0), None), None);
        assert_eq!(ended(Some(7), None).as_deref(), Some("exit status 7"));
        assert_eq!(ended(Some(137), Some("KILL")).as_deref(), Some("killed by SIGKILL"));
        assert_eq!(ended(None, Some("SIGTERM")).as_deref(), Some("killed by SIGTERM"));
        assert_eq!(ended(None, None).as_deref(), Some("no exit status"));
    }
}
