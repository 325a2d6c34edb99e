//! The lines of a console, kept for the next one.
//!
//! One file in the user's state folder, for their eyes only. Owns its form and which lines never get there.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::model::secret::Vault;
use crate::model::typed_secret::may_be_in;

/// Lines that are kept.
const KEPT: usize = 1000;

/// The lines of earlier consoles, and the file they are in.
#[derive(Debug, Default)]
pub struct History {
    /// None where nothing is written.
    file: Option<PathBuf>,
    lines: Vec<String>,
}

impl History {
    /// The user's own.
    #[must_use]
    pub fn open() -> Self {
        let dirs = ProjectDirs::from("", "", "windlass");
        let file = dirs.and_then(|dirs| Some(dirs.state_dir()?.join("console_history")));
        file.map(Self::of).unwrap_or_default()
    }

    fn of(file: PathBuf) -> Self {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let lines: Vec<String> = text.lines().map(read).collect();
        let first = lines.len().saturating_sub(KEPT);
        let history = Self { lines: lines[first..].to_vec(), file: Some(file) };
        // It has grown to twice its size: it is cut, so that it does not grow for ever.
        if lines.len() >= 2 * KEPT
            && let Some(file) = &history.file
        {
            // A history that cannot be cut is only long.
            let _ = replace(file, &history.lines);
        }
        history
    }

    /// The lines, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Keeps a line, unless it holds a secret or begins with a blank. A history that cannot be written is no reason to
    /// stop.
    pub fn keep(&mut self, line: &str, vault: &Vault) {
        if line.starts_with(' ') || may_be_in(line, vault) || self.lines.last().is_some_and(|last| last == line) {
            return;
        }
        self.lines.push(line.to_owned());
        if let Some(file) = &self.file {
            let _ = append(file, line);
        }
    }
}

fn append(file: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    // It may have been there, made by somebody who copied it.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(format!("{}\n", written(line)).as_bytes())
}

fn replace(file: &Path, lines: &[String]) -> io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    let text: String = lines.iter().map(|line| written(line) + "\n").collect();
    new.write_all(text.as_bytes())?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// A line as it stands in the file, where what was typed in several lines is one.
fn written(line: &str) -> String {
    line.replace('\\', r"\\").replace('\n', r"\n")
}

fn read(written: &str) -> String {
    let mut line = String::new();
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => line.extend(chars.next().map(|c| if c == 'n' { '\n' } else { c })),
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state/windlass/history");
        let lines = ["uptime", "on(x, |h| {\n  info(\"a\\nb\");\n})", r"echo \\n", r"a\"];
        let mut history = History::of(file.clone());
        for line in lines {
            history.keep(line, &Vault::default());
        }
        history.keep(lines[3], &Vault::default());
        assert_eq!(History::of(file.clone()).lines(), lines);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn what_holds_a_secret_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("history");
        let vault = Vault::default();
        vault.seal("hunter2");
        let mut history = History::of(file.clone());
        for line in ["echo hunter2", "set(\"x\", secret(\"y\"))", "mysql --password=x", "API_TOKEN=1 curl", " uptime"] {
            history.keep(line, &vault);
        }
        assert!(history.lines().is_empty() && !file.exists());
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("history");
        let lines: Vec<String> = (0..2 * KEPT).map(|n| format!("line {n}")).collect();
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        assert_eq!(History::of(file.clone()).lines().len(), KEPT);
        let left = fs::read_to_string(&file).unwrap();
        assert!(left.starts_with("line 1000\n") && left.lines().count() == KEPT);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
