//! From what recipes said to tasks: looks up names and replays everything in order.
//!
//! Owns the rules of addition: what a further definition adds, and what `clear` takes away. Where hooks land is in
//! `model::task_hooks`.

use indexmap::IndexMap;

use crate::error::{Error, Kind};
use crate::model::file_age::is_path;
use crate::model::task::{Action, Link, LinkKind, Origin, Task, Tasks};
use crate::model::task_call::Call;
use crate::model::task_graph::{Definition, Entry, Words};
use crate::model::task_hooks::Choice;
use crate::model::task_names::{fault, find, namespace_of, unknown};
use crate::model::task_parameter::Parameter;
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
    /// Full names of tasks by their other names.
    aliases: IndexMap<String, String>,
    /// Hooks and the tasks that were taken for them.
    pub(super) choices: Vec<Choice>,
    pub(super) errors: Vec<Error>,
}

impl<B> Builder<B> {
    /// Begins with the names of all tasks, so that everything can be looked up at once.
    pub(super) fn new<'a>(definitions: impl Iterator<Item = &'a Definition<B>>, words: &Words) -> Self
    where
        B: 'a,
    {
        let (drafts, aliases) = (IndexMap::new(), IndexMap::new());
        let mut builder = Self { drafts, aliases, choices: Vec::new(), errors: Vec::new() };
        let mut other_names = Vec::new();
        for definition in definitions {
            let Definition { name, aliases, args, place, .. } = definition;
            for name in [name].into_iter().chain(aliases) {
                if let Some(error) = unusable(name, definition.is_stock, words) {
                    builder.fail(place, error.rule("task-name"));
                }
            }
            if let Err(why) = Parameter::parse_all(args) {
                builder.fail(place, Error::recipe(format!("{why}, in task `{name}`")).rule("task-name"));
            }
            let draft = || Draft { task: Task::new(name), waiting: Vec::new() };
            builder.drafts.entry(name.clone()).or_insert_with(draft);
            other_names.extend(aliases.iter().map(|alias| (alias, name, place)));
        }
        for (alias, name, place) in other_names {
            builder.alias(alias, name, place);
        }
        builder
    }

    /// Gives a task one more name.
    fn alias(&mut self, alias: &str, name: &str, place: &Place) {
        let taken = match self.aliases.get(alias) {
            Some(other) if other == name => return,
            Some(other) => Some(format!("it is one of `{other}` already")),
            None => self.drafts.contains_key(alias).then(|| "there is a task of that name".to_owned()),
        };
        if let Some(why) = taken {
            let error = Error::recipe(format!("`{alias}` cannot be an alias of `{name}`: {why}")).rule("task-name");
            return self.fail(place, error.help(format!("to add to `{name}`, declare it again under that name")));
        }
        self.aliases.insert(alias.to_owned(), name.to_owned());
        self.draft(name).task.aliases.push(alias.to_owned());
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
        let Self { drafts, aliases, mut errors, .. } = self;
        let tasks = drafts.into_iter().map(|(name, Draft { mut task, .. })| {
            // Links are united only now: taking a hook back must not take away an equal need that came after it.
            once_each(&name, &mut task.prerequisites, |link| Some(link), &mut errors);
            once_each(&name, &mut task.actions, Action::link, &mut errors);
            (name, task)
        });
        (Tasks::new(tasks.collect(), aliases), errors)
    }

    fn define(&mut self, definition: Definition<B>) {
        let Definition { name, desc, args, needs, confirm, body, endings, file, place, .. } = definition;
        let scope = file.clone().unwrap_or_else(|| namespace_of(&name).to_owned());
        let (mut links, mut origins) = (Vec::new(), Vec::new());
        for need in needs {
            match self.need(&need, &scope, &name, &place) {
                Some(link) => links.push(link),
                None if file.is_some() && is_path(&need) => origins.push(Origin { path: need, place: place.clone() }),
                None => self.fail_unknown(&need, &scope, &place, &format!(", which `{name}` needs")),
            }
        }
        let Draft { task, waiting } = self.draft(&name);
        task.prerequisites.extend(links);
        if !args.is_empty() {
            // What cannot be read was told.
            task.args = Parameter::parse_all(&args).unwrap_or_default();
        }
        let desc = desc.map(|desc| desc.trim().to_owned()).filter(|desc| !desc.is_empty());
        task.descriptions.extend(desc.filter(|desc| !task.descriptions.contains(desc)));
        task.confirm = confirm.or(task.confirm.take());
        if file.is_some() {
            task.file.get_or_insert_default().extend(origins);
        }
        task.actions.extend(body.map(|body| Action::Body { body, place: place.clone() }));
        task.actions.extend(waiting.drain(..).map(Action::After));
        task.endings.extend(endings);
        task.places.push(place);
    }

    /// The link to a need, with the values it is called with; none where there is no such task.
    fn need(&self, need: &str, scope: &str, own: &str, place: &Place) -> Option<Link> {
        let (name, args) = called(need);
        let name = self.find(&name, scope, Some(own))?;
        Some(Link { name, args, place: place.clone(), kind: LinkKind::Need })
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
        task.endings.clear();
        (task.confirm, task.file) = (None, None);
        waiting.clear();
    }

    pub(super) fn find(&self, written: &str, scope: &str, own: Option<&str>) -> Option<String> {
        find(written, scope, own, |name| {
            self.aliases.get(name).or_else(|| self.drafts.get_key_value(name).map(|(name, _)| name)).cloned()
        })
    }

    pub(super) fn draft(&mut self, name: &str) -> &mut Draft<B> {
        self.drafts.get_mut(name).expect("every defined name has a draft from the start")
    }

    pub(super) fn fail(&mut self, place: &Place, error: Error) {
        self.errors.push(error.at(Some(place.clone())));
    }

    pub(super) fn fail_unknown(&mut self, written: &str, scope: &str, place: &Place, purpose: &str) {
        let names: Vec<&str> = self.drafts.keys().chain(self.aliases.keys()).map(String::as_str).collect();
        let error = unknown(Kind::Recipe, written, scope, purpose, &names);
        self.fail(place, error);
    }
}

