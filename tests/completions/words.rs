//! What is offered where.

use std::collections::BTreeSet;

use regex::Regex;

use crate::completions::project::{known_project, offered, words};
use crate::docs::readme;
use crate::support::scene::Scene;

#[test]
fn stages_and_commands_come_first() {
    let scene = known_project();
    let first = words(&scene, "");
    assert_eq!(first[..2], ["production", "staging"]);
    for command in ["init", "check", "completions", "demo"] {
        assert!(first.contains(&command.to_owned()), "{first:?}");
    }
    assert!(!first.contains(&"complete".to_owned()), "nobody types that");
    assert_eq!(words(&scene, "st"), ["staging"]);
    assert_eq!(words(&scene, "-C .. st"), Vec::<String>::new(), "there is no project in that folder");
    assert_eq!(words(&scene, "completions "), ["bash", "zsh", "fish"]);
    assert_eq!(words(&scene, "check p"), ["production"]);
}

#[test]
fn tasks_come_with_what_they_do() {
    let scene = known_project();
    let found = offered(&scene, "production cache:");
    let expected = [("cache:clear", "Empty the cache: all of it."), ("cache:warm", "Fill the cache.")];
    assert_eq!(found, expected.map(|(word, about)| (word.to_owned(), about.to_owned())));
    assert_eq!(words(&scene, "production deploy:rol"), ["deploy:rollback"]);
    assert_eq!(
        words(&scene, "production deploy:updat"),
        ["deploy:updating", "deploy:updated"],
        "without a description"
    );
    assert_eq!(words(&scene, "production ex"), ["exec"]);
}

#[test]
fn hosts_and_roles_are_those_of_the_stage() {
    let scene = known_project();
    assert_eq!(words(&scene, "production -z "), ["web1.example.com", "web2.example.com"]);
    assert_eq!(words(&scene, "production -z web1.example.com,"), ["web1.example.com,web2.example.com"]);
    assert_eq!(words(&scene, "staging deploy --hosts=s"), ["--hosts=stage1.example.com"]);
    assert_eq!(words(&scene, "-z st"), ["stage1.example.com"], "before the stage is there, those of all");
    assert_eq!(words(&scene, "production --roles w"), ["web"]);
    assert_eq!(words(&scene, "production ROLES=a"), ["ROLES=app"]);
}

#[test]
fn variables_are_those_the_recipes_read() {
    let scene = known_project();
    assert_eq!(words(&scene, "production deploy B"), ["BRANCH="]);
    assert!(words(&scene, "production deploy R").contains(&"ROLLBACK_RELEASE=".to_owned()), "read by a stock recipe");
}

#[test]
fn outside_of_a_project_there_are_commands() {
    let scene = Scene::new();
    let first = words(&scene, "");
    assert!(first.contains(&"init".to_owned()) && !first.contains(&"production".to_owned()), "{first:?}");
    assert!(words(&scene, "--dry").contains(&"--dry-run".to_owned()));
}

/// Everything that can be asked for is offered: commands and options as the README has them.
#[test]
fn every_command_and_option_of_the_readme_is_offered() {
    let scene = known_project();
    let option = Regex::new(r"`(--[a-z-]+)").unwrap();
    let offered: BTreeSet<String> = words(&scene, "--").into_iter().collect();
    let options = readme::section("options");
    let of_readme: BTreeSet<String> =
        options.lines().filter_map(|line| Some(option.captures(line)?[1].to_owned())).collect();
    assert_eq!(offered, of_readme);
    let text = readme::text();
    let (_, table) = text.split_once("| command | |\n").unwrap();
    let (first, behind) = (words(&scene, ""), words(&scene, "production "));
    let command = Regex::new(r"^\| `windlass (\[?STAGE\]? )?([a-z]+)").unwrap();
    let mut count = 0;
    for found in table.lines().take_while(|line| line.starts_with('|')).filter_map(|line| command.captures(line)) {
        let (offered, name) = (if found.get(1).is_some() { &behind } else { &first }, found[2].to_owned());
        assert!(offered.contains(&name), "`{}` is not offered", &found[0]);
        count += 1;
    }
    assert!(count >= 4);
}
