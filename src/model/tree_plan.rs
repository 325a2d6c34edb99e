//! What has to be done so that one folder has what another one has.
//!
//! Owns the comparison: which files differ, what is in the way, what is left over. Who then does it, here or on a host, is
//! not its business.

use std::collections::BTreeSet;

use crate::model::manifest::{Entry, Kind, Manifest, Name, parent};

/// What is wanted of a copy, beside what is in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether what only the copy has is removed.
    pub delete: bool,
    /// Whether the times of files that are the same otherwise are made the same, too, and those of folders.
    pub times: bool,
    /// Who is to own all of it.
    pub owner: Option<String>,
    /// Its group.
    pub group: Option<String>,
}

/// What has to be done to the copy, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreePlan {
    /// What goes: things in the way, and what is left over. Nothing in a folder that goes as a whole.
    pub remove: Vec<Name>,
    /// Folders to be made, each after the one it is in.
    pub folders: Vec<Name>,
    /// Files and links that differ, or are not there.
    pub send: Vec<Name>,
    /// Files and folders that get other permission bits: those that are made, and those that have others.
    pub modes: Vec<(Name, u32)>,
    /// What gets another owner or group.
    pub owners: Vec<Name>,
    /// What gets another time, after everything else.
    pub times: Vec<(Name, i64)>,
}

