//! Checksums of files of this machine, each worked out once however many hosts it goes to.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::transport::api::cancelled;
use crate::transport::cancel::Cancel;

/// Checksums by path.
#[derive(Debug, Default)]
pub struct Digests(Mutex<HashMap<PathBuf, Arc<Mutex<Option<Known>>>>>);

/// A checksum, and what the file was like then.
#[derive(Clone, Debug)]
struct Known {
    length: u64,
    modified: Option<SystemTime>,
    digest: String,
}

impl Digests {
    /// The SHA-256 of a file, in hexadecimal. Who asks while another one works it out waits for that.
    ///
    /// # Errors
    /// A file that cannot be read, and a cancel.
    pub fn of(&self, path: &Path, metadata: &Metadata, cancel: &Cancel) -> Result<String, Error> {
        let entry = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(path.to_owned()).or_default())
        };
        let mut known = entry.lock().unwrap_or_else(PoisonError::into_inner);
        let (length, modified) = (metadata.len(), metadata.modified().ok());
        if let Some(known) = known.as_ref().filter(|known| known.length == length && known.modified == modified) {
            return Ok(known.digest.clone());
        }
        let digest = digest_of(path, cancel)?;
        *known = Some(Known { length, modified, digest: digest.clone() });
        Ok(digest)
    }
}

/// The SHA-256 of bytes, in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// The SHA-256 of what is read up to the end, in hexadecimal. `path` is what is read.
///
/// # Errors
/// What cannot be read, and a cancel.
pub fn digest_read(source: &mut dyn Read, path: &Path, cancel: &Cancel) -> Result<String, Error> {
    let (mut sum, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        if cancel.is_raised() {
            return Err(cancelled());
        }
        match source.read(&mut buffer) {
            Ok(0) => return Ok(format!("{:x}", sum.finalize())),
            Ok(count) => sum.update(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io("could not read", path, &error)),
        }
    }
}

fn digest_of(path: &Path, cancel: &Cancel) -> Result<String, Error> {
    let mut file = File::open(path).map_err(|error| Error::io("could not read", path, &error))?;
    digest_read(&mut file, path, cancel)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_file_is_read_again_only_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let digests = Digests::default();
        let of = || digests.of(&path, &fs::metadata(&path).unwrap(), &Cancel::new());
        let time = SystemTime::UNIX_EPOCH;
        let write = |text: &str| {
            fs::write(&path, text).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        };
        write("abc");
        assert_eq!(of().unwrap(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        write("abd");
        assert_eq!(of().unwrap(), digest(b"abc"), "by length and time it is the same");
        write("abcd");
        assert_eq!(of().unwrap(), digest(b"abcd"));
    }

    #[test]
    fn a_cancel_ends_it_and_what_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, "abc").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let cancel = Cancel::new();
        cancel.raise();
        assert_eq!(Digests::default().of(&path, &metadata, &cancel).unwrap_err().kind(), Kind::Cancelled);
        fs::remove_file(&path).unwrap();
        assert_eq!(Digests::default().of(&path, &metadata, &Cancel::new()).unwrap_err().kind(), Kind::Io);
    }
}
