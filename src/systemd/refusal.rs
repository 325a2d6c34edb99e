//! Why `loginctl enable-linger` was refused.
//!
//! Owns the causes behind the words of `loginctl`, polkit and `sudo`, and what whoever administers the host has to type.
//! As with a bus, causes are looked for, not sentences.

use crate::systemd::bus::BusTrouble;

/// Where `loginctl` is on every distribution whose systemd has lingering: `sudo` compares whole paths.
pub const LOGINCTL: &str = "/usr/bin/loginctl";

/// Why lingering could not be switched on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// polkit wants to see a password: it was another user, or the systemd is older than 230.
    InteractiveAuth,
    /// polkit is not there, has a rule against it, or the folder cannot be written.
    AccessDenied,
    /// polkit is switched off by hand.
    PolkitMasked,
    /// No user was named, and the caller has no session of its own.
    NoSession,
    /// The host has no such user.
    UnknownUser,
    /// `/var/lib/systemd/linger` is on a file system nothing may be written to.
    ReadOnly,
    /// There is no room for a file.
    DiskFull,
    /// systemd does not run the host.
    NotBooted,
    /// systemd runs it without logind, or without the bus logind is asked by.
    NoLogind,
    /// logind, or polkit behind it, did not answer in time.
    NoAnswer,
    /// sudo wants a password.
    SudoPassword,
    /// sudo does not let this user run it.
    SudoNotAllowed,
    /// sudo wants a terminal.
    SudoTerminal,
    /// There is no sudo.
    NoSudo,
    /// Anything else, in its own words.
    Other(String),
}

impl Refusal {
    /// Reads what `loginctl`, or `sudo -n loginctl`, printed on standard error.
    #[must_use]
    pub fn read(words: &str) -> Self {
        let said = words.to_lowercase();
        let says = |text: &str| said.contains(text);
        if let Some(refusal) = of_sudo(&says) {
            return refusal;
        }
        if says("interactive authentication") {
            Self::InteractiveAuth
        } else if says("polkit") && says("masked") {
            Self::PolkitMasked
        } else if says("look up user") || says("unknown user") || says("no such user") {
            Self::UnknownUser
        } else if says("no such device or address") || says("not belong to any known session") {
            Self::NoSession
        } else if says("read-only file system") {
            Self::ReadOnly
        } else if says("no space left") || says("quota exceeded") {
            Self::DiskFull
        } else if says("org.freedesktop.login1") || says("logind.service") || says("activate remote peer") {
            Self::NoLogind
        } else {
            match BusTrouble::read(words) {
                Some(BusTrouble::NotBooted) => Self::NotBooted,
                Some(BusTrouble::NoManager | BusTrouble::NoProgram) => Self::NoLogind,
                Some(BusTrouble::NoAnswer) => Self::NoAnswer,
                Some(BusTrouble::NotOurs) => Self::AccessDenied,
                _ if says("timed out") || says("did not receive a reply") => Self::NoAnswer,
                _ if says("access denied") || says("permission denied") => Self::AccessDenied,
                _ => Self::Other(words.trim().to_owned()),
            }
        }
    }

    /// Why, as the end of "lingering of `user` could not be switched on: …". `login` is who asked.
    #[must_use]
    pub fn cause(&self, login: &str, user: &str) -> String {
        match self {
            Self::InteractiveAuth if login == user => {
                "polkit wants a password even for oneself (systemd older than 230, or a rule of its own)".to_owned()
            }
            Self::InteractiveAuth => format!("`{login}` may not do that for `{user}` without a password"),
            Self::AccessDenied => {
                "logind denies it: polkit is not installed, has a rule against it, or /var/lib/systemd/linger cannot \
                 be written"
                    .to_owned()
            }
            Self::PolkitMasked => "polkit.service is masked, so that only root may".to_owned(),
            Self::NoSession => format!("`{login}` has no session on the host, and no user was named"),
            Self::UnknownUser => format!("there is no user `{user}` on the host"),
            Self::ReadOnly => "/var/lib/systemd is on a read-only file system".to_owned(),
            Self::DiskFull => "there is no room left in /var/lib/systemd".to_owned(),
            Self::NotBooted => "systemd does not run the host: its process 1 is another program".to_owned(),
            Self::NoLogind => "systemd-logind cannot be reached on the host".to_owned(),
            Self::NoAnswer => "systemd-logind did not answer in time".to_owned(),
            Self::SudoPassword => format!("sudo wants a password of `{login}`"),
            Self::SudoNotAllowed => format!("sudo does not allow it to `{login}`"),
            Self::SudoTerminal => format!("sudo wants a terminal of `{login}` (`requiretty`)"),
            Self::NoSudo => "the host has no sudo, and without it only root may".to_owned(),
            Self::Other(words) if words.is_empty() => "it says nothing about why".to_owned(),
            Self::Other(words) => format!("it says: {words}"),
        }
    }

