//! The rules of the source tree, held by reading it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use windlass::recipe::stdlib::{GUIDES, MODULES};

/// A file of the repository with its path from the top.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The folder below `src/`; empty for files directly in it.
    fn layer(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or_default();
        below.split_once('/').map_or("", |(layer, _)| layer)
    }

    /// The lines before the unit tests, with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test_file = self.path.ends_with("_tests.rs") || self.path.ends_with("/testing.rs");
        let lines = self.text.lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.take_while(move |(_, line)| !is_test_file && *line != "#[cfg(test)]").filter(|(_, line)| {
            let line = line.trim_start();
            !line.starts_with("//")
        })
    }
}

fn sources(folder: &str, ending: &str) -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&top.join(folder), &mut paths);
    paths.sort();
    let ours = paths.into_iter().filter(|path| path.extension().is_some_and(|found| found == ending));
    let source = |path: PathBuf| Source {
        text: fs::read_to_string(&path).expect("the sources are text"),
        path: path.strip_prefix(top).expect("the sources are in the repository").display().to_string(),
    };
    let found: Vec<Source> = ours.map(source).collect();
    assert!(!found.is_empty(), "no .{ending} below {folder}");
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources can be read").flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

/// Every place where a line matches; each as `path:line: text`.
fn places(files: &[Source], matches: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    for file in files {
        let hits = file.code().filter(|(_, line)| matches(file, line));
        places.extend(hits.map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim())));
    }
    places
}

#[track_caller]
fn none(places: &[String], rule: &str) {
    assert!(places.is_empty(), "{rule}:\n{}", places.join("\n"));
}

/// Whether a line uses a crate, as `use name…` or `name::`.
fn uses(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = line[..at].chars().next_back().unwrap_or(' ');
        !before.is_alphanumeric() && !"_:".contains(before)
    }) || line.trim_start() == format!("use {name};")
}

#[test]
fn each_library_is_known_to_one_layer() {
    let files = sources("src", "rs");
    for (library, layer) in
        [("rhai", "recipe"), ("openssh", "transport"), ("clap", "cli"), ("annotate_snippets", "report")]
    {
        let elsewhere = places(&files, |file, line| uses(line, library) && file.layer() != layer);
        none(&elsewhere, &format!("`{library}` is for src/{layer} only"));
        let there = places(&files, |file, line| uses(line, library) && file.layer() == layer);
        // `openssh` comes with the transport.
        assert!(
            !there.is_empty() || library == "openssh",
            "nothing in src/{layer} uses `{library}`: is the rule alive?"
        );
    }
}

#[test]
fn only_the_command_line_prints_and_exits() {
    let files = sources("src", "rs");
    let prints = |line: &str| ["println!", "eprintln!", "print!(", "eprint!("].iter().any(|word| line.contains(word));
    let exits = |line: &str| line.contains("process::exit") || line.trim_start().starts_with("exit(");
    let elsewhere = places(&files, |file, line| (prints(line) || exits(line)) && file.layer() != "cli");
    // The password helper is a program of its own, started by ssh: what it prints is its answer.
    let elsewhere: Vec<String> =
        elsewhere.into_iter().filter(|place| !place.starts_with("src/transport/askpass")).collect();
    none(&elsewhere, "only src/cli prints or ends the process");
}

/// What each layer may use of the others.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("transport", &["model"]),
    ("runner", &["transport", "model"]),
    ("report", &["model"]),
    ("port", &["model"]),
    ("systemd", &["model"]),
    ("recipe", &["runner", "transport", "systemd", "model"]),
    ("cli", &["recipe", "runner", "transport", "report", "port", "model"]),
];

#[test]
fn layers_know_only_what_is_below_them() {
    let files = sources("src", "rs");
    let mut wrong = Vec::new();
    for (layer, below) in MAY_USE {
        for (other, _) in MAY_USE {
            if other != layer && !below.contains(other) {
                let path = format!("crate::{other}");
                wrong.extend(places(&files, |file, line| file.layer() == *layer && line.contains(&path)));
            }
        }
    }
    none(&wrong, "one way only: cli → recipe → runner → transport → model, report → model, recipe → systemd → model");
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(layer, _)| *layer).collect();
    // Errors are for all of them.
    let there: BTreeSet<&str> =
        files.iter().map(Source::layer).filter(|layer| !["", "error"].contains(layer)).collect();
    assert!(there.is_subset(&known), "a layer without a rule: {:?}", there.difference(&known));
}

