//! What the command line decided about a run.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::limits::Times;
pub use crate::runner::claim::Wait;
use crate::runner::max_fail::MaxFail;

/// What the command line decided.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line, or a fact of its own")]
pub struct RunOptions {
    /// The stage, if one was named.
    pub stage: Option<String>,
    /// Change nothing anywhere.
    pub dry_run: bool,
    /// Tell every task as it is invoked.
    pub trace: bool,
    /// Times given on the command line.
    pub times: Times,
    /// Silence of a command that is told first; none when none is.
    pub patience: Option<Duration>,
    /// `--yes`: nothing is asked before a task that wants to be confirmed.
    pub yes: bool,
    /// The stages there are.
    pub stages: Vec<String>,
    /// `-r`, each occurrence.
    pub roles: Vec<String>,
    /// `-z`, each occurrence.
    pub hosts: Vec<String>,
    /// `--limit`, each occurrence.
    pub limit: Vec<String>,
    /// What to do when somebody else has the lock.
    pub wait: Wait,
    /// `--max-fail`; it hides the setting.
    pub max_fail: Option<MaxFail>,
    /// `KEY=value` words; they hide the process's environment.
    pub env: HashMap<String, String>,
    /// `--warm`, in seconds; it comes before the setting.
    pub warm: Option<u32>,
    /// Whether nobody is there to make a next run soon.
    pub in_ci: bool,
    /// Whether ssh is to say how it logs in, for the check-up of the hosts.
    pub tells_logins: bool,
    /// Folder of the project.
    pub project: PathBuf,
    /// The user's cache folder, where there is one.
    pub cache: Option<PathBuf>,
    /// Whether nothing is run after the recipes are read, as for a list of tasks.
    pub looks_only: bool,
}

impl RunOptions {
    /// Whether nobody outside the recipes may be asked for anything.
    #[must_use]
    pub const fn asks_nobody(&self) -> bool {
        self.dry_run || self.looks_only
    }
}
