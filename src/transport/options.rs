//! What ssh is told in order to reach one server.
//!
//! Owns the merging of `ssh_options` of the stage with those of the server, and the refusal of what nobody can mean.
//! Pure. Unlike in Capistrano, where the stage's `port` beats a server's own, the nearer one always wins.

use std::time::Duration;

use indexmap::IndexMap;
use strsim::damerau_levenshtein;

use crate::error::Error;
use crate::model::secret::Vault;
use crate::model::server::Server;
use crate::model::value::Value;
use crate::transport::option_table::{Meaning, TABLE, arguments, option, texts};

/// Single-letter options that windlass gives itself or that make no sense for a connection.
const OURS: &str = "MNfSEOntTWGVQs";

/// What ssh is told about one server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Host name, address or alias, as the recipe has it.
    pub host: String,
    /// Login user, where the recipe says one.
    pub user: Option<String>,
    /// Port, where the recipe says one.
    pub port: Option<u16>,
    /// Arguments for ssh, `-l` and `-p` among them, without the host.
    pub args: Vec<String>,
    /// Answers a question for a password; may be a seal.
    pub password: Option<String>,
    /// Answers a question for the passphrase of a key; may be a seal.
    pub passphrase: Option<String>,
    /// Seconds for connecting where neither the arguments nor ssh's own configuration say any.
    pub connect_timeout: Option<u64>,
    /// Whether the agent is forwarded; none means what ssh's own configuration says.
    pub forward_agent: Option<bool>,
}

/// How long connecting may take, as far as windlass was told.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectTimeouts {
    /// On the command line: it counts whatever the recipes and ssh's own configuration say.
    pub line: Option<Duration>,
    /// In a setting: it counts where nobody else says anything.
    pub setting: Option<Duration>,
}

impl Plan {
    /// The same with time-outs for connecting.
    #[must_use]
    pub(crate) fn within(mut self, timeouts: ConnectTimeouts) -> Self {
        // ssh counts whole seconds.
        let seconds = |time: Duration| (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1);
        if let Some(time) = timeouts.line {
            // ssh heeds the first of two options that contradict each other.
            self.args.insert(0, option("ConnectTimeout", &seconds(time).to_string()));
        }
        self.connect_timeout = timeouts.setting.map(seconds);
        self
    }

    /// How the host is called in output.
    #[must_use]
    pub fn label(&self) -> String {
        Server { user: self.user.clone(), port: self.port, ..Server::new(self.host.clone()) }.label()
    }
}

/// Refuses options of ssh that there are none of, or that cannot have their value.
///
/// # Errors
/// As [`plan`].
pub fn check(ssh_options: &IndexMap<String, Value>) -> Result<(), Error> {
    if ssh_options.is_empty() { Ok(()) } else { plan(&Server::new("host"), ssh_options, None).map(|_| ()) }
}

