//! The way to the host: its key, and ours.

use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;
use crate::model::login::HostKey;
use crate::model::quote::quote_path;

/// sshd hangs up after so many keys that are not the right one, unless its administrator says otherwise.
const MAX_AUTH_TRIES: usize = 6;

/// Where keys go that nobody wants to keep.
const NOWHERE: &str = "/dev/null";

pub fn host_key(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(login) = seen.login else { return Vec::new() };
    let print = login.host_key_print.clone().unwrap_or_else(|| "its key".to_owned());
    let kind = print.split(' ').next().unwrap_or_default().to_lowercase();
    let compare = format!("ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub");
    match &login.host_key {
        HostKey::Untold | HostKey::Known(_) => Vec::new(),
        HostKey::New(file) if file == NOWHERE => vec![
            finding("host-key-unchecked", format!("the host key is not checked: {print} was taken as it came"))
                .then("whoever stands in between is let in as well, and is told what the deploy tells the host")
                .repair(r#"set("ssh_options", #{ verify_host_key: "always" });"#),
        ],
        HostKey::New(file) => vec![
            finding("host-key-new", format!("the host key was not known: {print} is in {file} since this login"))
                .then("it is trusted from now on, and nobody has compared it with that of the host")
                .repair(compare),
        ],
        HostKey::Changed(place) => vec![
            finding("host-key-changed", format!("the host key is {print} now, and another one in {place}"))
                .then("it was let in nevertheless: the host was installed anew, or somebody is in between")
                .repair(compare),
        ],
    }
}

pub fn many_keys(seen: &Seen<'_>) -> Vec<Finding> {
    let Some(login) = seen.login.filter(|login| login.offered + 1 >= MAX_AUTH_TRIES) else { return Vec::new() };
    let keys = login.key.as_ref().map(|key| key.name.as_str()).filter(|name| name.starts_with(['/', '~']));
    let key = keys.unwrap_or("~/.ssh/id_ed25519");
    let problem = format!("{} keys were offered before one was taken", login.offered);
    vec![
        finding("many-keys", problem)
            .then(format!(
                "sshd hangs up after {MAX_AUTH_TRIES} (`MaxAuthTries`), and one more key in the agent locks us out"
            ))
            .repair(format!(r#"set("ssh_options", #{{ keys: ["{}"], keys_only: true }});"#, quote_path(key))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::testing::{Recorded, asked, login};
    use crate::model::host_finding::Severity::{Error as Bad, Warning};

    fn of(key: HostKey) -> Recorded {
        Recorded::healthy().login(crate::model::login::Login { host_key: key, ..login() })
    }

    #[test]
    fn a_key_that_was_taken_as_it_came() {
        of(HostKey::New("/home/me/.ssh/known_hosts".into())).raises(
            &asked(),
            "host-key-new",
            Warning,
            "the host key was not known: ED25519 SHA256:host is in /home/me/.ssh/known_hosts since this login: it is \
             trusted from now on, and nobody has compared it with that of the host",
            "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        );
        of(HostKey::New("/dev/null".into())).raises(
            &asked(),
            "host-key-unchecked",
            Warning,
            "the host key is not checked: ED25519 SHA256:host was taken as it came: whoever stands in between is let in as \
             well, and is told what the deploy tells the host",
            r#"set("ssh_options", #{ verify_host_key: "always" });"#,
        );
        of(HostKey::Changed("/k:3".into())).raises(
            &asked(),
            "host-key-changed",
            Bad,
            "the host key is ED25519 SHA256:host now, and another one in /k:3: it was let in nevertheless: the host was \
             installed anew, or somebody is in between",
            "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        );
    }

    #[test]
    fn an_agent_full_of_keys() {
        let offering = |offered| Recorded::healthy().login(crate::model::login::Login { offered, ..login() });
        offering(4).raises_nothing(&asked());
        offering(5).raises(
            &asked(),
            "many-keys",
            Warning,
            "5 keys were offered before one was taken: sshd hangs up after 6 (`MaxAuthTries`), and one more key in the \
             agent locks us out",
            r#"set("ssh_options", #{ keys: ["/home/me/.ssh/id_ed25519"], keys_only: true });"#,
        );
    }
}
