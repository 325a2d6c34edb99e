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
        /// How many bytes from its start do not follow, because they are here.
        from: u64,
    },
    /// A folder; a list of what is in it follows, as [`manifest::list`] prints it.
    Folder,
}

/// The beginning of a file, as far as it is here already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Had {
    /// How many bytes.
    pub bytes: u64,
    /// Their SHA-256.
    pub digest: String,
}

/// The script that prints a file, or a list of what is in a folder, behind one line that says which. Of a file that
/// begins with what is here already, the rest is printed.
#[must_use]
pub fn look(path: &str, had: Option<&Had>) -> String {
    let rest = had.map(|Had { bytes, digest }| {
        format!(
            "sum=$(head -c {bytes} \"$file\" 2>/dev/null | sha256sum 2>/dev/null)\n\
             if [ \"${{sum%% *}}\" = {digest} ]; then\n\
             stat -L -c '%s %a %Y {bytes}' \"$file\" 2>/dev/null && exec tail -c +{next} \"$file\"; fi\n",
            next = bytes + 1,
        )
    });
    format!(
        "file={path}\n\
         if [ -d \"$file\" ]; then echo folder; cd \"$file\" || exit 1\n{list}\nexit; fi\n\
         case $file in -*) file=./$file;; esac\n\
         {rest}stat -L -c '%s %a %Y' \"$file\" 2>/dev/null || echo '0 0 0'\n\
         exec cat \"$file\"",
        path = guarded(path),
        list = manifest::list(),
        rest = rest.unwrap_or_default(),
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
            from: next().parse().unwrap_or(0),
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
        Command::new("sh").args(["-c", &look(path, None)]).output().unwrap().stdout
    }

    #[test]
    fn a_file_is_told_before_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's\na $file");
        fs::write(&path, "abc\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let said = run(path.to_str().unwrap());
        let at = said.iter().position(|byte| *byte == b'\n').unwrap();
        let Seen::File { size: 4, mode: 0o640, modified, from: 0 } = Seen::read(&said[..at]) else {
            panic!("{said:?}")
        };
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
        let nothing = Seen::File { size: 0, mode: 0, modified: 0, from: 0 };
        assert_eq!(Seen::read(b"0 0 0"), nothing);
        assert_eq!(Seen::read(b"x"), nothing);
        assert!(run("/no/such/file").starts_with(b"0 0 0\n"));
    }

    #[test]
    fn of_a_file_that_begins_with_what_is_here_only_the_rest_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("-f");
        fs::write(&path, "abcdef").unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for shell in [&["sh"][..], &["busybox", "sh"]] {
            for (bytes, digest, from, rest) in
                [(3, abc, 3, "def"), (4, abc, 0, "abcdef"), (6, abc, 0, "abcdef"), (9, abc, 0, "abcdef")]
            {
                let had = Had { bytes, digest: digest.to_owned() };
                let script = look("-f", Some(&had));
                let output =
                    Command::new(shell[0]).args(&shell[1..]).args(["-c", &script]).current_dir(folder.path()).output();
                let said = String::from_utf8(output.unwrap().stdout).unwrap();
                let (line, printed) = said.split_once('\n').unwrap();
                let Seen::File { size: 6, from: told, .. } = Seen::read(line.as_bytes()) else { panic!("{said:?}") };
                assert_eq!((told, printed), (from, rest), "{shell:?} {bytes}");
            }
        }
        // What is not there is told as ever.
        let had = Had { bytes: 3, digest: abc.to_owned() };
        let output = Command::new("sh").args(["-c", &look("/no/such/file", Some(&had))]).output().unwrap();
        assert!(output.stdout.starts_with(b"0 0 0\n") && output.status.code() == Some(1));
    }
}
