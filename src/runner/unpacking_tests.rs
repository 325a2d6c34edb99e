//! What comes out of a stream of files.

use std::os::unix::fs::MetadataExt;

use super::*;
use crate::model::manifest::Entry;
use crate::model::tree_plan::Wanted;
use crate::runner::digests::{Digests, digest};
use crate::runner::tree::{list, weigh};
use crate::transport::cancel::Cancel;

fn entry(kind: Kind, mode: u32) -> Entry {
    Entry { kind, mode, modified: 1_000_000_000, owner: None }
}

fn file(text: &str) -> Entry {
    let digest = Some(digest(text.as_bytes()));
    entry(Kind::File { size: text.len() as u64, digest }, 0o4640)
}

fn there() -> Manifest {
    let entries = [
        ("a", file("one")),
        ("d", entry(Kind::Folder, 0o750)),
        ("d/b\nc", file("")),
        ("d/e", file("three")),
        ("link", entry(Kind::Link(b"d/e".to_vec()), 0)),
        ("z", file("")),
    ];
    Manifest(entries.into_iter().map(|(name, entry)| (name.as_bytes().to_vec(), entry)).collect())
}

fn unpack(folder: &Path, wanted: &Wanted, pieces: &[&str]) -> Result<(), String> {
    let there = there();
    let mut here = if folder.exists() { list(folder).unwrap() } else { Manifest::default() };
    weigh(folder, &mut here, &there, &Digests::default(), &Cancel::new()).unwrap();
    let plan = TreePlan::new(&there, &here, wanted);
    let mut unpacking = Unpacking::new(folder, &there, &plan).unwrap();
    for piece in pieces {
        unpacking.take(piece.as_bytes()).map_err(|error| error.to_string())?;
    }
    unpacking.finish().map_err(|error| error.to_string())
}

fn names(folder: &Path) -> Vec<String> {
    list(folder).unwrap().0.into_keys().map(|name| String::from_utf8(name).unwrap()).collect()
}

#[test]
fn files_come_out_of_the_stream_wherever_it_is_cut() {
    for pieces in [&["onethree"][..], &["o", "ne", "", "thr", "ee"], &["one", "three"]] {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("new/folder");
        unpack(&folder, &Wanted::default(), pieces).unwrap();
        assert_eq!(names(&folder), ["a", "d", "d/b\nc", "d/e", "link", "z"]);
        assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "one");
        assert_eq!(fs::read_to_string(folder.join("link")).unwrap(), "three");
        let metadata = fs::metadata(folder.join("d/e")).unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.mtime()), (0o640, 1_000_000_000), "no set-user bit comes along");
        assert_eq!(fs::metadata(folder.join("d")).unwrap().mode() & 0o7777, 0o750);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4, "nothing is left beside them");
    }
}

#[test]
fn what_is_the_same_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    unpack(folder.path(), &Wanted::default(), &["onethree"]).unwrap();
    fs::write(folder.path().join("a"), "two").unwrap();
    fs::write(folder.path().join("own"), "").unwrap();
    unpack(folder.path(), &Wanted::default(), &["one"]).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "one");
    assert_eq!(names(folder.path()).len(), 7);
    unpack(folder.path(), &Wanted { delete: true, ..Wanted::default() }, &[]).unwrap();
    assert_eq!(names(folder.path()).len(), 6);
}

#[test]
fn what_is_not_what_was_said_changes_nothing() {
    for pieces in [&["onetwo!"][..], &["onethre"], &["onethree!"], &["on"], &[]] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "old").unwrap();
        let error = unpack(folder.path(), &Wanted::default(), pieces).unwrap_err();
        assert!(error.contains("has changed on the host while it was read"), "{pieces:?}: {error}");
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
