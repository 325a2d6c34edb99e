//! Whether the host can read the repository, and if not, why.

use crate::model::doctor::asked::Git;
use crate::model::doctor::facts::Facts;
use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;
use crate::model::quote::quote;
use crate::model::sections::Answer;

/// Lines of git that are told with a finding.
const LINES: usize = 5;

/// Statuses of a command that was ended by its time limit: of `timeout` itself, and of the signal.
const TIMED_OUT: [i32; 3] = [124, 137, 143];

/// What git's words mean: what stands in them, what is wrong, what to do.
type Cause = (&'static [&'static str], &'static str, fn(&Git, &Facts, &Answer) -> String);

const CAUSES: &[Cause] = &[
    (
        &["REMOTE HOST IDENTIFICATION HAS CHANGED", "Host key verification failed"],
        "the git server has another host key than the one the host knows, or one nobody has confirmed",
        |git, _, _| format!("ssh-keygen -R {}", quote(server(&git.url))),
    ),
    (&["Permission denied (", "Too many authentication failures"], "the git server takes no key of this login", key),
    (
        &["could not read Username", "could not read Password", "Authentication failed", "HTTP Basic: Access denied"],
        "the git server wants a user and a password, or does not take these",
        |_, _, _| r#"set("git_http_username", "…"); set("git_http_password", secret(env("GIT_PASSWORD")));"#.to_owned(),
    ),
    (&["Could not resolve host"], "the name of the git server is not known there", |git, _, _| {
        format!("getent hosts {}", quote(server(&git.url)))
    }),
    (
        &["Connection refused", "timed out", "No route to host", "Network is unreachable", "Failed to connect"],
        "there is no way to the git server from there",
        by_hand,
    ),
    (&["dubious ownership"], "the repository belongs to another user, whom git does not trust", |git, _, _| {
        format!("git config --global --add safe.directory {}", quote(&git.url))
    }),
    (
        &["not found", "does not exist", "does not appear to be a git repository"],
        "there is no such repository, or this login may not see it",
        |git, _, _| format!("git ls-remote {} HEAD", quote(&git.url)),
    ),
];

pub fn access(seen: &Seen<'_>) -> Vec<Finding> {
    let (Some(git), Some(answer)) = (&seen.asked.git, &seen.facts.git) else { return Vec::new() };
    if answer.is_ok() {
        return Vec::new();
    }
    let then = "a deploy fails where it fetches the code";
    if TIMED_OUT.contains(&answer.status) {
        let problem = format!("git had no answer about {} after {} s", git.url, git.seconds);
        return vec![finding("git-access", problem).then(then).repair(by_hand(git, seen.facts, answer))];
    }
    let cause = CAUSES.iter().find(|(words, _, _)| words.iter().any(|word| answer.text.contains(word)));
    let (why, repair) = if let Some((_, why, repair)) = cause {
        ((*why).to_owned(), repair(git, seen.facts, answer))
    } else {
        let last = answer.text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it did not say why");
        (last.trim().to_owned(), by_hand(git, seen.facts, answer))
    };
    let lines: Vec<String> = answer.text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    let lines = lines[lines.len().saturating_sub(LINES)..].to_vec();
    vec![finding("git-access", format!("git cannot read {}: {why}", git.url)).then(then).repair(repair).details(lines)]
}

/// What to do about a key that is missing: what there is on the host decides which one is meant.
fn key(_: &Git, facts: &Facts, _: &Answer) -> String {
    match facts.agent.as_ref().map(|agent| agent.status) {
        // The agent is forwarded, and has keys: it is the git server that does not know them.
        Some(0) => "ssh-add -L".to_owned(),
        Some(1) => "ssh-add".to_owned(),
        _ if facts.has_keys => "cat ~/.ssh/id_*.pub".to_owned(),
        _ => r#"set("ssh_options", #{ forward_agent: true });"#.to_owned(),
    }
}

fn by_hand(git: &Git, _: &Facts, _: &Answer) -> String {
    git.words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

/// The host of a repository: `git@HOST:path`, `ssh://git@HOST:22/path`, `https://HOST/path`.
fn server(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    rest.split(':').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::testing::{Recorded, asked};
    use crate::model::host_finding::Severity::Error;

    fn refused(text: &str) -> Recorded {
        Recorded::healthy().section("git", 128, text)
    }

    const DENIED: &str = "git@git.example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\n\
        Please make sure you have the correct access rights\nand the repository exists.";

    #[test]
    fn a_host_without_a_key() {
        let found = refused(DENIED).section("agent", 2, "Could not open a connection to your authentication agent.").raises(
            &asked(),
            "git-access",
            Error,
            "git cannot read git@git.example.com:acme/shop.git: the git server takes no key of this login: a deploy fails \
             where it fetches the code",
            r#"set("ssh_options", #{ forward_agent: true });"#,
        );
        assert_eq!(found.details[0], "git@git.example.com: Permission denied (publickey).");
    }

    #[test]
    fn which_key_is_meant_depends_on_what_there_is() {
        let repair = |recorded: Recorded| recorded.found(&asked()).remove(0).repair;
        assert_eq!(repair(refused(DENIED).section("agent", 0, "256 SHA256:x me (ED25519)")), "ssh-add -L");
        assert_eq!(repair(refused(DENIED).section("agent", 1, "The agent has no identities.")), "ssh-add");
        assert_eq!(repair(refused(DENIED).section("keys", 0, "yes")), "cat ~/.ssh/id_*.pub");
    }

    #[test]
    fn each_cause_has_its_words() {
        for (said, repair) in [
            ("Host key verification failed.\nfatal: Could not read", "ssh-keygen -R git.example.com"),
            (
                "ssh: Could not resolve hostname git.example.com: Name or service not known",
                "getent hosts git.example.com",
            ),
            (
                "fatal: could not read Username for 'https://x': terminal prompts disabled",
                r#"set("git_http_username", "…"); set("git_http_password", secret(env("GIT_PASSWORD")));"#,
            ),
            (
                "fatal: '/srv/x' does not appear to be a git repository",
                "git ls-remote git@git.example.com:acme/shop.git HEAD",
            ),
            (
                "fatal: detected dubious ownership in repository at '/x'",
                "git config --global --add safe.directory git@git.example.com:acme/shop.git",
            ),
            (
                "ssh: connect to host x port 22: Connection refused",
                "git ls-remote git@git.example.com:acme/shop.git HEAD",
            ),
        ] {
            assert_eq!(refused(said).found(&asked())[0].repair, repair, "{said}");
        }
        assert!(refused("fatal: odd\n").found(&asked())[0].problem.ends_with(": fatal: odd"));
    }

    #[test]
    fn a_server_that_does_not_answer() {
        for status in [124, 137, 143] {
            Recorded::healthy().section("git", status, "").raises(
                &asked(),
                "git-access",
                Error,
                "git had no answer about git@git.example.com:acme/shop.git after 20 s: a deploy fails where it fetches the code",
                "git ls-remote git@git.example.com:acme/shop.git HEAD",
            );
        }
    }

    #[test]
    fn the_server_of_a_repository() {
        for (url, host) in [
            ("git@git.example.com:acme/shop.git", "git.example.com"),
            ("ssh://git@git.example.com:2222/acme", "git.example.com"),
            ("https://me@git.example.com/acme", "git.example.com"),
        ] {
            assert_eq!(server(url), host);
        }
    }
}
