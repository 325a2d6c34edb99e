//! Why a connection did not come about: the words of ssh, turned into what to do.
//!
//! Pure. The words are OpenSSH's own, which have been stable for many years; what is not recognised is passed on as it
//! is. Every error is [`Kind::Connection`].

use crate::error::{Error, Kind};
use crate::model::quote::quote;
use crate::transport::cut::is_worth_a_retry;
use crate::transport::host_key;
use crate::transport::prompts::{Asked, is_host_key_question};
use crate::transport::resolve::Route;

/// What is known about a failed start.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// How the host is called in output.
    pub label: &'a str,
    /// The host as the recipe has it.
    pub host: &'a str,
    /// Arguments of ssh from the recipe.
    pub args: &'a [String],
    /// Where ssh went.
    pub route: &'a Route,
    /// What ssh wrote.
    pub log: &'a str,
    /// What ssh asked.
    pub asked: &'a [Asked],
}

impl Facts<'_> {
    /// The command a person types to do the same: `extra` comes before the recipe's arguments, `rest` after the host.
    pub(crate) fn ssh(&self, extra: &str, rest: &str) -> String {
        let args = self.args.iter().map(|arg| quote(arg).into_owned());
        let words = ["ssh".to_owned(), extra.to_owned()]
            .into_iter()
            .chain(args)
            .chain([quote(self.host).into_owned(), rest.to_owned()]);
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// The rules, the most telling first.
const RULES: &[fn(&Facts<'_>) -> Option<Error>] = &[
    unanswered,
    host_key::explain,
    open_key,
    too_many,
    refused_login,
    unknown_name,
    connection_refused,
    timed_out,
    no_route,
    no_common_method,
    dropped,
    cut_short,
    bad_configuration,
];

/// The error for a start that failed.
#[must_use]
pub fn explain(facts: &Facts<'_>) -> Error {
    let error = RULES.iter().find_map(|rule| rule(facts)).unwrap_or_else(|| in_sshs_words(facts));
    error.on(facts.label)
}

fn failure(message: impl Into<String>) -> Error {
    Error::new(Kind::Connection, message)
}

fn unanswered(facts: &Facts<'_>) -> Option<Error> {
    let asked = facts.asked.iter().find(|asked| !asked.answered && !is_host_key_question(&asked.prompt))?;
    let prompt = asked.prompt.trim();
    let error = failure(format!("`{}` cannot be reached without an answer to `{prompt}`", facts.label));
    let option = |name: &str| format!("or in the recipe: `ssh_options: #{{ {name}: secret(env(\"…\")) }}`");
    Some(
        match between(prompt, "passphrase for key '", "'").or_else(|| between(prompt, "passphrase for \"", "\"")) {
            Some(key) => {
                error.help(format!("unlock the key once: `ssh-add {}`", quote(key))).help(option("passphrase"))
            }
            None => error.help(option("password").replacen("or in", "in", 1)),
        }
        .help("or run it in a terminal, where it is asked for"),
    )
}

fn open_key(facts: &Facts<'_>) -> Option<Error> {
    let key =
        facts.log.lines().find(|line| line.contains("are too open")).and_then(|line| between(line, "for '", "'"))?;
    Some(
        failure(format!("ssh does not use the key `{key}`, because others may read it"))
            .help(format!("`chmod 600 {}`", quote(key))),
    )
}

fn too_many(facts: &Facts<'_>) -> Option<Error> {
    facts.log.contains("Too many authentication failures").then(|| {
        failure(format!("`{}` gave up after too many keys", facts.label))
            .help("offer only the right one: `ssh_options: #{ keys: \"~/.ssh/…\", keys_only: true }`")
            .note("ssh offers every key of the agent first; `ssh-add -l` lists them")
    })
}

fn refused_login(facts: &Facts<'_>) -> Option<Error> {
    let line = facts.log.lines().rev().find(|line| line.contains("Permission denied ("))?;
    let methods = between(line, "Permission denied (", ")").unwrap_or_default();
    // A gateway that refuses is named here instead of the host.
    let whom = line.split_once(": Permission denied").map_or(facts.label, |(whom, _)| whom.trim());
    let user = whom.split_once('@').map_or(facts.route.user.as_str(), |(user, _)| user);
    let mut error = failure(format!("`{whom}` does not let us in as `{user}`; it would take {}", words(methods)))
        .help(format!("see which keys are offered: `{}`", facts.ssh("-v", "true")));
    if methods.contains("publickey") {
        let port = if facts.route.port == 22 { String::new() } else { format!("-p {} ", facts.route.port) };
        error =
            error.help(format!("put your key there: `ssh-copy-id {port}{}`", quote(&format!("{user}@{}", facts.host))));
    }
    for line in facts.log.lines().map(str::trim) {
        if ["no such identity", "Load key", "agent refused", "Could not open a connection to your"]
            .iter()
            .any(|words| line.contains(words))
        {
            error = error.note(line);
        }
    }
    Some(error)
}

fn unknown_name(facts: &Facts<'_>) -> Option<Error> {
    let line = facts.log.lines().find(|line| line.contains("Could not resolve hostname"))?;
    let name = between(line, "Could not resolve hostname ", ":").unwrap_or(&facts.route.hostname);
    Some(
        failure(format!("no host is known under the name `{name}`"))
            .help(format!(
                "check the spelling in the recipe, and what the resolver says: `getent hosts {}`",
                quote(name)
            ))
            .note(line.trim()),
    )
}

fn connection_refused(facts: &Facts<'_>) -> Option<Error> {
    facts.log.contains("Connection refused").then(|| {
        failure(format!("nothing listens on {}", target(facts)))
            .help("check the port (`port` of the server or in `ssh_options`) and that sshd runs there")
    })
}

fn timed_out(facts: &Facts<'_>) -> Option<Error> {
    let said = |words: &str| facts.log.contains(words);
    (said("Connection timed out")
        || said("Operation timed out")
        || said("Timeout, server")
        || said("timed out during banner"))
    .then(|| {
        let seconds = facts.route.timeout();
        failure(format!("{} did not answer within {seconds} s", target(facts)))
            .help("check that the host is up and that no firewall drops the connection")
            .help(wait_longer(facts.route.connect_timeout, (seconds * 3).max(30)))
    })
}

/// `said` is what ssh's own configuration or the recipe's `ssh_options` say, which beats the setting.
fn wait_longer(said: Option<u64>, seconds: u64) -> String {
    match said {
        None => format!("or wait longer: `--connect-timeout {seconds}`, or `set(\"connect_timeout\", {seconds})`"),
        Some(_) => format!(
            "or wait longer: `--connect-timeout {seconds}`, or change `timeout` in `ssh_options` or `ConnectTimeout` in \
             ssh's configuration"
        ),
    }
}

fn no_route(facts: &Facts<'_>) -> Option<Error> {
    let reason = ["No route to host", "Network is unreachable", "Host is down"]
        .into_iter()
        .find(|words| facts.log.contains(words))?;
    Some(
        failure(format!("there is no way to {}: {}", target(facts), reason.to_lowercase()))
            .help("check the network of this machine, a VPN for example, and the address"),
    )
}

fn no_common_method(facts: &Facts<'_>) -> Option<Error> {
    let line = facts.log.lines().find(|line| line.contains("no matching"))?;
    let what = between(line, "no matching ", " found").unwrap_or("method");
    let offer = after(line, "Their offer: ").unwrap_or_default();
    let option = match what {
        "host key type" => "host_key",
        "cipher" => "encryption",
        "MAC" => "hmac",
        _ => "kex",
    };
    let first = offer.split(',').next().unwrap_or_default();
    Some(
        failure(format!("`{}` and ssh have no {what} in common", facts.label))
            .help(format!("allow an old one: `ssh_options: #{{ {option}: \"+{first}\" }}`"))
            .note(format!("the host offers {offer}")),
    )
}

fn dropped(facts: &Facts<'_>) -> Option<Error> {
    is_worth_a_retry(facts.log).then(|| {
        failure(format!("{} closed the connection before the login", target(facts)))
            .help("look at the log of sshd there; `MaxStartups`, fail2ban and TCP wrappers do this")
            .note(last_line(facts.log))
    })
}

/// The same words come from any moment up to the end of the login, and nobody but sshd's log knows from which.
fn cut_short(facts: &Facts<'_>) -> Option<Error> {
    let is_cut = |line: &str| {
        let of = |words: &str| line.strip_prefix(words).is_some_and(|rest| !rest.starts_with("UNKNOWN"));
        of("Connection closed by ") || of("Connection reset by ")
    };
    facts.log.lines().any(is_cut).then(|| {
        failure(format!("{} closed the connection in the middle of the login", target(facts)))
            .help("look at the log of sshd there; an expired account, PAM and `LoginGraceTime` do this")
            .note(last_line(facts.log))
    })
}

fn bad_configuration(facts: &Facts<'_>) -> Option<Error> {
    let line = facts
        .log
        .lines()
        .find(|line| line.contains("Bad configuration option") || line.contains("Bad owner or permissions on"))?;
    Some(failure(format!("ssh does not accept its configuration: {}", line.trim())))
}

fn in_sshs_words(facts: &Facts<'_>) -> Error {
    let last = last_line(facts.log);
    if last.is_empty() {
        return failure(format!("ssh could not connect to `{}` and did not say why", facts.label))
            .help(format!("see what it does: `{}`", facts.ssh("-v", "true")));
    }
    let error = failure(format!("ssh could not connect to `{}`: {last}", facts.label));
    let earlier: Vec<&str> = facts.log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let earlier = &earlier[earlier.len().saturating_sub(6)..earlier.len().saturating_sub(1)];
    let error =
        if earlier.is_empty() { error } else { error.note(format!("before that it said: {}", earlier.join(" · "))) };
    error.help(format!("see what it does: `{}`", facts.ssh("-v", "true")))
}

/// Address and port, and the gateway where there is one.
fn target(facts: &Facts<'_>) -> String {
    // The log names the one that failed, which may be the gateway.
    let line = facts.log.lines().find_map(|line| between(line, "connect to host ", ":"));
    if let Some((host, port)) = line.and_then(|line| line.split_once(" port ")) {
        return format!("`{host}` port {port}");
    }
    let via = facts.route.proxy.as_ref().map(|proxy| format!(" (through `{proxy}`)")).unwrap_or_default();
    format!("`{}` port {}{via}", facts.route.hostname, facts.route.port)
}

fn words(methods: &str) -> String {
    methods.split(',').map(|method| format!("`{method}`")).collect::<Vec<_>>().join(" or ")
}

fn last_line(log: &str) -> &str {
    log.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default()
}

/// What stands between two texts.
pub(crate) fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(behind).map(|(found, _)| found)
}

/// What stands behind a text, up to the end of the line.
pub(crate) fn after<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.split_once(before).map(|(_, rest)| rest.lines().next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> Route {
        Route { hostname: "10.0.0.1".into(), port: 2222, user: "deploy".into(), ..Route::default() }
    }

    fn explained(route: &Route, log: &str, asked: &[Asked]) -> Error {
        let args = ["-p".to_owned(), "2222".to_owned(), "-oIdentityFile=my key".to_owned()];
        let error = explain(&Facts { label: "deploy@web1", host: "web1", args: &args, route, log, asked });
        assert_eq!((error.kind(), error.parts().host.as_deref()), (Kind::Connection, Some("deploy@web1")));
        error
    }

    fn of_log(log: &str) -> Error {
        explained(&route(), log, &[])
    }

    /// The log, the message, the first help.
    fn check(log: &str, message: &str, help: &str) {
        let error = of_log(log);
        assert_eq!((error.to_string().as_str(), error.parts().help[0].as_str()), (message, help));
    }

    #[test]
    fn a_refused_key_names_user_and_commands() {
        let error = of_log(
            "Warning: Identity file x not accessible\r\ndeploy@10.0.0.1: Permission denied (publickey,password).\r\n",
        );
        assert_eq!(
            error.to_string(),
            "`deploy@10.0.0.1` does not let us in as `deploy`; it would take `publickey` or `password`"
        );
        assert_eq!(
            error.parts().help,
            [
                "see which keys are offered: `ssh -v -p 2222 '-oIdentityFile=my key' web1 true`",
                "put your key there: `ssh-copy-id -p 2222 deploy@web1`"
            ]
        );
    }

    #[test]
    fn what_ssh_said_about_keys_is_kept() {
        let error = of_log(
            "no such identity: /k: No such file or directory\ndeploy@10.0.0.1: Permission denied (publickey).\n",
        );
        assert_eq!(error.parts().notes, ["no such identity: /k: No such file or directory"]);
    }

    #[test]
    fn each_cause_has_its_words_and_its_remedy() {
        check(
            "ssh: Could not resolve hostname wbe1: Name or service not known\r\n",
            "no host is known under the name `wbe1`",
            "check the spelling in the recipe, and what the resolver says: `getent hosts wbe1`",
        );
        check(
            "ssh: connect to host 10.0.0.1 port 2222: Connection refused\r\n",
            "nothing listens on `10.0.0.1` port 2222",
            "check the port (`port` of the server or in `ssh_options`) and that sshd runs there",
        );
        check(
            "ssh: connect to host 10.0.0.1 port 2222: No route to host\r\n",
            "there is no way to `10.0.0.1` port 2222: no route to host",
            "check the network of this machine, a VPN for example, and the address",
        );
        check(
            "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures\r\nDisconnected from 10.0.0.1",
            "`deploy@web1` gave up after too many keys",
            "offer only the right one: `ssh_options: #{ keys: \"~/.ssh/…\", keys_only: true }`",
        );
        check(
            "Permissions 0644 for '/k' are too open.\nLoad key \"/k\": bad permissions\ndeploy@x: Permission denied (publickey).",
            "ssh does not use the key `/k`, because others may read it",
            "`chmod 600 /k`",
        );
        check(
            "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 10.0.0.1 port 2222\r\n",
            "`10.0.0.1` port 2222 closed the connection before the login",
            "look at the log of sshd there; `MaxStartups`, fail2ban and TCP wrappers do this",
        );
        check(
            "Connection closed by 10.0.0.1 port 2222\r\n",
            "`10.0.0.1` port 2222 closed the connection in the middle of the login",
            "look at the log of sshd there; an expired account, PAM and `LoginGraceTime` do this",
        );
        check(
            "Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss\r\n",
            "`deploy@web1` and ssh have no host key type in common",
            "allow an old one: `ssh_options: #{ host_key: \"+ssh-rsa\" }`",
        );
        assert_eq!(
            of_log("Bad owner or permissions on /root/.ssh/config\r\n").to_string(),
            "ssh does not accept its configuration: Bad owner or permissions on /root/.ssh/config"
        );
    }

    #[test]
    fn a_timeout_names_the_setting() {
        let error = of_log("ssh: connect to host 10.0.0.1 port 2222: Connection timed out\r\n");
        assert_eq!(error.to_string(), "`10.0.0.1` port 2222 did not answer within 10 s");
        assert_eq!(error.parts().help[1], "or wait longer: `--connect-timeout 30`, or `set(\"connect_timeout\", 30)`");
        let slow = Route { connect_timeout: Some(60), proxy: Some("gw".into()), ..route() };
        let error = explained(&slow, "Connection timed out during banner exchange\r\n", &[]);
        assert_eq!(error.to_string(), "`10.0.0.1` port 2222 (through `gw`) did not answer within 60 s");
        assert_eq!(
            error.parts().help[1],
            "or wait longer: `--connect-timeout 180`, or change `timeout` in `ssh_options` or `ConnectTimeout` in ssh's \
             configuration"
        );
    }

    #[test]
    fn the_one_that_failed_is_named_even_if_it_is_the_gateway() {
        let behind = Route { proxy: Some("gw".into()), ..route() };
        let error = explained(
            &behind,
            "ssh: connect to host gw port 22: Connection refused\r\nConnection closed by UNKNOWN port 65535\r\n",
            &[],
        );
        assert_eq!(error.to_string(), "nothing listens on `gw` port 22");
    }

    #[test]
    fn a_question_without_an_answer_is_quoted() {
        let asked = |prompt: &str| [Asked { prompt: prompt.into(), answered: false }];
        let error = explained(
            &route(),
            "deploy@x: Permission denied (publickey).",
            &asked("Enter passphrase for key '/my key': "),
        );
        assert_eq!(
            error.to_string(),
            "`deploy@web1` cannot be reached without an answer to `Enter passphrase for key '/my key':`"
        );
        assert_eq!(
            error.parts().help,
            [
                "unlock the key once: `ssh-add '/my key'`",
                "or in the recipe: `ssh_options: #{ passphrase: secret(env(\"…\")) }`",
                "or run it in a terminal, where it is asked for"
            ]
        );
        let error = explained(&route(), "", &asked("deploy@10.0.0.1's password: "));
        assert_eq!(
            error.parts().help,
            [
                "in the recipe: `ssh_options: #{ password: secret(env(\"…\")) }`",
                "or run it in a terminal, where it is asked for"
            ]
        );
    }

    #[test]
    fn what_is_not_recognised_is_passed_on() {
        let error = of_log("debug: one\nsomething new happened\n");
        assert_eq!(error.to_string(), "ssh could not connect to `deploy@web1`: something new happened");
        assert_eq!(error.parts().notes, ["before that it said: debug: one"]);
        assert_eq!(of_log("").to_string(), "ssh could not connect to `deploy@web1` and did not say why");
    }
}
