//! What a host said of one unit.
//!
//! Owns the reading of those answers, and what can be told from them alone.

use indexmap::IndexMap;

use crate::model::sections::{Answer, Sections};
use crate::systemd::health::asked::Examined;
use crate::systemd::health::facts::seconds;
use crate::systemd::properties::Properties;

/// A unit's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFile {
    /// When it was last changed, in seconds.
    pub changed: Option<i64>,
    /// What `cksum` says of it.
    pub checksum: Option<String>,
}

/// Whether a path may be read, or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It may.
    Yes,
    /// It is there, and may not; with its mode and owner.
    No(String),
    /// A file to be read is not there.
    Absent,
    /// A file to be written is not there, and its folder, that many names deep, may not be written to.
    Uncreatable(usize, String),
    /// The folder that many names deep may not be entered.
    Barred(usize, String),
    /// The folder that many names deep is not there.
    Missing(usize),
    /// The folder that many names deep is a link that leads nowhere, or to where nobody may go.
    Astray(usize),
    /// Nobody could be asked.
    Unknown,
}

/// Everything about one unit.
#[derive(Clone, Debug)]
pub struct UnitFacts {
    /// What its manager says.
    pub show: Properties,
    /// What `is-enabled` says.
    pub enabled: Option<String>,
    /// Its file, by where it is: `units` (where it belongs), `system` (the machine's), `home` (the folder of the user who
    /// runs it).
    pub files: IndexMap<String, UnitFile>,
    /// Whether one is in the folder of the user who asked.
    pub is_mine: bool,
    /// Where `current` leads.
    pub current: Option<String>,
    /// Where its main process works.
    pub cwd: Option<String>,
    /// What its main process calls itself.
    pub title: Option<String>,
    /// Of each path that has to be readable.
    pub reads: Vec<Access>,
    /// Of each path that has to be writable.
    pub writes: Vec<Access>,
    /// What sudo said about restarting it, where it was asked.
    pub sudo: Option<Answer>,
    /// The last it logged, where it is in trouble.
    pub journal: Vec<String>,
}

impl UnitFacts {
    /// Reads them; `show` is what its manager says.
    #[must_use]
    pub fn read(sections: &Sections, n: usize, examined: &Examined, show: Properties) -> Self {
        let key = |name: &str| format!("unit.{n}.{name}");
        let seen = Sections::parse(sections.text(&key("seen")).unwrap_or_default());
        let good = |name: &str| seen.get(name).filter(|answer| answer.is_ok()).map(|answer| answer.text.clone());
        let files = ["units", "system", "home"].iter().filter_map(|place| {
            let found = file(&seen.get(&format!("file.{place}"))?.text);
            Some(((*place).to_owned(), found))
        });
        let answers = |what: &str, paths: &[String]| {
            (0..paths.len()).map(|i| access(seen.text(&format!("{what}.{i}")))).collect()
        };
        let logged = ["journal", "machine_journal"].iter().find_map(|name| {
            let answer = sections.get(&key(name)).filter(|answer| answer.is_ok() && !answer.text.is_empty())?;
            Some(answer.text.lines().map(str::to_owned).collect())
        });
        Self {
            show,
            // It fails for all that is not enabled, and then says what it is instead.
            enabled: sections.text(&key("enabled")).filter(|word| !word.contains(' ')).map(str::to_owned),
            files: files.collect(),
            is_mine: sections.get(&key("mine")).is_some(),
            current: good("current"),
            cwd: good("cwd"),
            title: good("title").map(|title| title.trim().to_owned()),
            reads: answers("read", &examined.reads),
            writes: answers("write", &examined.writes),
            sudo: sections.get(&key("sudo")).cloned(),
            journal: logged.unwrap_or_default(),
        }
    }

    /// Whether the manager has read its file.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.show.is("LoadState", "loaded")
    }

    /// Whether it runs, or is about to.
    #[must_use]
    pub fn is_up(&self) -> bool {
        ["active", "reloading", "activating"].iter().any(|state| self.show.is("ActiveState", state))
    }

    /// Whether it is enabled, in the fresher of the two ways to ask.
    #[must_use]
    pub fn enablement(&self) -> Option<&str> {
        self.enabled.as_deref().or_else(|| self.show.get("UnitFileState"))
    }

    /// Since when its process runs, in seconds.
    #[must_use]
    pub fn started(&self) -> Option<i64> {
        self.show.get("ExecMainStartTimestamp").and_then(seconds)
    }
}

/// `MTIME CRC SIZE`, where each may be missing.
fn file(text: &str) -> UnitFile {
    let (changed, checksum) = text.split_once(' ').unwrap_or((text, ""));
    UnitFile { changed: changed.parse().ok(), checksum: (!checksum.is_empty()).then(|| checksum.to_owned()) }
}

fn access(text: Option<&str>) -> Access {
    let Some(text) = text else { return Access::Unknown };
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (depth, mode) = rest.split_once(' ').unwrap_or((rest, ""));
    let depth = depth.parse();
    match (word, depth) {
        ("yes", _) => Access::Yes,
        ("no", _) => Access::No(rest.to_owned()),
        ("absent", _) => Access::Absent,
        ("uncreatable", Ok(depth)) => Access::Uncreatable(depth, mode.to_owned()),
        ("barred", Ok(depth)) => Access::Barred(depth, mode.to_owned()),
        ("missing", Ok(depth)) => Access::Missing(depth),
        ("astray", Ok(depth)) => Access::Astray(depth),
        _ => Access::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_about_paths() {
        for (text, expected) in [
            ("yes", Access::Yes),
            ("no -rw------- root:root", Access::No("-rw------- root:root".into())),
            ("absent", Access::Absent),
            ("uncreatable 4 drwxr-xr-x root:root", Access::Uncreatable(4, "drwxr-xr-x root:root".into())),
            ("barred 3 drwxr-x--- deploy:deploy", Access::Barred(3, "drwxr-x--- deploy:deploy".into())),
            ("missing 2", Access::Missing(2)),
            ("astray 4", Access::Astray(4)),
            ("barred x y", Access::Unknown),
        ] {
            assert_eq!(access(Some(text)), expected, "{text}");
        }
        assert_eq!(access(None), Access::Unknown);
    }

    #[test]
    fn a_file_whose_age_nobody_could_tell() {
        assert_eq!(file("170 12 34"), UnitFile { changed: Some(170), checksum: Some("12 34".into()) });
        assert_eq!(file(" 12 34"), UnitFile { changed: None, checksum: Some("12 34".into()) });
        assert_eq!(file("170 "), UnitFile { changed: Some(170), checksum: None });
    }
}