    /// What to do, the shortest way first.
    #[must_use]
    pub fn help(&self, login: &str, user: &str) -> Vec<String> {
        let by_root = format!("as an administrator of the host, once: `{}`", command(user));
        let allow = format!(
            "or allow it to `{login}`: `visudo -f /etc/sudoers.d/windlass-linger` with the line `{}`",
            sudoers_line(login, user)
        );
        let system = "or make them services of the machine: `set(\"service_unit_user\", \"system\")`".to_owned();
        match self {
            Self::AccessDenied => {
                vec![
                    by_root,
                    "or let users do it for themselves: install polkit (`polkitd`, `polkit`)".to_owned(),
                    allow,
                ]
            }
            Self::PolkitMasked => {
                vec![by_root, "or switch polkit on again: `sudo systemctl unmask --now polkit`".to_owned(), allow]
            }
            Self::UnknownUser => {
                vec![format!("create the user: `sudo useradd --create-home {user}`, or change the setting")]
            }
            Self::ReadOnly => vec![
                "make /var/lib/systemd writable: `findmnt -T /var/lib/systemd/linger` shows what is mounted there"
                    .to_owned(),
                format!("or put an empty file /var/lib/systemd/linger/{user} into the image of the host"),
            ],
            Self::DiskFull => {
                vec!["make room: `df -h /var/lib/systemd; df -i /var/lib/systemd` shows how much".to_owned()]
            }
            Self::NotBooted => {
                vec!["start the service by other means: there is no lingering without systemd".to_owned()]
            }
            Self::NoLogind => {
                vec!["sudo systemctl unmask systemd-logind && sudo systemctl start systemd-logind".to_owned(), system]
            }
            Self::NoAnswer => vec!["sudo systemctl status systemd-logind polkit".to_owned(), by_root],
            Self::SudoTerminal => vec![by_root, format!("or add to sudoers: `Defaults:{login} !requiretty`")],
            Self::NoSudo => vec![by_root.replace("sudo ", ""), system],
            Self::InteractiveAuth | Self::NoSession | Self::SudoPassword | Self::SudoNotAllowed | Self::Other(_) => {
                vec![by_root, allow]
            }
        }
    }
}

/// What an administrator types.
#[must_use]
pub fn command(user: &str) -> String {
    format!("sudo loginctl enable-linger {user}")
}

/// The line of sudoers that allows exactly this and nothing else. It fits the bare `loginctl` too.
#[must_use]
pub fn sudoers_line(login: &str, user: &str) -> String {
    format!("{login} ALL=(root) NOPASSWD: {LOGINCTL} enable-linger {user}")
}

/// What sudo itself refused. Its words come before those of `loginctl`, which then did not run.
fn of_sudo(says: &dyn Fn(&str) -> bool) -> Option<Refusal> {
    if says("must have a tty") {
        Some(Refusal::SudoTerminal)
    } else if says("may not run sudo")
        || says("is not in the sudoers file")
        || says("is not allowed to execute")
        || says("are not allowed to execute")
    {
        Some(Refusal::SudoNotAllowed)
    } else if says("sudo:") && says("unknown user") {
        Some(Refusal::UnknownUser)
    } else if says("sudo:") && says("password") || says("a terminal is required") || says("no askpass program") {
        Some(Refusal::SudoPassword)
    } else if says("sudo") && (says("not found") || says("no such file or directory")) && !says("loginctl") {
        Some(Refusal::NoSudo)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
