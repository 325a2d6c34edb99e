//! What a host says about lingering, and what that means.
//!
//! Lingering is on when the file is there, logind knows of it, and the user's manager runs; one of these alone is no
//! proof. It is off when the file is not there.

use crate::systemd::properties::Properties;

/// What a script of [`super::linger_script`] has printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Whose manager it is.
    pub user: String,
    /// Number of that user.
    pub uid: u32,
    /// Who ran the script.
    pub me: String,
    /// Whether the script may act as that user.
    pub can_reach: bool,
    /// Whether lingering was on before, where something was to be changed.
    pub was_on: Option<bool>,
    /// How it was changed, the last attempt: `self`, `root` or `sudo`. None where there was nothing to change.
    pub way: Option<String>,
    /// Status of that attempt.
    pub status: Option<i32>,
    /// What all attempts said, a line each.
    pub said: Vec<String>,
    /// Whether logind has been told that the user lingers.
    pub file: bool,
    /// What logind says of the user: `Linger`, `State`, `Sessions`. Empty where it does not know the user.
    pub logind: Properties,
    /// What it says instead.
    pub unknown: Option<String>,
    /// Properties of `user@UID.service`.
    pub manager: Properties,
    /// Whether the manager answers, where that was asked.
    pub ready: Option<bool>,
    /// Whether the manager had to be started by hand.
    pub was_started: bool,
    /// Units of the user that are enabled and so need lingering.
    pub enabled: Vec<String>,
}

impl Report {
    /// Reads what was printed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut report = Self::default();
        let (mut logind, mut manager) = (String::new(), String::new());
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let line = |name: &str| format!("{name}={value}\n");
            match name {
                "user" => value.clone_into(&mut report.user),
                "uid" => report.uid = value.parse().unwrap_or_default(),
                "me" => value.clone_into(&mut report.me),
                "reach" => report.can_reach = value == "yes",
                "was" => report.was_on = Some(value == "on"),
                "way" => report.way = Some(value.to_owned()),
                "status" => report.status = value.parse().ok(),
                "said" => report.said.push(value.to_owned()),
                "file" => report.file = value == "yes",
                "unknown" => report.unknown = Some(value.to_owned()),
                "ready" => report.ready = Some(value == "yes"),
                "started" => report.was_started = value == "yes",
                "enabled" => report.enabled.push(value.to_owned()),
                name => match name.split_once('.') {
                    Some(("logind", name)) => logind.push_str(&line(name)),
                    Some(("manager", name)) => manager.push_str(&line(name)),
                    _ => {}
                },
            }
        }
        Self { logind: Properties::parse(&logind), manager: Properties::parse(&manager), ..report }
    }

    /// Whether the manager runs.
    #[must_use]
    pub fn manager_runs(&self) -> bool {
        self.manager.is("ActiveState", "active")
    }

    /// Whether lingering is on: asked for, known and in effect. Where nothing was changed logind has not been asked, and
    /// a manager that runs beside the file is proof enough: logind keeps it for the file's sake.
    #[must_use]
    pub fn is_on(&self) -> bool {
        let was_asked = self.unknown.is_some() || self.logind.get("Linger").is_some();
        self.file && self.manager_runs() && (!was_asked || self.logind.is("Linger", "yes"))
    }

    /// How many sessions the user has.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.logind.get("Sessions").map_or(0, |sessions| sessions.split_whitespace().count())
    }

    /// Why the manager does not run although the user lingers, and what to do; none where it runs.
    #[must_use]
    pub fn why_not_running(&self) -> Option<(String, String)> {
        if self.manager_runs() {
            return None;
        }
        let (user, unit) = (&self.user, format!("user@{}.service", self.uid));
        let state = self.manager.get("ActiveState").unwrap_or("unknown");
        Some(if self.manager.is("LoadState", "masked") {
            (format!("`{unit}` is masked"), format!("let it run again: `sudo systemctl unmask {unit}`"))
        } else if self.manager.is("ExecMainStatus", "224") {
            (
                format!("`{unit}` failed in PAM: the account is expired or locked"),
                format!("look at `sudo chage -l {user}`, and renew it: `sudo chage -E -1 {user}`"),
            )
        } else if state == "failed" {
            let result = self.manager.get("Result").unwrap_or("unknown");
            (
                format!("`{unit}` failed ({result})"),
                format!("look at `sudo journalctl -u {unit} -n 20`, then `sudo systemctl restart {unit}`"),
            )
        } else {
            (format!("`{unit}` is {state}"), format!("start it: `sudo systemctl start {unit}`"))
        })
    }
}

