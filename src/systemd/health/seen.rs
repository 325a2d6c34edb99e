//! What is meant and what is the case, side by side: what a rule looks at.
//!
//! Owns what several rules need to know, and how a command is typed on the host.

use crate::model::name_list::quoted;
use crate::model::quote::quote;
use crate::systemd::health::asked::{Asked, Examined};
use crate::systemd::health::facts::{Facts, Session};
use crate::systemd::health::unit_facts::UnitFacts;
use crate::systemd::mode::Mode;
use crate::systemd::version::Version;

/// Both.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What is meant.
    pub asked: &'a Asked,
    /// What the host says.
    pub facts: &'a Facts,
}

impl<'a> Seen<'a> {
    /// Whether the services are a user's.
    #[must_use]
    pub fn is_user_mode(&self) -> bool {
        self.asked.manager.mode == Mode::User
    }

    /// Each unit with what is said of it.
    pub fn units(&self) -> impl Iterator<Item = (&'a Examined, &'a UnitFacts)> + use<'a> {
        self.asked.units.iter().zip(&self.facts.units)
    }

    /// The user the services belong to.
    #[must_use]
    pub fn user(&self) -> &'a str {
        &self.facts.user
    }

    /// Who runs a unit: the manager's user, or in system mode whoever it is for.
    #[must_use]
    pub fn runner(&self, examined: &'a Examined) -> &'a str {
        if self.is_user_mode() { self.user() } else { examined.runs_as.as_deref().unwrap_or(self.user()) }
    }

    /// Whether the manager is a user's who does not linger, and that matters.
    #[must_use]
    pub fn lacks_linger(&self) -> bool {
        self.is_user_mode() && self.asked.missing_linger.is_some() && self.facts.lingers() == Some(false)
    }

    /// Whether it is a user's who lingers.
    #[must_use]
    pub fn lingers(&self) -> bool {
        self.is_user_mode() && self.facts.lingers() == Some(true)
    }

    /// Whether the user's manager runs, by what the machine's says.
    #[must_use]
    pub fn manager_is(&self, state: &str) -> bool {
        self.facts.user_manager.is("ActiveState", state)
    }

    /// The unit that is the user's manager.
    #[must_use]
    pub fn manager_unit(&self) -> String {
        format!("user@{}.service", self.facts.uid)
    }

    /// Sessions that keep the user's manager alive besides our own.
    #[must_use]
    pub fn other_sessions(&self) -> Vec<&'a Session> {
        let own = self.facts.session.as_deref();
        let keeps = |session: &&Session| {
            let is_login = session.class.is_empty() || session.class == "user" || session.class == "user-early";
            is_login && session.state != "closing" && Some(session.id.as_str()) != own
        };
        self.facts.sessions.iter().filter(keeps).collect()
    }

    /// How long after the last logout the user's services stop, in words.
    #[must_use]
    pub fn stop_delay(&self) -> String {
        let waits = self.facts.version.is_none_or(Version::waits_at_logout);
        match self.facts.stop_delay.as_deref() {
            Some("0") => "at once".to_owned(),
            Some(delay) => format!("{delay} later"),
            None if waits => "10s later".to_owned(),
            None => "at once".to_owned(),
        }
    }

    /// The units in a sentence, those of them that `matters` says.
    #[must_use]
    pub fn names(&self, matters: impl Fn(&Examined, &UnitFacts) -> bool) -> String {
        quoted(
            self.units().filter(|(examined, unit)| matters(examined, unit)).map(|(examined, _)| examined.unit.as_str()),
        )
    }

    /// Words of `systemctl`, as they are typed on the host to reach the manager.
    #[must_use]
    pub fn typed(&self, words: &[&str]) -> String {
        if self.is_user_mode() && self.facts.user != self.facts.me {
            return format!("{} {} --user {}", self.as_user(), quote(&self.asked.manager.systemctl), join(words));
        }
        let mut manager = self.asked.manager.clone();
        manager.user = None;
        let typed = manager.typed(words);
        let plain = typed.strip_prefix("sudo ").filter(|_| self.facts.me == "root");
        plain.map(str::to_owned).unwrap_or(typed)
    }

    /// Several of them, one after the other as long as they succeed.
    #[must_use]
    pub fn typed_all(&self, commands: &[&[&str]]) -> String {
        commands.iter().map(|words| self.typed(words)).collect::<Vec<_>>().join(" && ")
    }

    /// Words of `journalctl` that show what a unit logged.
    #[must_use]
    pub fn journal(&self, unit: &str) -> String {
        match (self.is_user_mode(), self.facts.user == self.facts.me) {
            (true, true) => format!("journalctl --user -n 50 -u {unit}"),
            (true, false) => format!("{} journalctl --user -n 50 -u {unit}", self.as_user()),
            (false, _) => self.as_root(&format!("journalctl -n 50 -u {unit}")),
        }
    }

    /// A command that root has to run.
    #[must_use]
    pub fn as_root(&self, command: &str) -> String {
        if self.facts.me == "root" { command.to_owned() } else { format!("sudo {command}") }
    }

    /// What comes before a command that runs as the user: works on every release, as long as the user's manager runs.
    fn as_user(&self) -> String {
        let (user, uid) = (&self.facts.user, &self.facts.uid);
        format!("sudo -u {user} env XDG_RUNTIME_DIR=/run/user/{uid}")
    }
}

fn join(words: &[&str]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::health::testing::{Recorded, asked, asked_of_system};

    #[test]
    fn what_is_typed_depends_on_who_types() {
        let typed = |facts: &Facts, asked: &Asked| Seen { asked, facts }.typed(&["restart", "x.service"]);
        let facts = |me: &str| Recorded::healthy().section("me", 0, me).facts(&asked());
        assert_eq!(typed(&facts("deploy"), &asked()), "systemctl --user restart x.service");
        assert_eq!(
            typed(&facts("ops"), &asked()),
            "sudo -u deploy env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user restart x.service"
        );
        assert_eq!(typed(&facts("deploy"), &asked_of_system()), "sudo systemctl restart x.service");
        assert_eq!(typed(&facts("root"), &asked_of_system()), "systemctl restart x.service");
    }

    #[test]
    fn our_own_session_and_that_of_the_manager_keep_nothing_alive() {
        let facts = Recorded::healthy()
            .section("session", 0, "3")
            .section(
                "sessions",
                0,
                "Id=3\nClass=user\nState=active\n\nId=1\nClass=manager\nState=active\n\nId=7\nClass=user\nState=online\n\n\
                 Id=8\nClass=user\nState=closing",
            )
            .facts(&asked());
        let asked = asked();
        let others: Vec<_> =
            Seen { asked: &asked, facts: &facts }.other_sessions().iter().map(|s| s.id.clone()).collect();
        assert_eq!(others, ["7"]);
    }

    #[test]
    fn how_long_logind_waits() {
        let delay = |version: &str, logind: &str| {
            let facts = Recorded::healthy().section("version", 0, version).section("logind", 0, logind).facts(&asked());
            Seen { asked: &asked(), facts: &facts }.stop_delay()
        };
        assert_eq!(delay("systemd 252", "UserStopDelayUSec=10s"), "10s later");
        assert_eq!(delay("systemd 252", "UserStopDelayUSec=0"), "at once");
        assert_eq!(delay("systemd 252", ""), "10s later");
        assert_eq!(delay("systemd 219", ""), "at once");
    }
}