/// Plans the way to a server. `home` is the folder a leading `~` stands for.
///
/// # Errors
/// An unknown name, a value that makes no sense for its name, a secret that would stand in an argument.
pub fn plan(server: &Server, stage: &IndexMap<String, Value>, home: Option<&str>) -> Result<Plan, Error> {
    let mut merged: IndexMap<&str, &Value> = IndexMap::new();
    for (name, value) in stage.iter().chain(&server.ssh_options) {
        let meaning = meaning_of(name)?;
        if let Meaning::Gone(instead) = meaning {
            return Err(Error::recipe(format!("ssh has nothing like `{name}` in `ssh_options`")).help(instead));
        }
        merged.insert(name, value);
    }
    // Ruby's nil, for example from a setting that is not set, says nothing.
    merged.retain(|_, value| **value != Value::Unit);
    let text = |name: &str| -> Result<Option<String>, Error> {
        merged
            .get(name)
            .map(|value| value.as_text().filter(|text| !text.is_empty()).ok_or_else(|| wrong(name, value, "a text")))
            .transpose()
            .map(|text| text.map(str::to_owned))
    };
    let mut plan = Plan {
        host: server.name.clone(),
        user: server.user.clone().or(text("user")?),
        port: server.port.or(merged.get("port").map(|value| port(value)).transpose()?),
        args: passed_on(stage, server)?,
        connect_timeout: None,
        password: text("password")?,
        passphrase: text("passphrase")?,
        forward_agent: merged.get("forward_agent").map(|value| switch("forward_agent", value)).transpose()?,
    };
    if let Some(user) = &plan.user {
        plan.args.extend(["-l".to_owned(), user.clone()]);
    }
    if let Some(port) = plan.port {
        plan.args.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(forward) = plan.forward_agent {
        plan.args.push(if forward { "-A" } else { "-a" }.to_owned());
    }
    for (name, value) in &merged {
        let meaning = meaning_of(name)?;
        plan.args.extend(arguments(meaning, value, home).map_err(|expected| wrong(name, value, expected))?);
        if *name == "verify_host_key" {
            let known = merged.contains_key("user_known_hosts_file");
            plan.args.extend(verification(value, &plan.host, plan.port, known).ok_or_else(|| {
                wrong(name, value, "\"never\", \"accept_new\", \"accept_new_or_local_tunnel\" or \"always\"")
            })?);
        }
    }
    if plan.args.iter().any(|arg| Vault::is_sealed(arg)) {
        return Err(Error::recipe("a secret in `ssh_options` would stand in the argument list of ssh for all to see")
            .help("only `password` and `passphrase` may be secrets"));
    }
    if plan.args.iter().chain([&plan.host]).any(|arg| arg.contains(['\0', '\n'])) {
        return Err(Error::recipe("`ssh_options` cannot hold a line end or a NUL character"));
    }
    Ok(plan)
}

fn meaning_of(name: &str) -> Result<Meaning, Error> {
    if let Some((_, meaning)) = TABLE.iter().find(|(known, _)| *known == name) {
        return Ok(*meaning);
    }
    let known = || TABLE.iter().filter(|(_, meaning)| !matches!(meaning, Meaning::Gone(_))).map(|(known, _)| *known);
    let near = known().map(|known| (damerau_levenshtein(name, known), known)).min().filter(|(edits, _)| *edits <= 3);
    Err(Error::recipe(format!("`ssh_options` has no `{name}`"))
        .maybe_help(near.map(|(_, near)| format!("did you mean `{near}`?")))
        .help("anything else ssh knows goes into `options`, for example `options: [\"-o Tunnel=no\"]`")
        .note(format!("there are: {}", known().collect::<Vec<_>>().join(", "))))
}

fn wrong(name: &str, value: &Value, expected: &str) -> Error {
    let value = if matches!(name, "password" | "passphrase") { "not".to_owned() } else { format!("{value}, not") };
    Error::recipe(format!("`{name}` in `ssh_options` is {value} {expected}"))
}

fn port(value: &Value) -> Result<u16, Error> {
    let number = match value {
        Value::Int(number) => u16::try_from(*number).ok(),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    number.filter(|port| *port > 0).ok_or_else(|| wrong("port", value, "a number from 1 to 65535"))
}

fn switch(name: &str, value: &Value) -> Result<bool, Error> {
    if let Value::Bool(value) = value { Ok(*value) } else { Err(wrong(name, value, "true or false")) }
}

/// The `options` of the server, then of the stage: ssh heeds the first of two that contradict each other.
fn passed_on(stage: &IndexMap<String, Value>, server: &Server) -> Result<Vec<String>, Error> {
    let mut args = Vec::new();
    for options in [&server.ssh_options, stage] {
        let Some(value) = options.get("options").filter(|value| **value != Value::Unit) else { continue };
        for text in texts(value).ok_or_else(|| wrong("options", value, "a list such as [\"-o Compression=yes\"]"))? {
            let text = text.trim();
            let (flag, rest) =
                text.split_once(char::is_whitespace).map_or((text, None), |(flag, rest)| (flag, Some(rest.trim())));
            let letter = flag.strip_prefix('-').and_then(|flag| flag.chars().next());
            match letter {
                Some(letter) if OURS.contains(letter) => {
                    return Err(Error::recipe(format!(
                        "`-{letter}` in `options` is not for you to give: windlass needs it itself"
                    ))
                    .help("leave it out"));
                }
                Some(letter) if letter != '-' => args.push(flag.to_owned()),
                _ => {
                    return Err(wrong(
                        "options",
                        &Value::from(text),
                        "an option of ssh such as \"-o Compression=yes\"",
                    ));
                }
            }
            args.extend(rest.map(str::to_owned));
        }
    }
    Ok(args)
}

/// Capistrano's spellings; `true` and `false` are net-ssh's older ones for the default and for none at all.
fn verification(value: &Value, host: &str, port: Option<u16>, own_file: bool) -> Option<Vec<String>> {
    let strict = |how| vec![option("StrictHostKeyChecking", how)];
    let never = || {
        let mut args = strict("no");
        if !own_file {
            args.push(option("UserKnownHostsFile", "/dev/null"));
            args.push(option("GlobalKnownHostsFile", "/dev/null"));
        }
        args
    };
    let is_tunnel = matches!(host, "localhost" | "127.0.0.1" | "::1") && port.is_some_and(|port| port != 22);
    Some(match value {
        Value::Bool(false) => never(),
        Value::Bool(true) if is_tunnel => never(),
        Value::Bool(true) => strict("accept-new"),
        Value::Text(how) => match how.as_str() {
            "never" => never(),
            "accept_new_or_local_tunnel" if is_tunnel => never(),
            "accept_new" | "accept-new" | "accept_new_or_local_tunnel" | "very" => strict("accept-new"),
            "always" | "secure" => strict("yes"),
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, Value)]) -> IndexMap<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn planned(server: &Server, stage: &[(&str, Value)]) -> Result<Plan, Error> {
        plan(server, &options(stage), Some("/home/me"))
    }

    fn list(values: &[&str]) -> Value {
        Value::List(values.iter().map(|value| Value::from(*value)).collect())
    }

    #[test]
    fn nothing_said_leaves_everything_to_ssh() {
        let expected = Plan { host: "web1".into(), ..Plan::default() };
        assert_eq!(planned(&Server::new("web1"), &[]).unwrap(), expected);
        assert_eq!(
            planned(&Server::new("web1"), &[("password", Value::Unit), ("keys", Value::Unit)]).unwrap(),
            expected
        );
    }

    #[test]
    fn the_nearer_user_and_port_win() {
        let stage = [("user", Value::from("stage")), ("port", Value::Int(1))];
        let bare = Server::new("web1");
        let plan = planned(&bare, &stage).unwrap();
        assert_eq!((plan.user.as_deref(), plan.port, plan.label().as_str()), (Some("stage"), Some(1), "stage@web1:1"));
        let filled = Server { ssh_options: options(&[("user", "own".into()), ("port", "2".into())]), ..bare.clone() };
        assert_eq!(planned(&filled, &stage).unwrap().args, ["-l", "own", "-p", "2"]);
        let own = Server { user: Some("me".into()), port: Some(3), ..filled };
        assert_eq!(planned(&own, &stage).unwrap().args, ["-l", "me", "-p", "3"]);
    }

    #[test]
    fn the_command_lines_time_to_connect_comes_first_and_the_settings_last() {
        let plan = planned(&Server::new("web1"), &[("timeout", Value::Int(5))]).unwrap();
        let (line, setting) = (Some(Duration::from_millis(1500)), Some(Duration::from_secs(3)));
        let timed = plan.clone().within(ConnectTimeouts { line, setting });
        assert_eq!(timed.args, ["-oConnectTimeout=2", "-oConnectTimeout=5"]);
        assert_eq!(timed.connect_timeout, Some(3));
        assert_eq!(plan.clone().within(ConnectTimeouts::default()), plan);
    }

    #[test]
    fn options_of_the_server_win() {
        let server =
            Server { ssh_options: options(&[("keys", "b".into()), ("keys_only", Value::Unit)]), ..Server::new("web1") };
        let plan =
            planned(&server, &[("keys", "a".into()), ("timeout", Value::Int(5)), ("keys_only", Value::Bool(true))])
                .unwrap();
        assert_eq!(plan.args, ["-oIdentityFile=b", "-oConnectTimeout=5"]);
    }

    #[test]
    fn the_agent_is_forwarded_only_when_asked_for() {
        assert_eq!(planned(&Server::new("a"), &[("forward_agent", Value::Bool(true))]).unwrap().args, ["-A"]);
        assert_eq!(planned(&Server::new("a"), &[("forward_agent", Value::Bool(false))]).unwrap().args, ["-a"]);
    }

    #[test]
    fn verification_has_capistranos_spellings() {
        let args = |host: &str, port: Option<u16>, how: Value| {
            let server = Server { port, ..Server::new(host) };
            let args = planned(&server, &[("verify_host_key", how)]).unwrap().args;
            args.into_iter().skip(if port.is_some() { 2 } else { 0 }).collect::<Vec<_>>()
        };
        let never =
            ["-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", "-oGlobalKnownHostsFile=/dev/null"];
        assert_eq!(args("web1", None, "never".into()), never);
        assert_eq!(args("web1", None, Value::Bool(false)), never);
        assert_eq!(args("127.0.0.1", Some(2222), "accept_new_or_local_tunnel".into()), never);
        for how in ["accept_new", "accept-new", "accept_new_or_local_tunnel", "very"] {
            assert_eq!(args("web1", Some(2222), how.into()), ["-oStrictHostKeyChecking=accept-new"], "{how}");
        }
        assert_eq!(args("web1", None, Value::Bool(true)), ["-oStrictHostKeyChecking=accept-new"]);
        assert_eq!(args("web1", None, "always".into()), ["-oStrictHostKeyChecking=yes"]);
        assert_eq!(args("web1", None, "secure".into()), ["-oStrictHostKeyChecking=yes"]);
        let error = planned(&Server::new("a"), &[("verify_host_key", "maybe".into())]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`verify_host_key` in `ssh_options` is \"maybe\", not \"never\", \"accept_new\", \"accept_new_or_local_tunnel\" or \"always\""
        );
    }

    #[test]
    fn options_are_passed_on_as_they_are_the_servers_first() {
        let server = Server { ssh_options: options(&[("options", list(&["-4"]))]), ..Server::new("a") };
        let stage = [("options", list(&["-o ProxyCommand=ssh gw -W %h:%p", "-J gw"]))];
        assert_eq!(planned(&server, &stage).unwrap().args, ["-4", "-o", "ProxyCommand=ssh gw -W %h:%p", "-J", "gw"]);
    }

    #[test]
    fn options_that_would_break_us_are_refused() {
        let message = |text: &str| planned(&Server::new("a"), &[("options", list(&[text]))]).unwrap_err().to_string();
        assert_eq!(message("-S /tmp/x"), "`-S` in `options` is not for you to give: windlass needs it itself");
        assert_eq!(
            message("web1"),
            "`options` in `ssh_options` is \"web1\", not an option of ssh such as \"-o Compression=yes\""
        );
        assert_eq!(
            message("--"),
            "`options` in `ssh_options` is \"--\", not an option of ssh such as \"-o Compression=yes\""
        );
    }

    #[test]
    fn an_unknown_name_says_what_there_is() {
        let error = planned(&Server::new("a"), &[("prot", Value::Int(1))]).unwrap_err();
        assert_eq!(error.to_string(), "`ssh_options` has no `prot`");
        assert_eq!(error.parts().help[0], "did you mean `port`?");
        assert!(error.parts().notes[0].starts_with("there are: user, port, keys, "), "{:?}", error.parts().notes);
        assert!(!error.parts().notes[0].contains("key_data"));
        let error = planned(&Server::new("a"), &[("key_data", "x".into())]).unwrap_err();
        assert_eq!(error.to_string(), "ssh has nothing like `key_data` in `ssh_options`");
        assert_eq!(error.parts().help, ["ssh reads keys from files or an agent: use `keys`, or `ssh-add`"]);
    }

    #[test]
    fn values_are_judged() {
        let message = |name: &str, value: Value| planned(&Server::new("a"), &[(name, value)]).unwrap_err().to_string();
        assert_eq!(
            message("port", Value::Int(70000)),
            "`port` in `ssh_options` is 70000, not a number from 1 to 65535"
        );
        assert_eq!(message("port", Value::Int(0)), "`port` in `ssh_options` is 0, not a number from 1 to 65535");
        assert_eq!(message("forward_agent", Value::Int(1)), "`forward_agent` in `ssh_options` is 1, not true or false");
        assert_eq!(message("password", Value::Int(1234)), "`password` in `ssh_options` is not a text");
        assert_eq!(message("proxy_command", "a\nb".into()), "`ssh_options` cannot hold a line end or a NUL character");
    }

    #[test]
    fn secrets_are_answers_never_arguments() {
        let vault = Vault::default();
        let seal = vault.seal("hunter2");
        let plan =
            planned(&Server::new("a"), &[("password", seal.as_str().into()), ("passphrase", "x".into())]).unwrap();
        assert_eq!(
            (plan.password.as_deref(), plan.passphrase.as_deref(), plan.args.len()),
            (Some(seal.as_str()), Some("x"), 0)
        );
        let error =
            planned(&Server::new("a"), &[("proxy_command", format!("nc -P {seal}").as_str().into())]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a secret in `ssh_options` would stand in the argument list of ssh for all to see"
        );
    }
}
