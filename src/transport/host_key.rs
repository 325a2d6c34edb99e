//! Host keys that are unknown or have changed: what ssh said, and the command that repairs it.
//!
//! Pure. Part of `explain`, kept apart because ssh's words about host keys come by two ways: the question it asks, and
//! its log.

use crate::error::{Error, Kind};
use crate::model::quote::{quote, quote_path};
use crate::transport::explain::{Facts, after, between};

/// The file ssh uses when nobody says otherwise.
const USUAL_FILE: &str = "~/.ssh/known_hosts";

/// The error of a host key ssh would not trust, if that is what its words are about.
pub(crate) fn explain(facts: &Facts<'_>) -> Option<Error> {
    if facts.log.contains("REVOKED HOST KEY DETECTED") {
        let message = format!("the host key of `{}` is marked as revoked", facts.route.hostname);
        return Some(Error::new(Kind::Connection, message).help("do not connect; ask whoever runs the host"));
    }
    if facts.log.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        return Some(changed(facts));
    }
    let question =
        facts.asked.iter().map(|asked| asked.prompt.as_str()).find(|prompt| prompt.contains("authenticity of host"));
    if let Some(question) = question {
        // The question names the host as `'NAME (ADDRESS)'`.
        let name = between(question, "authenticity of host '", "'").unwrap_or_default();
        let name = name.split(' ').next().unwrap_or_default();
        let fingerprint = after(question, "fingerprint is ").map(|rest| rest.trim_end_matches('.'));
        let kind = question.lines().find_map(|line| line.split_once(" key fingerprint is ")).map(|(kind, _)| kind);
        return Some(unknown(facts, name, kind, fingerprint));
    }
    let line = facts.log.lines().find(|line| line.contains("host key is known for"))?;
    let kind = between(line, "No ", " host key is known");
    let name = between(line, "is known for ", " and you have").unwrap_or_default();
    Some(unknown(facts, name, kind, None))
}

fn unknown(facts: &Facts<'_>, name: &str, kind: Option<&str>, fingerprint: Option<&str>) -> Error {
    let (host, port) = split(name);
    let mut message = format!("the host key of `{host}`{} is not known", port_words(port));
    match (kind, fingerprint) {
        (Some(kind), Some(fingerprint)) => message.push_str(&format!(": {kind} {fingerprint}")),
        (Some(kind), None) => message.push_str(&format!(": {kind}")),
        _ => {}
    }
    let lower = kind.map(str::to_lowercase);
    let error = Error::new(Kind::Connection, message);
    // Behind a gateway, or under an alias, ssh-keyscan would not reach the host or file the key under another name.
    let reachable = facts.route.proxy.is_none() && facts.route.alias.is_none();
    let error = if reachable {
        let kind = lower.as_ref().map(|kind| format!(" -t {kind}")).unwrap_or_default();
        let port = port.map(|port| format!(" -p {port}")).unwrap_or_default();
        error.help(format!("`ssh-keyscan{kind}{port} {} >> {}`", quote(host), known_hosts(facts)))
    } else {
        error.help(format!("`{}` asks whether to trust it", facts.ssh("", "true")))
    };
    error
        .help("or trust every host the first time it is seen: `set(\"ssh_options\", #{ verify_host_key: \"accept_new\" })`")
        .note(format!(
            "compare the fingerprint first: `ssh-keygen -lf /etc/ssh/ssh_host_{}_key.pub` on the host prints it",
            lower.as_deref().unwrap_or("ed25519")
        ))
}

fn changed(facts: &Facts<'_>) -> Error {
    let name = facts.log.lines().find_map(|line| between(line, "Host key for ", " has changed"));
    let kind = facts.log.lines().find_map(|line| between(line, "The fingerprint for the ", " key sent by"));
    let fingerprint =
        facts.log.lines().map(str::trim).find(|line| line.starts_with("SHA256:") || line.starts_with("MD5:"));
    let offending = facts
        .log
        .lines()
        .find_map(|line| line.split_once(" key in ").filter(|(before, _)| before.starts_with("Offending")));
    let offending = offending.map(|(_, file)| file.trim());
    let usual = || {
        if facts.route.port == 22 {
            facts.route.hostname.clone()
        } else {
            format!("[{}]:{}", facts.route.hostname, facts.route.port)
        }
    };
    let name = name.map_or_else(usual, str::to_owned);
    let (host, port) = split(&name);
    let mut message = format!("the host key of `{host}`{} has changed", port_words(port));
    if let (Some(kind), Some(fingerprint)) = (kind, fingerprint) {
        message.push_str(&format!(": it is now {kind} {}", fingerprint.trim_end_matches('.')));
    }
    let file = offending.and_then(|place| place.rsplit_once(':')).map(|(file, _)| file);
    let file = file.filter(|file| !is_usual(file)).map(|file| format!(" -f {}", quote(file))).unwrap_or_default();
    let error = Error::new(Kind::Connection, message)
        .help(format!("if the host was installed anew: `ssh-keygen -R {}{file}`", quote(&name)))
        .help("if nobody changed it, do not connect: somebody may be in between");
    match offending {
        Some(place) => error.note(format!("the key it had is in `{place}`")),
        None => error,
    }
}

