//! What a run has found out on its way is kept for who types the next line.

use crate::cli::complete::store::{self, Store};
use crate::model::known_words::StageWords;
use crate::recipe::known_words::of;
use crate::recipe::project::Project;
use crate::recipe::session::Session;

/// What recipes gave that were just read.
pub struct Learnt(StageWords);

/// Takes what can be typed from recipes that were just read: what they say later may come of files that have changed since.
#[must_use]
pub fn learn(session: &Session) -> Learnt {
    Learnt(of(session.world()))
}

/// Keeps it, and the releases the run has seen.
pub fn keep(learnt: Learnt, session: &Session, project: &Project) {
    let Some(store) = Store::of(project) else { return };
    let before = store.read();
    let (mut known, stage) = (before.clone(), session.world().options.stage.clone().unwrap_or_default());
    let releases = session.world().seen.newest_first();
    if !releases.is_empty() {
        known.releases.insert(stage.clone(), releases);
    }
    // Without a stage, a project that has some gives only a part of what can be typed.
    if !stage.is_empty() || project.stage_files().is_empty() {
        known.learn(&stage, learnt.0, true);
    }
    if known.version != store::VERSION {
        // What the other stages gave came from another windlass.
        known.stages.retain(|name, _| *name == stage);
        store::VERSION.clone_into(&mut known.version);
    }
    if known != before {
        store.write(&known);
    }
}