impl TreePlan {
    /// What makes `have` the same as `want`. Pipes, sockets and devices of `want` are left out, and where `have` has one
    /// in a place of something else it is in the way.
    #[must_use]
    pub fn new(want: &Manifest, have: &Manifest, wanted: &Wanted) -> Self {
        let mut plan = Self::default();
        for (name, entry) in &want.0 {
            plan.bring(name, entry, have.0.get(name), wanted);
        }
        if wanted.delete {
            let left = have.0.keys().filter(|name| !want.0.contains_key(*name));
            plan.remove.extend(left.cloned());
        }
        plan.remove.sort();
        let all: BTreeSet<Name> = plan.remove.iter().cloned().collect();
        plan.remove.retain(|name| !ancestors(name).any(|above| all.contains(above)));
        if wanted.times {
            plan.bring_times_of_folders(want, have);
        }
        plan
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn bring(&mut self, name: &Name, entry: &Entry, had: Option<&Entry>, wanted: &Wanted) {
        let is_same = match (&entry.kind, had.map(|had| &had.kind)) {
            (Kind::Other, _) => return,
            (Kind::Folder, Some(Kind::Folder)) => true,
            (Kind::Folder, had) => {
                self.remove.extend(had.map(|_| name.clone()));
                self.folders.push(name.clone());
                self.modes.push((name.clone(), entry.mode));
                false
            }
            (Kind::File { digest: Some(digest), size }, Some(Kind::File { digest: Some(had), size: length })) => {
                digest == had && size == length
            }
            (Kind::Link(target), Some(Kind::Link(had))) => target == had,
            _ => false,
        };
        let owner_fits = |had: &Entry| {
            let (user, group) = (wanted.owner.as_deref(), wanted.group.as_deref());
            had.owner.as_ref().is_none_or(|owner| owner.is(user, group))
        };
        match had.filter(|_| is_same) {
            Some(had) => {
                if had.mode != entry.mode {
                    self.modes.push((name.clone(), entry.mode));
                }
                if !owner_fits(had) {
                    self.owners.push(name.clone());
                }
                if wanted.times && had.modified != entry.modified && entry.kind != Kind::Folder {
                    self.times.push((name.clone(), entry.modified));
                }
            }
            None if entry.kind == Kind::Folder => {
                if wanted.owner.is_some() || wanted.group.is_some() {
                    self.owners.push(name.clone());
                }
            }
            None => {
                // A file takes the place of another one in one step; a folder has to go before.
                if had.is_some_and(|had| had.kind == Kind::Folder) {
                    self.remove.push(name.clone());
                }
                self.send.push(name.clone());
            }
        }
    }

    /// What is done in a folder changes its time, so that comes last, the deepest first.
    fn bring_times_of_folders(&mut self, want: &Manifest, have: &Manifest) {
        let touched = [&self.remove, &self.folders, &self.send];
        let touched: Vec<&[u8]> = touched.into_iter().flatten().filter_map(|name| parent(name)).collect();
        let folders = want.0.iter().rev().filter(|(name, entry)| {
            let had = have.0.get(*name).filter(|had| had.kind == Kind::Folder);
            let is_same = had.is_some_and(|had| had.modified == entry.modified) && !touched.contains(&name.as_slice());
            entry.kind == Kind::Folder && !is_same
        });
        let times: Vec<_> = folders.map(|(name, entry)| (name.clone(), entry.modified)).collect();
        self.times.extend(times);
    }
}

/// The folders something is in.
fn ancestors(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(parent(name), |name| parent(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::manifest::Owner;

    /// From lines such as `f a/b text`, `d a`, `l a target`, `o a`; a mode behind `:`, a time behind `@`.
    fn manifest(lines: &[&str]) -> Manifest {
        let entry = |line: &&str| {
            let mut words = line.split(' ');
            let (kind, name, what) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or_default());
            let (name, modified) = name.split_once('@').unwrap_or((name, "0"));
            let (name, mode) = name.split_once(':').unwrap_or((name, if kind == "l" { "0" } else { "644" }));
            let kind = match kind {
                "d" => Kind::Folder,
                "f" => Kind::File { size: what.len() as u64, digest: Some(what.to_owned()) },
                "?" => Kind::File { size: 1, digest: None },
                "l" => Kind::Link(what.as_bytes().to_vec()),
                _ => Kind::Other,
            };
            let word = |word: &str| word.to_owned();
            let owner = Some(Owner { user: (word("1"), word("app")), group: (word("2"), word("www")) });
            let mode = u32::from_str_radix(mode, 8).unwrap();
            (name.as_bytes().to_vec(), Entry { kind, mode, modified: modified.parse().unwrap(), owner })
        };
        Manifest(lines.iter().map(entry).collect())
    }

    /// What is to be done, a line for each kind of it.
    fn planned(want: &[&str], have: &[&str], wanted: &Wanted) -> String {
        let plan = TreePlan::new(&manifest(want), &manifest(have), wanted);
        let text = |name: &Name| String::from_utf8(name.clone()).unwrap();
        let names = |what: &str, names: &[Name]| -> Vec<String> {
            if names.is_empty() {
                Vec::new()
            } else {
                vec![format!("{what} {}", names.iter().map(text).collect::<Vec<_>>().join(" "))]
            }
        };
        let modes: Vec<String> = plan.modes.iter().map(|(name, mode)| format!("{}={mode:o}", text(name))).collect();
        let times: Vec<String> = plan.times.iter().map(|(name, time)| format!("{}@{time}", text(name))).collect();
        let mut said = names("remove", &plan.remove);
        said.extend(names("make", &plan.folders));
        said.extend(names("send", &plan.send));
        said.extend(names("mode", &modes.into_iter().map(String::into_bytes).collect::<Vec<_>>()));
        said.extend(names("own", &plan.owners));
        said.extend(names("time", &times.into_iter().map(String::into_bytes).collect::<Vec<_>>()));
        assert_eq!(said.is_empty(), plan.is_empty());
        said.join("; ")
    }

    fn plain() -> Wanted {
        Wanted::default()
    }

    #[test]
    fn only_what_differs_goes() {
        let want = ["d a", "f a/b one", "f c two", "l l a/b"];
        assert_eq!(planned(&want, &want, &plain()), "");
        assert_eq!(planned(&want, &[], &plain()), "make a; send a/b c l; mode a=644");
        assert_eq!(planned(&want, &["d a", "f a/b ONE", "f c two", "l l c"], &plain()), "send a/b l");
        assert_eq!(planned(&["? c"], &["? c"], &plain()), "send c", "what nobody knows differs");
    }

    #[test]
    fn modes_are_made_right_without_sending() {
        assert_eq!(planned(&["d a:755", "f b:600 x"], &["d a:700", "f b:644 x"], &plain()), "mode a=755 b=600");
    }

    #[test]
    fn what_is_left_over_stays_unless_told_otherwise() {
        let have = ["f a x", "d old", "d old/deep", "f old/deep/f x", "f old-not x", "o pipe"];
        assert_eq!(planned(&["f a x"], &have, &plain()), "");
        let delete = Wanted { delete: true, ..plain() };
        assert_eq!(planned(&["f a x"], &have, &delete), "remove old old-not pipe");
    }

    #[test]
    fn what_is_in_the_way_goes() {
        assert_eq!(planned(&["f a x"], &["d a", "f a/b y"], &plain()), "remove a; send a");
        assert_eq!(planned(&["d a", "f a/b y"], &["f a x"], &plain()), "remove a; make a; send a/b; mode a=644");
        assert_eq!(planned(&["d a"], &["l a /etc"], &plain()), "remove a; make a; mode a=644");
        assert_eq!(planned(&["f a x"], &["l a b"], &plain()), "send a", "in one step");
        let delete = Wanted { delete: true, ..plain() };
        assert_eq!(planned(&["l a x"], &["d a", "d a/b", "f a/b/c y"], &delete), "remove a; send a");
    }

    #[test]
    fn pipes_and_devices_are_left_out() {
        assert_eq!(planned(&["o a", "o b"], &["f b x"], &Wanted { delete: true, ..plain() }), "");
    }

    #[test]
    fn an_owner_is_seen_to() {
        let own = |name: &str| Wanted { owner: Some(name.into()), ..plain() };
        assert_eq!(planned(&["f a x", "d b"], &["f a x", "d b"], &own("app")), "");
        assert_eq!(planned(&["f a x", "d b"], &["f a x", "d b"], &own("1")), "");
        assert_eq!(planned(&["f a x", "d b", "d c"], &["f a x", "d b"], &own("root")), "make c; mode c=644; own a b c");
    }

    #[test]
    fn times_count_where_they_are_wanted() {
        let (want, have) = (["d a@5", "f a/b@7 x", "d c@5", "f c/d@7 y"], ["d a@5", "f a/b@8 x", "d c@5", "f c/d@7 z"]);
        assert_eq!(planned(&want, &have, &plain()), "send c/d");
        assert_eq!(planned(&want, &have, &Wanted { times: true, ..plain() }), "send c/d; time a/b@7 c@5");
        assert_eq!(planned(&["d a@5"], &["d a@6"], &Wanted { times: true, ..plain() }), "time a@5");
    }
}
