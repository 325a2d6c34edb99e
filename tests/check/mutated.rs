//! Whatever is done to a recipe, `check` says something about it and ends.

use proptest::prelude::*;
use windlass::recipe::stdlib::MODULES;

use crate::support::scene::Scene;

/// Pieces that mean something to the language or to us.
const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "#{",
    "|",
    "||",
    ",",
    ";",
    "\"",
    "`",
    "${",
    "'",
    "//",
    "/*",
    "-",
    "!",
    ".",
    "..",
    "=",
    "()",
    "true",
    "0",
    "9223372036854775807",
    "if false {",
    "return;",
    "fn f(a) {",
    "on(42, |h| ",
    "execute(5)",
    "set(1, 2)",
    "task(\"deploy\", || ",
    "fetch(\"a\") + ",
    "secret(\"x\")",
    "raw(",
    "batch(|| ",
    "é",
    "\u{0}",
    "\u{fdd0}",
];

#[derive(Clone, Debug)]
enum Change {
    Cut(usize, usize),
    Put(usize, &'static str),
    Swap(usize, usize),
    End(usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    let change = prop_oneof![
        3 => (at.clone(), 1_usize..40).prop_map(|(from, count)| Change::Cut(from, count)),
        4 => (at.clone(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Change::Put(at, piece)),
        2 => (at.clone(), at.clone()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => at.prop_map(Change::End),
    ];
    prop::collection::vec(change, 1..4)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for change in changes {
        let length = letters.len().max(1);
        match change {
            Change::Cut(from, count) => {
                let from = from % length;
                letters.drain(from.min(letters.len())..(from + count).min(letters.len()));
            }
            Change::Put(at, piece) => {
                let at = (at % length).min(letters.len());
                letters.splice(at..at, piece.chars());
            }
            Change::Swap(one, other) => {
                // Lines, so that what is swapped can still be read.
                let mut lines: Vec<String> =
                    letters.iter().collect::<String>().lines().map(|line| format!("{line}\n")).collect();
                if !lines.is_empty() {
                    let count = lines.len();
                    lines.swap(one % count, other % count);
                }
                letters = lines.concat().chars().collect();
            }
            Change::End(at) => letters.truncate(at % length),
        }
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn check_ends_well(module in prop::sample::select(MODULES), changes in changes()) {
        let text = changed(module.1, &changes);
        let scene = Scene::with("require(\"deploy\");\n").file("config/deploy/tasks/changed.rhai", &text);
        let ran = scene.run(["check"]);
        prop_assert!([0, 2].contains(&ran.code), "{}\n{}\n{text}", ran.code, ran.stderr);
        prop_assert_eq!(&ran.stderr, "", "{}", &text);
    }
}
