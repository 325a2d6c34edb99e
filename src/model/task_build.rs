//! From what recipes said to tasks: looks up names and replays everything in order.
//!
//! Owns the rules of addition: what a further definition adds, and what `clear` takes away. Where hooks land is in
//! `model::task_hooks`.

use indexmap::IndexMap;

use crate::error::{Error, Kind};
use crate::model::task::{Action, Link, LinkKind, Task, Tasks};
use crate::model::task_args;
use crate::model::task_graph::{Definition, Entry};
use crate::model::task_hooks::Choice;
use crate::model::task_names::{fault, find, namespace_of, unknown};
use crate::place::Place;

/// A task in the making.
pub(super) struct Draft<B> {
    pub(super) task: Task<B>,
    /// `after` hooks that were said before the first definition.
    pub(super) waiting: Vec<Link>,
}

/// Puts tasks together, entry by entry.
pub(super) struct Builder<B> {
    /// Every task that gets defined somewhere, in order of definition.
    pub(super) drafts: IndexMap<String, Draft<B>>,
    /// Hooks and the tasks that were taken for them.
    pub(super) choices: Vec<Choice>,
    pub(super) errors: Vec<Error>,
}

impl<B> Builder<B> {
    /// Begins with the names of all tasks, so that everything can be looked up at once.
    pub(super) fn new<'a>(definitions: impl Iterator<Item = &'a Definition<B>>) -> Self
    where
        B: 'a,
    {
        let mut builder = Self { drafts: IndexMap::new(), choices: Vec::new(), errors: Vec::new() };
        for Definition { name, args, place, .. } in definitions {
            if let Some(why) = fault(name) {
                let error = Error::recipe(format!("`{name}` cannot be the name of a task: {why}"));
                builder.fail(place, error.rule("task-name").help("join words with `:`, as in `deploy:check`"));
            }
            if let Some(why) = task_args::fault(args) {
                builder.fail(place, Error::recipe(format!("{why}, in task `{name}`")).rule("task-name"));
            }
            let draft = || Draft { task: Task::new(name), waiting: Vec::new() };
            builder.drafts.entry(name.clone()).or_insert_with(draft);
        }
        builder
    }

    /// Adds or takes away what one entry says.
    pub(super) fn apply(&mut self, entry: Entry<B>) {
        match entry {
            Entry::Define(definition) => self.define(definition),
            Entry::Hook(kind, pair) => self.hook(kind, &pair),
            Entry::Unhook(pair) => self.unhook(&pair),
            Entry::Clear { name, scope, place } => self.clear(&name, &scope, &place),
        }
    }

    /// The tasks, and what was wrong in the order it was said.
    pub(super) fn finish(mut self) -> (Tasks<B>, Vec<Error>) {
        self.find_empty_choices();
        let tasks = self.drafts.into_iter().map(|(name, Draft { mut task, .. })| {
            // Links are united only now: taking a hook back must not take away an equal need that came after it.
            once_each(&mut task.prerequisites, |link| Some(link));
            once_each(&mut task.actions, Action::link);
            (name, task)
        });
        (Tasks::new(tasks.collect()), self.errors)
    }

    fn define(&mut self, definition: Definition<B>) {
        let Definition { name, desc, args, needs, body, place } = definition;
        let mut links = Vec::new();
        for need in needs {
            if let Some(found) = self.find(&need, namespace_of(&name), Some(&name)) {
                links.push(Link { name: found, place: place.clone(), kind: LinkKind::Need });
            } else {
                self.fail_unknown(&need, namespace_of(&name), &place, &format!(", which `{name}` needs"));
            }
        }
        let Draft { task, waiting } = self.draft(&name);
        task.prerequisites.extend(links);
        if !args.is_empty() {
            task.args = args;
        }
        let desc = desc.map(|desc| desc.trim().to_owned()).filter(|desc| !desc.is_empty());
        task.descriptions.extend(desc.filter(|desc| !task.descriptions.contains(desc)));
        task.actions.extend(body.map(|body| Action::Body { body, place: place.clone() }));
        task.actions.extend(waiting.drain(..).map(Action::After));
        task.places.push(place);
    }

    fn clear(&mut self, name: &str, scope: &str, place: &Place) {
        let Some(found) = self.find(name, scope, None) else {
            return self.fail_unknown(name, scope, place, "to clear");
        };
        let Draft { task, waiting } = self.draft(&found);
        if task.places.is_empty() {
            let error = Error::recipe(format!("`{found}` is cleared before it is defined, which has no effect"));
            return self.fail(
                place,
                error
                    .rule("idle-hook")
                    .help("move `clear_task` below the definition, or below the `require` that brings it"),
            );
        }
        task.prerequisites.clear();
        task.actions.clear();
        task.args.clear();
        waiting.clear();
    }

    pub(super) fn find(&self, written: &str, scope: &str, own: Option<&str>) -> Option<String> {
        find(written, scope, own, |name| self.drafts.contains_key(name))
    }

    pub(super) fn draft(&mut self, name: &str) -> &mut Draft<B> {
        self.drafts.get_mut(name).expect("every defined name has a draft from the start")
    }

    pub(super) fn fail(&mut self, place: &Place, error: Error) {
        self.errors.push(error.at(Some(place.clone())));
    }

    pub(super) fn fail_unknown(&mut self, written: &str, scope: &str, place: &Place, purpose: &str) {
        let names: Vec<&str> = self.drafts.keys().map(String::as_str).collect();
        let error = unknown(Kind::Recipe, written, scope, purpose, &names);
        self.fail(place, error);
    }
}

/// Keeps the first of the items that link to the same task. A task runs once, so the others would be skipped anyway.
fn once_each<T>(items: &mut Vec<T>, link: impl Fn(&T) -> Option<&Link>) {
    let mut seen: Vec<String> = Vec::new();
    items.retain(|item| match link(item) {
        Some(link) if seen.contains(&link.name) => false,
        Some(link) => {
            seen.push(link.name.clone());
            true
        }
        None => true,
    });
}

#[cfg(test)]
#[path = "task_build_tests.rs"]
mod tests;
