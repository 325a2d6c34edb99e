//! A folder of this machine: what is in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::model::manifest::{Entry, Kind, Manifest, Name, OWN};
use crate::runner::digests::Digests;
use crate::transport::cancel::Cancel;

/// What is in a folder, without the checksums of its files. What windlass itself has left there is none of it.
///
/// # Errors
/// What cannot be read.
pub fn list(folder: &Path) -> Result<Manifest, Error> {
    let mut entries = BTreeMap::new();
    let mut waiting = vec![Name::new()];
    while let Some(below) = waiting.pop() {
        let path = path_of(folder, &below);
        let unreadable = |error: &std::io::Error| Error::io("could not read", &path, error);
        for found in fs::read_dir(&path).map_err(|error| unreadable(&error))? {
            let found = found.map_err(|error| unreadable(&error))?;
            let own = found.file_name().into_vec();
            if below.is_empty() && own.starts_with(OWN.as_bytes()) {
                continue;
            }
            let name = if below.is_empty() { own } else { [below.as_slice(), b"/", &own].concat() };
            let entry = look(&found.path())?;
            if entry.kind == Kind::Folder {
                waiting.push(name.clone());
            }
            entries.insert(name, entry);
        }
    }
    Ok(Manifest(entries))
}

/// Works out the checksums of the files that may be the same as files of another folder: no others are as long.
///
/// # Errors
/// What cannot be read, and a cancel.
pub fn weigh(
    folder: &Path,
    here: &mut Manifest,
    there: &Manifest,
    digests: &Digests,
    cancel: &Cancel,
) -> Result<(), Error> {
    for (name, entry) in &mut here.0 {
        let (Kind::File { size, digest }, Some(other)) = (&mut entry.kind, there.0.get(name)) else { continue };
        if matches!(&other.kind, Kind::File { size: length, digest: Some(_) } if length == size) {
            let path = path_of(folder, name);
            let metadata = fs::symlink_metadata(&path).map_err(|error| Error::io("could not read", &path, &error))?;
            *digest = Some(digests.of(&path, &metadata, cancel)?);
        }
    }
    Ok(())
}

/// The path of something in a folder.
#[must_use]
pub fn path_of(folder: &Path, name: &[u8]) -> PathBuf {
    if name.is_empty() { folder.to_owned() } else { folder.join(OsStr::from_bytes(name)) }
}

fn look(path: &Path) -> Result<Entry, Error> {
    let unreadable = |error: std::io::Error| Error::io("could not read", path, &error);
    let metadata = fs::symlink_metadata(path).map_err(unreadable)?;
    let kind = if metadata.is_symlink() {
        Kind::Link(fs::read_link(path).map_err(unreadable)?.into_os_string().into_vec())
    } else if metadata.is_dir() {
        Kind::Folder
    } else if metadata.is_file() {
        Kind::File { size: metadata.len(), digest: None }
    } else {
        Kind::Other
    };
    let has_own = matches!(kind, Kind::Folder | Kind::File { .. });
    let of = |value: fn(&Metadata) -> i64| if has_own { value(&metadata) } else { 0 };
    let mode = if has_own { metadata.permissions().mode() & 0o7777 } else { 0 };
    Ok(Entry { kind, mode, modified: of(MetadataExt::mtime), owner: None })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;
    use crate::model::manifest;

    #[test]
    fn both_sides_see_the_same_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a b/c\nd")).unwrap();
        fs::create_dir(at(".windlass-left")).unwrap();
        for name in ["-f", "a b/c\nd/x", "a b/.windlass-kept"] {
            fs::write(at(name), name).unwrap();
        }
        fs::set_permissions(at("-f"), fs::Permissions::from_mode(0o2750)).unwrap();
        symlink("nowhere", at("link")).unwrap();
        symlink(".", at("a b/loop")).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let output = Command::new("sh").args(["-c", &manifest::list()]).current_dir(folder.path()).output().unwrap();
        let mut there = Manifest::read(&output.stdout).unwrap();
        for entry in there.0.values_mut() {
            entry.owner = None;
        }
        let mut here = list(folder.path()).unwrap();
        weigh(folder.path(), &mut here, &there, &Digests::default(), &Cancel::new()).unwrap();
        assert_eq!(here, there);
        assert_eq!(here.0.len(), 8);
    }

    #[test]
    fn only_files_that_may_be_the_same_are_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("f"), "abc").unwrap();
        let here = list(folder.path()).unwrap();
        let file = |size, digest: Option<&str>| {
            let kind = Kind::File { size, digest: digest.map(str::to_owned) };
            let entry = Entry { kind, mode: 0, modified: 0, owner: None };
            Manifest([(b"f".to_vec(), entry)].into())
        };
        for (there, is_read) in [
            (Manifest::default(), false),
            (file(4, Some("x")), false),
            (file(3, None), false),
            (file(3, Some("x")), true),
        ] {
            let mut here = here.clone();
            weigh(folder.path(), &mut here, &there, &Digests::default(), &Cancel::new()).unwrap();
            let Kind::File { digest, .. } = &here.0[b"f".as_slice()].kind else { panic!() };
            assert_eq!(digest.is_some(), is_read, "{there:?}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let error = list(Path::new("/no/such/folder")).unwrap_err();
        assert_eq!(error.to_string(), "could not read `/no/such/folder`: no such file or directory");
    }
}
