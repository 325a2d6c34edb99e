//! Reading a file of a host: the script, and the line that says beforehand what comes.

use crate::model::file_script::guarded;
use crate::model::manifest;

/// What is behind a path on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A file; its bytes follow.
    File {
        /// How many there are; 0 where that is not known, as with files of `/proc`.
        size: u64,
        /// Its permission bits.
        mode: u32,
        /// When it was changed last, in seconds since 1970.
        modified: i64,
    },
    /// A folder; a list of what is in it follows, as [`manifest::list`] prints it.
    Folder,
}

/// The script that prints a file, or a list of what is in a folder, behind one line that says which.
#[must_use]
pub fn look(path: &str) -> String {
    format!(
        "file={path}\n\
         if [ -d \"$file\" ]; then echo folder; cd \"$file\" || exit 1\n{list}\nexit; fi\n\
         case $file in -*) file=./$file;; esac\n\
         stat -L -c '%s %a %Y' \"$file\" 2>/dev/null || echo '0 0 0'\n\
         exec cat \"$file\"",
        path = guarded(path),
        list = manifest::list(),
    )
}

impl Seen {
    /// From the line.
    #[must_use]
    pub fn read(line: &[u8]) -> Self {
        if line == b"folder" {
            return Self::Folder;
        }
        let line = String::from_utf8_lossy(line);
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap_or_default();
        Self::File {
            size: next().parse().unwrap_or(0),
            mode: u32::from_str_radix(next(), 8).unwrap_or(0),
            modified: next().parse().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    fn run(path: &str) -> Vec<u8> {
        Command::new("sh").args(["-c", &look(path)]).output().unwrap().stdout
    }

    #[test]
    fn a_file_is_told_before_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's\na $file");
        fs::write(&path, "abc\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let said = run(path.to_str().unwrap());
        let at = said.iter().position(|byte| *byte == b'\n').unwrap();
        let Seen::File { size: 4, mode: 0o640, modified } = Seen::read(&said[..at]) else { panic!("{said:?}") };
        assert!(modified > 1_700_000_000);
        assert_eq!(&said[at + 1..], b"abc\n");
    }

    #[test]
    fn a_folder_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert!(run(folder.path().to_str().unwrap()).starts_with(b"folder\n"));
        assert_eq!(Seen::read(b"folder"), Seen::Folder);
    }

    #[test]
    fn what_is_not_known_is_nothing() {
        assert_eq!(Seen::read(b"0 0 0"), Seen::File { size: 0, mode: 0, modified: 0 });
        assert_eq!(Seen::read(b"x"), Seen::File { size: 0, mode: 0, modified: 0 });
        assert!(run("/no/such/file").starts_with(b"0 0 0\n"));
    }
}
