//! The contents page of the gallery, and that every snapshot is on it and made by a test.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use windlass::model::finding_rules::RULES;

use crate::errors::chapters::CHAPTERS;

/// Set to rewrite the page instead of comparing it.
const UPDATE: &str = "UPDATE_README";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

/// The findings of `check`, which have a snapshot a rule, in the order of their table.
fn of_check() -> Vec<String> {
    RULES.iter().map(|rule| format!("check_{}", rule.id.replace('-', "_"))).collect()
}

/// All chapters, that of `check` as the last one.
fn chapters() -> Vec<(&'static str, Vec<String>)> {
    let chapters =
        CHAPTERS.iter().map(|(title, names)| (*title, names.split_whitespace().map(str::to_owned).collect()));
    chapters.chain([("What `check` finds", of_check())]).collect()
}

/// The message of a snapshot: its first line that tells of an error, a warning or the like.
fn message(name: &str) -> String {
    let text = fs::read_to_string(folder().join(format!("{name}.snap"))).expect("a snapshot can be read");
    let shown = text.splitn(3, "---\n").nth(2).expect("what is shown stands behind the head of a snapshot");
    let tells = |line: &&str| ["error", "warning", "note", "stopped"].iter().any(|word| line.starts_with(word));
    let line = shown.lines().find(tells).expect("a snapshot has a message");
    line.split_once(": ").map_or(line, |(_, message)| message).trim().to_owned()
}

/// Text as it stands in Markdown: what is code already stays, and nothing else becomes markup.
fn plain(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 0 { part.replace('[', "\\[").replace('<', "\\<") } else { format!("`{part}`") })
        .collect()
}

fn page() -> String {
    let mut page = "# What windlass says\n\nEvery message below is what the real program prints for the recipe or the \
                    line a test gives it. This page is written by a test, `UPDATE_README=1 cargo test --test suite \
                    errors::contents`; the chapters stand in `tests/errors/chapters.rs`.\n"
        .to_owned();
    for (title, names) in chapters() {
        let _ = write!(page, "\n## {title}\n\n");
        for name in names {
            let title = name.strip_prefix("check_").filter(|_| title.contains("check")).unwrap_or(&name);
            let _ = writeln!(page, "- [{}]({name}.snap): {}", title.replace('_', " "), plain(&message(&name)));
        }
    }
    page
}

fn there_are() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).expect("the folder of snapshots can be read").flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.filter_map(|name| name.strip_suffix(".snap").map(str::to_owned)).collect()
}

/// The tests, but for the list of chapters.
fn code_below(folder: &Path) -> String {
    let files = fs::read_dir(folder).expect("tests can be read").flatten().map(|file| file.path());
    let texts = files.map(|path| match path.extension() {
        _ if path.is_dir() => code_below(&path),
        Some(kind) if kind == "rs" && !path.ends_with("errors/chapters.rs") => {
            fs::read_to_string(&path).expect("a test can be read")
        }
        _ => String::new(),
    });
    texts.collect()
}

#[test]
fn every_snapshot_stands_in_one_chapter() {
    let listed: Vec<String> = chapters().into_iter().flat_map(|(_, names)| names).collect();
    let once: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(once.len(), listed.len(), "one stands there twice");
    let there = there_are();
    let without_chapter: Vec<_> = there.difference(&once).collect();
    assert!(without_chapter.is_empty(), "put them into a chapter: {without_chapter:?}");
    let gone: Vec<_> = once.difference(&there).collect();
    assert!(gone.is_empty(), "no such snapshot: {gone:?}");
}

#[test]
fn every_snapshot_is_made_by_a_test() {
    let code = code_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    let of_check = of_check();
    for name in there_are() {
        assert!(of_check.contains(&name) || code.contains(&format!("\"{name}\"")), "no test makes {name}.snap");
    }
}

#[test]
fn the_page_is_that_of_the_snapshots() {
    let path = folder().join("README.md");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, page()).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "tests/snapshots/README.md is not up to date: run this test with {UPDATE}=1");
}
