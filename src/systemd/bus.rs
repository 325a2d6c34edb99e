//! Why `systemctl` or `loginctl` did not reach what it asks.
//!
//! Owns the causes behind the words. Every release of systemd words them anew ("Failed to get D-Bus connection",
//! "Failed to connect to bus", "Failed to connect to user scope bus via local transport"), and only the end, which is
//! the kernel's, stays. So nothing is compared with a whole sentence.

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BusTrouble {
    /// Process 1 of the host is not systemd: a container, a WSL, another init.
    NotBooted,
    /// `XDG_RUNTIME_DIR` is not set, so that nobody knows where the bus is: no PAM session, or below `sudo -u`.
    NoRuntimeDir,
    /// The place is known, and nobody is there: the user's manager does not run, or does not run yet.
    NoManager,
    /// The bus is another user's.
    NotOurs,
    /// Somebody is there and does not answer in time.
    NoAnswer,
    /// The program itself is missing.
    NoProgram,
    /// Anything else, in its own words.
    Other(String),
}

impl BusTrouble {
    /// Reads what was printed on standard error; none where nothing in it speaks of a bus.
    #[must_use]
    pub fn read(words: &str) -> Option<Self> {
        let said = words.to_lowercase();
        let says = |text: &str| said.contains(text);
        if says("not been booted with systemd") {
            return Some(Self::NotBooted);
        }
        let is_program = says("systemctl") || says("loginctl");
        if is_program && (says("not found") || says("no such file or directory")) && !says("unit") && !says("bus") {
            return Some(Self::NoProgram);
        }
        let speaks_of_a_bus = says("connect to") && (says("bus") || says("transport")) || says("d-bus connection");
        if !speaks_of_a_bus && !says("xdg_runtime_dir") {
            return None;
        }
        // "Operation not permitted" is what 219 says in a container it does not run.
        Some(if says("host is down") || says("d-bus connection") && says("operation not permitted") {
            Self::NotBooted
        } else if says("no medium found") || says("not defined") || says("not set") {
            Self::NoRuntimeDir
        } else if says("permission denied") || says("access denied") || says("operation not permitted") {
            Self::NotOurs
        } else if says("no such file or directory") || says("connection refused") {
            Self::NoManager
        } else if says("timed out") || says("connection reset") || says("did not receive a reply") {
            Self::NoAnswer
        } else {
            Self::Other(words.trim().to_owned())
        })
    }

