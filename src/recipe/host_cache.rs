//! Hosts that came from outside, kept in the user's cache folder for the next run.
//!
//! Owns the file of one source: its name, its form, and that nobody else can read it. What is made of a text, and when it is
//! too old, is the caller's to know. A file that cannot be read is none.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The file of one source.
#[derive(Clone, Debug)]
pub struct HostCache {
    path: PathBuf,
    source: String,
}

/// What a source once said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The text.
    pub text: String,
    /// How long ago that was.
    pub age: Duration,
}

#[derive(Serialize, Deserialize)]
struct File {
    source: String,
    at: u64,
    text: String,
}

impl HostCache {
    /// The file of a source in this folder. `source` is all that makes it another one: project, stage, command or address.
    #[must_use]
    pub fn of(folder: &Path, source: &str) -> Self {
        Self { path: folder.join("hosts").join(format!("{:016x}.json", hash(source))), source: source.to_owned() }
    }

    /// What is there.
    #[must_use]
    pub fn read(&self) -> Option<Kept> {
        let file: File = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        let age = now().checked_sub(Duration::from_secs(file.at))?;
        // Two sources may have the same name for their file.
        (file.source == self.source).then_some(Kept { text: file.text, age })
    }

    /// Keeps a text, in one step.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let failed = |error: std::io::Error| Error::io("could not keep hosts in", folder, &error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let file = File { source: self.source.clone(), at: now().as_secs(), text: text.to_owned() };
        let json = serde_json::to_vec(&file).map_err(|error| failed(error.into()))?;
        let aside = self.path.with_extension(format!("{}.new", std::process::id()));
        let write = || {
            let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
            file.write_all(&json)?;
            fs::rename(&aside, &self.path)
        };
        write().map_err(failed)
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// FNV-1a: the same in every version, and no secret hangs on it.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_kept_is_found_again_by_its_source_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HostCache::of(folder.path(), "bin/hosts");
        assert_eq!(cache.read(), None);
        cache.write("web1\n").unwrap();
        cache.write("web2\n").unwrap();
        let kept = cache.read().unwrap();
        assert_eq!(kept.text, "web2\n");
        assert!(kept.age < Duration::from_secs(600));
        assert_eq!(HostCache::of(folder.path(), "bin/other").read(), None);
        let alike = HostCache { source: "bin/other".into(), ..cache.clone() };
        assert_eq!(alike.read(), None, "a file of the same name for another source");
        let names = fs::read_dir(folder.path().join("hosts")).unwrap().count();
        assert_eq!(names, 1, "nothing stays beside it");
    }

    #[test]
    fn nobody_else_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HostCache::of(folder.path(), "x");
        cache.write("web1").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&cache.path), mode(&folder.path().join("hosts"))), (0o600, 0o700));
    }

    #[test]
    fn a_broken_file_and_one_from_the_future_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HostCache::of(folder.path(), "x");
        cache.write("web1").unwrap();
        for text in ["", "{", "{\"source\": \"x\", \"at\": 99999999999, \"text\": \"web1\"}"] {
            fs::write(&cache.path, text).unwrap();
            assert_eq!(cache.read(), None, "{text}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("hosts"), "").unwrap();
        assert!(
            HostCache::of(folder.path(), "x")
                .write("web1")
                .unwrap_err()
                .to_string()
                .starts_with("could not keep hosts in")
        );
    }
}