#[test]
fn mod_files_only_declare() {
    let files: Vec<Source> = [sources("src", "rs"), sources("tests", "rs")]
        .into_iter()
        .flatten()
        .filter(|file| file.path.ends_with("/mod.rs") || file.path == "src/lib.rs" || file.path == "tests/main.rs")
        .collect();
    assert!(files.len() > 8);
    let declares = |line: &str| {
        let line = line.trim();
        line.is_empty()
            || ["mod ", "pub mod ", "pub(crate) mod ", "pub use ", "pub(crate) use ", "#[cfg(", "#!["]
                .iter()
                .any(|start| line.starts_with(start))
    };
    none(&places(&files, |_, line| !declares(line)), "mod.rs holds declarations only");
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    for file in [sources("src", "rs"), sources("tests", "rs"), sources("stdlib", "rhai")].into_iter().flatten() {
        // Unit tests in a file of their own are documented where they are declared; examples are somebody's projects.
        let is_told_elsewhere = file.path.ends_with("_tests.rs") || file.path.starts_with("stdlib/examples/");
        assert!(file.text.starts_with("//! ") || is_told_elsewhere, "{} has no `//!` at its top", file.path);
    }
}

#[test]
fn every_stock_recipe_and_guide_is_in_the_binary() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib");
    for (wanted, listed) in [("rhai", MODULES), ("md", GUIDES)] {
        let names = fs::read_dir(&top).expect("stdlib is there").flatten().map(|entry| entry.path());
        let names: BTreeSet<String> = names
            .filter(|path| path.extension().is_some_and(|ending| ending == wanted))
            .map(|path| path.file_stem().expect("a file has a name").to_string_lossy().into_owned())
            .collect();
        let listed: BTreeSet<String> = listed.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names, listed);
    }
}

/// A file that no `mod` names is compiled by nobody.
#[test]
fn no_source_and_no_test_file_is_forgotten() {
    let all: Vec<Source> = [sources("src", "rs"), sources("tests", "rs")].into_iter().flatten().collect();
    for file in &all {
        let path = Path::new(&file.path);
        let name = path.file_stem().expect("a file has a name").to_string_lossy();
        if ["src/main.rs", "src/lib.rs", "tests/main.rs"].contains(&file.path.as_str()) {
            continue;
        }
        let folder = path.parent().expect("a file is in a folder");
        // `a/mod.rs` is declared beside `a`, anything else beside itself or, with #[path], by its neighbour.
        let (name, folder) = if name == "mod" {
            let name = folder.file_name().expect("a folder has a name").to_string_lossy();
            (name, folder.parent().expect("a module is in a folder"))
        } else {
            (name, folder)
        };
        let declared = all.iter().filter(|other| Path::new(&other.path).parent() == Some(folder)).any(|other| {
            other.text.lines().any(|line| {
                let line = line.trim();
                line.strip_suffix(';')
                    .is_some_and(|line| line.split_whitespace().last() == Some(&*name) && line.contains("mod "))
                    || line == format!("#[path = \"{name}.rs\"]")
            })
        });
        assert!(declared, "no `mod {name};` in {}", folder.display());
    }
}

#[test]
fn nothing_is_left_undone() {
    let all: Vec<Source> = [sources("src", "rs"), sources("tests", "rs"), sources("stdlib", "rhai")]
        .into_iter()
        .flatten()
        .filter(|file| file.path != "tests/architecture.rs")
        .collect();
    let words = ["todo!", "dbg!", "unimplemented!", "FIXME", "XXX:", "#[allow", "#![allow", "#[ignore", "unsafe {"];
    let mut left = Vec::new();
    for file in &all {
        for (i, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                left.push(format!("{}:{}: {}", file.path, i + 1, line.trim()));
            }
        }
    }
    none(&left, "work that is not done, or a rule that was silenced");
}

#[test]
fn no_file_is_longer_than_four_hundred_lines_before_its_tests() {
    let long: Vec<String> = sources("src", "rs")
        .iter()
        .filter(|file| !file.path.ends_with("_tests.rs"))
        .map(|file| (file, file.text.lines().take_while(|line| *line != "#[cfg(test)]").count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(file, lines)| format!("{}: {lines}", file.path))
        .collect();
    none(&long, "one concept a file, 400 lines at most before its tests");
}

#[test]
fn the_stock_recipes_are_written_with_the_public_language() {
    let reserved = places_in_recipes();
    none(&reserved, "what the stock recipes do, every user can do");
}

/// Stock recipes import nothing and call no closure by a hidden name.
fn places_in_recipes() -> Vec<String> {
    let files = sources("stdlib", "rhai");
    places(&files, |_, line| {
        line.trim_start().starts_with("import ") || line.contains("anon$") || line.contains("eval(")
    })
}
