//! The stock recipes as recipes: they pass our own lint, and the table of functions is used.

use std::fs;
use std::path::{Path, PathBuf};

use windlass::recipe::dsl::functions;
use windlass::recipe::stdlib::MODULES;

use crate::support::scene::Scene;

/// A stock recipe as a user's own file is looked through for mistakes; ours are trusted, so this has to do it.
#[test]
fn the_stock_recipes_pass_the_lint() {
    for (name, text) in MODULES {
        // A user's file brings the tasks, so that none is declared twice.
        let scene =
            Scene::with("task(\"t\", || info(\"read\"));").file(&format!("config/deploy/tasks/{name}.rhai"), text);
        assert_eq!(scene.said(["production", "t"]), ["read"], "{name}");
    }
}

#[test]
fn every_stock_recipe_begins_with_what_it_is_for() {
    for (name, text) in MODULES {
        assert!(text.starts_with("//! "), "{name}");
    }
}

/// Who requires two of them could call only one of the functions.
#[test]
fn no_two_stock_recipes_lend_functions_of_the_same_name() {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for (module, text) in MODULES {
        let lent = text.lines().filter_map(|line| line.strip_prefix("fn ")?.split('(').next());
        names.extend(lent.map(|name| (name, *module)));
    }
    assert!(names.len() > 30, "{names:?}");
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0].0 == pair[1].0).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// All `.rs` files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the tests can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_host_function_is_called_in_some_test_recipe() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut files);
    let text: String = files
        .iter()
        .filter(|path| !path.ends_with("contract.rs") && !path.ends_with("stdlib.rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        // The stock recipes are run by the tests of deploys.
        .chain(MODULES.iter().map(|(_, text)| (*text).to_owned()))
        .collect();
    let called = |name: &str| {
        text.match_indices(&format!("{name}(")).any(|(at, _)| {
            let before = text[..at].chars().next_back().unwrap_or(' ');
            !before.is_alphanumeric() && !"_.:".contains(before) && !text[..at].ends_with("fn ")
        })
    };
    let unused: Vec<&str> = functions().map(|function| function.name).filter(|name| !called(name)).collect();
    assert!(unused.is_empty(), "no test recipe calls {unused:?}");
}

#[test]
fn usages_begin_with_the_name_of_their_function() {
    for function in functions() {
        assert!(function.usage.starts_with(&format!("{}(", function.name)), "{}", function.usage);
        assert!(function.about.ends_with('.'), "{}", function.about);
    }
}
