//! What a command leaves that did not do what was asked.

/// A command that did not do what was asked. Every text in it is already redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedCommand {
    /// The command line as it would be typed on the host.
    pub line: String,
    /// Exit status, where there was one.
    pub status: Option<i32>,
    /// Name of the signal that ended it, for example `KILL`.
    pub signal: Option<String>,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}
