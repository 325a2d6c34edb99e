//! Which page a topic has.

use std::collections::BTreeSet;

use crate::recipe::docs::layout::{heading, plain};
use crate::recipe::docs::{examples, functions, modules, settings, tasks};
use crate::recipe::stdlib::{GUIDES, MODULES};

/// Topics that are lists, each with what it lists.
pub const LISTS: &[(&str, &str)] = &[
    ("functions", "what recipes can call, by what it is for"),
    ("settings", "what `set` can set, with defaults"),
    ("tasks", "the tasks of the stock recipes"),
    ("modules", "the stock recipes: `require(\"name\")`"),
    ("guides", "longer texts about services"),
    ("examples", "whole projects to begin from, and scripts"),
];

/// One of the lists.
#[must_use]
pub fn list(name: &str) -> Option<String> {
    Some(match name {
        "functions" => functions::list(),
        "settings" => settings::list(),
        "tasks" => modules::list_of_tasks(),
        "modules" => modules::list(),
        "guides" => {
            let line = |(name, text): &(&str, &str)| {
                format!(
                    "  windlass docs {name:<10} {}\n",
                    text.lines().next().unwrap_or_default().trim_start_matches("# ")
                )
            };
            GUIDES.iter().map(line).collect()
        }
        "examples" => examples::list(),
        _ => return None,
    })
}

/// Everything there is under a name: a function, a setting, a task, a module and its guide may share it. An example has
/// one of its own.
#[must_use]
pub fn page(name: &str) -> Option<String> {
    let mut pages: Vec<String> = examples::page(name).into_iter().collect();
    let is_named =
        |entry: &functions::Entry| entry.name() == name || (entry.of.is_some() && entry.function.name == name);
    pages.extend(functions::all().filter(is_named).map(|entry| entry.page()));
    pages.extend(settings::all().iter().filter(|entry| entry.name == name).map(settings::Entry::page));
    let module = MODULES.iter().find(|(known, _)| *known == name);
    // Reading the stock recipes takes a moment that other pages need not wait for.
    if pages.is_empty() || module.is_some() {
        let all = tasks::all();
        pages.extend(all.iter().filter(|task| task.name == name).map(tasks::StockTask::page));
        pages.extend(module.map(|(name, text)| modules::page(name, text, &all)));
    }
    let guide = GUIDES.iter().find(|(known, _)| *known == name);
    pages.extend(
        guide.map(|(name, text)| {
            heading(name, "guide") + &text.lines().map(|line| plain(line) + "\n").collect::<String>()
        }),
    );
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// Every name there is a page for.
#[must_use]
pub fn names() -> Vec<String> {
    let mut names: BTreeSet<String> = quick_names().into_iter().collect();
    names.extend(tasks::all().into_iter().map(|task| task.name));
    names.into_iter().collect()
}

/// The same without tasks, for which the stock recipes have to be read.
#[must_use]
pub fn quick_names() -> Vec<String> {
    let mut names: BTreeSet<String> = LISTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.extend(functions::all().map(|entry| entry.name()));
    names.extend(settings::all().into_iter().map(|entry| entry.name));
    names.extend(MODULES.iter().chain(GUIDES).map(|(name, _)| (*name).to_owned()));
    names.extend(examples::names().map(str::to_owned));
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_page_or_a_list() {
        for name in quick_names() {
            assert!(list(&name).is_some() || page(&name).is_some_and(|page| page.len() > 40), "{name}");
        }
        assert!(page("deploy:restart").is_some_and(|page| page.contains("hook onto")));
        assert_eq!(page("no_such_thing"), None);
    }

    #[test]
    fn what_shares_a_name_shares_a_page() {
        let page = page("linger").unwrap();
        let kinds = ["setting of linger", "stock recipe", "guide"];
        let at: Vec<usize> =
            kinds.iter().map(|kind| page.find(&format!("{kind}\n")).unwrap_or_else(|| panic!("{kind}"))).collect();
        assert!(at.is_sorted(), "the short ones come first");
    }
}
