//! Pages of stock tasks, from the stock recipes as they are read.

use std::sync::Arc;

use crate::model::event::{Event, Sink};
use crate::model::release;
use crate::model::secret::Vault;
use crate::model::task::Link;
use crate::place::Place;
use crate::recipe::check::unanswered::Unanswered;
use crate::recipe::compiled::Compiled;
use crate::recipe::docs::layout::{heading, rows, wrapped};
use crate::recipe::run_options::RunOptions;
use crate::recipe::scripts::Scripts;
use crate::recipe::stdlib::MODULES;
use crate::recipe::world::{Outside, World};
use crate::recipe::{engine, loader};

/// A task of a stock recipe.
#[derive(Clone, Debug)]
pub struct StockTask {
    /// Its name.
    pub name: String,
    /// Name and arguments.
    pub signature: String,
    /// Its description; empty without one.
    pub about: String,
    /// Where it is written.
    pub place: Place,
    /// Tasks that run before it, and after it.
    pub links: Vec<(&'static str, String)>,
}

struct Silence;

impl Sink for Silence {
    fn emit(&self, _event: &Event) {}
}

impl StockTask {
    /// The module it is written in.
    #[must_use]
    pub fn module(&self) -> Option<&str> {
        module_of(&self.place)
    }

    /// Everything about it.
    #[must_use]
    pub fn page(&self) -> String {
        let about = if self.about.is_empty() {
            "A step to hook onto: `before` and `after` put tasks of yours there."
        } else {
            &self.about
        };
        let mut page =
            heading(&self.name, "task") + &format!("    windlass STAGE {}\n\n{}", self.signature, wrapped(about, ""));
        if !self.links.is_empty() {
            page.push_str(&format!("\nIt runs:\n\n{}", rows(&self.links)));
        }
        page.push_str(&format!("\nWritten in {}:{}", self.place.file, self.place.line));
        page + &self.module().map(|module| format!("; more: windlass docs {module}")).unwrap_or_default() + "\n"
    }
}

fn module_of(place: &Place) -> Option<&str> {
    place.file.strip_prefix("stdlib/")?.strip_suffix(".rhai")
}

/// Every task of the stock recipes, by name.
#[must_use]
pub fn all() -> Vec<StockTask> {
    let outside = Outside {
        scripts: Arc::new(Scripts::with(Arc::new(Compiled::default()))),
        vault: Arc::new(Vault::default()),
        sink: Arc::new(Silence),
        prompter: Arc::new(Unanswered::default()),
        now: release::name(jiff::Timestamp::now()),
    };
    let world = Arc::new(World::new(RunOptions { dry_run: true, ..RunOptions::default() }, outside));
    let engine = engine::build(&world);
    let read = || {
        loader::begin(&engine, &world, None)?;
        MODULES.iter().try_for_each(|(name, _)| loader::require(&engine, &world, name, None))?;
        loader::judged(&engine, &world)
    };
    // A test reads them; where they cannot be read, nothing else works either.
    let Ok((tasks, _)) = read() else { return Vec::new() };
    let mut all: Vec<StockTask> = tasks
        .iter()
        .map(|task| {
            // All stock recipes are read here; a project has those it requires.
            let told = |link: &Link| match module_of(&link.place) {
                Some(module) if Some(module) != module_of(task.place()) => format!("{}, with `{module}`", link.name),
                _ => link.name.clone(),
            };
            let before = task.prerequisites.iter().map(|link| ("before it", told(link)));
            let after = task.links().skip(task.prerequisites.len()).map(|link| ("after it", told(link)));
            StockTask {
                name: task.name.clone(),
                signature: task.signature(),
                about: task.description().unwrap_or_default(),
                place: task.place().clone(),
                links: before.chain(after).collect(),
            }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stock_recipes_give_their_tasks() {
        let all = all();
        let find = |name: &str| all.iter().find(|task| task.name == name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(find("deploy:rollback").module(), Some("rollback"));
        assert!(
            find("deploy:check")
                .links
                .iter()
                .any(|(when, task)| *when == "before it" && task == "git:check, with `git`")
        );
        assert!(find("sidekiq:restart").page().contains("windlass STAGE sidekiq:restart"));
    }
}
