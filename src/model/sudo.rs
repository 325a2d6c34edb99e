//! The password of `sudo`: how it gets to the host, and how a wrong one is found out.
//!
//! It never stands on a command line, in a file or in a log. To another user's shell it goes as the first line of the
//! standard input, once sudo has asked for it and never before: where sudo needs none, the shell would read it as a
//! command ([`Gate`]). To a command that calls `sudo` it goes as secrets do, as a variable of the shell around it, and a
//! shell function of that name hands it on ([`FUNCTION`]).
//!
//! A password is tried on one host first; only when that one has taken it do the others try it ([`Trial`]). So a wrong
//! one costs one failed login, however many hosts there are.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::command::Command;
use crate::model::secret::Vault;

/// The variable that carries the password to the shell around the commands.
pub const VARIABLE: &str = "WINDLASS_SUDO";

/// What the shell around the commands reads first where one of them calls `sudo`.
///
/// sudo is told the password in a call of its own, so that it cannot end up in the input of the command, as in
/// `… | sudo tee file`. Without a terminal sudo remembers it for the process that called it; that is why both calls are
/// direct children of this shell, and why `env` stands there and not `command`, for which some shells fork once more.
/// The piece that prints the password is a process of its own, where `set -x` can be switched off.
pub const FUNCTION: &str = "\
unset windlass_p; windlass_p=$WINDLASS_SUDO; unset WINDLASS_SUDO
sudo() {
{ set +x; printf '%s\\n' \"$windlass_p\"; } 2>/dev/null | LC_ALL=C env sudo -S -p '' -v || return 1
env sudo -n \"$@\"
return $?
}
";

/// A command that tells whether sudo takes the password.
pub const PROBE: &str = "sudo -v";

/// Whether a line may call `sudo` itself, by that name.
#[must_use]
pub fn is_called_in(line: &str) -> bool {
    let is_part =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || "_-./".contains(letter));
    line.match_indices("sudo")
        .any(|(at, word)| !is_part(line[..at].chars().next_back()) && !is_part(line[at + word.len()..].chars().next()))
}

/// The way into a shell of another user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    number: String,
}

/// What was heard at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// sudo wants the password.
    Question,
    /// The shell has begun.
    Open,
}

impl Gate {
    /// The gate before a command's shell, where there is one.
    #[must_use]
    pub fn of(command: &Command, vault: &Vault, nonce: u64) -> Option<Self> {
        (command.user.is_some() && vault.sudo_password().is_some()).then(|| Self::new(nonce))
    }

    /// With words nobody can guess.
    #[must_use]
    pub fn new(nonce: u64) -> Self {
        Self { number: format!("{nonce:016x}") }
    }

    /// The program to start: `sudo`, and the user's shell, which says that it has begun before it runs `text`.
    ///
    /// Neither word stands in it as it will be printed, so that a login shell that shows what it runs says neither.
    #[must_use]
    pub fn launcher(&self, user: &str, text: &str) -> Vec<String> {
        let number = &self.number;
        let prompt = format!("windlass%%password-{number}:");
        let text = format!("windlass_g=windlass-; printf '%s\\n' \"${{windlass_g}}open-{number}\" >&2; {text}");
        ["sudo", "-S", "-p", &prompt, "-u", user, "--", "sh", "-c", &text].map(str::to_owned).to_vec()
    }

    /// What the last bytes of the standard error say.
    #[must_use]
    pub fn hear(&self, heard: &[u8]) -> Option<Heard> {
        if heard.ends_with(self.question().as_bytes()) {
            return Some(Heard::Question);
        }
        heard.ends_with(format!("windlass-open-{}\n", self.number).as_bytes()).then_some(Heard::Open)
    }

    /// The prompt, as sudo prints it.
    #[must_use]
    pub fn question(&self) -> String {
        format!("windlass%password-{}:", self.number)
    }
}

/// What is known about the password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Nothing: it has not been tried.
    #[default]
    Unknown,
    /// A host is being asked.
    OnTrial,
    /// A host has taken it.
    Right,
    /// A host has refused it.
    Wrong,
}

/// The trial of the password.
#[derive(Debug, Default)]
pub struct Trial(Mutex<Trust>);

impl Trial {
    /// What is known. Who finds it [`Trust::Unknown`] has begun the trial, and has to [`Trial::settle`] it.
    pub fn begin(&self) -> Trust {
        let mut trust = self.trust();
        let found = *trust;
        if found == Trust::Unknown {
            *trust = Trust::OnTrial;
        }
        found
    }

    /// Ends a trial; with [`Trust::Unknown`] where nothing was found out. That it is wrong stays.
    pub fn settle(&self, verdict: Trust) {
        let mut trust = self.trust();
        if *trust != Trust::Wrong {
            *trust = verdict;
        }
    }

    /// Whether a host has taken it.
    pub fn is_right(&self) -> bool {
        *self.trust() == Trust::Right
    }

