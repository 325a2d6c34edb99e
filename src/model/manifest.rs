//! What is in a folder: the script that lists one on a host, how its answer is read, and the list itself.
//!
//! Names are bytes; any of them may hold blanks and line ends, so each ends with a NUL. Whatever else is said of a file
//! comes in lines behind the names, in their order, which costs a host one `stat` and one `sha256sum` for as many files
//! as fit into a command line. Both are there with GNU's programs and with busybox.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::model::quote::quote;

/// Names at the top of a folder that begin so are windlass's own, and are not listed.
pub const OWN: &str = ".windlass-";

/// A path below the folder, its parts joined by `/`.
pub type Name = Vec<u8>;

/// What is in a folder, the folder itself left out. A folder comes before what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(pub BTreeMap<Name, Entry>);

/// One thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Permission bits; 0 for a link.
    pub mode: u32,
    /// When it was changed last, in seconds since 1970; 0 for a link.
    pub modified: i64,
    /// Whose it is, where that is known.
    pub owner: Option<Owner>,
}

/// What something in a folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Its length in bytes.
        size: u64,
        /// Its SHA-256 in hexadecimal; none where it was not worked out, or it cannot be read.
        digest: Option<String>,
    },
    /// A symbolic link, and where it leads.
    Link(Vec<u8>),
    /// A pipe, a socket or a device.
    Other,
}

/// Whose something is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// Number and name of the user.
    pub user: (String, String),
    /// Number and name of the group.
    pub group: (String, String),
}

impl Owner {
    /// Whether it is this user's and this group's, by name or number.
    #[must_use]
    pub fn is(&self, user: Option<&str>, group: Option<&str>) -> bool {
        let fits = |own: &(String, String), name: Option<&str>| name.is_none_or(|name| name == own.0 || name == own.1);
        fits(&self.user, user) && fits(&self.group, group)
    }
}

/// Reads of one file each, where those of many at once were not as many as the files: names with line ends, files nobody
/// may read, files that are gone in the meantime.
const FACTS: &str = r#"facts() {
if said=$(stat -c '%a %s %Y %u %g %U %G' "$@" 2>/dev/null); then printf '%s\n' "$said"
else for f; do stat -c '%a %s %Y %u %g %U %G' "$f" 2>/dev/null || echo gone; done; fi
}
"#;

const FILES: &str = r#"printf 'f %s\n' $#
printf '%s\0' "$@"
facts "$@"
sums() {
case $* in *"
"*) return 1 ;; esac
said=$(sha256sum "$@" 2>/dev/null) || return 1
printf '%s\n' "$said" | sed 's/^\\//; s/ .*//'
}
sums "$@" || for f; do said=$({ sha256sum <"$f"; } 2>/dev/null) && echo "${said%% *}" || echo -; done"#;

const FOLDERS: &str = r#"printf 'd %s\n' $#
printf '%s\0' "$@"
facts "$@""#;

const LINKS: &str = r#"printf 'l %s\n' $#
for f; do said=$(readlink "$f"; echo x); printf '%s\0%s\0' "$f" "${said%?x}"; done"#;

const OTHERS: &str = r#"printf 'o %s\n' $#
printf '%s\0' "$@""#;

/// The script that lists the folder it runs in.
#[must_use]
pub fn list() -> String {
    let each = |kind: &str, script: &str| format!("{kind} -exec sh -c {} sh {{}} +", quote(script));
    format!(
        "find . -path {own} -prune -o {files} -o {folders} -o {links} -o {others} || exit 1\necho end",
        own = quote(&format!("./{OWN}*")),
        files = each("-type f", &format!("{FACTS}{FILES}")),
        folders = each("-type d", &format!("{FACTS}{FOLDERS}")),
        links = each("-type l", LINKS),
        others = each("", OTHERS),
    )
}

