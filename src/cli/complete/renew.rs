//! Renews the kept words in a process of its own, while whoever pressed Tab goes on.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::cli::args::Options;
use crate::cli::complete::command::stages;
use crate::cli::complete::store::{self, Store};
use crate::cli::session::{find_project, personal};
use crate::error::EXIT_FAILED;
use crate::recipe::known_words::read;
use crate::recipe::project::Project;

/// How long recipes may take to be read, when nobody waits for them.
const LONGEST: Duration = Duration::from_secs(20);

/// Starts the process, unless one is at it. `is_named` says that the recipe was named with `-f`.
pub fn begin(store: &Store, project: &Project, is_named: bool) {
    let Ok(program) = env::current_exe() else { return };
    if !store.claim() {
        return;
    }
    let mut command = Command::new(program);
    command.args(["complete", "--renew"]).current_dir(&project.root);
    if is_named {
        command.arg("--file").arg(&project.recipe);
    }
    // A group of its own: Ctrl-C at the line is not for it. Its output is nobody's, or the shell would wait for it.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.spawn().is_err() {
        store.release();
    }
}

/// Reads the recipes of all stages, without running anything, and keeps what they gave.
pub fn renew(options: &Options) {
    let Ok(project) = find_project(options) else { return };
    let Some(store) = Store::of(&project) else { return };
    if env::set_current_dir(&project.root).is_err() {
        return;
    }
    // A recipe that never ends is no reason to be here for ever.
    let _ = thread::Builder::new().name("limit".to_owned()).spawn(|| {
        thread::sleep(LONGEST);
        process::exit(i32::from(EXIT_FAILED));
    });
    let stages = stages(&project);
    let found = read(&project, &stages, personal().as_deref());
    // Read now, so that what a run has kept in the meantime is not lost.
    let mut known = store.read();
    store::VERSION.clone_into(&mut known.version);
    known.stages.retain(|name, _| name.is_empty() == stages.is_empty() && (name.is_empty() || stages.contains(name)));
    for found in found {
        known.learn(&found.stage, found.words, found.is_whole);
    }
    store.write(&known);
    store.release();
}
