//! What is to be examined.
//!
//! Owns what the recipe means: which units, whose, what they need. What the host says about it is in `facts`.

use crate::model::host_finding::Severity;
use crate::systemd::manager::Manager;
use crate::systemd::mode::Mode;
use crate::systemd::refusal::Refusal;
use crate::systemd::unit_name::UnitName;

/// Units of one manager on a host, and what is meant by them.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose they are.
    pub manager: Manager,
    /// The user that is configured to linger, where that is said apart.
    pub lingering_user: Option<String>,
    /// How bad it is when the user of services does not linger; nothing where it is not to be looked at.
    pub missing_linger: Option<Severity>,
    /// What `loginctl enable-linger` answered when it was tried.
    pub refusal: Option<Refusal>,
    /// When the user's manager began, as an earlier [`super::facts::Facts::manager_since`] told it: a newer one then is
    /// none that has stayed.
    pub manager_since: Option<String>,
    /// What is run as root in system mode, as words of a command with its whole path; for the line of sudoers.
    pub root_commands: Vec<String>,
    /// The units.
    pub units: Vec<Examined>,
    /// Services of the same host that belong to another manager, and to what sort of.
    pub others: Vec<(String, Mode)>,
}

/// A unit to be examined.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Its name.
    pub unit: UnitName,
    /// The service it belongs to, for example `sidekiq`.
    pub service: String,
    /// Whether it is meant to be there and to run; not before the first deploy.
    pub is_meant_to_run: bool,
    /// Who runs it in system mode; in user mode it is the manager's user.
    pub runs_as: Option<String>,
    /// Absolute paths it reads: its configuration, its files of variables; and folders it has to enter.
    pub reads: Vec<String>,
    /// Absolute paths it writes: its logs. What is not there yet has to be possible to create.
    pub writes: Vec<String>,
    /// The link to the release it runs.
    pub current: Option<String>,
    /// What [`crate::systemd::cksum::cksum`] says of the unit as it would be rendered now.
    pub checksum: Option<String>,
}

impl Asked {
    /// Nothing but a manager; everything else is added by its fields.
    #[must_use]
    pub const fn of(manager: Manager) -> Self {
        let missing_linger = match manager.mode {
            Mode::User => Some(Severity::Error),
            Mode::System => None,
        };
        Self {
            manager,
            lingering_user: None,
            missing_linger,
            refusal: None,
            manager_since: None,
            root_commands: Vec::new(),
            units: Vec::new(),
            others: Vec::new(),
        }
    }
}

impl Examined {
    /// A unit that is meant to run; everything else is added by its fields.
    #[must_use]
    pub fn of(unit: UnitName, service: impl Into<String>) -> Self {
        Self {
            unit,
            service: service.into(),
            is_meant_to_run: true,
            runs_as: None,
            reads: Vec::new(),
            writes: Vec::new(),
            current: None,
            checksum: None,
        }
    }
}
