//! What is shown of a host, whether anything is wrong there or not: names and values, as programs get them.

use indexmap::IndexMap;

use crate::model::doctor::clock::skew;
use crate::model::doctor::seen::Seen;
use crate::model::doctor::sudo::{Sudo, read};
use crate::model::lock_words::who;
use crate::model::login::{HostKey, Login};
use crate::model::value::Value;

/// The names, in the order in which they are shown.
pub const NAMES: &[&str] = &[
    "user",
    "key",
    "host_key",
    "shell",
    "systemd",
    "path",
    "login_path",
    "disks",
    "git",
    "sudo",
    "clock_skew",
    "max_sessions",
    "lock",
];

/// All of it; what is not known is `()`.
#[must_use]
pub fn shown(seen: &Seen<'_>) -> Value {
    let facts = seen.facts;
    let text = |text: Option<&str>| text.map_or(Value::Unit, Value::from);
    let number = |number: Option<i64>| number.map_or(Value::Unit, Value::Int);
    let count =
        |number: Option<u64>| number.and_then(|number| i64::try_from(number).ok()).map_or(Value::Unit, Value::Int);
    let disks = facts.disks.iter().map(|disk| {
        Value::Map(IndexMap::from([
            ("path".to_owned(), disk.path.as_str().into()),
            ("mount".to_owned(), disk.mount.as_str().into()),
            ("total".to_owned(), count(disk.bytes.map(|(total, _)| total))),
            ("free".to_owned(), count(disk.bytes.map(|(_, free)| free))),
            ("inodes".to_owned(), count(disk.inodes.map(|(total, _)| total))),
            ("inodes_free".to_owned(), count(disk.inodes.map(|(_, free)| free))),
        ]))
    });
    let values = [
        Value::from(facts.user.as_str()),
        text(seen.login.and_then(key).as_deref()),
        text(seen.login.and_then(host_key).as_deref()),
        text(facts.shell.as_deref()),
        text(facts.systemd.as_deref()),
        facts.path.as_str().into(),
        text(facts.login_path.as_deref()),
        Value::List(disks.collect()),
        text(facts.git.as_ref().map(|git| if git.is_ok() { "readable" } else { "not readable" })),
        text(sudo(read(facts.sudo.as_ref()))),
        number(skew(seen)),
        count(facts.max_sessions),
        text(lock(seen).as_deref()),
    ];
    Value::Map(NAMES.iter().map(|name| (*name).to_owned()).zip(values).collect())
}

fn key(login: &Login) -> Option<String> {
    match &login.key {
        Some(key) if key.from_agent => Some(format!("{} {} of the agent", key.name, key.print)),
        Some(key) => Some(format!("{} {}", key.name, key.print)),
        None => login.method.as_ref().map(|method| format!("none, by {method}")),
    }
}

fn host_key(login: &Login) -> Option<String> {
    let how = match &login.host_key {
        HostKey::Untold => return None,
        HostKey::Known(place) => format!("known in {place}"),
        HostKey::New(file) => format!("new, written to {file}"),
        HostKey::Changed(place) => format!("changed, another one in {place}"),
    };
    Some(login.host_key_print.as_ref().map_or_else(|| how.clone(), |print| format!("{print}, {how}")))
}

const fn sudo(sudo: Sudo) -> Option<&'static str> {
    match sudo {
        Sudo::NotNeeded => Some("not needed"),
        Sudo::Free => Some("without a password"),
        Sudo::Some => Some("some commands without a password"),
        Sudo::Password => Some("with a password"),
        Sudo::Refused => Some("none"),
        Sudo::Unclear => None,
    }
}

fn lock(seen: &Seen<'_>) -> Option<String> {
    let lock = seen.facts.lock.as_ref()?;
    Some(match (&lock.freeze, lock.held()) {
        (Some(_), _) => "frozen".to_owned(),
        (None, Some(record)) => format!("held by {}", who(record)),
        (None, None) => "free".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::testing::{Recorded, asked};

    #[test]
    fn a_healthy_host() {
        let Value::Map(shown) = Recorded::healthy().shown(&asked()) else { panic!("a map") };
        let told: Vec<String> =
            shown.iter().filter(|(name, _)| *name != "disks").map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            told,
            [
                "user: \"deploy\"",
                "key: \"/home/me/.ssh/id_ed25519 ED25519 SHA256:mine\"",
                "host_key: \"ED25519 SHA256:host, known in /home/me/.ssh/known_hosts:12\"",
                "shell: \"/bin/bash\"",
                "systemd: \"systemd 252\"",
                "path: \"/usr/local/bin:/usr/bin:/bin\"",
                "login_path: \"/usr/local/bin:/usr/bin:/bin:/usr/games\"",
                "git: \"readable\"",
                "sudo: \"with a password\"",
                "clock_skew: 0",
                "max_sessions: 10",
                "lock: \"free\"",
            ]
        );
        let Some(Value::List(disks)) = shown.get("disks") else { panic!("a list") };
        let Value::Map(first) = &disks[0] else { panic!("a map") };
        assert_eq!((first["path"].clone(), first["free"].clone()), ("/var/www/shop".into(), Value::Int(20 << 30)));
    }

    #[test]
    fn what_nobody_said_is_nothing() {
        let recorded = Recorded::healthy().without("lock").without("git").without("max_sessions");
        let Value::Map(shown) = recorded.login(Login::default()).shown(&asked()) else { panic!("a map") };
        for name in ["key", "host_key", "lock", "git", "max_sessions"] {
            assert_eq!(shown[name], Value::Unit, "{name}");
        }
    }
}
