//! A small or read-only file system at a folder, where the tests may mount one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::skip::skip;

/// A mounted tmpfs, unmounted when dropped.
pub struct Mount(PathBuf);

impl Mount {
    /// Mounts a tmpfs; none, said loudly, where that is not allowed.
    pub fn tmpfs(test: &str, folder: &Path, options: &str) -> Option<Self> {
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).output();
        match output {
            Ok(output) if output.status.success() => Some(Self(folder.to_path_buf())),
            Ok(output) => {
                skip(
                    test,
                    &format!("no file system can be mounted: {}", String::from_utf8_lossy(&output.stderr).trim()),
                );
                None
            }
            Err(error) => {
                skip(test, &format!("there is no mount: {error}"));
                None
            }
        }
    }

    /// Makes it read-only.
    pub fn read_only(&self) {
        assert!(Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}
