//! Where words are kept between lines: one file a project in the user's cache folder.

use std::fs::{self, DirBuilder};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;

use directories::ProjectDirs;
use tempfile::NamedTempFile;

use crate::model::known_words::KnownWords;
use crate::recipe::project::Project;

/// The windlass that keeps them.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long somebody who renews them is believed to be at it.
const AT_WORK: Duration = Duration::from_secs(30);

/// The file of one project.
pub struct Store {
    file: PathBuf,
}

impl Store {
    /// The file of a project; none where the user has no cache folder.
    #[must_use]
    pub fn of(project: &Project) -> Option<Self> {
        let folder = ProjectDirs::from("", "", "windlass")?.cache_dir().join("words");
        let recipe = project.recipe.canonicalize().unwrap_or_else(|_| project.recipe.clone());
        let mut hasher = DefaultHasher::new();
        recipe.hash(&mut hasher);
        Some(Self { file: folder.join(format!("{:016x}.json", hasher.finish())) })
    }

    /// What is kept; nothing where nothing is, or where it cannot be read.
    #[must_use]
    pub fn read(&self) -> KnownWords {
        fs::read(&self.file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Keeps words. Names of hosts are nobody else's business: the folder is the user's alone. What cannot be kept is
    /// found again.
    pub fn write(&self, words: &KnownWords) {
        let Some(folder) = self.file.parent() else { return };
        let write = || -> std::io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(&serde_json::to_vec(words)?)?;
            file.persist(&self.file)?;
            Ok(())
        };
        let _ = write();
    }

    /// Says that these words are about to be renewed; false where somebody else is at it.
    #[must_use]
    pub fn claim(&self) -> bool {
        let mark = self.mark();
        let since = fs::metadata(&mark).and_then(|mark| mark.modified()).ok().and_then(|time| time.elapsed().ok());
        if since.is_some_and(|since| since > AT_WORK) {
            let _ = fs::remove_file(&mark);
        }
        if let Some(folder) = mark.parent() {
            let _ = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        }
        match fs::OpenOptions::new().write(true).create_new(true).open(&mark) {
            Ok(_) => true,
            Err(error) => error.kind() != ErrorKind::AlreadyExists,
        }
    }

    /// Takes the claim back.
    pub fn release(&self) {
        let _ = fs::remove_file(self.mark());
    }

    fn mark(&self) -> PathBuf {
        self.file.with_extension("renewed")
    }
}
