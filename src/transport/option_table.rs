//! Capistrano's names of ssh options, and what ssh itself calls them.
//!
//! Owns the table: one row per name. Pure: it turns a value into arguments of ssh and knows nothing of servers. The
//! names are those of net-ssh (`Net::SSH::VALID_OPTIONS`), the right-hand side is `ssh_config(5)`.

use crate::model::value::Value;

/// What a name turns into.
#[derive(Clone, Copy)]
pub(crate) enum Meaning {
    /// Not an option of ssh's configuration: the plan takes it by its name.
    Plan,
    /// A text.
    Text(&'static str),
    /// A text that ssh takes to the end of the line, as it is.
    Rest(&'static str),
    /// One path, or several, each an option of its own.
    Paths(&'static str),
    /// One path, or several, in one option.
    PathList(&'static str),
    /// A whole number.
    Number(&'static str),
    /// Yes or no.
    Switch(&'static str),
    /// One name, or several, joined with commas.
    Names(&'static str),
    /// By a rule of its own.
    Rule(fn(&Value) -> Option<Vec<String>>, &'static str),
    /// Capistrano knows it, ssh does not; the text says what to do instead.
    Gone(&'static str),
}

/// Every name, in the order they are listed in errors.
pub(crate) const TABLE: &[(&str, Meaning)] = &[
    ("user", Meaning::Plan),
    ("port", Meaning::Plan),
    ("keys", Meaning::Paths("IdentityFile")),
    ("keycerts", Meaning::Paths("CertificateFile")),
    ("keys_only", Meaning::Switch("IdentitiesOnly")),
    ("passphrase", Meaning::Plan),
    ("password", Meaning::Plan),
    ("forward_agent", Meaning::Plan),
    ("use_agent", Meaning::Rule(use_agent, "true or false")),
    ("identity_agent", Meaning::Paths("IdentityAgent")),
    ("auth_methods", Meaning::Names("PreferredAuthentications")),
    ("number_of_password_prompts", Meaning::Number("NumberOfPasswordPrompts")),
    ("non_interactive", Meaning::Switch("BatchMode")),
    ("verify_host_key", Meaning::Plan),
    ("user_known_hosts_file", Meaning::PathList("UserKnownHostsFile")),
    ("global_known_hosts_file", Meaning::PathList("GlobalKnownHostsFile")),
    ("host_key_alias", Meaning::Text("HostKeyAlias")),
    ("check_host_ip", Meaning::Switch("CheckHostIP")),
    ("fingerprint_hash", Meaning::Text("FingerprintHash")),
    ("host_name", Meaning::Text("HostName")),
    ("bind_address", Meaning::Text("BindAddress")),
    ("proxy", Meaning::Rule(proxy, "a jump host such as \"user@gateway:22\", or a command")),
    ("proxy_command", Meaning::Rest("ProxyCommand")),
    ("config", Meaning::Rule(config, "a path, true or false")),
    ("timeout", Meaning::Number("ConnectTimeout")),
    ("keepalive", Meaning::Rule(keepalive, "true or false")),
    ("keepalive_interval", Meaning::Number("ServerAliveInterval")),
    ("keepalive_maxcount", Meaning::Number("ServerAliveCountMax")),
    ("compression", Meaning::Rule(compression, "true, false or a name such as \"zlib\"")),
    ("encryption", Meaning::Names("Ciphers")),
    ("kex", Meaning::Names("KexAlgorithms")),
    ("hmac", Meaning::Names("MACs")),
    ("host_key", Meaning::Names("HostKeyAlgorithms")),
    ("pubkey_algorithms", Meaning::Names("PubkeyAcceptedAlgorithms")),
    ("rekey_limit", Meaning::Text("RekeyLimit")),
    ("send_env", Meaning::Rule(send_env, "a name or a list of names")),
    ("set_env", Meaning::Rule(set_env, "a map of names and values")),
    ("options", Meaning::Plan),
    ("remote_user", Meaning::Gone("use `user`")),
    ("key_data", Meaning::Gone("ssh reads keys from files or an agent: use `keys`, or `ssh-add`")),
    ("keycert_data", Meaning::Gone("ssh reads certificates from files: use `keycerts`")),
    ("known_hosts", Meaning::Gone("use `user_known_hosts_file`")),
    ("paranoid", Meaning::Gone("use `verify_host_key`")),
    ("compression_level", Meaning::Gone("ssh has only one level: leave it out")),
    ("password_prompt", Meaning::Gone("windlass asks on the terminal: leave it out")),
    ("logger", Meaning::Gone("leave it out; `-v` shows what ssh says")),
    ("verbose", Meaning::Gone("use `options: [\"-v\"]`")),
    ("agent_socket_factory", Meaning::Gone("use `identity_agent`")),
    (
        "append_all_supported_algorithms",
        Meaning::Gone("put `+` before the names in `kex`, `hmac`, `encryption` or `host_key`"),
    ),
    ("minimum_dh_bits", Meaning::Gone("ssh has its own minimum: leave it out")),
    ("rekey_blocks_limit", Meaning::Gone("use `rekey_limit`")),
    ("rekey_packet_limit", Meaning::Gone("use `rekey_limit`")),
    ("max_pkt_size", Meaning::Gone("ssh chooses it: leave it out")),
    ("max_win_size", Meaning::Gone("ssh chooses it: leave it out")),
    ("properties", Meaning::Gone("leave it out")),
    ("languages", Meaning::Gone("leave it out")),
];

/// Turns a value into arguments of ssh. The error is what was expected instead.
pub(crate) fn arguments(meaning: Meaning, value: &Value, home: Option<&str>) -> Result<Vec<String>, &'static str> {
    let paths =
        |value: &Value| Some(texts(value)?.into_iter().map(|path| quoted(&expand(&path, home))).collect::<Vec<_>>());
    Ok(match meaning {
        Meaning::Text(key) => vec![option(key, &quoted(scalar(value).ok_or("a text")?.as_str()))],
        Meaning::Rest(key) => vec![option(key, value.as_text().ok_or("a text")?)],
        Meaning::Paths(key) => {
            paths(value).ok_or("a path or a list of paths")?.iter().map(|path| option(key, path)).collect()
        }
        Meaning::PathList(key) => vec![option(key, &paths(value).ok_or("a path or a list of paths")?.join(" "))],
        Meaning::Number(key) => vec![option(key, &seconds(value).ok_or("a whole number, not negative")?.to_string())],
        Meaning::Switch(key) => match value {
            Value::Bool(value) => vec![option(key, yes_no(*value))],
            _ => return Err("true or false"),
        },
        Meaning::Names(key) => vec![option(key, &texts(value).ok_or("a name or a list of names")?.join(","))],
        Meaning::Rule(rule, expected) => rule(value).ok_or(expected)?,
        Meaning::Plan | Meaning::Gone(_) => Vec::new(),
    })
}

/// A leading `~/` becomes the home folder `HOME` names, as in Ruby; ssh by itself asks the password file instead.
fn expand(path: &str, home: Option<&str>) -> String {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

/// `-oKEY=VALUE` as one argument.
pub(crate) fn option(key: &str, value: &str) -> String {
    format!("-o{key}={value}")
}

/// Quotes a word for a line of ssh's configuration, where blanks separate words and `#` begins a comment.
fn quoted(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"', '\'', '\\', '#']) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text, or a list of texts, that is not empty.
pub(crate) fn texts(value: &Value) -> Option<Vec<String>> {
    let texts = match value {
        Value::List(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>()?,
        _ => vec![scalar(value)?],
    };
    (!texts.is_empty()).then_some(texts)
}

/// A whole number; a fraction is rounded up, because ssh knows whole seconds only.
fn seconds(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) if *number >= 0 => Some(*number),
        #[expect(clippy::cast_possible_truncation, reason = "checked to be in the range of seconds that make sense")]
        Value::Float(number) if (0.0..1e9).contains(number) => Some(number.ceil() as i64),
        _ => None,
    }
}

fn use_agent(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Bool(false) => Some(vec![option("IdentityAgent", "none")]),
        Value::Bool(true) => Some(Vec::new()),
        _ => None,
    }
}

fn proxy(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Bool(false) => Some(vec![option("ProxyJump", "none")]),
        Value::Text(command) if command.trim().contains(char::is_whitespace) => {
            Some(vec![option("ProxyCommand", command)])
        }
        Value::Text(host) if !host.is_empty() => Some(vec![option("ProxyJump", host.trim())]),
        _ => None,
    }
}

fn config(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Bool(false) => Some(vec!["-F".into(), "none".into()]),
        Value::Bool(true) => Some(Vec::new()),
        Value::Text(path) if !path.is_empty() => Some(vec!["-F".into(), path.clone()]),
        _ => None,
    }
}

fn keepalive(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Bool(false) => Some(vec![option("ServerAliveInterval", "0")]),
        Value::Bool(true) => Some(Vec::new()),
        _ => None,
    }
}

fn compression(value: &Value) -> Option<Vec<String>> {
    let compress = match value {
        Value::Bool(value) => *value,
        Value::Text(name) => name != "none",
        _ => return None,
    };
    Some(vec![option("Compression", yes_no(compress))])
}

fn send_env(value: &Value) -> Option<Vec<String>> {
    Some(texts(value)?.iter().map(|name| option("SendEnv", name)).collect())
}

/// All variables in one option: ssh only heeds the first `SetEnv`.
fn set_env(value: &Value) -> Option<Vec<String>> {
    let Value::Map(map) = value else { return None };
    let words = map
        .iter()
        .map(|(name, value)| {
            Some(quoted(&format!("{name}={}", if *value == Value::from("") { String::new() } else { scalar(value)? })))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(if words.is_empty() { words } else { vec![option("SetEnv", &words.join(" "))] })
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn args(name: &str, value: &Value) -> Result<Vec<String>, &'static str> {
        let (_, meaning) = TABLE.iter().find(|(known, _)| *known == name).unwrap();
        arguments(*meaning, value, Some("/home/me"))
    }

    fn list(values: &[&str]) -> Value {
        Value::List(values.iter().map(|value| Value::from(*value)).collect())
    }

    #[test]
    fn every_name_becomes_what_ssh_calls_it() {
        for (name, value, expected) in [
            (
                "keys",
                list(&["~/.ssh/a", "/k/my key"]),
                vec!["-oIdentityFile=/home/me/.ssh/a", "-oIdentityFile=\"/k/my key\""],
            ),
            ("keys", "k".into(), vec!["-oIdentityFile=k"]),
            ("keycerts", "c".into(), vec!["-oCertificateFile=c"]),
            ("keys_only", Value::Bool(true), vec!["-oIdentitiesOnly=yes"]),
            ("use_agent", Value::Bool(false), vec!["-oIdentityAgent=none"]),
            ("use_agent", Value::Bool(true), vec![]),
            ("identity_agent", "~/s".into(), vec!["-oIdentityAgent=/home/me/s"]),
            ("auth_methods", list(&["publickey", "password"]), vec!["-oPreferredAuthentications=publickey,password"]),
            ("number_of_password_prompts", Value::Int(1), vec!["-oNumberOfPasswordPrompts=1"]),
            ("non_interactive", Value::Bool(true), vec!["-oBatchMode=yes"]),
            ("user_known_hosts_file", list(&["~/a", "/b c"]), vec!["-oUserKnownHostsFile=/home/me/a \"/b c\""]),
            ("global_known_hosts_file", "/dev/null".into(), vec!["-oGlobalKnownHostsFile=/dev/null"]),
            ("host_key_alias", "web".into(), vec!["-oHostKeyAlias=web"]),
            ("check_host_ip", Value::Bool(false), vec!["-oCheckHostIP=no"]),
            ("fingerprint_hash", "md5".into(), vec!["-oFingerprintHash=md5"]),
            ("host_name", "10.0.0.1".into(), vec!["-oHostName=10.0.0.1"]),
            ("bind_address", "10.0.0.2".into(), vec!["-oBindAddress=10.0.0.2"]),
            ("proxy", "me@gw:22,gw2".into(), vec!["-oProxyJump=me@gw:22,gw2"]),
            ("proxy", "ssh gw -W %h:%p".into(), vec!["-oProxyCommand=ssh gw -W %h:%p"]),
            ("proxy", Value::Bool(false), vec!["-oProxyJump=none"]),
            ("proxy_command", "nc %h %p".into(), vec!["-oProxyCommand=nc %h %p"]),
            ("config", "my config".into(), vec!["-F", "my config"]),
            ("config", Value::Bool(false), vec!["-F", "none"]),
            ("timeout", Value::Float(1.5), vec!["-oConnectTimeout=2"]),
            ("keepalive", Value::Bool(false), vec!["-oServerAliveInterval=0"]),
            ("keepalive", Value::Bool(true), vec![]),
            ("keepalive_interval", Value::Int(30), vec!["-oServerAliveInterval=30"]),
            ("keepalive_maxcount", Value::Int(5), vec!["-oServerAliveCountMax=5"]),
            ("compression", "zlib".into(), vec!["-oCompression=yes"]),
            ("compression", "none".into(), vec!["-oCompression=no"]),
            ("encryption", list(&["a", "b"]), vec!["-oCiphers=a,b"]),
            ("kex", "a".into(), vec!["-oKexAlgorithms=a"]),
            ("hmac", "a".into(), vec!["-oMACs=a"]),
            ("host_key", "a".into(), vec!["-oHostKeyAlgorithms=a"]),
            ("pubkey_algorithms", "a".into(), vec!["-oPubkeyAcceptedAlgorithms=a"]),
            ("rekey_limit", "1G".into(), vec!["-oRekeyLimit=1G"]),
            ("send_env", list(&["LANG", "LC_*"]), vec!["-oSendEnv=LANG", "-oSendEnv=LC_*"]),
        ] {
            assert_eq!(args(name, &value).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn variables_go_into_one_option() {
        let map = IndexMap::from([
            ("A".to_owned(), Value::from("x y")),
            ("B".to_owned(), Value::Int(1)),
            ("C".to_owned(), "".into()),
        ]);
        assert_eq!(args("set_env", &Value::Map(map)).unwrap(), ["-oSetEnv=\"A=x y\" B=1 C="]);
        assert!(args("set_env", &Value::Map(IndexMap::new())).unwrap().is_empty());
    }

    #[test]
    fn a_value_of_the_wrong_sort_says_what_was_expected() {
        for (name, value, expected) in [
            ("keys", Value::Bool(true), "a path or a list of paths"),
            ("keys", list(&[]), "a path or a list of paths"),
            ("timeout", Value::Int(-1), "a whole number, not negative"),
            ("timeout", "soon".into(), "a whole number, not negative"),
            ("keys_only", Value::Int(1), "true or false"),
            ("kex", Value::Unit, "a name or a list of names"),
            ("proxy", Value::Int(1), "a jump host such as \"user@gateway:22\", or a command"),
            ("config", list(&["a", "b"]), "a path, true or false"),
        ] {
            assert_eq!(args(name, &value).unwrap_err(), expected, "{name}");
        }
    }

    #[test]
    fn names_are_listed_once() {
        let mut names: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn words_are_quoted_as_ssh_reads_them() {
        assert_eq!(quoted("/a/b"), "/a/b");
        assert_eq!(quoted("a \"b\" \\c"), r#""a \"b\" \\c""#);
        assert_eq!(quoted("a#b"), "\"a#b\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
