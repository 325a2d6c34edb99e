//! Shell lines that write and read files on a host.
//!
//! A file is written beside its place under another name and moved there whole, so that nobody ever sees half of it and
//! a transfer that breaks off leaves the old file as it was.

use crate::model::command::Command;
use crate::model::quote::quote_path;

/// A command that writes `size` bytes from its standard input to `path`.
///
/// It refuses a folder in the file's place, compares the number of bytes that came before it moves anything, sets
/// `mode` (octal permission bits) before the file has its name, and removes what it began when it fails. `nonce` keeps
/// two writers of one file apart.
#[must_use]
pub fn write(path: &str, size: u64, mode: Option<u32>, nonce: u64) -> Command {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let folder = if path.starts_with('/') && folder.is_empty() { "/" } else { folder };
    let beside = if folder.is_empty() {
        format!(".{name}.{nonce:x}")
    } else {
        format!("{}/.{name}.{nonce:x}", folder.trim_end_matches('/'))
    };
    let chmod = mode.map(|mode| format!(" && chmod {mode:04o} \"$new\"")).unwrap_or_default();
    Command::shell(format!(
        "new={beside} file={path}; \
         if [ -d \"$file\" ]; then echo \"$file: is a directory\" >&2; exit 1; fi; \
         trap 'rm -f \"$new\"' EXIT; trap 'exit 143' HUP INT TERM; \
         cat > \"$new\" && {{ [ \"$(wc -c < \"$new\")\" -eq {size} ] || {{ echo \"$file: only a part arrived\" >&2; exit 1; }}; }}{chmod} \
         && mv -f \"$new\" \"$file\"",
        beside = quote_path(&beside),
        path = quote_path(path),
    ))
}

/// A command that prints a file.
#[must_use]
pub fn read(path: &str) -> Command {
    Command::shell(format!("cat < {}", quote_path(path)))
}

/// A command that ends with 0 when `test` with this flag (`-f`, `-d`, `-L`) holds for the path.
#[must_use]
pub fn holds(flag: &str, path: &str) -> Command {
    Command::shell(format!("[ {flag} {} ]", quote_path(path)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::{Command as Process, Output, Stdio};

    use super::*;
    use crate::model::secret::Vault;

    fn run(command: &Command, input: &[u8]) -> Output {
        let line = command.inner_line(&Vault::default()).unwrap();
        let mut child = Process::new("sh")
            .args(["-c", &line])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The shell may refuse before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_arrives_whole_with_its_mode_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's a $file");
        let output = run(&write(path.to_str().unwrap(), 3, Some(0o640), 7), b"a\0b");
        assert!(output.status.success(), "{output:?}");
        assert_eq!(fs::read(&path).unwrap(), b"a\0b");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(names(folder.path()), ["it's a $file"]);
    }

    #[test]
    fn a_part_of_a_file_never_replaces_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "old").unwrap();
        let output = run(&write(path.to_str().unwrap(), 10, None, 7), b"new");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8_lossy(&output.stderr), format!("{}: only a part arrived\n", path.display()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn a_folder_in_its_place_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let output = run(&write(folder.path().to_str().unwrap(), 1, None, 7), b"x");
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).ends_with(": is a directory\n"));
    }

    #[test]
    fn paths_are_quoted_but_for_a_leading_tilde() {
        assert_eq!(read("~/a b"), Command::shell("cat < ~/'a b'"));
        assert_eq!(holds("-f", "/a b"), Command::shell("[ -f '/a b' ]"));
    }
}
