//! All files of a project together, as the rules of `check` look at them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::recipe::check::outline::{Body, CallSite, Outline};
use crate::recipe::check::stage::Stage;
use crate::recipe::compiled::Compiled;
use crate::recipe::stdlib::is_stock;

/// The files that were read.
pub struct Files {
    /// Those of the project: what is wrong in them is told.
    pub own: Vec<Arc<Outline>>,
    /// The stock recipes that are required, and the user's own recipe, which is for other projects as well.
    pub others: Vec<Arc<Outline>>,
    /// Names of those that are no recipes: scripts, and what those require.
    beside: BTreeSet<String>,
    /// Whether something is read that is not here: what is not seen to be used may be used there.
    pub is_blind: bool,
}

impl Files {
    /// Those that were compiled for these stages.
    #[must_use]
    pub fn of(compiled: &Compiled, stages: &[Stage]) -> Self {
        let beside: BTreeSet<String> = stages.iter().flat_map(|stage| stage.beside.iter().cloned()).collect();
        let all = compiled.names().into_iter().filter_map(|name| compiled.outline(&name));
        // Files outside of the project are shown with their whole path.
        let (own, others): (Vec<_>, Vec<_>) = all
            .partition(|file| !is_stock(&file.file) && (!file.file.starts_with('/') || beside.contains(&*file.file)));
        let is_blind = own.iter().any(|file| {
            file.imports.contains(&None)
                || file
                    .calls()
                    .any(|(_, call)| call.name == "eval" || (call.name == "require" && call.first_text().is_none()))
        });
        Self { own, others, beside, is_blind }
    }

    /// Whether a file is a script, or what a script requires.
    #[must_use]
    pub fn is_beside(&self, file: &str) -> bool {
        self.beside.contains(file)
    }

    /// Every file.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Outline>> {
        self.own.iter().chain(&self.others)
    }

    /// Every call in the files of the project.
    pub fn own_calls(&self) -> impl Iterator<Item = (&Outline, &Body, &CallSite)> {
        self.own.iter().flat_map(|file| file.calls().map(move |(body, call)| (&**file, body, call)))
    }

    /// Whether a word is written out somewhere in the files of the project.
    #[must_use]
    pub fn say(&self, word: &str) -> bool {
        self.own.iter().any(|file| file.words.contains(word))
    }
}
