//! What sudo lets the login do, where the recipe needs it.

use crate::model::doctor::seen::Seen;
use crate::model::doctor::table::finding;
use crate::model::host_finding::Finding;
use crate::model::name_list::quoted;
use crate::model::sections::Answer;

/// What sudo said, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sudo {
    /// The login is root.
    NotNeeded,
    /// Everything, unasked.
    Free,
    /// Some commands, unasked.
    Some,
    /// Only with a password.
    Password,
    /// Nothing, or there is no sudo.
    Refused,
    /// Something that is not understood.
    Unclear,
}

/// Reads what `sudo -n -l` said.
#[must_use]
pub fn read(answer: Option<&Answer>) -> Sudo {
    let Some(answer) = answer else { return Sudo::NotNeeded };
    let says = |words: &[&str]| words.iter().any(|word| answer.text.contains(word));
    if says(&["not allowed to run sudo", "may not run sudo", "not in the sudoers"]) {
        return Sudo::Refused;
    }
    if answer.is_ok() {
        if says(&["NOPASSWD: ALL", "!authenticate"]) {
            Sudo::Free
        } else if says(&["NOPASSWD:"]) {
            Sudo::Some
        } else {
            Sudo::Password
        }
    } else if says(&["password is required", "a terminal is required"]) {
        Sudo::Password
    } else if answer.status == 127 {
        Sudo::Refused
    } else {
        Sudo::Unclear
    }
}

pub fn refused(seen: &Seen<'_>) -> Vec<Finding> {
    let (user, others) = (&seen.facts.user, &seen.asked.other_users);
    if others.is_empty() || *others == [user.clone()] {
        return Vec::new();
    }
    let whom = quoted(others.iter().map(String::as_str));
    let line = format!("{user} ALL=({}) NOPASSWD: ALL", others.join(","));
    let repair = format!("echo '{line}' | sudo EDITOR='tee' visudo -f /etc/sudoers.d/windlass");
    match read(seen.facts.sudo.as_ref()) {
        Sudo::Refused => {
            let what = match &seen.facts.sudo {
                Some(answer) if answer.status == 127 => "there is no sudo".to_owned(),
                _ => format!("sudo lets `{user}` do nothing"),
            };
            vec![
                finding("no-sudo", format!("{what}, and the recipe runs commands as {whom}"))
                    .user(user)
                    .then("they fail, and with them the task they are in")
                    .repair(repair),
            ]
        }
        Sudo::Password if !seen.asked.has_sudo_password => vec![
            finding(
                "sudo-password",
                format!("sudo wants a password of `{user}`, and the recipe runs commands as {whom}"),
            )
            .user(user)
            .then("they fail unless `-K` asks for it, or the setting `sudo_password` has it")
            .repair(repair),
        ],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::asked::Asked;
    use crate::model::doctor::testing::{Recorded, asked};
    use crate::model::host_finding::Severity::{Error, Warning};

    const LINE: &str = "echo 'deploy ALL=(app) NOPASSWD: ALL' | sudo EDITOR='tee' visudo -f /etc/sudoers.d/windlass";

    fn with_as_user() -> Asked {
        Asked { other_users: vec!["app".into()], ..asked() }
    }

    #[test]
    fn without_as_user_nobody_asks_for_sudo() {
        Recorded::healthy().section("sudo", 127, "").raises_nothing(&asked());
        Recorded::healthy().without("sudo").raises_nothing(&with_as_user());
        Recorded::healthy()
            .section("sudo", 127, "")
            .raises_nothing(&Asked { other_users: vec!["deploy".into()], ..asked() });
    }

    #[test]
    fn a_login_that_may_do_nothing() {
        Recorded::healthy().section("sudo", 1, "Sorry, user deploy may not run sudo on web1.").raises(
            &with_as_user(),
            "no-sudo",
            Error,
            "sudo lets `deploy` do nothing, and the recipe runs commands as `app`: they fail, and with them the task they are in",
            LINE,
        );
        let found = Recorded::healthy().section("sudo", 127, "").found(&with_as_user());
        assert!(found[0].problem.starts_with("there is no sudo, and"), "{found:#?}");
    }

    #[test]
    fn a_password_that_nobody_types() {
        let recorded = Recorded::healthy().section("sudo", 1, "sudo: a password is required");
        recorded.raises(
            &with_as_user(),
            "sudo-password",
            Warning,
            "sudo wants a password of `deploy`, and the recipe runs commands as `app`: they fail unless `-K` asks for it, or \
             the setting `sudo_password` has it",
            LINE,
        );
        recorded.raises_nothing(&Asked { has_sudo_password: true, ..with_as_user() });
    }

    #[test]
    fn what_sudo_says_is_understood() {
        let of = |status, text: &str| read(Some(&Answer { status, text: text.into() }));
        let head = "Matching Defaults entries for deploy on web1:\n    env_reset\n\nUser deploy may run the following commands on web1:\n";
        assert_eq!(of(0, &format!("{head}    (ALL : ALL) NOPASSWD: ALL")), Sudo::Free);
        assert_eq!(of(0, &format!("{head}    (root) NOPASSWD: /usr/bin/systemctl")), Sudo::Some);
        assert_eq!(of(0, &format!("{head}    (ALL : ALL) ALL")), Sudo::Password);
        assert_eq!(of(0, "User deploy is not allowed to run sudo on web1."), Sudo::Refused);
        assert_eq!(of(1, "sudo: unable to resolve host"), Sudo::Unclear);
        assert_eq!(read(None), Sudo::NotNeeded);
    }
}
