//! What stands in the folder of a host, written so that two of them can be compared.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

static RELEASE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"20\d{12}").expect("the pattern is sound"));

/// Every folder (`name/ mode`), link (`name -> target`) and file (`name mode "content"`) below a folder, sorted.
///
/// Releases are numbered `r1`, `r2` … in the order of their names, wherever they are mentioned; the folder itself is
/// `[to]`; the inside of `repo` is left out, and so is `.windlass`, where the lock is and no part of any release; an archive is shown by the names of its members.
pub fn tree(top: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    describe(top, top, &mut lines);
    lines.sort();
    numbered(&lines)
}

/// The names in a folder, sorted.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The lines with releases numbered.
pub fn numbered(lines: &[String]) -> Vec<String> {
    let releases: BTreeSet<&str> = lines.iter().flat_map(|line| RELEASE.find_iter(line)).map(|m| m.as_str()).collect();
    let releases: Vec<&str> = releases.into_iter().collect();
    let number = |name: &str| releases.iter().position(|release| *release == name).map_or(0, |at| at + 1);
    let replace = |found: &regex::Captures<'_>| format!("r{}", number(&found[0]));
    lines.iter().map(|line| RELEASE.replace_all(line, replace).into_owned()).collect()
}

fn describe(top: &Path, folder: &Path, lines: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
        let path = entry.path();
        let name = path.strip_prefix(top).expect("it is below the top").display().to_string();
        if name == ".windlass" {
            continue;
        }
        let metadata = entry.metadata().expect("it has just been found");
        let mode = metadata.permissions().mode() & 0o7777;
        if metadata.is_symlink() {
            let target = fs::read_link(&path).expect("a link has a target").display().to_string();
            lines.push(format!("{name} -> {}", hidden(&target, top)));
        } else if metadata.is_dir() {
            lines.push(format!("{name}/ {mode:o}"));
            if name != "repo" {
                describe(top, &path, lines);
            }
        } else if name.ends_with(".tar.gz") {
            lines.push(format!("{name} {mode:o} {:?}", members(&path, top)));
        } else {
            let content = fs::read(&path).expect("a file can be read");
            lines.push(format!("{name} {mode:o} {:?}", hidden(&String::from_utf8_lossy(&content), top)));
        }
    }
}

/// The names of what is in an archive, sorted.
fn members(archive: &Path, top: &Path) -> Vec<String> {
    let output = Command::new("tar").arg("-tzf").arg(archive).output().expect("the tests need tar");
    assert!(output.status.success(), "{} is no archive", archive.display());
    // Members have no leading slash.
    let shown = top.display().to_string();
    let listing = String::from_utf8_lossy(&output.stdout).replace(shown.trim_matches('/'), "[to]");
    let mut names: Vec<String> = listing.lines().map(str::to_owned).collect();
    names.sort();
    names
}

fn hidden(text: &str, top: &Path) -> String {
    text.replace(top.display().to_string().trim_end_matches('/'), "[to]")
}

#[test]
fn releases_are_numbered_by_name() {
    let lines = ["current -> [to]/releases/20261122093937", "releases/20261122093936/ 755"].map(str::to_owned);
    assert_eq!(numbered(&lines), ["current -> [to]/releases/r2", "releases/r1/ 755"]);
}
