//! Files of a host's folder, taken from one stream and put into a folder of this machine.
//!
//! They come one after the other, as long as the list of the folder says and with its checksums. Until all of them are
//! there they stand in a folder of their own beside their places, and nothing else is touched.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::error::Error;
use crate::model::manifest::{Kind, Manifest, Name, OWN};
use crate::model::tree_plan::TreePlan;
use crate::runner::tree::path_of;

/// The bits of a mode that are taken over: none that give a file more than the rights of whoever runs it.
const BITS: u32 = 0o777;

/// What is being taken.
pub struct Unpacking<'a> {
    folder: &'a Path,
    stage: TempDir,
    there: &'a Manifest,
    plan: &'a TreePlan,
    /// The files that come, in order.
    files: Vec<&'a Name>,
    /// How many of them are here.
    done: usize,
    open: Option<Open>,
}

struct Open {
    file: File,
    sum: Sha256,
    left: u64,
}

impl<'a> Unpacking<'a> {
    /// Begins, into a folder that is made where there is none.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn new(folder: &'a Path, there: &'a Manifest, plan: &'a TreePlan) -> Result<Self, Error> {
        let unwritable = |error: io::Error| Error::io("could not write", folder, &error);
        fs::create_dir_all(folder).map_err(unwritable)?;
        let stage = tempfile::Builder::new().prefix(OWN).tempdir_in(folder).map_err(unwritable)?;
        let is_file = |name: &&Name| there.0.get(*name).is_some_and(|entry| matches!(entry.kind, Kind::File { .. }));
        let files = plan.send.iter().filter(is_file).collect();
        Ok(Self { folder, stage, there, plan, files, done: 0, open: None })
    }

    /// The files that come, in order.
    #[must_use]
    pub fn names(&self) -> Vec<Name> {
        self.files.iter().map(|name| (*name).clone()).collect()
    }

    /// How many bytes they have.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.files.iter().map(|name| self.expected(name).0).sum()
    }

    /// Takes what comes next.
    ///
    /// # Errors
    /// What cannot be written here, and bytes that are not those of the list.
    pub fn take(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        loop {
            self.pass_empty_ones()?;
            if bytes.is_empty() {
                return Ok(());
            }
            let Some(open) = &mut self.open else { return Err(changed("the folder")) };
            let count = usize::try_from(open.left).unwrap_or(usize::MAX).min(bytes.len());
            let (own, rest) = bytes.split_at(count);
            open.file.write_all(own)?;
            open.sum.update(own);
            open.left -= count as u64;
            bytes = rest;
        }
    }

    /// Puts everything into its place when all of it is there.
    ///
    /// # Errors
    /// What has not come, and what cannot be put there.
    pub fn finish(mut self) -> Result<(), Error> {
        let failed = |path: &Path, error: &io::Error| Error::io("could not write", path, error);
        self.pass_empty_ones().map_err(|error| failed(self.folder, &error))?;
        if self.done < self.files.len() {
            return Err(failed(self.folder, &changed("the folder")));
        }
        let (folder, plan) = (self.folder, self.plan);
        let at = |name: &Name| path_of(folder, name);
        for path in plan.remove.iter().map(at) {
            remove(&path).map_err(|error| Error::io("could not remove", &path, &error))?;
        }
        for path in plan.folders.iter().map(at) {
            fs::create_dir(&path).map_err(|error| failed(&path, &error))?;
        }
        for (number, name) in self.files.iter().enumerate() {
            let (staged, path) = (self.staged(number), at(name));
            self.settle(&staged, name)
                .and_then(|()| fs::rename(&staged, &path))
                .map_err(|error| failed(&path, &error))?;
        }
        for name in &plan.send {
            if let Some(Kind::Link(target)) = self.there.0.get(name).map(|entry| &entry.kind) {
                let path = at(name);
                self.link(target, &path).map_err(|error| failed(&path, &error))?;
            }
        }
        for (name, mode) in plan.modes.iter().rev() {
            let path = at(name);
            fs::set_permissions(&path, Permissions::from_mode(mode & BITS)).map_err(|error| failed(&path, &error))?;
        }
        for (name, modified) in &plan.times {
            let path = at(name);
            set_modified(&path, *modified).map_err(|error| failed(&path, &error))?;
        }
        Ok(())
    }

    /// Opens the next file, and closes each that is whole.
    fn pass_empty_ones(&mut self) -> io::Result<()> {
        loop {
            match self.open.take() {
                Some(open) if open.left > 0 => {
                    self.open = Some(open);
                    return Ok(());
                }
                Some(open) => {
                    let name = self.files[self.done];
                    let digest = format!("{:x}", open.sum.finalize());
                    if self.expected(name).1.is_some_and(|expected| expected != digest) {
                        return Err(changed(&String::from_utf8_lossy(name)));
                    }
                    self.done += 1;
                }
                None => {}
            }
            let Some(name) = self.files.get(self.done) else { return Ok(()) };
            let file = File::create_new(self.staged(self.done))?;
            self.open = Some(Open { file, sum: Sha256::new(), left: self.expected(name).0 });
        }
    }

    fn expected(&self, name: &Name) -> (u64, Option<&str>) {
        match self.there.0.get(name).map(|entry| &entry.kind) {
            Some(Kind::File { size, digest }) => (*size, digest.as_deref()),
            _ => (0, None),
        }
    }

    fn staged(&self, number: usize) -> PathBuf {
        self.stage.path().join(number.to_string())
    }

    fn settle(&self, staged: &Path, name: &Name) -> io::Result<()> {
        let Some(entry) = self.there.0.get(name) else { return Ok(()) };
        set_modified(staged, entry.modified)?;
        fs::set_permissions(staged, Permissions::from_mode(entry.mode & BITS))
    }

    /// Makes a link beside its place, and renames it.
    fn link(&self, target: &[u8], path: &Path) -> io::Result<()> {
        let staged = self.stage.path().join("link");
        symlink(OsStr::from_bytes(target), &staged)?;
        fs::rename(&staged, path)
    }
}

/// Sets when a file was changed last.
///
/// # Errors
/// When that cannot be done.
pub fn set_modified(path: &Path, seconds: i64) -> io::Result<()> {
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    File::open(path)?.set_modified(SystemTime::UNIX_EPOCH + since)
}

fn remove(path: &Path) -> io::Result<()> {
    if path.symlink_metadata()?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn changed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("{what} has changed on the host while it was read"))
}

#[cfg(test)]
#[path = "unpacking_tests.rs"]
mod tests;
