//! What can be typed for a project, as it was when its recipes were last read.
//!
//! Owns when that is out of date. Reading recipes, and keeping what was found, is for others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A word with what it stands for, in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// The word.
    pub word: String,
    /// What it is; empty where there is nothing to say.
    pub about: String,
}

impl Word {
    /// A word and what it stands for.
    pub fn new(word: impl Into<String>, about: impl Into<String>) -> Self {
        Self { word: word.into(), about: about.into() }
    }
}

/// A file as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Its whole path.
    pub path: String,
    /// When it was last changed, in nanoseconds since 1970.
    pub modified: u64,
    /// How long it is.
    pub size: u64,
}

/// What the recipes of one stage gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageWords {
    /// The files that were read.
    pub files: Vec<Stamp>,
    /// Tasks, with the first line of their description.
    pub tasks: Vec<Word>,
    /// Hosts, with their roles.
    pub hosts: Vec<Word>,
    /// Roles.
    pub roles: Vec<String>,
    /// Names of settings.
    pub settings: Vec<String>,
    /// Variables that the recipes read with `env`.
    pub variables: Vec<String>,
}

impl StageWords {
    /// Whether every file is as it was when it was read, and no other one has come.
    #[must_use]
    pub fn is_fresh(&self, expected: &[String], look: &impl Fn(&str) -> Option<Stamp>) -> bool {
        let was_read = |path: &String| self.files.iter().any(|stamp| stamp.path == *path);
        expected.iter().all(was_read) && self.files.iter().all(|stamp| look(&stamp.path).as_ref() == Some(stamp))
    }

    /// Adds the words of another stage that are not there yet.
    fn add(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.tasks, &other.tasks), (&mut self.hosts, &other.hosts)] {
            let new: Vec<Word> =
                theirs.iter().filter(|word| mine.iter().all(|known| known.word != word.word)).cloned().collect();
            mine.extend(new);
        }
        for (mine, theirs) in [
            (&mut self.roles, &other.roles),
            (&mut self.settings, &other.settings),
            (&mut self.variables, &other.variables),
        ] {
            let new: Vec<String> = theirs.iter().filter(|word| !mine.contains(word)).cloned().collect();
            mine.extend(new);
        }
    }
}

/// What is known of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownWords {
    /// The windlass that found it: another one may bring other tasks.
    pub version: String,
    /// By stage; under the empty name what there is without one.
    pub stages: BTreeMap<String, StageWords>,
    /// Releases that the last run of each stage has seen, the newest first.
    pub releases: BTreeMap<String, Vec<String>>,
}

impl KnownWords {
    /// The words of a stage; without a stage, or for one nothing is known of, those of all.
    #[must_use]
    pub fn of(&self, stage: Option<&str>) -> StageWords {
        if let Some(words) = stage.and_then(|stage| self.stages.get(stage)) {
            return words.clone();
        }
        self.stages.values().fold(StageWords::default(), |mut all, words| {
            all.add(words);
            all
        })
    }

    /// Releases of a stage; without a stage those of all.
    #[must_use]
    pub fn releases_of(&self, stage: Option<&str>) -> Vec<String> {
        let mut all: Vec<String> = self
            .releases
            .iter()
            .filter(|(name, _)| stage.is_none_or(|stage| stage == *name))
            .flat_map(|(_, names)| names.clone())
            .collect();
        all.sort_by(|a, b| b.cmp(a));
        all.dedup();
        all
    }

    /// Takes in what was found of a stage. Where its recipes could not be read to their end, the words from before stay,
    /// and they are not read again until they have changed.
    pub fn learn(&mut self, stage: &str, found: StageWords, is_whole: bool) {
        let known = self.stages.entry(stage.to_owned()).or_default();
        if is_whole {
            *known = found;
        } else {
            let files = found.files.clone();
            known.add(&found);
            known.files = files;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(path: &str, modified: u64) -> Stamp {
        Stamp { path: path.into(), modified, size: 10 }
    }

    fn words(tasks: &[&str], files: &[&str]) -> StageWords {
        StageWords {
            files: files.iter().map(|file| stamp(file, 1)).collect(),
            tasks: tasks.iter().map(|task| Word::new(*task, "")).collect(),
            ..StageWords::default()
        }
    }

    fn names(words: &StageWords) -> Vec<&str> {
        words.tasks.iter().map(|task| task.word.as_str()).collect()
    }

    #[test]
    fn words_are_fresh_as_long_as_all_their_files_are() {
        let words = words(&["deploy"], &["/p/deploy.rhai", "/p/lib.rhai"]);
        let expected = ["/p/deploy.rhai".to_owned()];
        assert!(words.is_fresh(&expected, &|path| Some(stamp(path, 1))));
        assert!(!words.is_fresh(&expected, &|path| Some(stamp(path, if path.ends_with("lib.rhai") { 2 } else { 1 }))));
        assert!(!words.is_fresh(&expected, &|path| (path != "/p/lib.rhai").then(|| stamp(path, 1))), "one is gone");
        let more = [expected[0].clone(), "/p/tasks/new.rhai".to_owned()];
        assert!(!words.is_fresh(&more, &|path| Some(stamp(path, 1))), "one has come");
        let longer = |path: &str| Some(Stamp { size: 11, ..stamp(path, 1) });
        assert!(!words.is_fresh(&expected, &longer), "changed within a tick of the clock");
    }

    #[test]
    fn without_a_stage_all_of_them_count() {
        let mut known = KnownWords::default();
        known.learn("production", words(&["deploy", "a"], &["/p"]), true);
        known.learn("staging", words(&["deploy", "b"], &["/p"]), true);
        assert_eq!(names(&known.of(Some("staging"))), ["deploy", "b"]);
        assert_eq!(names(&known.of(None)), ["deploy", "a", "b"]);
        assert_eq!(names(&known.of(Some("new"))), ["deploy", "a", "b"]);
    }

    #[test]
    fn recipes_that_cannot_be_read_leave_the_words_from_before() {
        let mut known = KnownWords::default();
        known.learn("p", words(&["deploy", "restart"], &["/p"]), true);
        known.learn("p", words(&[], &["/p", "/q"]), false);
        assert_eq!(names(&known.of(Some("p"))), ["deploy", "restart"]);
        assert_eq!(known.stages["p"].files.len(), 2, "and are not read again until they change");
        known.learn("p", words(&["deploy"], &["/p"]), true);
        assert_eq!(names(&known.of(Some("p"))), ["deploy"]);
    }

    #[test]
    fn the_newest_release_comes_first() {
        let mut known = KnownWords::default();
        known.releases.insert("p".into(), vec!["20260101000000".into(), "20260301000000".into()]);
        known.releases.insert("s".into(), vec!["20260201000000".into()]);
        assert_eq!(known.releases_of(Some("p")), ["20260301000000", "20260101000000"]);
        assert_eq!(known.releases_of(None).len(), 3);
        assert!(known.releases_of(Some("x")).is_empty());
    }
}