    /// Whether it may pass by itself within seconds, as after `loginctl enable-linger`.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::NoManager | Self::NoAnswer)
    }

    /// What is wrong.
    #[must_use]
    pub fn cause(&self, user: &str) -> String {
        match self {
            Self::NotBooted => "systemd does not run the host: its process 1 is another program".to_owned(),
            Self::NoRuntimeDir => {
                format!("XDG_RUNTIME_DIR is not set for `{user}`: no PAM session was opened for this login")
            }
            Self::NoManager => format!("the user manager of `{user}` does not run"),
            Self::NotOurs => format!("the bus that was asked does not belong to `{user}`"),
            Self::NoAnswer => format!("the user manager of `{user}` did not answer in time"),
            Self::NoProgram => "the host has no `systemctl`".to_owned(),
            Self::Other(words) => format!("the user manager of `{user}` cannot be reached: {words}"),
        }
    }

    /// What to do, one command or setting.
    #[must_use]
    pub fn remedy(&self, user: &str) -> String {
        match self {
            Self::NotBooted | Self::NoProgram => {
                "deploy to a host that systemd runs, or start the service by other means".to_owned()
            }
            Self::NoRuntimeDir => {
                "set `UsePAM yes` in /etc/ssh/sshd_config, and have pam_systemd in the PAM stack of sshd".to_owned()
            }
            Self::NoManager => format!("sudo loginctl enable-linger {user}"),
            Self::NotOurs => format!("log in as `{user}` itself, not by `su {user}`: `ssh {user}@HOST`"),
            Self::NoAnswer | Self::Other(_) => {
                format!("sudo systemctl status \"user@$(id -u {user}).service\"")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_BOOTED: &str = "System has not been booted with systemd as init system (PID 1). Can't operate.\n\
                              Failed to connect to bus: Host is down";

    #[test]
    fn one_cause_many_wordings() {
        for (words, cause) in [
            (NOT_BOOTED, BusTrouble::NotBooted),
            ("Failed to connect to system scope bus via local transport: Host is down", BusTrouble::NotBooted),
            ("Failed to connect to bus: No medium found", BusTrouble::NoRuntimeDir),
            ("Failed to connect to user scope bus via local transport: No medium found", BusTrouble::NoRuntimeDir),
            (
                "Failed to connect to bus: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined (consider using \
                 --machine=<user>@.host --user to connect to bus of other user)",
                BusTrouble::NoRuntimeDir,
            ),
            (
                "Failed to connect to user scope bus via local transport: $DBUS_SESSION_BUS_ADDRESS and \
                 $XDG_RUNTIME_DIR not defined (consider using --machine=<user>@.host --user to connect to bus of \
                 other user)",
                BusTrouble::NoRuntimeDir,
            ),
            ("Failed to connect to bus: No such file or directory", BusTrouble::NoManager),
            ("Failed to get D-Bus connection: No such file or directory", BusTrouble::NoManager),
            ("Failed to connect to bus: Connection refused", BusTrouble::NoManager),
            (
                "Failed to connect to user scope bus via local transport: No such file or directory",
                BusTrouble::NoManager,
            ),
            ("Failed to connect to bus: Permission denied", BusTrouble::NotOurs),
            ("Failed to get D-Bus connection: Operation not permitted", BusTrouble::NotBooted),
            ("Failed to connect to user scope bus via local transport: Permission denied", BusTrouble::NotOurs),
            ("Failed to connect to bus: Connection timed out", BusTrouble::NoAnswer),
            ("sh: 1: systemctl: not found", BusTrouble::NoProgram),
            ("env: 'systemctl': No such file or directory", BusTrouble::NoProgram),
            ("bash: line 1: systemctl: command not found", BusTrouble::NoProgram),
        ] {
            assert_eq!(BusTrouble::read(words), Some(cause), "{words}");
        }
    }

    #[test]
    fn what_nobody_has_seen_keeps_its_words() {
        let words = "Failed to connect to bus: Protocol error\n";
        assert_eq!(
            BusTrouble::read(words),
            Some(BusTrouble::Other("Failed to connect to bus: Protocol error".to_owned()))
        );
    }

    #[test]
    fn other_words_of_systemctl_are_no_trouble_of_the_bus() {
        for words in [
            "",
            "Unit x.service not loaded.",
            "Unit x.service could not be found.",
            "Failed to stop x.service: Unit x.service not loaded.",
            "Failed to start x.service: Unit x.service not found.",
            "Failed to enable unit: Unit file x.service does not exist.",
            "Failed to get user: User ID 1002 is not logged in or lingering",
            "Job for x.service failed. See \"systemctl status x.service\" and \"journalctl -xe\" for details.",
        ] {
            assert_eq!(BusTrouble::read(words), None, "{words}");
        }
    }

    #[test]
    fn only_what_passes_is_waited_for() {
        assert!(BusTrouble::NoManager.may_pass() && BusTrouble::NoAnswer.may_pass());
        for lasting in [BusTrouble::NotBooted, BusTrouble::NoRuntimeDir, BusTrouble::NotOurs, BusTrouble::NoProgram] {
            assert!(!lasting.may_pass(), "{lasting:?}");
        }
    }

    #[test]
    fn each_says_what_is_wrong_and_what_to_type() {
        assert_eq!(BusTrouble::NoManager.cause("deploy"), "the user manager of `deploy` does not run");
        assert_eq!(BusTrouble::NoManager.remedy("deploy"), "sudo loginctl enable-linger deploy");
        assert_eq!(
            BusTrouble::NoRuntimeDir.cause("deploy"),
            "XDG_RUNTIME_DIR is not set for `deploy`: no PAM session was opened for this login"
        );
        assert_eq!(
            BusTrouble::NotOurs.remedy("deploy"),
            "log in as `deploy` itself, not by `su deploy`: `ssh deploy@HOST`"
        );
    }
}
