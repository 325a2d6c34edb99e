//! Files of a folder as one stream for a `tar` on a host, read as it goes.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Cursor, Error, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::model::manifest::{Kind, Manifest, Name};
use crate::model::tar::{Member, end, header, padding};
use crate::model::tree_script::{THEN, TREE};
use crate::runner::tree::path_of;

/// The stream.
pub struct Archive {
    parts: VecDeque<Part>,
    current: Option<Box<dyn Read + Send>>,
    length: u64,
}

enum Part {
    Bytes(Vec<u8>),
    File(PathBuf, u64),
}

impl Archive {
    /// Of these files and links of a folder, and of the steps that put them into their place.
    ///
    /// # Errors
    /// A name that no member of an archive can have; none that stands in a folder is one.
    pub fn new(folder: &Path, here: &Manifest, names: &[Name], then: Vec<u8>) -> std::io::Result<Self> {
        let mut archive = Self { parts: VecDeque::new(), current: None, length: 0 };
        for name in names {
            let Some(entry) = here.0.get(name) else { continue };
            let staged = [TREE.as_bytes(), name].concat();
            match &entry.kind {
                Kind::File { size, .. } => {
                    archive.add(header(&staged, Member::File(*size), entry.mode, entry.modified)?);
                    archive.length += size;
                    archive.parts.push_back(Part::File(path_of(folder, name), *size));
                    archive.add(padding(*size));
                }
                Kind::Link(target) => archive.add(header(&staged, Member::Link(target), 0o777, 0)?),
                Kind::Folder | Kind::Other => {}
            }
        }
        let size = then.len() as u64;
        archive.add(header(THEN.as_bytes(), Member::File(size), 0o600, 0)?);
        archive.add(then);
        archive.add(padding(size));
        archive.add(end());
        Ok(archive)
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    fn add(&mut self, bytes: Vec<u8>) {
        self.length += bytes.len() as u64;
        self.parts.push_back(Part::Bytes(bytes));
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(current) = &mut self.current {
                let count = current.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
            }
            self.current = match self.parts.pop_front() {
                None => return Ok(0),
                Some(Part::Bytes(bytes)) => Some(Box::new(Cursor::new(bytes))),
                Some(Part::File(path, size)) => Some(Box::new(Exactly::open(path, size)?)),
            };
        }
    }
}

/// A file of which so many bytes are read: no more, should it grow meanwhile, and no fewer.
struct Exactly {
    file: std::io::Take<File>,
    path: PathBuf,
}

impl Exactly {
    fn open(path: PathBuf, size: u64) -> std::io::Result<Self> {
        let named = |error: &Error| Error::new(error.kind(), format!("`{}`: {error}", path.display()));
        let file = File::open(&path).map_err(|error| named(&error))?.take(size);
        Ok(Self { file, path })
    }
}

impl Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.file.limit() > 0 {
            let message = format!("`{}` has become shorter while it was read", self.path.display());
            return Err(Error::new(ErrorKind::UnexpectedEof, message));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::runner::tree::list;

    #[test]
    fn it_is_as_long_as_it_says_and_holds_what_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a", "x".repeat(700)), ("b", String::new()), ("c", "not asked for".into())] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let here = list(folder.path()).unwrap();
        let mut archive =
            Archive::new(folder.path(), &here, &[b"a".to_vec(), b"b".to_vec()], b"steps\n".to_vec()).unwrap();
        let (length, mut bytes) = (archive.length(), Vec::new());
        archive.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, length);
        let target = tempfile::tempdir().unwrap();
        let path = target.path().join("archive");
        fs::write(&path, &bytes).unwrap();
        let output = std::process::Command::new("tar").arg("-tf").arg(&path).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "tree/a\ntree/b\nthen\n");
    }

    #[test]
    fn a_file_that_changes_meanwhile_never_shifts_what_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "x".repeat(700)).unwrap();
        let here = list(folder.path()).unwrap();
        let read = || {
            let mut bytes = Vec::new();
            let mut archive = Archive::new(folder.path(), &here, &[b"a".to_vec()], Vec::new()).unwrap();
            archive.read_to_end(&mut bytes).map(|count| (count as u64, archive.length()))
        };
        fs::write(&path, "x".repeat(900)).unwrap();
        let (count, length) = read().unwrap();
        assert_eq!(count, length);
        fs::write(&path, "x".repeat(500)).unwrap();
        assert!(read().unwrap_err().to_string().contains("has become shorter while it was read"));
        fs::remove_file(&path).unwrap();
        assert!(read().unwrap_err().to_string().contains("/a`: "));
    }
}
