//! What a host said.
//!
//! Owns the reading of the answers to `probe`: facts, each of which may be unknown, because nobody could be asked. What
//! they mean is for the rules.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::error::{Error, Kind};
use crate::model::sections::{Answer, Sections};
use crate::systemd::bus::BusTrouble;
use crate::systemd::health::asked::Asked;
use crate::systemd::health::unit_facts::UnitFacts;
use crate::systemd::properties::Properties;
use crate::systemd::version::Version;

/// Whether a user lingers, by the file that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linger {
    /// The file is there.
    On,
    /// It is not.
    Off,
    /// Nobody lets us look.
    Unknown,
}

/// A login session of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name, mostly a number.
    pub id: String,
    /// `user`, or `manager` for the one that newer releases keep for the user's manager.
    pub class: String,
    /// `active`, `online` or `closing`.
    pub state: String,
}

/// Everything the host said.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who asked.
    pub me: String,
    /// Whose services they are: in user mode the owner of the manager.
    pub user: String,
    /// That user's number.
    pub uid: String,
    /// The folder that units are written to.
    pub units_folder: Option<String>,
    /// Our own session, where PAM made one.
    pub session: Option<String>,
    /// Whether systemd runs the host.
    pub is_booted: bool,
    /// What process 1 is called.
    pub pid1: Option<String>,
    /// The host's clock, in seconds.
    pub now: Option<i64>,
    /// The release of systemd.
    pub version: Option<Version>,
    /// Whether we may be the other user; none where it is ourselves.
    pub as_user: Option<Answer>,
    /// What `sudo -n true` said, in system mode.
    pub sudo: Option<Answer>,
    /// Whether the user lingers.
    pub linger: Linger,
    /// Whether the configured lingering user does, where it is asked for.
    pub linger_other: Option<Linger>,
    /// What logind says of the user: properties, or why not.
    pub login: Option<Answer>,
    /// How long logind waits after the last logout, in its words.
    pub stop_delay: Option<String>,
    /// The user's sessions.
    pub sessions: Vec<Session>,
    /// The unit `user@UID.service`.
    pub user_manager: Properties,
    /// What it logged since boot; asked for only of releases that kill it.
    pub manager_log: String,
    /// What the user's manager said of itself.
    pub manager: Option<Answer>,
    /// What is on `/run/user/UID`, where the manager did not answer.
    pub runtime_dir: Option<String>,
    /// Whether the manager's own socket is there, where it did not answer.
    pub has_socket: Option<bool>,
    /// The file system of the user's home.
    pub home_type: Option<String>,
    /// The file system that keeps who lingers.
    pub linger_type: Option<String>,
    /// Whether polkit is installed, where lingering is off.
    pub has_polkit: Option<bool>,
    /// What polkit says about lingering of one's own.
    pub pkcheck: Option<Answer>,
    /// What sudo says about lingering of the user.
    pub sudo_linger: Option<Answer>,
    /// Units that others want, and that the user's manager does not know.
    pub unknown_dependencies: Vec<String>,
    /// Why the units could not be looked at.
    pub show_words: Option<String>,
    /// The units, as they were asked for.
    pub units: Vec<UnitFacts>,
}

