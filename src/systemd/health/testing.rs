//! Answers of a host, for the tests of the rules: a healthy one, of which a test changes what it is about.

use indexmap::IndexMap;

use crate::model::host_finding::testing::only;
use crate::model::host_finding::{Finding, Severity};
use crate::systemd::health::asked::{Asked, Examined};
use crate::systemd::health::facts::Facts;
use crate::systemd::health::rules::examine;
use crate::systemd::manager::Manager;
use crate::systemd::unit_name::UnitName;

/// The unit of the healthy host.
pub const UNIT: &str = "app_sidekiq_production.service";

/// A service of the user who deploys.
pub fn asked() -> Asked {
    Asked { units: vec![examined()], ..Asked::of(Manager::of_user(None).unwrap()) }
}

/// The same as a service of the machine.
pub fn asked_of_system() -> Asked {
    Asked { units: vec![Examined { runs_as: Some("sidekiq".into()), ..examined() }], ..Asked::of(Manager::of_system()) }
}

/// The service of a user, where it is not meant to run yet.
pub fn not_yet() -> Asked {
    Asked { units: vec![Examined { is_meant_to_run: false, ..examined() }], ..asked() }
}

/// The one unit.
pub fn examined() -> Examined {
    Examined {
        reads: vec!["/var/www/app/shared/config/sidekiq.yml".into()],
        writes: vec!["/var/www/app/shared/log/sidekiq.log".into()],
        current: Some("/var/www/app/current".into()),
        checksum: Some("4038471504 75".into()),
        ..Examined::of(UnitName::parse(UNIT).unwrap(), "sidekiq")
    }
}

/// What a host printed.
#[derive(Clone)]
pub struct Recorded {
    sections: IndexMap<String, (i32, String)>,
    show: IndexMap<String, String>,
    seen: IndexMap<String, (i32, String)>,
}

impl Recorded {
    /// `deploy` lingers on Debian 12, and the worker runs.
    pub fn healthy() -> Self {
        let sections = [
            ("begin", "1"),
            ("me", "deploy"),
            ("user", "deploy"),
            ("uid", "1000"),
            ("units", "/home/deploy/.config/systemd/user"),
            ("session", "3"),
            ("booted", "yes"),
            ("pid1", "systemd"),
            ("now", "1795738500"),
            ("version", "systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT +SELINUX"),
            ("home_type", "ext4"),
            ("linger_type", "ext4"),
            ("linger", "yes"),
            ("login", "Sessions=3\nState=active\nLinger=yes"),
            ("sessions", "Id=3\nClass=user\nState=active"),
            ("logind", "UserStopDelayUSec=10s"),
            (
                "user_manager",
                "ExecMainStatus=0\nResult=success\nLoadState=loaded\nActiveState=active\nSubState=running\n\
                 ActiveEnterTimestamp=Thu 2026-11-26 20:00:00 UTC",
            ),
            ("manager", "Version=252.39-1~deb12u1\nUnitPath=/home/deploy/.config/systemd/user /etc/systemd/user"),
            ("unit.0.enabled", "enabled"),
        ];
        let show = [
            ("Type", "notify"),
            ("ExecMainStartTimestamp", "Fri 2026-11-27 00:10:00 UTC"),
            ("MainPID", "4711"),
            ("NRestarts", "0"),
            ("Result", "success"),
            ("ExecMainStatus", "0"),
            ("Id", UNIT),
            ("LoadState", "loaded"),
            ("ActiveState", "active"),
            ("SubState", "running"),
            ("UnitFileState", "enabled"),
            ("FragmentPath", "/home/deploy/.config/systemd/user/app_sidekiq_production.service"),
            ("WantedBy", "default.target"),
            ("NeedDaemonReload", "no"),
            ("After", "basic.target app.slice"),
            ("Requires", "basic.target app.slice"),
            ("StartLimitIntervalUSec", "0"),
        ];
        let seen = [
            ("file.units", "1795730000 4038471504 75"),
            ("file.home", "1795730000 4038471504 75"),
            ("current", "/var/www/app/releases/20261127001000"),
            ("cwd", "/var/www/app/releases/20261127001000"),
            ("title", "sidekiq 6.4.1 app [0 of 5 busy] "),
            ("read.0", "yes"),
            ("write.0", "yes"),
        ];
        let good = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, text)| ((*key).to_owned(), (0, (*text).to_owned()))).collect()
        };
        Self {
            sections: good(&sections),
            show: show.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            seen: good(&seen),
        }
    }

    /// The same as a service of the machine.
    pub fn healthy_system() -> Self {
        let mut recorded =
            Self::healthy().section("sudo", 0, "").show("User", "sidekiq").show("WantedBy", "multi-user.target");
        for key in ["home_type", "linger_type", "linger", "login", "sessions", "logind", "user_manager", "manager"] {
            recorded = recorded.without(key);
        }
        recorded.seen.shift_remove("file.home");
        recorded.seen("file.system", 0, "1795730000 4038471504 75")
    }

    /// Of a user who is neither logged in nor lingers, and of whom logind knows nothing.
    pub fn no_linger() -> Self {
        Self::healthy().section("linger", 0, "no").section("login", 0, "Sessions=3\nState=active\nLinger=no")
    }

    /// Changes an answer, or adds it.
    pub fn section(mut self, key: &str, status: i32, text: &str) -> Self {
        self.sections.insert(key.to_owned(), (status, text.to_owned()));
        self
    }

    /// Takes an answer away.
    pub fn without(mut self, key: &str) -> Self {
        self.sections.shift_remove(key);
        self
    }

    /// Changes a property of the unit.
    pub fn show(mut self, name: &str, value: &str) -> Self {
        self.show.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Changes what the user who runs the unit sees.
    pub fn seen(mut self, key: &str, status: i32, text: &str) -> Self {
        self.seen.insert(key.to_owned(), (status, text.to_owned()));
        self
    }

    /// Takes that away.
    pub fn unseen(mut self, key: &str) -> Self {
        self.seen.shift_remove(key);
        self
    }

    /// As the host printed it.
    pub fn text(&self) -> String {
        let mut sections = self.sections.clone();
        if !sections.contains_key("show") {
            let show = self.show.iter().map(|(name, value)| format!("{name}={value}\n"));
            sections.insert("show".to_owned(), (0, show.collect::<String>().trim_end().to_owned()));
        }
        sections.insert("unit.0.seen".to_owned(), (0, framed(&self.seen).trim_end_matches('\n').to_owned()));
        sections.insert("end".to_owned(), (0, String::new()));
        framed(&sections)
    }

    /// As it is read.
    pub fn facts(&self, asked: &Asked) -> Facts {
        Facts::parse(&self.text(), asked).unwrap()
    }

    /// What is found.
    pub fn found(&self, asked: &Asked) -> Vec<Finding> {
        examine(asked, &self.facts(asked))
    }

    /// Exactly this is found, and nothing else.
    #[track_caller]
    pub fn raises(&self, asked: &Asked, id: &str, severity: Severity, sentence: &str, repair: &str) -> Finding {
        only(&self.found(asked), id, severity, sentence, repair)
    }

    /// Nothing is found.
    #[track_caller]
    pub fn raises_nothing(&self, asked: &Asked) {
        assert_eq!(self.found(asked), []);
    }
}

fn framed(sections: &IndexMap<String, (i32, String)>) -> String {
    let mut text = String::new();
    for (key, (status, value)) in sections {
        text.push_str(&format!("{key} {status}\n"));
        for line in value.split('\n') {
            text.push_str(&format!("\t{line}\n"));
        }
    }
    text
}
