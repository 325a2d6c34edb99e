//! Functions a recipe file lends to those who require it: all that are not private.
//!
//! Owns how they are found in a text, before anything of it runs. How they are then called is the engine's business.

use std::collections::{BTreeSet, HashSet};

/// Names of the functions a text lends: those that begin a line with `fn`.
pub fn exported(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("fn ")?.split_once('(')?;
        Some(name.trim())
    })
}

/// What a text requires by a name that stands there, as `require("service")`.
pub fn required(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(';')).filter_map(|statement| {
        let (name, _) = statement.trim_start().strip_prefix("require(\"")?.split_once('"')?;
        Some(name)
    })
}

/// Names of the functions that are lent to a text by what it requires, and by what that requires; `read` gives the text
/// of what is required.
pub fn lent(text: &str, read: &dyn Fn(&str) -> Option<String>) -> BTreeSet<String> {
    let (mut names, mut seen) = (BTreeSet::new(), HashSet::new());
    let mut waiting: Vec<String> = required(text).map(str::to_owned).collect();
    while let Some(name) = waiting.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        if let Some(text) = read(&name) {
            names.extend(exported(&text).map(str::to_owned));
            waiting.extend(required(&text).map(str::to_owned));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_private_or_inside_is_not_lent() {
        let text =
            "fn open(a) { }\nprivate fn own() { }\n// fn said()\nlet x = 1;\nfn second(a, b) {\n    fn_call();\n}\n";
        assert_eq!(exported(text).collect::<Vec<_>>(), ["open", "second"]);
    }

    #[test]
    fn several_may_be_required_in_one_line() {
        let text = "// require(\"not\");\n  require(\"a\"); require(\"b\");\nrequire(name);\nx(require(\"c\"));\n";
        assert_eq!(required(text).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn what_is_required_lends_what_it_has_borrowed() {
        let read = |name: &str| match name {
            "a" => Some("require(\"b\");\nfn of_a() {}\n".to_owned()),
            "b" => Some("require(\"a\");\nfn of_b() {}\n".to_owned()),
            _ => None,
        };
        let names = lent("require(\"a\");\n    require(\"./missing\");\nrequire(name);\n", &read);
        assert_eq!(names, BTreeSet::from(["of_a".to_owned(), "of_b".to_owned()]));
    }
}
