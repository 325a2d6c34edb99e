//! A file that several processes append lines to, and that is renamed when it gets large.
//!
//! Owns how lines stay whole: every line is one write to a file opened for appending, which the kernel puts behind all
//! others. Rotation needs more than that, so it takes an advisory lock, on the folder and not on a file of its own:
//! nothing is left lying around.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, create_dir_all, metadata, rename};
use std::io::{Result, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// How many old files are kept: `windlass.log.1` is the youngest.
pub const KEPT: usize = 3;

/// The file, open for appending.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    /// Bytes from which on the file is renamed.
    limit: u64,
    file: File,
}

impl RotatingFile {
    /// Opens the file; makes it and its folder where they do not exist.
    pub fn open(path: &Path, limit: u64) -> Result<Self> {
        create_dir_all(folder(path))?;
        Ok(Self { path: path.to_owned(), limit, file: append(path)? })
    }

    /// Appends a line, which must have its end.
    pub fn write_line(&mut self, line: &str) -> Result<()> {
        if self.file.metadata()?.len() >= self.limit {
            // A file that cannot be renamed grows on: a line too many is better than a line lost.
            let _ = self.rotate();
        }
        self.file.write_all(line.as_bytes())
    }

    /// Renames the file, unless another process does or did.
    fn rotate(&mut self) -> Result<()> {
        let folder = File::open(folder(&self.path))?;
        // Held by somebody else: he rotates, and this line still goes into the old file.
        flock(&folder, FlockOperation::NonBlockingLockExclusive)?;
        let renamed = self.rename();
        // Not left to the closing: a process that is being started right now has the folder open as well.
        flock(&folder, FlockOperation::Unlock)?;
        renamed?;
        self.file = append(&self.path)?;
        Ok(())
    }

    /// Makes place under the file's name.
    fn rename(&self) -> Result<()> {
        if !self.is_still_ours()? {
            return Ok(());
        }
        for n in (1..KEPT).rev() {
            // Missing ones are skipped: there may not be that many yet.
            let _ = rename(numbered(&self.path, n), numbered(&self.path, n + 1));
        }
        rename(&self.path, numbered(&self.path, 1))
    }

    /// Whether the name still leads to the open file; it does not when another process has renamed it.
    fn is_still_ours(&self) -> Result<bool> {
        let ours = self.file.metadata()?;
        Ok(metadata(&self.path).is_ok_and(|named| named.dev() == ours.dev() && named.ino() == ours.ino()))
    }
}

fn append(path: &Path) -> Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn numbered(path: &Path, n: usize) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{n}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use std::fs::{read_dir, read_to_string};
    use std::thread;

    use tempfile::tempdir;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn makes_its_folder_and_appends() {
        let root = tempdir().unwrap();
        let path = root.path().join("log/deep/x.log");
        RotatingFile::open(&path, 100).unwrap().write_line("one\n").unwrap();
        RotatingFile::open(&path, 100).unwrap().write_line("two\n").unwrap();
        assert_eq!(read_to_string(path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn keeps_three_old_files() {
        let root = tempdir().unwrap();
        let path = root.path().join("x.log");
        let mut file = RotatingFile::open(&path, 4).unwrap();
        for n in 1..=6 {
            file.write_line(&format!("{n}...\n")).unwrap();
        }
        assert_eq!(names(root.path()), ["x.log", "x.log.1", "x.log.2", "x.log.3"]);
        assert_eq!(read_to_string(&path).unwrap(), "6...\n");
        assert_eq!(read_to_string(numbered(&path, 1)).unwrap(), "5...\n");
        assert_eq!(read_to_string(numbered(&path, 3)).unwrap(), "3...\n");
    }

    #[test]
    fn below_the_limit_nothing_is_renamed() {
        let root = tempdir().unwrap();
        let path = root.path().join("x.log");
        let mut file = RotatingFile::open(&path, 5).unwrap();
        file.write_line("123\n").unwrap();
        file.write_line("4\n").unwrap();
        assert_eq!(names(root.path()), ["x.log"]);
    }

    #[test]
    fn follows_a_rotation_of_another_process() {
        let root = tempdir().unwrap();
        let path = root.path().join("x.log");
        let (mut a, mut b) = (RotatingFile::open(&path, 4).unwrap(), RotatingFile::open(&path, 4).unwrap());
        a.write_line("old.\n").unwrap();
        a.write_line("a\n").unwrap();
        b.write_line("b\n").unwrap();
        assert_eq!(names(root.path()), ["x.log", "x.log.1"]);
        assert_eq!(read_to_string(&path).unwrap(), "a\nb\n");
    }

    #[test]
    fn does_not_wait_for_a_lock() {
        let root = tempdir().unwrap();
        let path = root.path().join("x.log");
        let mut file = RotatingFile::open(&path, 1).unwrap();
        file.write_line("one\n").unwrap();
        let other = File::open(root.path()).unwrap();
        flock(&other, FlockOperation::LockExclusive).unwrap();
        file.write_line("two\n").unwrap();
        assert_eq!(read_to_string(&path).unwrap(), "one\ntwo\n");
        drop(other);
        file.write_line("three\n").unwrap();
        assert_eq!(read_to_string(&path).unwrap(), "three\n");
    }

    #[test]
    fn many_writers_tear_no_line_and_lose_none() {
        let root = tempdir().unwrap();
        let path = root.path().join("x.log");
        // 4 × 500 lines of 100 bytes are 200 kB: one to three rotations, which are all kept. How many it is depends on
        // how much the others write to the old file while one rotates.
        thread::scope(|scope| {
            for writer in 0..4 {
                let mut file = RotatingFile::open(&path, 60_000).unwrap();
                scope.spawn(move || {
                    for n in 0..500 {
                        file.write_line(&format!("{writer} {n:03} {}\n", "x".repeat(93))).unwrap();
                    }
                });
            }
        });
        let mut lines: Vec<String> = names(root.path())
            .iter()
            .flat_map(|name| {
                read_to_string(root.path().join(name)).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        assert!(root.path().join("x.log.1").exists());
        lines.sort();
        let mut expected: Vec<String> =
            (0..4).flat_map(|writer| (0..500).map(move |n| format!("{writer} {n:03} {}", "x".repeat(93)))).collect();
        expected.sort();
        assert!(lines == expected, "{} of {} lines", lines.len(), expected.len());
    }

    #[test]
    fn names_without_a_folder_stand_in_the_current_one() {
        assert_eq!(folder(Path::new("x.log")), Path::new("."));
        assert_eq!(folder(Path::new("log/x.log")), Path::new("log"));
    }
}
