//! Lists of folders, as real hosts make them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::tempdir;

use super::*;

/// What `list` prints in a folder: with GNU's programs, and with those of busybox.
fn listed(folder: &Path) -> Vec<Vec<u8>> {
    let programs = tempdir().unwrap();
    assert!(Command::new("busybox").args(["--install", "-s"]).arg(programs.path()).status().unwrap().success());
    let run = |program: &str, words: &[&str], path: Option<&Path>| {
        let mut command = Command::new(program);
        command.args(words).args(["-c", &list()]).current_dir(folder);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command.output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
        output.stdout
    };
    let busybox = programs.path().join("sh").display().to_string();
    vec![run("dash", &[], None), run("bash", &[], None), run(&busybox, &[], Some(programs.path()))]
}

#[test]
fn everything_in_a_folder_is_listed_whatever_it_is_called() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("a b/c\nd")).unwrap();
    fs::create_dir(at(".windlass-1")).unwrap();
    fs::write(at(".windlass-1/left"), "").unwrap();
    let files = ["f", "-rf", "a b/\\", "a b/c\nd/new\nline ", "it's $HOME", ".hidden", "a b/.windlass-deep"];
    for name in files {
        fs::write(at(name), name).unwrap();
    }
    fs::set_permissions(at("f"), fs::Permissions::from_mode(0o4751)).unwrap();
    symlink("no\nwhere\n", at("a b/link")).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    for answer in listed(folder.path()) {
        let Manifest(entries) = Manifest::read(&answer).unwrap();
        let mut names: Vec<&str> = entries.keys().map(|name| std::str::from_utf8(name).unwrap()).collect();
        let mut expected: Vec<&str> = files.into_iter().chain(["a b", "a b/c\nd", "a b/link", "pipe"]).collect();
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
        for name in files {
            let digest = Some(format!("{:x}", Sha256::digest(name)));
            assert_eq!(entries[name.as_bytes()].kind, Kind::File { size: name.len() as u64, digest }, "{name:?}");
        }
        assert_eq!(entries[b"f".as_slice()].mode, 0o4751);
        assert!(entries[b"f".as_slice()].modified > 1_700_000_000);
        assert_eq!(entries[b"a b/link".as_slice()].kind, Kind::Link(b"no\nwhere\n".to_vec()));
        assert_eq!(entries[b"pipe".as_slice()].kind, Kind::Other);
    }
}

#[test]
fn an_empty_folder_has_nothing_in_it() {
    let folder = tempdir().unwrap();
    for answer in listed(folder.path()) {
        assert_eq!(Manifest::read(&answer).unwrap(), Manifest::default());
    }
}

#[test]
fn thousands_of_files_are_more_than_one_command_line() {
    let folder = tempdir().unwrap();
    let long = "x".repeat(200);
    for number in 0..3000 {
        fs::write(folder.path().join(format!("{number}{long}")), number.to_string()).unwrap();
    }
    for answer in listed(folder.path()) {
        let Manifest(entries) = Manifest::read(&answer).unwrap();
        assert_eq!(entries.len(), 3000);
        let digest = Some(format!("{:x}", Sha256::digest("2999")));
        assert_eq!(entries[format!("2999{long}").as_bytes()].kind, Kind::File { size: 4, digest });
    }
}

fn of_file(name: &str) -> Vec<u8> {
    format!("f 1\n{name}\0644 3 5 0 0 root root\n{}\nend\n", "a".repeat(64)).into_bytes()
}

#[test]
fn a_file_nobody_may_read_has_no_checksum_and_one_that_is_gone_is_none() {
    let read = |answer: &[u8]| Manifest::read(answer).unwrap();
    assert_eq!(read(b"f 2\n./a\0./b\0644 3 5 0 0 root root\ngone\n-\n-\nend\n").0.len(), 1);
    let Manifest(entries) = read(b"f 1\n./a\0644 3 5 1 2 bin my group\n-\nend\n");
    assert_eq!(entries[b"a".as_slice()].kind, Kind::File { size: 3, digest: None });
    let owner = entries[b"a".as_slice()].owner.clone().unwrap();
    assert!(owner.is(Some("bin"), Some("my group")) && owner.is(Some("1"), None) && owner.is(None, Some("2")));
    assert!(!owner.is(Some("daemon"), None) && !owner.is(None, Some("1")));
}

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    assert!(Manifest::read(&of_file("./a")).is_ok());
    for name in ["../a", "./../a", "/etc/passwd", "./a/../../b", "./a//b", "./missing/b", ""] {
        assert!(Manifest::read(&of_file(name)).is_err(), "{name}");
    }
    // A link, and a file behind it.
    let through = b"l 1\n./a\0/etc\0f 1\n./a/b\0644 3 5 0 0 root root\n-\nend\n";
    assert!(Manifest::read(through).is_err());
}

#[test]
fn an_answer_that_was_cut_off_is_none() {
    let whole = of_file("./a");
    for length in 0..whole.len() - 1 {
        assert!(Manifest::read(&whole[..length]).is_err(), "{length}");
    }
}

proptest! {
    #[test]
    fn no_answer_is_a_panic(answer in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Manifest::read(&answer);
    }

    #[test]
    fn no_answer_that_looks_like_one_is_a_panic(answer in "([fdlo] [0-9]{1,20}\n|\\./a\0|644 1 1 0 0 r r\n|-\n|end\n){0,9}") {
        let _ = Manifest::read(answer.as_bytes());
    }
}
