//! Releases of systemd: what each can do, and what each gets wrong.
//!
//! Owns the numbers. A number says what to expect, never that it works: distributions switch things off and take fixes
//! back, so whatever can be tried is tried.

use std::fmt::{Display, Formatter};

/// A release, as the first line of `systemctl --version` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// 252 of `252.39`.
    pub major: u32,
    /// 39 of `252.39`; 0 where none is told.
    pub minor: u32,
    /// 3 of `256~rc3`: before the release of that number.
    pub candidate: Option<u32>,
}

impl Version {
    /// Reads `systemd 252 (252.39-1~deb12u1)`, `systemd 219`, `systemd 256.2`, `systemd 256 (256~rc3-3.fc41)`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let line = text.lines().next()?.trim().strip_prefix("systemd ")?;
        let (short, long) = line.split_once(' ').unwrap_or((line, ""));
        let short = of_word(short)?;
        let long = of_word(long.trim_matches(['(', ')']));
        // The part in parentheses is the package's: it tells more, but only where it speaks of the same release.
        Some(long.filter(|long| long.major == short.major && short.minor == 0).unwrap_or(short))
    }

    /// Whether there are managers of users at all.
    #[must_use]
    pub const fn has_user_managers(self) -> bool {
        self.major >= 206
    }

    /// Whether users may switch on lingering for themselves, without root.
    #[must_use]
    pub const fn lets_users_linger(self) -> bool {
        self.major >= 230
    }

    /// Whether logind waits (`UserStopDelaySec=`) before it stops a user's manager; older ones stop it at once.
    #[must_use]
    pub const fn waits_at_logout(self) -> bool {
        self.major >= 240
    }

    /// Whether `StandardOutput=append:` is known; older ones ignore it, and log to the journal.
    #[must_use]
    pub const fn appends_logs(self) -> bool {
        self.major >= 240
    }

    /// Whether root reaches a user's manager by `systemctl --user -M USER@`.
    #[must_use]
    pub const fn reaches_users_by_machine(self) -> bool {
        self.major >= 248
    }

    /// Whether the manager of a user who lingers may be killed at the last logout (systemd #43361, mended in 256.3).
    #[must_use]
    pub const fn may_kill_lingering(self) -> bool {
        self.major == 255 || self.major == 256 && self.minor < 3
    }

    /// Whether a user's manager stays behind when lingering is switched off (systemd #33488, mended in 256.3).
    #[must_use]
    pub const fn keeps_manager_behind(self) -> bool {
        self.major == 256 && self.minor < 3
    }

    /// Whether managers of users who linger are not started at boot (systemd #33005, seen in the candidates of 256).
    #[must_use]
    pub const fn forgets_lingering_at_boot(self) -> bool {
        self.major == 256 && self.candidate.is_some()
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.major)?;
        if self.minor > 0 {
            write!(f, ".{}", self.minor)?;
        }
        self.candidate.map_or(Ok(()), |candidate| write!(f, "-rc{candidate}"))
    }
}

/// `252.39-1~deb12u1`, `v256-rc3`, `239-82.el8`: the number, what stands after its point, and a candidate's.
fn of_word(word: &str) -> Option<Version> {
    let word = word.strip_prefix('v').unwrap_or(word);
    let (major, rest) = leading_number(word)?;
    let minor = rest.strip_prefix('.').and_then(leading_number);
    let rest = minor.map_or(rest, |(_, rest)| rest);
    let candidate = rest.strip_prefix(['~', '-']).and_then(|rest| rest.strip_prefix("rc")).and_then(leading_number);
    Some(Version {
        major,
        minor: minor.map_or(0, |(minor, _)| minor),
        candidate: candidate.map(|(candidate, _)| candidate),
    })
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Version {
        Version::read(line).unwrap()
    }

    #[test]
    fn as_distributions_tell_it() {
        for (line, shown) in [
            ("systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT", "252.39"),
            ("systemd 219\n+PAM", "219"),
            ("systemd 256.2", "256.2"),
            ("systemd 255 (255.4-1ubuntu8.4)", "255.4"),
            ("systemd 239 (239-82.el8)", "239"),
            ("systemd 257 (257.9-1~deb13u1)", "257.9"),
            ("systemd 247 (247.3-7+deb11u5)", "247.3"),
            ("systemd 256 (256~rc3-3.fc41)", "256-rc3"),
            ("systemd 256 (256-rc3)", "256-rc3"),
            ("systemd 256 (v256.2-1-g0815)", "256.2"),
            ("systemd 258 (unknown)", "258"),
            ("systemd 246 (5)", "246"),
        ] {
            assert_eq!(read(line).to_string(), shown, "{line}");
        }
        for line in ["", "systemd", "systemd two", "bash: systemctl: command not found", "upstart 1.12"] {
            assert_eq!(Version::read(line), None, "{line}");
        }
    }

    #[test]
    fn what_came_with_which() {
        let (old, new) = (read("systemd 219"), read("systemd 252 (252.39-1~deb12u1)"));
        assert!(old.has_user_managers() && !read("systemd 204").has_user_managers());
        assert!(!old.lets_users_linger() && read("systemd 230").lets_users_linger());
        assert!(!old.waits_at_logout() && !old.appends_logs());
        assert!(read("systemd 240").waits_at_logout() && read("systemd 240").appends_logs());
        assert!(!read("systemd 247 (247.3-7)").reaches_users_by_machine() && new.reaches_users_by_machine());
    }

    #[test]
    fn mistakes_of_two_releases() {
        for line in ["systemd 255 (255.4-1ubuntu8.4)", "systemd 256 (256~rc3-1)", "systemd 256.2", "systemd 256"] {
            assert!(read(line).may_kill_lingering(), "{line}");
        }
        for line in ["systemd 254 (254.26)", "systemd 256.3", "systemd 256 (256.12-1.fc41)", "systemd 257 (257.9-1)"] {
            assert!(!read(line).may_kill_lingering() && !read(line).keeps_manager_behind(), "{line}");
        }
        assert!(read("systemd 256.2").keeps_manager_behind() && !read("systemd 255 (255.4)").keeps_manager_behind());
        assert!(read("systemd 256 (256~rc3-1)").forgets_lingering_at_boot());
        assert!(!read("systemd 256 (256.0-1)").forgets_lingering_at_boot());
    }
}