    fn trust(&self) -> MutexGuard<'_, Trust> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the probe says about the password; nothing where sudo refuses for another reason.
#[must_use]
pub fn verdict(status: i32, stderr: &str) -> Trust {
    if says_wrong(&stderr.to_lowercase()) {
        return Trust::Wrong;
    }
    // Who keeps no password says so only after it was taken.
    if status == 0 || stderr.contains("password is required") { Trust::Right } else { Trust::Unknown }
}

fn says_wrong(stderr: &str) -> bool {
    stderr.contains("incorrect password attempt") || stderr.contains("sorry, try again")
}

/// What to do about a sudo that failed, most likely first. `stderr` is in lower case; `user` is that of `as_user`.
#[must_use]
pub fn remedies(user: Option<&str>, stderr: &str, status: Option<i32>, has_password: bool, host: &str) -> Vec<String> {
    let said = |text: &str| stderr.contains(text);
    let mut remedies = Vec::new();
    if says_wrong(stderr) {
        return vec![format!("the password does not hold on {host}: it has to be the same on all hosts")];
    }
    if !said("sudo:") && !said("may not run sudo") && !said("is not in the sudoers file") {
        return remedies;
    }
    let whom = user.unwrap_or("ALL");
    if said("password is required") || said("a terminal is required") || said("interactive authentication") {
        if has_password {
            remedies.push(format!(
                "sudo on {host} forgets the password at once: raise `timestamp_timeout` there, or call `sudo` through `as_user`"
            ));
        } else {
            remedies.push("give windlass the password: `-K` asks for it, `set(\"sudo_password\", secret(env(\"…\")))` takes it from elsewhere".to_owned());
        }
        remedies.push(format!(
            "or let the login user run commands{} without a password: on {host}, `visudo -f /etc/sudoers.d/deploy` \
             with the line `LOGIN ALL=({whom}) NOPASSWD: ALL`",
            user.map(|user| format!(" as `{user}`")).unwrap_or_default(),
        ));
    } else if said("may not run sudo") || said("is not in the sudoers file") || said("is not allowed to execute") {
        remedies.push(format!(
            "sudo on {host} does not allow it: `visudo -f /etc/sudoers.d/deploy` there, with the line `LOGIN ALL=({whom}) ALL`; \
             `sudo -l` shows what is allowed"
        ));
    } else if let Some(user) = user {
        if said("unknown user") {
            remedies.push(format!("there is no user `{user}` on {host}: create it, or change the name in `as_user`"));
        } else if said("not found") || status == Some(127) {
            remedies.push(format!("`as_user` needs `sudo` on {host}"));
        }
    }
    remedies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_of_sudo_is_a_word_of_its_own() {
        for line in ["sudo id", "a && sudo b", "echo x | sudo tee f", "(sudo id)", "'sudo' id", "x;sudo y"] {
            assert!(is_called_in(line), "{line}");
        }
        for line in ["ls /etc/sudoers", "visudo", "pseudo", "cat /etc/sudo.conf", "/usr/bin/sudo id", "sudo_x=1", ""] {
            assert!(!is_called_in(line), "{line}");
        }
    }

    #[test]
    fn neither_word_stands_in_the_launcher() {
        let gate = Gate::new(7);
        let launcher = gate.launcher("app", "exec sh");
        assert_eq!(
            launcher,
            [
                "sudo",
                "-S",
                "-p",
                "windlass%%password-0000000000000007:",
                "-u",
                "app",
                "--",
                "sh",
                "-c",
                "windlass_g=windlass-; printf '%s\\n' \"${windlass_g}open-0000000000000007\" >&2; exec sh"
            ]
        );
        let shown = launcher.join(" ");
        for end in 1..=shown.len() {
            assert_eq!(gate.hear(&shown.as_bytes()[..end]), None, "{}", &shown[..end]);
        }
    }

    #[test]
    fn the_gate_hears_its_own_words_only() {
        let gate = Gate::new(7);
        assert_eq!(gate.hear(b"Welcome!\nwindlass%password-0000000000000007:"), Some(Heard::Question));
        assert_eq!(gate.hear(b"windlass-open-0000000000000007\n"), Some(Heard::Open));
        assert_eq!(gate.hear(b"windlass-open-0000000000000007"), None);
        assert_eq!(gate.hear(b"windlass%password-0000000000000008:"), None);
    }

    #[test]
    fn one_tries_and_the_others_wait() {
        let trial = Trial::default();
        assert_eq!((trial.begin(), trial.begin()), (Trust::Unknown, Trust::OnTrial));
        trial.settle(Trust::Unknown);
        assert_eq!(trial.begin(), Trust::Unknown, "nothing was found out: the next one tries");
        trial.settle(Trust::Right);
        assert!(trial.is_right() && trial.begin() == Trust::Right);
        trial.settle(Trust::Wrong);
        trial.settle(Trust::Right);
        assert_eq!(trial.begin(), Trust::Wrong, "it is never tried again");
    }

    #[test]
    fn the_probe_tells_a_wrong_password_from_other_refusals() {
        assert_eq!(verdict(1, "Sorry, try again.\n\nsudo: 1 incorrect password attempt"), Trust::Wrong);
        assert_eq!(verdict(0, ""), Trust::Right);
        assert_eq!(verdict(1, "sudo: a password is required"), Trust::Right);
        assert_eq!(verdict(1, "Sorry, user app may not run sudo on web1."), Trust::Unknown);
    }

    #[test]
    fn every_refusal_has_a_remedy() {
        let first = |user, stderr, has| remedies(user, stderr, Some(1), has, "web1").remove(0);
        assert!(first(None, "sudo: a password is required", false).starts_with("give windlass the password: `-K`"));
        assert!(first(None, "sudo: a password is required", true).contains("timestamp_timeout"));
        assert!(first(None, "sorry, try again.", true).contains("does not hold on web1"));
        assert!(first(Some("app"), "sorry, user me may not run sudo on x.", true).contains("LOGIN ALL=(app) ALL"));
        assert!(first(Some("app"), "sudo: unknown user app", false).contains("no user `app`"));
        assert!(remedies(None, "fatal: password is required", Some(1), false, "web1").is_empty());
    }
}
