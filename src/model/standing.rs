//! Where a host stands at the end of a run that touched releases.

use serde::Serialize;

use crate::model::live::Live;

/// What became of a host in a run that touched releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The run switched it to the new release.
    Switched,
    /// The run did not switch it, and nothing went wrong there.
    Unchanged,
    /// It failed, and the run went on without it.
    SetAside,
    /// It failed, before or after its switch.
    Failed,
    /// It was stopped in the middle of its switch, and nobody could find out what it has.
    InDoubt,
}

/// Where one host stands at the end of a run that touched releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// `user@host`.
    pub host: String,
    /// What was current when the run began.
    pub before: Live,
    /// What is current now.
    pub now: Live,
    /// Whether this run switched it.
    pub switched: bool,
    /// What became of it.
    pub state: State,
    /// Why it was not switched, in a few words, where something went wrong.
    pub reason: Option<String>,
}