impl Manifest {
    /// From what [`list`] has printed.
    ///
    /// # Errors
    /// What it cannot have printed: an answer that was cut off, and names that lead out of the folder.
    pub fn read(answer: &[u8]) -> Result<Self, Error> {
        let mut rest = Rest(answer);
        let mut entries = BTreeMap::new();
        loop {
            let head = rest.line()?;
            let (kind, count) = head.split_once(' ').unwrap_or((head.as_str(), "0"));
            let count: usize = count.parse().map_err(|_| unreadable())?;
            match kind {
                "end" => break,
                "f" | "d" => {
                    let names = (0..count).map(|_| rest.name()).collect::<Result<Vec<_>, _>>()?;
                    let facts = (0..count).map(|_| rest.line()).collect::<Result<Vec<_>, _>>()?;
                    for (name, facts) in names.into_iter().zip(facts) {
                        let digest = if kind == "f" { Some(rest.line()?) } else { None };
                        entries.extend(entry(&facts, digest).map(|entry| (name, entry)));
                    }
                }
                "l" => {
                    for _ in 0..count {
                        let (name, target) = (rest.name()?, rest.name()?);
                        let kind = Kind::Link(target);
                        entries.insert(name, Entry { kind, mode: 0, modified: 0, owner: None });
                    }
                }
                "o" => {
                    for _ in 0..count {
                        let entry = Entry { kind: Kind::Other, mode: 0, modified: 0, owner: None };
                        entries.insert(rest.name()?, entry);
                    }
                }
                _ => return Err(unreadable()),
            }
        }
        let entries = entries.into_iter().filter(|(name, _)| name != b".");
        let entries: BTreeMap<Name, Entry> =
            entries.map(|(name, entry)| (name.strip_prefix(b"./").unwrap_or(&name).to_vec(), entry)).collect();
        let manifest = Self(entries);
        if manifest.0.keys().all(|name| manifest.is_inside(name)) { Ok(manifest) } else { Err(unreadable()) }
    }

    /// Whether a name stays in the folder, by names that mean what they say and by folders alone.
    fn is_inside(&self, name: &[u8]) -> bool {
        let is_plain = |part: &[u8]| !part.is_empty() && part != b"." && part != b"..";
        let is_in_folder =
            parent(name).is_none_or(|parent| self.0.get(parent).is_some_and(|entry| entry.kind == Kind::Folder));
        name.split(|byte| *byte == b'/').all(is_plain) && is_in_folder
    }
}

/// The folder something is in; none at the top.
#[must_use]
pub fn parent(name: &[u8]) -> Option<&[u8]> {
    name.iter().rposition(|byte| *byte == b'/').map(|at| &name[..at])
}

/// From a line of `stat` and one of `sha256sum`; none where it was gone in the meantime.
fn entry(facts: &str, digest: Option<String>) -> Option<Entry> {
    let words: Vec<&str> = facts.splitn(7, ' ').collect();
    let [mode, size, modified, uid, gid, user, group] = words.as_slice() else { return None };
    let kind = match digest {
        None => Kind::Folder,
        Some(digest) => {
            let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            Kind::File { size: size.parse().ok()?, digest: is_digest.then_some(digest) }
        }
    };
    let word = |word: &str| word.to_owned();
    Some(Entry {
        kind,
        mode: u32::from_str_radix(mode, 8).ok()?,
        modified: modified.parse().ok()?,
        owner: Some(Owner { user: (word(uid), word(user)), group: (word(gid), word(group)) }),
    })
}

fn unreadable() -> Error {
    Error::new(crate::error::Kind::Command, "the list of what is in the folder cannot be read")
        .help("look whether something is being changed there, and whether `find`, `stat` and `sha256sum` are there")
}

/// What is still to be read of an answer.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn up_to(&mut self, end: u8) -> Result<&[u8], Error> {
        let at = self.0.iter().position(|byte| *byte == end).ok_or_else(unreadable)?;
        let (found, rest) = self.0.split_at(at);
        self.0 = &rest[1..];
        Ok(found)
    }

    fn line(&mut self) -> Result<String, Error> {
        self.up_to(b'\n').map(|line| String::from_utf8_lossy(line).into_owned())
    }

    fn name(&mut self) -> Result<Name, Error> {
        self.up_to(0).map(<[u8]>::to_vec)
    }
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