/// `[HOST]:PORT` or `HOST`, as ssh writes names of known hosts.
fn split(name: &str) -> (&str, Option<u16>) {
    let parts = name.strip_prefix('[').and_then(|rest| rest.split_once("]:"));
    parts.map_or((name, None), |(host, port)| (host, port.parse().ok()))
}

fn port_words(port: Option<u16>) -> String {
    port.map(|port| format!(" port {port}")).unwrap_or_default()
}

/// The file a new key goes to, as it is typed.
fn known_hosts(facts: &Facts<'_>) -> String {
    let file = facts.route.known_hosts.first().map_or(USUAL_FILE, String::as_str);
    quote_path(if is_usual(file) { USUAL_FILE } else { file }).into_owned()
}

fn is_usual(file: &str) -> bool {
    let home = std::env::home_dir().map(|home| home.join(".ssh/known_hosts"));
    file == USUAL_FILE || home.is_some_and(|usual| usual.as_os_str() == file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::prompts::Asked;
    use crate::transport::resolve::Route;

    const QUESTION: &str = "The authenticity of host '[127.0.0.1]:2201 ([127.0.0.1]:2201)' can't be established.\n\
        ED25519 key fingerprint is SHA256:abc/def.\nThis key is not known by any other names.\n\
        Are you sure you want to continue connecting (yes/no/[fingerprint])? ";

    fn facts<'a>(route: &'a Route, log: &'a str, asked: &'a [Asked]) -> Facts<'a> {
        Facts { label: "deploy@web1", host: "web1", args: &[], route, log, asked }
    }

    fn question() -> [Asked; 1] {
        [Asked { prompt: QUESTION.into(), answered: false }]
    }

    fn route() -> Route {
        Route { hostname: "127.0.0.1".into(), port: 2201, user: "deploy".into(), ..Route::default() }
    }

    #[test]
    fn an_unknown_key_comes_with_the_command_that_adds_it() {
        let error = explain(&facts(&route(), "Host key verification failed.", &question())).unwrap();
        assert_eq!(error.to_string(), "the host key of `127.0.0.1` port 2201 is not known: ED25519 SHA256:abc/def");
        assert_eq!(error.kind(), Kind::Connection);
        assert_eq!(error.parts().help[0], "`ssh-keyscan -t ed25519 -p 2201 127.0.0.1 >> ~/.ssh/known_hosts`");
        assert_eq!(
            error.parts().notes,
            ["compare the fingerprint first: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the host prints it"]
        );
    }

    #[test]
    fn a_file_of_ones_own_is_named() {
        let route = Route { known_hosts: vec!["/my hosts".into()], ..route() };
        let error = explain(&facts(&route, "", &question())).unwrap();
        assert_eq!(error.parts().help[0], "`ssh-keyscan -t ed25519 -p 2201 127.0.0.1 >> '/my hosts'`");
    }

    #[test]
    fn behind_a_gateway_ssh_itself_is_the_way() {
        let route = Route { proxy: Some("gw".into()), ..route() };
        let error = explain(&facts(&route, "", &question())).unwrap();
        assert_eq!(error.parts().help[0], "`ssh web1 true` asks whether to trust it");
    }

    #[test]
    fn with_strict_checking_ssh_tells_no_fingerprint() {
        let log = "No ED25519 host key is known for web1 and you have requested strict checking.\r\nHost key verification failed.";
        let error = explain(&facts(&route(), log, &[])).unwrap();
        assert_eq!(error.to_string(), "the host key of `web1` is not known: ED25519");
        assert_eq!(error.parts().help[0], "`ssh-keyscan -t ed25519 web1 >> ~/.ssh/known_hosts`");
    }

    #[test]
    fn a_changed_key_comes_with_the_command_that_forgets_it() {
        let log = "@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@\n\
            The fingerprint for the ED25519 key sent by the remote host is\nSHA256:abc.\n\
            Offending ED25519 key in /tmp/known hosts:3\n  remove with:\n\
            Host key for [127.0.0.1]:2201 has changed and you have requested strict checking.\nHost key verification failed.";
        let error = explain(&facts(&route(), log, &[])).unwrap();
        assert_eq!(
            error.to_string(),
            "the host key of `127.0.0.1` port 2201 has changed: it is now ED25519 SHA256:abc"
        );
        assert_eq!(
            error.parts().help[0],
            "if the host was installed anew: `ssh-keygen -R '[127.0.0.1]:2201' -f '/tmp/known hosts'`"
        );
        assert_eq!(error.parts().notes, ["the key it had is in `/tmp/known hosts:3`"]);
    }

    #[test]
    fn a_revoked_key_has_no_remedy() {
        let error = explain(&facts(&route(), "@ WARNING: REVOKED HOST KEY DETECTED! @", &[])).unwrap();
        assert_eq!(error.to_string(), "the host key of `127.0.0.1` is marked as revoked");
    }

    #[test]
    fn other_words_are_about_something_else() {
        assert!(explain(&facts(&route(), "Permission denied (publickey).", &[])).is_none());
    }
}
