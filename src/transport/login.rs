//! What ssh says of a login when it is told to say what it does.
//!
//! Pure: reads the log of a start that went well. The words are those of OpenSSH from 7.0 on, tried with 9.2.

use crate::model::login::{HostKey, Key, Login};
use crate::transport::explain::{after, between};
use crate::transport::resolve::Route;

/// The level of its log at which ssh tells it.
pub(crate) const LEVEL: &str = "DEBUG1";

/// What lines of that level begin with.
const MARK: &str = "debug1: ";

/// Reads a log.
pub(crate) fn login(log: &str, route: &Route) -> Login {
    let lines = || log.lines().map(|line| line.trim_end().strip_prefix(MARK).unwrap_or(line.trim_end()));
    let key = lines().filter_map(|line| line.strip_prefix("Server accepts key: ")).next_back().and_then(key);
    let method = lines().find_map(|line| between(line.strip_prefix("Authenticated to ")?, "using \"", "\""));
    Login {
        user: route.user.clone(),
        key: key.filter(|_| method == Some("publickey")),
        method: method.map(str::to_owned),
        offered: lines().filter(|line| line.starts_with("Offering public key: ")).count(),
        host_key: host_key(log, route),
        host_key_print: lines().find_map(|line| line.strip_prefix("Server host key: ")).map(print),
    }
}

/// The log as it would be without that: for a start that failed, of which it says why.
pub(crate) fn usual_words(log: &str) -> String {
    let mut words = String::new();
    for line in log.lines().filter(|line| !line.starts_with(MARK)) {
        words.push_str(line);
        words.push('\n');
    }
    words
}

/// `NAME TYPE SHA256:… [explicit|agent|…]`; a name may hold blanks.
fn key(text: &str) -> Option<Key> {
    let words: Vec<&str> = text.split(' ').collect();
    let at = words.iter().rposition(|word| word.starts_with("SHA256:") || word.starts_with("MD5:"))?;
    Some(Key {
        name: words.get(..at.checked_sub(1)?)?.join(" "),
        print: words[at - 1..=at].join(" "),
        from_agent: words[at + 1..].contains(&"agent"),
    })
}

/// `ssh-ed25519 SHA256:…` as ssh shows it elsewhere: `ED25519 SHA256:…`.
fn print(text: &str) -> String {
    let (kind, print) = text.split_once(' ').unwrap_or((text, ""));
    let kind = match kind.trim_end_matches("-cert-v01@openssh.com") {
        "ssh-ed25519" => "ED25519",
        "ssh-rsa" => "RSA",
        kind if kind.starts_with("ecdsa-") => "ECDSA",
        kind => kind,
    };
    format!("{kind} {}", print.split(' ').next().unwrap_or_default())
}

fn host_key(log: &str, route: &Route) -> HostKey {
    if log.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        let place = log.lines().find(|line| line.starts_with("Offending")).and_then(|line| after(line, " key in "));
        return HostKey::Changed(place.unwrap_or_default().to_owned());
    }
    if log.lines().any(|line| line.starts_with("Warning: Permanently added ")) {
        return HostKey::New(route.known_hosts.first().cloned().unwrap_or_default());
    }
    let is_known = log.lines().any(|line| line.starts_with(MARK) && line.contains(" is known and matches the "));
    let place = log.lines().find_map(|line| {
        let line = line.trim_end().strip_prefix(MARK)?;
        line.strip_prefix("Found key in ").or_else(|| line.strip_prefix("Found CA key in "))
    });
    if is_known { HostKey::Known(place.unwrap_or_default().to_owned()) } else { HostKey::Untold }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "debug1: Connecting to 127.0.0.1 [127.0.0.1] port 2399.\r\n\
        debug1: identity file /k/my key type 3\r\n\
        debug1: Server host key: ssh-ed25519 SHA256:host\r\n\
        debug1: Host '[127.0.0.1]:2399' is known and matches the ED25519 host key.\r\n\
        debug1: Found key in /k/known hosts:12\r\n\
        debug1: Offering public key: me@laptop RSA SHA256:other agent\r\n\
        debug1: Offering public key: /k/my key ED25519 SHA256:mine explicit\r\n\
        debug1: Server accepts key: /k/my key ED25519 SHA256:mine explicit\r\n\
        Authenticated to 127.0.0.1 ([127.0.0.1]:2399) using \"publickey\".\r\n";

    fn route() -> Route {
        Route { user: "deploy".into(), known_hosts: vec!["/k/known".into(), "/k/known2".into()], ..Route::default() }
    }

    #[test]
    fn the_key_and_the_place_of_the_host_key_are_read() {
        let login = login(KNOWN, &route());
        let key = Key { name: "/k/my key".into(), print: "ED25519 SHA256:mine".into(), from_agent: false };
        let expected = Login {
            user: "deploy".into(),
            method: Some("publickey".into()),
            key: Some(key),
            offered: 2,
            host_key: HostKey::Known("/k/known hosts:12".into()),
            host_key_print: Some("ED25519 SHA256:host".into()),
        };
        assert_eq!(login, expected);
    }

    #[test]
    fn a_key_of_the_agent_and_a_new_host_key() {
        let log = "debug1: Server host key: ecdsa-sha2-nistp256 SHA256:h\n\
            Warning: Permanently added '[127.0.0.1]:2399' (ECDSA) to the list of known hosts.\n\
            debug1: Server accepts key: me@laptop ED25519 SHA256:a agent\n\
            Authenticated to web1 (via proxy) using \"publickey\".\n";
        let login = login(log, &route());
        let key = login.key.unwrap();
        assert_eq!((key.name.as_str(), key.from_agent), ("me@laptop", true));
        assert_eq!(login.host_key, HostKey::New("/k/known".into()));
        assert_eq!(login.host_key_print.as_deref(), Some("ECDSA SHA256:h"));
    }

    #[test]
    fn a_changed_key_that_was_taken_nevertheless() {
        let log = "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending ED25519 key in /k/known:3\n\
            Authenticated to web1 ([::1]:22) using \"password\".\n";
        let login = login(log, &route());
        assert_eq!((login.host_key, login.key), (HostKey::Changed("/k/known:3".into()), None));
        assert_eq!(login.method.as_deref(), Some("password"));
    }

    #[test]
    fn silence_is_no_answer() {
        let login = login("debug1: nothing of interest\n", &route());
        assert_eq!((login.method, login.key, login.host_key, login.offered), (None, None, HostKey::Untold, 0));
    }

    #[test]
    fn why_it_failed_is_said_without_the_rest() {
        assert_eq!(usual_words("debug1: x\nPermission denied (publickey).\r\n"), "Permission denied (publickey).\n");
    }
}
