//! Where the time of a phase of the run went.

use serde::Serialize;

/// Where the time of a phase went. All but `seconds` are those of its slowest host: hosts work at the same time, so it
/// is the slowest one that decides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spent {
    /// The task; none outside tasks, and for the whole run.
    pub task: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The host that was busy for the longest time; none where there was no host.
    pub slowest: Option<String>,
    /// Seconds spent on connecting.
    pub connecting: f64,
    /// Seconds in which commands ran on the host.
    pub host: f64,
    /// Seconds spent on the way there and back.
    pub network: f64,
    /// How often something was sent and waited for.
    pub trips: usize,
}