/// A name and the values behind it in brackets. What is written wrongly stays a name, which no task has.
pub(super) fn called(written: &str) -> (String, Vec<String>) {
    written.parse().map_or_else(|_| (written.to_owned(), Vec::new()), |Call { name, args }| (name, args))
}

/// Why a task cannot have this name, if so.
fn unusable(name: &str, is_stock: bool, words: &Words) -> Option<Error> {
    if let Some(why) = fault(name) {
        let error = Error::recipe(format!("`{name}` cannot be the name of a task: {why}"));
        return Some(error.help("join words with `_`, as in `clear_cache`; a `:` stands between a namespace and a task, as in `deploy:check`"));
    }
    let is_command = !is_stock && words.commands.contains(&name);
    is_command.then(|| {
        Error::recipe(format!("`{name}` cannot be the name of a task: it is a command of windlass"))
            .help(format!("rename it, or put it into a namespace, where it is for example `app:{name}`"))
    })
}

/// Keeps the first of the items of a task that link to the same other one. That runs once, so the others would be skipped
/// anyway; which is a mistake where they would have given it other values.
fn once_each<T>(task: &str, items: &mut Vec<T>, link: impl Fn(&T) -> Option<&Link>, errors: &mut Vec<Error>) {
    let mut seen: Vec<Link> = Vec::new();
    items.retain(|item| {
        let Some(link) = link(item) else { return true };
        let Some(first) = seen.iter().find(|first| first.name == link.name) else {
            seen.push(link.clone());
            return true;
        };
        if first.args != link.args {
            let name = &link.name;
            let error = Error::recipe(format!("`{task}` runs `{name}` twice with different arguments"))
                .rule("task-arguments")
                .note(format!(
                    "the first one stands at {}; a task runs once, so that this one would be skipped",
                    first.place
                ))
                .help(format!("call it in the steps of `{task}`: `invoke_again(\"{name}\", …)`"));
            errors.push(error.at(Some(link.place.clone())));
        }
        false
    });
}

#[cfg(test)]
#[path = "task_build_tests.rs"]
mod tests;
