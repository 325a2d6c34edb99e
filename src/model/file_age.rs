//! When a file has to be made anew from others: the rule of `make`.
//!
//! Owns the rule and which needs of a file task are files. Looking at the files is `recipe::file_target`'s.

use std::time::SystemTime;

/// A file that another one is made of, with when it was last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path as written.
    pub path: String,
    /// When it was changed.
    pub changed: SystemTime,
}

/// Why a file has to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is not there.
    Missing,
    /// This file was changed after it.
    Older(String),
}

/// Why a file that was changed at `target`, none where it is not there, has to be made anew; none where it is up to date.
/// Of equal times the file counts as the newer one.
#[must_use]
pub fn reason(target: Option<SystemTime>, sources: &[Source]) -> Option<Reason> {
    let Some(target) = target else { return Some(Reason::Missing) };
    sources.iter().find(|source| source.changed > target).map(|source| Reason::Older(source.path.clone()))
}

/// Whether a need that is no task can be a file: it has a folder or an ending. Anything else is a task with a typing
/// mistake.
#[must_use]
pub fn is_path(need: &str) -> bool {
    need.contains(['/', '.'])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn source(path: &str, seconds: u64) -> Source {
        Source { path: path.to_owned(), changed: at(seconds) }
    }

    #[test]
    fn a_file_is_made_when_it_is_missing_or_older_than_a_source() {
        let sources = [source("a.yml", 5), source("b.yml", 7)];
        assert_eq!(reason(None, &[]), Some(Reason::Missing));
        assert_eq!(reason(None, &sources), Some(Reason::Missing));
        assert_eq!(reason(Some(at(6)), &sources), Some(Reason::Older("b.yml".to_owned())));
        assert_eq!(reason(Some(at(7)), &sources), None);
        assert_eq!(reason(Some(at(0)), &[]), None);
    }

    #[test]
    fn a_path_has_a_folder_or_an_ending() {
        assert!(is_path("config/x") && is_path("x.yml") && is_path("./Gemfile"));
        assert!(!is_path("build") && !is_path("deploy:check"));
    }
}
