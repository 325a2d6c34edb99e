//! Whether a connection was cut before the login began: then, and only then, another try is right.
//!
//! sshd drops newcomers before it has said a word when too many come at once. Nothing was tried yet, so trying again
//! cannot lock an account or look like an attack. Later ssh says `Connection closed by` alone, whether keys were offered
//! already or not, and what may have been a refused login is not repeated.

/// What ssh calls the first moment: the exchange of names, before any key.
const MOMENT: &[&str] = &["exchange_identification: ", "banner exchange: Connection to "];

/// How it ends when the other side closes.
const CLOSED: &[&str] = &["Connection reset by peer", "Connection closed by remote host", "Broken pipe"];

/// Words that give another reason. Behind a gateway they come first, and the cut is only what follows.
const OTHER_REASON: &[&str] = &[
    "Permission denied",
    "Too many authentication",
    "Host key verification failed",
    "Could not resolve hostname",
    "Connection refused",
    "timed out",
    "No route to host",
    "Network is unreachable",
    "stdio forwarding failed",
];

/// Whether another try may help, from what ssh wrote.
#[must_use]
pub(crate) fn is_worth_a_retry(log: &str) -> bool {
    let has_one = |text: &str, words: &[&str]| words.iter().any(|words| text.contains(words));
    log.lines().any(|line| has_one(line, MOMENT) && has_one(line, CLOSED)) && !has_one(log, OTHER_REASON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_happens_before_the_login_is_tried_again() {
        for log in [
            "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 127.0.0.2 port 22",
            "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 127.0.0.2 port 22",
            "ssh_exchange_identification: Connection closed by remote host\r\n",
            "banner exchange: Connection to 127.0.0.2 port 22: Broken pipe\r\n",
            "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535",
        ] {
            assert!(is_worth_a_retry(log), "{log}");
        }
        for log in [
            "Connection closed by 10.0.0.1 port 22",
            "Connection reset by 10.0.0.1 port 22",
            "deploy@x: Permission denied (publickey).\nConnection closed by 10.0.0.1 port 22",
            "ssh: connect to host web1 port 22: Connection refused",
            "kex_exchange_identification: banner line contains invalid characters",
            "",
        ] {
            assert!(!is_worth_a_retry(log), "{log}");
        }
    }

    #[test]
    fn a_gateway_that_refuses_is_not_asked_again() {
        let cut =
            "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535";
        for reason in [
            "me@gw: Permission denied (publickey).",
            "Host key verification failed.",
            "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed",
            "ssh: connect to host gw port 22: Connection timed out",
        ] {
            assert!(!is_worth_a_retry(&format!("{reason}\r\n{cut}")), "{reason}");
        }
    }
}
