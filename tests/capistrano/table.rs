//! That the table is whole: every row a test of its own, every difference of the README used by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;

use crate::capistrano::rows::differences;

/// The text of every file of the table, by name.
fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/capistrano");
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder of the table can be read").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !["mod.rs", "rows.rs", "site.rs", "table.rs"].contains(&name.as_str()) {
            files.insert(name, fs::read_to_string(entry.path()).expect("the tests are text"));
        }
    }
    files
}

/// The rows in the order they stand in a file.
fn rows(text: &str) -> Vec<String> {
    let row = Regex::new(r"(?m)^/// (\d\.\d+\.\w+)\n#\[test\]$").expect("a regex of ours is sound");
    row.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_test_has_the_number_of_its_row() {
    for (name, text) in files() {
        assert_eq!(rows(&text).len(), text.matches("#[test]").count(), "{name} has a test without a number above it");
    }
}

#[test]
fn no_row_is_there_twice() {
    let mut seen = BTreeSet::new();
    for (name, text) in files() {
        for row in rows(&text) {
            assert!(seen.insert(row.clone()), "{row} in {name} is there twice");
        }
    }
    assert!(seen.len() > 250, "the table has lost rows: {}", seen.len());
}

#[test]
fn every_difference_of_the_readme_is_one_of_a_row_and_is_whole() {
    let call = Regex::new(r#"differs\(\s*"((?:[^"\\]|\\.)*)",?\s*\)"#).expect("a regex of ours is sound");
    let mut used = BTreeSet::new();
    for text in files().values() {
        for found in call.captures_iter(text) {
            used.insert(found[1].replace("\\\"", "\"").replace("\\\\", "\\"));
        }
    }
    let mut listed = BTreeSet::new();
    for row in differences() {
        assert!(!row.here.is_empty() && !row.why.is_empty(), "an empty cell: {row:?}");
        assert!(listed.insert(row.there.clone()), "`{}` is listed twice", row.there);
    }
    let stale: Vec<_> = listed.difference(&used).collect();
    assert!(stale.is_empty(), "no row of the table shows these differences:\n{stale:#?}");
    let missing: Vec<_> = used.difference(&listed).collect();
    assert!(missing.is_empty(), "the README does not list these differences:\n{missing:#?}");
}