/// Users who linger, from the names of the files; systemd writes what is no plain letter as `\xNN`.
#[must_use]
pub fn users(listing: &str) -> Vec<String> {
    let mut users: Vec<String> = listing.lines().filter(|name| !name.is_empty()).map(unescaped).collect();
    users.sort();
    users
}

fn unescaped(name: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..3).filter(|code| *first == b'\\' && code[0] == b'x');
        let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(&code[1..]).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "user=sidekiq\nuid=1002\nme=deploy\nreach=\n";

    fn report(rest: &str) -> Report {
        Report::parse(&format!("{HEAD}{rest}"))
    }

    #[test]
    fn on_is_the_file_and_logind_and_the_manager() {
        let on = "file=yes\nlogind.Linger=yes\nmanager.ActiveState=active\n";
        assert!(report(on).is_on());
        for without in ["file=yes\n", "logind.Linger=yes\n", "manager.ActiveState=active\n"] {
            let rest = on.replace(without, "unknown=Failed to get user: User ID 1002 is not logged in or lingering\n");
            assert!(!report(&rest).is_on(), "{rest}");
        }
        assert!(report("was=on\nfile=yes\nmanager.ActiveState=active\n").is_on(), "nothing was changed");
    }

    #[test]
    fn all_of_it_is_read() {
        let found = report(
            "was=off\nway=self\nstatus=1\nsaid=Could not enable linger: a=b\nway=sudo\nstatus=0\nfile=yes\n\
             logind.Linger=yes\nlogind.State=lingering\nlogind.Sessions=\nmanager.ActiveState=active\nready=yes\nenabled=x.service\n",
        );
        assert_eq!(
            (found.user.as_str(), found.uid, found.me.as_str(), found.can_reach),
            ("sidekiq", 1002, "deploy", false)
        );
        assert_eq!((found.was_on, found.way.as_deref(), found.status), (Some(false), Some("sudo"), Some(0)));
        assert_eq!(found.said, ["Could not enable linger: a=b"]);
        assert_eq!((found.sessions(), found.ready), (0, Some(true)));
        assert_eq!(found.enabled, ["x.service"]);
        assert_eq!(report("logind.Sessions=3 17\n").sessions(), 2);
    }

    #[test]
    fn a_manager_that_does_not_run_says_why() {
        let why = |rest: &str| report(rest).why_not_running().map(|(why, _)| why);
        assert_eq!(why("manager.ActiveState=active\n"), None);
        assert_eq!(
            why("manager.LoadState=masked\nmanager.ActiveState=inactive\n").unwrap(),
            "`user@1002.service` is masked"
        );
        assert_eq!(
            why("manager.ActiveState=failed\nmanager.Result=exit-code\nmanager.ExecMainStatus=224\n").unwrap(),
            "`user@1002.service` failed in PAM: the account is expired or locked"
        );
        assert_eq!(
            why("manager.ActiveState=failed\nmanager.Result=timeout\n").unwrap(),
            "`user@1002.service` failed (timeout)"
        );
        assert_eq!(why("manager.ActiveState=inactive\n").unwrap(), "`user@1002.service` is inactive");
    }

    #[test]
    fn files_are_named_after_their_users() {
        assert_eq!(users("sidekiq\ndeploy\n\nodd\\x20one\n"), ["deploy", "odd one", "sidekiq"]);
        assert_eq!(users("half\\x2"), ["half\\x2"]);
    }
}
