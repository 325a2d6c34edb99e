//! The folder of one run: its sockets, and the logs of ssh.
//!
//! Private to the user, with a short path, gone with the run. A run that was killed cannot remove its own, nor close
//! its connections; the next one does both.

use std::fs::{File, Permissions, read_dir, remove_dir_all, rename};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;
use tempfile::TempDir;

use crate::error::Error;
use crate::transport::control::{close, has_listener};

/// Longest folder that leaves room for the names of sockets: ssh adds 17 characters of its own while it makes one, and
/// a socket's path has at most 103 on every system.
pub(crate) const LONGEST: usize = 72;

/// What the names of such folders begin with.
const PREFIX: &str = "windlass-";

/// Locked for as long as the run lives.
const ALIVE: &str = "alive";

/// A folder nobody else may enter.
#[derive(Debug)]
pub(crate) struct OwnFolder {
    folder: TempDir,
    _alive: File,
}

impl OwnFolder {
    /// In `runtime`, usually `$XDG_RUNTIME_DIR`, or else in `/tmp`. Removes what runs that were killed have left there.
    pub(crate) fn make(runtime: Option<&Path>) -> Result<Self, Error> {
        let tmp = Path::new("/tmp");
        let runtime = runtime.filter(|runtime| runtime.is_absolute());
        for parent in runtime.into_iter().chain([tmp]) {
            sweep(parent);
        }
        let in_runtime = runtime.and_then(|runtime| Self::make_in(runtime).ok());
        if let Some(made) = in_runtime.filter(|made| made.path().as_os_str().len() <= LONGEST) {
            return Ok(made);
        }
        Self::make_in(tmp).map_err(|cause| Error::io("could not make a folder in", tmp, &cause))
    }

    fn make_in(parent: &Path) -> std::io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        let folder = builder.prefix(PREFIX).permissions(Permissions::from_mode(0o700)).tempdir_in(parent)?;
        // Locked before it has its name: a run that looks for leftovers at this moment never finds it unlocked.
        let unnamed = folder.path().join("new");
        let alive = File::create(&unnamed)?;
        flock(&alive, FlockOperation::LockExclusive)?;
        rename(&unnamed, folder.path().join(ALIVE))?;
        Ok(Self { folder, _alive: alive })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders of runs that are over.
fn sweep(parent: &Path) {
    let Ok(entries) = read_dir(parent) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            remove_if_over(&entry.path());
        }
    }
}

/// Removes a folder of ours whose run is over, and ends every ssh it has left.
fn remove_if_over(folder: &Path) {
    let is_ours = folder.symlink_metadata().is_ok_and(|found| {
        found.is_dir() && found.uid() == geteuid().as_raw() && found.permissions().mode() & 0o777 == 0o700
    });
    if !is_ours {
        return;
    }
    let Ok(run) = File::open(folder.join(ALIVE)) else { return };
    if flock(&run, FlockOperation::NonBlockingLockExclusive).is_err() {
        return;
    }
    let Ok(entries) = read_dir(folder) else { return };
    let sockets: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()))
        .map(|entry| entry.path())
        .collect();
    let alive = || sockets.iter().map(PathBuf::as_path).filter(|socket| has_listener(socket));
    close(alive());
    if alive().next().is_none() {
        // What cannot be removed is in nobody's way.
        let _ = remove_dir_all(folder);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// What a run that was killed leaves.
    fn leftover(parent: &Path) -> PathBuf {
        let OwnFolder { folder, _alive } = OwnFolder::make_in(parent).unwrap();
        let path = folder.keep();
        std::fs::write(path.join("1.log"), "").unwrap();
        path
    }

    #[test]
    fn a_long_parent_is_not_used() {
        let long = tempfile::Builder::new().prefix(&"x".repeat(80)).tempdir().unwrap();
        assert_eq!(OwnFolder::make(Some(long.path())).unwrap().path().parent(), Some(Path::new("/tmp")));
        let missing = Path::new("/nonexistent/run");
        assert!(OwnFolder::make(Some(missing)).unwrap().path().as_os_str().len() <= LONGEST);
    }

    #[test]
    fn what_a_killed_run_has_left_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        let left = leftover(parent.path());
        let own = OwnFolder::make(Some(parent.path())).unwrap();
        assert!(!left.exists() && own.path().exists());
        let second = OwnFolder::make(Some(parent.path())).unwrap();
        assert!(own.path().exists() && second.path().exists(), "a run that lives keeps its folder");
    }

    #[test]
    fn runs_that_begin_at_once_leave_each_other_alone() {
        let parent = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let own = OwnFolder::make(Some(parent.path())).unwrap();
                        assert!(own.path().join(ALIVE).exists());
                    }
                });
            }
        });
    }

    #[test]
    fn what_is_alive_or_not_a_runs_stays() {
        let parent = tempfile::tempdir().unwrap();
        let left = leftover(parent.path());
        let _ssh = UnixListener::bind(left.join("1")).unwrap();
        let open = leftover(parent.path());
        std::fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
        let other = parent.path().join("windlass-notes");
        std::fs::create_dir(&other).unwrap();
        std::fs::set_permissions(&other, Permissions::from_mode(0o700)).unwrap();
        OwnFolder::make(Some(parent.path())).unwrap();
        assert!(left.exists() && open.exists() && other.exists());
    }
}