impl Facts {
    /// Reads what the script printed.
    ///
    /// # Errors
    /// What was cut off on its way, or is no answer of the script at all.
    pub fn parse(text: &str, asked: &Asked) -> Result<Self, Error> {
        let sections = Sections::parse(text);
        let names = (sections.text("me"), sections.text("user"), sections.text("uid"));
        let (Some(me), Some(user), Some(uid), Some(_)) = (names.0, names.1, names.2, sections.get("end")) else {
            return Err(Error::new(Kind::Command, "what the host says about its services is not whole")
                .help("try again; if it stays, `--debug` shows what the host printed"));
        };
        let get = |key: &str| sections.get(key).cloned();
        let text = |key: &str| sections.text(key).map(str::to_owned);
        let good = |key: &str| sections.get(key).filter(|answer| answer.is_ok());
        let shown = blocks(good("show").map_or("", |answer| &answer.text));
        let dependencies = blocks(good("dependencies").map_or("", |answer| &answer.text));
        let units = asked.units.iter().enumerate().map(|(n, examined)| {
            let by_place = shown.get(n).filter(|_| shown.len() == asked.units.len());
            let by_name = || shown.iter().find(|shown| shown.is("Id", examined.unit.as_str()));
            UnitFacts::read(&sections, n, examined, by_place.or_else(by_name).cloned().unwrap_or_default())
        });
        Ok(Self {
            me: me.to_owned(),
            user: user.to_owned(),
            uid: uid.to_owned(),
            units_folder: text("units"),
            session: text("session"),
            is_booted: sections.text("booted") == Some("yes"),
            pid1: text("pid1"),
            now: sections.text("now").and_then(|now| now.parse().ok()),
            version: good("version").and_then(|answer| Version::read(&answer.text)),
            as_user: get("as_user"),
            sudo: get("sudo"),
            linger: linger(sections.text("linger")),
            linger_other: sections.text("linger_other").map(|word| linger(Some(word))),
            login: get("login"),
            stop_delay: good("logind")
                .and_then(|answer| Properties::parse(&answer.text).get("UserStopDelayUSec").map(str::to_owned)),
            sessions: blocks(good("sessions").map_or("", |answer| &answer.text)).iter().map(session).collect(),
            user_manager: Properties::parse(good("user_manager").map_or("", |answer| &answer.text)),
            manager_log: good("manager_log").map(|answer| answer.text.clone()).unwrap_or_default(),
            manager: get("manager"),
            runtime_dir: text("runtime_dir"),
            has_socket: sections.get("socket").map(Answer::is_ok),
            home_type: text("home_type"),
            linger_type: text("linger_type"),
            has_polkit: sections.text("polkit").map(|word| word == "yes"),
            pkcheck: get("pkcheck"),
            sudo_linger: get("sudo_linger"),
            unknown_dependencies: dependencies
                .iter()
                .filter(|unit| unit.is("LoadState", "not-found"))
                .filter_map(|unit| unit.get("Id").map(str::to_owned))
                .collect(),
            show_words: text("show_words"),
            units: units.collect(),
        })
    }

    /// When the user's manager began; the same in two looks only where it has stayed.
    #[must_use]
    pub fn manager_since(&self) -> Option<&str> {
        self.user_manager.get("ActiveEnterTimestamp")
    }

    /// Whether the user lingers, by all that is known.
    #[must_use]
    pub fn lingers(&self) -> Option<bool> {
        match self.linger {
            Linger::On => Some(true),
            Linger::Off => Some(false),
            // Who is neither logged in nor lingering is unknown to logind: an error that is an answer.
            Linger::Unknown => {
                let login = self.login.as_ref()?;
                match Properties::parse(&login.text).get("Linger") {
                    Some(word) => Some(word == "yes"),
                    None => login.text.contains("not logged in or lingering").then_some(false),
                }
            }
        }
    }

    /// Why the user's manager did not answer, where it did not.
    #[must_use]
    pub fn bus_trouble(&self) -> Option<BusTrouble> {
        let answer = self.manager.as_ref().filter(|answer| !answer.is_ok())?;
        Some(BusTrouble::read(&answer.text).unwrap_or_else(|| BusTrouble::Other(answer.text.clone())))
    }

    /// Where the manager looks for units.
    #[must_use]
    pub fn unit_path(&self) -> Option<String> {
        let answer = self.manager.as_ref().filter(|answer| answer.is_ok())?;
        Properties::parse(&answer.text).get("UnitPath").map(str::to_owned)
    }
}

/// A time as systemd tells it where the time zone is UTC: `Fri 2026-11-27 00:13:06 UTC`.
#[must_use]
pub(super) fn seconds(time: &str) -> Option<i64> {
    let time = time.strip_suffix(" UTC")?.split_once(' ')?.1;
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", time).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// What `show` prints of several: an empty line between two.
fn blocks(text: &str) -> Vec<Properties> {
    text.split("\n\n").filter(|block| !block.trim().is_empty()).map(Properties::parse).collect()
}

fn linger(word: Option<&str>) -> Linger {
    match word {
        Some("yes") => Linger::On,
        Some("no") => Linger::Off,
        _ => Linger::Unknown,
    }
}

fn session(properties: &Properties) -> Session {
    let get = |name: &str| properties.get(name).unwrap_or_default().to_owned();
    Session { id: get("Id"), class: get("Class"), state: get("State") }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
