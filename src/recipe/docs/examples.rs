//! Pages of examples: a script as it is, to be written into a file, and the files of a project one below the other.

use crate::recipe::docs::layout::{heading, rows};
use crate::recipe::examples::{PROJECTS, SCRIPTS};

/// What the comment at the top of a file says first: its first sentences, up to an empty line.
fn about(text: &str) -> String {
    let comments = text.lines().filter(|line| !line.starts_with("#!")).map_while(|line| line.strip_prefix("//"));
    comments.map(str::trim).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// All of them, each with what it is.
#[must_use]
pub fn list() -> String {
    let projects = PROJECTS.iter().map(|(name, files)| (*name, about(files[0].1)));
    let scripts = SCRIPTS.iter().map(|(name, text)| (*name, about(text)));
    format!(
        "Projects to begin from; `windlass docs NAME` prints the files of one\n\n{}\n\
         Scripts that need no project; `windlass docs disk.rhai > disk.rhai` writes one\n\n{}",
        rows(&projects.collect::<Vec<_>>()),
        rows(&scripts.collect::<Vec<_>>())
    )
}

/// The page of an example.
#[must_use]
pub fn page(name: &str) -> Option<String> {
    if let Some((_, text)) = SCRIPTS.iter().find(|(script, _)| *script == name) {
        return Some((*text).to_owned());
    }
    let (_, files) = PROJECTS.iter().find(|(project, _)| *project == name)?;
    let file = |(path, text): &(&str, &str)| format!("{path}\n\n{text}");
    Some(heading(name, "example project") + &files.iter().map(file).collect::<Vec<_>>().join("\n"))
}

/// Names of all examples.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROJECTS.iter().map(|(name, _)| *name).chain(SCRIPTS.iter().map(|(name, _)| *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_what_it_is() {
        let abouts =
            PROJECTS.iter().map(|(_, files)| about(files[0].1)).chain(SCRIPTS.iter().map(|(_, text)| about(text)));
        for about in abouts {
            assert!(about.len() > 40 && about.ends_with(['.', ':']), "{about}");
        }
        assert_eq!(about("#!/bin/x\n// One.\n// Two.\n//\n// Three.\n"), "One. Two.");
    }

    #[test]
    fn a_script_is_printed_as_it_is() {
        for (name, text) in SCRIPTS {
            assert!(page(name).as_deref() == Some(*text) && text.starts_with("#!/usr/bin/env -S windlass script\n"));
        }
    }

    #[test]
    fn a_project_is_printed_with_all_its_files() {
        let page = page("fleet").unwrap();
        for path in ["config/deploy.rhai", "config/deploy/production.rhai", "config/deploy/tasks/roll.rhai"] {
            assert!(page.contains(&format!("\n{path}\n\n")), "{page}");
        }
    }
}
